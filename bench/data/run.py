#!/usr/bin/env python3
"""./run bench data-channel: two ends of ours beside two of libdatachannel (npm's node-datachannel) and of Pion v3 (Debian's packages),
each end a process of its own, interleaved. On loopback: large and small messages, ping-pong. Through a bridge of 20 ms each way: large
messages without loss, with 0.1 % and with 1 %. CPU is that of both ends. --check exits with 1 and names what fell short."""
import argparse
import contextlib
import json
import os
import queue
import statistics
import subprocess
import sys
import threading
import time

FOLDER = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(FOLDER, "..", "..")
sys.path.insert(0, os.path.join(FOLDER, ".."))
import harness  # noqa: E402

BUILD = os.path.join(ROOT, "build", "release")
ENDS = os.path.join(ROOT, "tests", "interop", "data")
STACKS = {"beeline": [os.path.join(BUILD, "tests", "interop", "data_peer")],
          "libdatachannel": ["node", os.path.join(ENDS, "library_end.mjs"), "libdatachannel"],
          "pion": [os.environ.get("BEELINE_PION_END", os.path.join(BUILD, "tests", "interop", "pion_end"))]}
# Of ours to libdatachannel's: key, what it is, unit, ratio, bound.
GOALS = (("large_mbs", "64 KiB messages", "MB/s", 2.5, "least"), ("large_cpu", "64 KiB messages, CPU", "s/GB", 0.4, "most"),
         ("small_mbs", "1 KiB messages", "MB/s", 2.0, "least"), ("pings", "ping-pong of 100 bytes", "1/s", 1.2, "least"))
FAR_GOALS = (("far_mbs", "40 ms, no loss", "MB/s", 3.0, "least"), ("far_01_mbs", "40 ms, 0.1 % lost", "MB/s", 15.0, "least"),
             ("far_1_mbs", "40 ms, 1 % lost", "MB/s", 20.0, "least"))
LOSSES = (("far_mbs", 0), ("far_01_mbs", 0.1), ("far_1_mbs", 1))
CONNECT_S, ANSWER_S = 20, 60
CLOCK = os.sysconf("SC_CLK_TCK")


