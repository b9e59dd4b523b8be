#!/usr/bin/env python3
"""./run bench ice: our agent in the simulator and on loopback sockets, beside libjuice inside npm's node-datachannel, interleaved.

ICE cannot be had alone in node-datachannel: DTLS, SCTP and Node come with it, so its CPU and memory are not those of libjuice.
--check exits with 1 and names what fell short."""
import argparse
import json
import os
import statistics
import subprocess
import sys

FOLDER = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(FOLDER, ".."))
import harness  # noqa: E402

BUILD = os.path.join(FOLDER, "..", "..", "build", "release", "bench", "ice")
# What is compared: key of one measurement, its unit, the ratio to the peer, and whether it is the least or the most allowed.
GOALS = (("pairs_per_cpu_s", "pairs connected per CPU second", "1/s", 4.0, "least"),
         ("kib_per_pair", "memory per idle pair", "KiB", 0.1, "most"),
         ("p50_ms", "ICE connected, median", "ms", 1.0, "most"),
         ("p99_ms", "ICE connected, 99th percentile", "ms", 1.0, "most"),
         ("idle_us_per_pair_s", "CPU of an idle pair per second", "us", 1.0, "most"))

TRIES = 5  # libdatachannel now and then refuses a candidate that came before its own transport, and ends the process


def measure(name, pairs):
    if name == "peer":
        command = ["node", os.path.join(FOLDER, "peer_load.mjs"), str(pairs), "10", "5"]
    else:
        command = [os.path.join(BUILD, name), str(pairs)]
    for _ in range(TRIES):
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=300, check=False)
        if done.returncode == 0 and done.stdout:
            return json.loads(done.stdout)
        if name != "peer":
            break
        print("bench: the peer gave up; once more", file=sys.stderr)
    sys.exit(f"bench: {name} did not connect {pairs} pairs")


def show_simulated(simulated):
    def spread(key):
        values = [one[key] for one in simulated]
        return f"{statistics.median(values):.4g} ({min(values):.4g}-{max(values):.4g})"
    print(f"{2 * simulated[0]['pairs']} agents simulated, the simulator's own cost included: {spread('us_per_agent')} us CPU and "
          f"{spread('kib_per_agent')} KiB per agent,\n  connected after {spread('p50_ms')} ms, 99th percentile {spread('p99_ms')} ms "
          f"(20 ms one way, 30 ms signaling), {spread('checks_per_agent')} checks each in 10 s;\n  idle: {spread('idle_checks_per_cpu_s')} "
          f"checks per CPU second, {spread('idle_us_per_agent_s')} us per agent and second")


def main():
    parser = argparse.ArgumentParser(prog="./run bench ice", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    harness.add_flags(parser)
    parser.add_argument("--pairs", type=int, default=500, help="on loopback sockets, in one process")
    parser.add_argument("--simulated", type=int, default=5000, help="pairs in one simulated world")
    options = parser.parse_args()
    harness.raise_descriptor_limit(16_384)
    measured = {"ice_socket_load": [], "peer": [], "ice_sim_load": []}
    for number in range(options.rounds):
        for name, results in measured.items():
            results.append({"round": number, **measure(name, options.simulated if name == "ice_sim_load" else options.pairs)})
        print(f"round {number + 1} of {options.rounds}", file=sys.stderr)
    rows = harness.compare(GOALS, measured["ice_socket_load"], measured["peer"])
    harness.show(rows, "peer")
    print("peer: node-datachannel; its CPU and memory are with DTLS, SCTP and Node")
    show_simulated(measured["ice_sim_load"])
    harness.finish(options, "peer", [one for results in measured.values() for one in results], rows)


if __name__ == "__main__":
    main()
