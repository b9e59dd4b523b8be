#!/usr/bin/env python3
"""./run bench signaling: our server and npm's peer, interleaved, clear text on loopback, one person per connection.

Prints goal, measured (median over the rounds, with the spread) and whether it was met. --check exits with 1 and names what fell short."""
import argparse
import json
import os
import resource
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile

FOLDER = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(FOLDER, ".."))
import harness  # noqa: E402
from flood import measure_floods, show_floods  # noqa: E402

BUILD = os.path.join(FOLDER, "..", "..", "build", "release")
# What is compared: key of one measurement, its unit, the ratio to peer, and whether it is the least or the most allowed.
GOALS = (("idle_kib", "memory per idle person", "KiB", 0.5, "most"),
         ("relays_per_cpu_s", "2 KB relays per CPU second", "1/s", 4.0, "least"),
         ("join_p99_ms", "joining, 99th percentile", "ms", 1.0, "most"))


OWN_DESCRIPTORS = 40  # of a server or of the load, beside one for each person; Node has 25

# Before whatever else the machine does; a flooder is not started so, for in truth it is on another machine.
FIRST = ["nice", "-n", "-15"] if os.geteuid() == 0 else []


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def start(name, folder):
    """(process, port for clear text) of a server that is ready."""
    if name == "peer":
        port = free_port()
        process = subprocess.Popen([*FIRST, "node", os.path.join(FOLDER, "peer_server.mjs"), str(port)], stdout=subprocess.PIPE, text=True)
        if process.stdout.readline() != "ready\n":
            sys.exit("bench: npm's peer did not start")
        return process, port
    command = [*FIRST, os.path.join(BUILD, "apps/beeline/beeline"), "serve", "--no-turn", "--json", "--log-level", "error",
               "--listen", "127.0.0.1", "--port", "0", "--data-dir", folder]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    line = process.stdout.readline()
    if not line:
        sys.exit("bench: beeline did not start")
    return process, int(json.loads(line)["http"].rsplit(":", 1)[1])


def resident_kib(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def slab_kib():
    with open("/proc/meminfo", encoding="ascii") as meminfo:
        return next(int(line.split()[1]) for line in meminfo if line.startswith("Slab:"))


def start_load(name, port, people, messages=0):
    command = [*FIRST, os.path.join(BUILD, "bench/signaling/signaling_load"), name, str(port), str(people), str(messages)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def measure(name, people, messages):
    with tempfile.TemporaryDirectory(prefix="beeline-bench-") as folder:
        server, port = start(name, folder)
        try:
            before, slab_before = resident_kib(server.pid), slab_kib()
            load = start_load(name, port, people, messages)
            line = load.stdout.readline()
            if not line:
                return None
            joins = json.loads(line)
            idle = (resident_kib(server.pid) - before) / people
            slab = (slab_kib() - slab_before) / people
            result = {"server": name, "people": people, "idle_kib": idle, "kernel_kib_both_ends": slab,
                      "join_p50_ms": joins["p50_ms"], "join_p99_ms": joins["p99_ms"]}
            if messages:
                spent = cpu_seconds(server.pid)
                load.stdin.write("\n")
                load.stdin.flush()
                if not load.stdout.readline():
                    sys.exit(f"bench: {name} lost messages")
                result["relays_per_cpu_s"] = messages / (cpu_seconds(server.pid) - spent)
            load.stdin.close()
            load.wait(timeout=60)
            return result
        finally:
            server.kill()
            server.wait()
            server.stdout.close()


def tls_idle_kib(people=400):
    """Our memory per idle person inside TLS; peer speaks none by itself."""
    with tempfile.TemporaryDirectory(prefix="beeline-bench-") as folder:
        server, port = start("beeline", folder)
        try:
            before = resident_kib(server.pid)
            trusting = ssl.create_default_context()
            trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
            sockets = []
            for number in range(people):
                client = trusting.wrap_socket(socket.create_connection(("127.0.0.1", port)))
                client.sendall(b"GET /api/signal HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                               b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
                client.recv(4096)
                room = "".join(chr(97 + number // 2 // 26 ** place % 26) for place in range(26))
                hello = json.dumps({"type": "hello", "versions": [1], "room": room}).encode()
                client.sendall(bytes([0x81, 0x80 | len(hello), 0, 0, 0, 0]) + hello)
                client.recv(4096)
                sockets.append(client)
            return (resident_kib(server.pid) - before) / people
        finally:
            server.kill()
            server.wait()
            server.stdout.close()


def as_many_as_fit(people):
    """Each person is a descriptor on each side; either side has some more of its own."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[0] - OWN_DESCRIPTORS
    if people > most:
        print(f"{people} people need more descriptors than there may be; {most} instead", file=sys.stderr)
    return min(people, most)


def floods(options):
    with tempfile.TemporaryDirectory(prefix="beeline-bench-") as folder:
        rows = measure_floods(lambda: start("beeline", folder), lambda port, people: start_load("beeline", port, people))
    show_floods(rows)
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            file.writelines(json.dumps(row) + "\n" for row in rows)
    missed = [f"{row['flood']}: {row['ratio']:.2f}x in quiet, wanted at most {row['goal']:g}x" for row in rows if not row["met"]]
    if options.check and missed:
        sys.exit("bench: " + "; ".join(missed))


def main():
    parser = argparse.ArgumentParser(prog="./run bench signaling", description=__doc__)
    harness.add_flags(parser)
    parser.add_argument("--people", type=int, default=4000)
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--many", type=int, default=20_000, help="people of the last measurement, of joining alone; 0: without it")
    parser.add_argument("--flood", action="store_true", help="instead: what others notice of a member that floods us (no peer)")
    options = parser.parse_args()
    # 20,000 people are 20,000 descriptors on each side and a few more.
    harness.raise_descriptor_limit(32_768)
    if options.flood:
        return floods(options)
    measured = {"beeline": [], "peer": []}
    for number in range(options.rounds):
        for name, results in measured.items():
            result = measure(name, options.people, options.messages)
            if result is None:
                sys.exit(f"bench: {name} did not take {options.people} people")
            results.append({"round": number, **result})
        print(f"round {number + 1} of {options.rounds}", file=sys.stderr)
    rows = harness.compare(GOALS, measured["beeline"], measured["peer"])
    most = as_many_as_fit(options.many)
    many = [result for result in (measure(name, most, 0) for name in ("beeline", "peer") if most) if result]
    extra = [f"{most} people, {one['server']}: joining p50 {one['join_p50_ms']:.1f} ms, p99 {one['join_p99_ms']:.1f} ms, "
             f"{one['idle_kib']:.1f} KiB each" for one in many]
    kernel = statistics.median(one["kernel_kib_both_ends"] for one in measured["beeline"])
    extra.append(f"kernel memory per connection, both ends: {kernel:.1f} KiB;  inside TLS, beeline: {tls_idle_kib():.1f} KiB each")
    harness.show(rows, "peer")
    print("\n".join(extra))
    harness.finish(options, "peer", measured["beeline"] + measured["peer"] + many, rows)


if __name__ == "__main__":
    main()