class End:
    """One end: lines of JSON to and from a process; what is no signaling is kept for `wait`."""

    def __init__(self, command, namespace=None):
        inside = ["ip", "netns", "exec", namespace] if namespace else []
        self.process = subprocess.Popen(inside + command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        self.heard = queue.Queue()
        self.other = None
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        for line in self.process.stdout:
            message = json.loads(line)
            if message["type"] in ("description", "candidate"):
                self.other.say(message)
            else:
                self.heard.put(message)

    def say(self, message):
        with contextlib.suppress(OSError):
            self.process.stdin.write(json.dumps(message) + "\n")
            self.process.stdin.flush()

    def wait(self, kind, seconds=ANSWER_S):
        until = time.monotonic() + seconds
        while True:
            message = self.heard.get(timeout=max(until - time.monotonic(), 0.001))
            if message["type"] == kind:
                return message

    def cpu(self):
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / CLOCK

    def close(self):
        self.say({"type": "end"})
        try:
            self.process.wait(3)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@contextlib.contextmanager
def call(stack, namespaces=(None, None)):
    ends = [End(STACKS[stack], namespace) for namespace in namespaces]
    a, b = ends
    a.other, b.other = b, a
    try:
        a.say({"type": "open", "label": "bench"})
        channel = a.wait("opening")["channel"]
        a.say({"type": "offer"})
        a.wait("open", CONNECT_S)
        yield a, b, channel, b.wait("channel", CONNECT_S)["channel"]
    finally:
        for end in ends:
            end.close()


def tally(end):
    end.say({"type": "tally"})
    return end.wait("tally")["bytes"]


def flood(stack, size, seconds, namespaces=(None, None), warm_up=1.0):
    """Megabytes a second, and CPU seconds of both ends per gigabyte."""
    with call(stack, namespaces) as (a, b, channel, _):
        b.say({"type": "quiet"})
        a.say({"type": "flood", "channel": channel, "size": size})
        time.sleep(warm_up)
        began, had, used = time.monotonic(), tally(b), a.cpu() + b.cpu()
        time.sleep(seconds)
        bytes_, took, cpu = tally(b) - had, time.monotonic() - began, a.cpu() + b.cpu() - used
        a.say({"type": "stop"})
    return bytes_ / took / 1e6, cpu / max(bytes_, 1) * 1e9


def floods(stack, size, seconds, connections):
    """Megabytes a second of so many connections at once, together."""
    with contextlib.ExitStack() as calls:
        pairs = [calls.enter_context(call(stack)) for _ in range(connections)]
        for a, b, channel, _ in pairs:
            b.say({"type": "quiet"})
            a.say({"type": "flood", "channel": channel, "size": size})
        time.sleep(1)
        began, had = time.monotonic(), sum(tally(b) for _, b, _, _ in pairs)
        time.sleep(seconds)
        total, took = sum(tally(b) for _, b, _, _ in pairs) - had, time.monotonic() - began
        for a, _, _, _ in pairs:
            a.say({"type": "stop"})
    return total / took / 1e6


def ping_pong(stack, count):
    with call(stack) as (a, b, channel, _):
        b.say({"type": "echo"})
        a.say({"type": "pingpong", "channel": channel, "size": 100, "count": count})
        pongs = a.wait("pongs")
    return pongs["count"] / pongs["seconds"]


@contextlib.contextmanager
def bridged(loss):
    """Two namespaces, 20 ms apart."""
    names = [f"beeline-bench-{os.getpid()}-{side}" for side in "ab"]

    def run(*words):
        subprocess.run(["ip", *words], check=True)
    bridge = None
    try:
        for name in names:
            run("netns", "add", name)
        bridge = subprocess.Popen([os.path.join(BUILD, "apps", "beeline", "beeline"), "bridge", *(f"{name}/eth0" for name in names),
                                   "--delay", "20", "--loss", str(loss), "--queue", "16777216"], stdout=subprocess.DEVNULL)
        for number, name in enumerate(names, 1):
            until = time.monotonic() + 5
            while subprocess.run(["ip", "-n", name, "link", "show", "eth0"], capture_output=True, check=False).returncode:
                if time.monotonic() > until:
                    sys.exit("bench: the bridge did not come up")
                time.sleep(0.02)
            run("-n", name, "address", "add", f"192.0.2.{number}/24", "dev", "eth0")
            run("-n", name, "link", "set", "eth0", "up")
            run("-n", name, "link", "set", "lo", "up")
            run("-n", name, "route", "add", "default", "dev", "eth0")
        yield names
    finally:
        if bridge:
            bridge.terminate()
            bridge.wait()
        for name in names:
            subprocess.run(["ip", "netns", "del", name], check=False, stderr=subprocess.DEVNULL)


def measure(stack, options):
    one = {"stack": stack}
    large = 65535 if stack == "pion" else 65536  # the most it takes
    one["large_mbs"], one["large_cpu"] = flood(stack, large, options.seconds)
    one["small_mbs"], one["small_cpu"] = flood(stack, 1024, options.seconds)
    if stack == "beeline":
        one["ten_mbs"] = floods(stack, large, options.seconds, 10)
    # Pion's end has no ping-pong; its figures are in the notes of others.
    if stack != "pion":
        one["pings"] = ping_pong(stack, options.pings)
    if options.far:
        for key, loss in LOSSES:
            with bridged(loss) as namespaces:
                one[key], _ = flood(stack, large, options.far_seconds, namespaces, warm_up=2.0)
    print(json.dumps({key: round(value, 2) if isinstance(value, float) else value for key, value in one.items()}), file=sys.stderr)
    return one


def main():
    parser = argparse.ArgumentParser(prog="./run bench data-channel", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    harness.add_flags(parser)
    parser.set_defaults(rounds=3)
    parser.add_argument("--seconds", type=float, default=3, help="of each flood on loopback")
    parser.add_argument("--far-seconds", type=float, default=8, help="of each flood through the bridge")
    parser.add_argument("--pings", type=int, default=5000)
    parser.add_argument("--no-far", dest="far", action="store_false", help="loopback alone: needs no root")
    options = parser.parse_args()
    stacks = [name for name in STACKS if name != "pion" or os.path.exists(STACKS[name][0])]
    measured = {name: [] for name in stacks}
    for number in range(options.rounds):
        for name in stacks if number % 2 == 0 else stacks[::-1]:
            measured[name].append(measure(name, options))
    goals = GOALS + (FAR_GOALS if options.far else ())
    rows = harness.compare(goals, measured["beeline"], measured["libdatachannel"])
    harness.show(rows, "libdata…")
    ten = statistics.median(one["ten_mbs"] / one["large_mbs"] for one in measured["beeline"])
    print(f"ten connections of ours carry {ten:.2f} of what one does (goal: 0.9 at least)")
    if "pion" in measured:
        mine = {key: statistics.median(one[key] for one in measured["pion"]) for key in measured["pion"][0] if key != "stack"}
        print("pion v3: " + ", ".join(f"{key} {value:.3g}" for key, value in mine.items()))
    harness.finish(options, "libdatachannel", [one for each in measured.values() for one in each], rows)


if __name__ == "__main__":
    main()
