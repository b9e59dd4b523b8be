"""A link of 50 Mbit/s and 40 ms there and back, with room for as much as is under way: pings beside a flood of the same connection, and a flow of ours
beside one of kernel TCP."""
import contextlib
import os
import statistics
import subprocess
import sys
import time

import harness
from bridge import ADDRESSES, bridged, overflows
from ends import CONNECT_S, call

RATE_KBIT = 50_000
ROUND_TRIP_MS = 40
QUEUE = 250_000  # bytes: the rate for a round trip
TCP_FLOW = os.path.join(os.path.dirname(os.path.abspath(__file__)), "tcp_flow.py")
CONGESTIONS = ("cubic", "bbr")
KNOWN_CONGESTIONS = "/proc/sys/net/ipv4/tcp_available_congestion_control"


def _link():
    return bridged(rate_kbit=RATE_KBIT, queue=QUEUE)


# --- pings beside a flood -------------------------------------------------------------------------------------------------------------------

def _pings(a, channel, count):
    a.say({"type": "pingpong", "channel": channel, "size": 100, "count": count, "everyMs": 100})
    return a.wait("pongs")


def ping(_, options):
    count = max(int(options.link_seconds * 10), 1)
    with _link() as namespaces, call("beeline", namespaces) as (a, b, flooded, _):
        a.say({"type": "open", "label": "pings", "priority": 1024})
        pinged = a.wait("opening")["channel"]
        a.wait("open", CONNECT_S)
        b.say({"type": "echo", "channel": b.wait("channel", CONNECT_S)["channel"]})
        b.say({"type": "quiet"})
        b.tally()  # it has heard that
        alone = _pings(a, pinged, 20)
        a.say({"type": "flood", "channel": flooded, "size": 65536})
        time.sleep(3)
        began, had = time.monotonic(), b.tally()
        beside = _pings(a, pinged, count)
        bytes_, took = b.tally() - had, time.monotonic() - began
        a.say({"type": "stop"})
    return [{"who": "ping", "alone_ms": alone["p50Us"] / 1000, "flood_mbs": bytes_ / took / 1e6,
             **{f"{key}_ms": beside[f"{key}Us"] / 1000 for key in ("p50", "p95", "p99")}}]


def ping_rows(measured):
    return [harness.judge("ping beside a flood, 95th percentile", "ms", [one["p95_ms"] for one in measured], 2 * ROUND_TRIP_MS + 5, "most")]


def ping_notes(measured):
    middle = {key: statistics.median(one[key] for one in measured) for key in ("alone_ms", "p50_ms", "p99_ms", "flood_mbs")}
    return ["ping: alone {alone_ms:.4g} ms; beside a flood of {flood_mbs:.3g} MB/s median {p50_ms:.4g} ms, p99 {p99_ms:.4g} ms".format(**middle)]


# --- beside kernel TCP ----------------------------------------------------------------------------------------------------------------------

class TcpEnd:
    def __init__(self, namespace, *words):
        self.process = subprocess.Popen(["ip", "netns", "exec", namespace, sys.executable, "-B", TCP_FLOW, *words], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True, bufsize=1)

    def expect(self, word):
        if self.process.stdout.readline().strip() != word:
            sys.exit("bench: no TCP flow")

    def say(self, word):
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()

    def tally(self):
        self.say("tally")
        return int(self.process.stdout.readline())

    def close(self):
        self.process.kill()
        self.process.wait()


@contextlib.contextmanager
def _tcp(namespaces, congestion, port=5001):
    """A sender that waits for "go", and its receiver."""
    with contextlib.ExitStack() as ends:
        receiver = TcpEnd(namespaces[1], "receive", str(port))
        ends.callback(receiver.close)
        receiver.expect("listening")
        sender = TcpEnd(namespaces[0], "send", str(port), ADDRESSES[1], congestion)
        ends.callback(sender.close)
        sender.expect("ready")
        receiver.expect("ready")
        yield sender, receiver


def _share(congestion, seconds):
    """Both begin at once; bytes of each that have come after so many seconds."""
    with _link() as namespaces, call("beeline", namespaces) as (a, b, channel, _), _tcp(namespaces, congestion) as (sender, receiver):
        b.say({"type": "quiet"})
        a.say({"type": "flood", "channel": channel, "size": 16384})
        sender.say("go")
        time.sleep(seconds)
        ours, theirs, lost = b.tally(), receiver.tally(), overflows(namespaces)
    return {"share": ours / (ours + theirs), "mbs": ours / seconds / 1e6, "tcp_mbs": theirs / seconds / 1e6, "overflows": lost}


def _share_of_tcp(first, second, seconds):
    """The same of two TCP flows: what this link makes of those."""
    with _link() as namespaces, _tcp(namespaces, first) as one, _tcp(namespaces, second, 5002) as other:
        for sender, _ in (one, other):
            sender.say("go")
        time.sleep(seconds)
        ours, theirs = (receiver.tally() for _, receiver in (one, other))
    return {"share": ours / (ours + theirs), "mbs": ours / seconds / 1e6, "tcp_mbs": theirs / seconds / 1e6}


def sharing(_, options):
    with open(KNOWN_CONGESTIONS, encoding="ascii") as file:
        known = file.read().split()
    measured = [{"who": each, **(_share(each, options.sharing_seconds) if each in known else {"share": None})} for each in CONGESTIONS]
    if all(each in known for each in CONGESTIONS):
        measured.append({"who": "cubic to bbr", **_share_of_tcp(*CONGESTIONS, options.sharing_seconds)})
    return measured


def _shared(measured, congestion):
    return [one for one in measured if one["who"] == congestion and one["share"] is not None]


def sharing_rows(measured):
    rows = [harness.judge(f"share beside TCP with {each.upper()}", "%", [100 * one["share"] for one in _shared(measured, each)], (30, 70), "between")
            for each in CONGESTIONS if _shared(measured, each)]
    lost = [one["overflows"] for one in measured if "overflows" in one]
    return [*rows, harness.judge("ours lost to a full socket buffer", "", lost, 0, "most")] if lost else rows


def sharing_notes(measured):
    notes = []
    for each in CONGESTIONS:
        shared = _shared(measured, each)
        if shared:
            ours, theirs = (statistics.median(one[key] for one in shared) for key in ("mbs", "tcp_mbs"))
            notes.append(f"beside TCP with {each.upper()}: ours {ours:.3g} MB/s, TCP {theirs:.3g} MB/s")
        else:
            notes.append(f"beside TCP with {each.upper()}: n/a, this kernel does not have it ({KNOWN_CONGESTIONS})")
    control = _shared(measured, "cubic to bbr")
    if control:
        notes.append(f"on the same link TCP with CUBIC has {100 * statistics.median(one['share'] for one in control):.3g} % beside TCP with BBR")
    return notes
