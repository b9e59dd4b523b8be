#!/usr/bin/env python3
"""./run bench ice: our agent in the simulator and on loopback sockets, beside libjuice inside npm's node-datachannel, interleaved.

ICE cannot be had alone in node-datachannel: DTLS, SCTP and Node come with it, so its CPU and memory are not those of libjuice.
--check exits with 1 and names what fell short."""
import argparse
import json
import os
import resource
import statistics
import subprocess
import sys

FOLDER = os.path.dirname(os.path.abspath(__file__))
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


def raise_descriptor_limit():
    wanted, (soft, hard) = 16_384, resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, hard), hard))
    print(f"descriptors: {min(wanted, hard)} (was {soft})", file=sys.stderr)


def compare(measured):
    rows = []
    for key, what, unit, goal, bound in GOALS:
        ours, theirs = ([one[key] for one in measured[name]] for name in ("ice_socket_load", "peer"))
        ratios = [a / b for a, b in zip(ours, theirs)]
        ratio = statistics.median(ratios)
        rows.append({"what": what, "unit": unit, "goal": goal, "bound": bound, "ratio": ratio,
                     "spread": [min(ratios), max(ratios)], "beeline": statistics.median(ours), "peer": statistics.median(theirs),
                     "met": ratio <= goal if bound == "most" else ratio >= goal})
    return rows


def show(rows, simulated):
    print(f"{'':<38}{'beeline':>9}{'peer':>9}{'goal':>8}{'measured':>10}{'spread':>14}")
    for row in rows:
        low, high = row["spread"]
        sign = "<=" if row["bound"] == "most" else ">="
        print(f"{row['what'] + ', ' + row['unit']:<38}{row['beeline']:>9.4g}{row['peer']:>9.4g}{sign + format(row['goal'], 'g') + 'x':>8}"
              f"{row['ratio']:>9.3g}x{low:>7.3g}-{high:<6.3g}  {'met' if row['met'] else 'NOT MET'}")
    print("peer: node-datachannel; its CPU and memory are with DTLS, SCTP and Node")

    def spread(key):
        values = [one[key] for one in simulated]
        return f"{statistics.median(values):.4g} ({min(values):.4g}-{max(values):.4g})"
    print(f"{2 * simulated[0]['pairs']} agents simulated, the simulator's own cost included: {spread('us_per_agent')} us CPU and "
          f"{spread('kib_per_agent')} KiB per agent,\n  connected after {spread('p50_ms')} ms, 99th percentile {spread('p99_ms')} ms "
          f"(20 ms one way, 30 ms signaling), {spread('checks_per_agent')} checks each in 10 s;\n  idle: {spread('idle_checks_per_cpu_s')} "
          f"checks per CPU second, {spread('idle_us_per_agent_s')} us per agent and second")


def main():
    parser = argparse.ArgumentParser(prog="./run bench ice", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", metavar="FILE", help="one JSON object per measurement, and the ratios")
    parser.add_argument("--check", action="store_true", help="exit with 1 where a goal is missed")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--pairs", type=int, default=500, help="on loopback sockets, in one process")
    parser.add_argument("--simulated", type=int, default=5000, help="pairs in one simulated world")
    options = parser.parse_args()
    raise_descriptor_limit()
    measured = {"ice_socket_load": [], "peer": [], "ice_sim_load": []}
    for number in range(options.rounds):
        for name, results in measured.items():
            results.append({"round": number, **measure(name, options.simulated if name == "ice_sim_load" else options.pairs)})
        print(f"round {number + 1} of {options.rounds}", file=sys.stderr)
    rows = compare(measured)
    show(rows, measured["ice_sim_load"])
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            for one in [one for results in measured.values() for one in results] + rows:
                file.write(json.dumps(one) + "\n")
    missed = [f"{row['what']}: {row['ratio']:.3g}x peer, wanted {row['bound']} {row['goal']:g}x" for row in rows if not row["met"]]
    if options.check and missed:
        sys.exit("bench: " + "; ".join(missed))


if __name__ == "__main__":
    main()
