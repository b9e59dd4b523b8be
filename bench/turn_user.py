#!/usr/bin/env python3
"""./run bench turn-user: our TURN server and Debian's coturn, interleaved, as users have them (UDP, user space).

Prints goal, measured (median over the rounds, with the spread) and whether it was met. --check exits with 1 and names what fell short."""
import argparse
import json
import os
import subprocess
import sys
import tempfile

import harness

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
BUILD = os.path.join(ROOT, "build", "release")
SECRET = "bench"
# What is compared: key of one measurement, its unit, and the greatest allowed ratio to coturn.
GOALS = (("packet_cpu_us", "CPU per relayed packet", "us", 1.0, "most"),
         ("allocate_cpu_us", "CPU per allocate and bind", "us", 0.5, "most"),
         ("allocation_kib", "memory per allocation", "KiB", 0.25, "most"))


def servers(folder):
    return {
        "beeline": [os.path.join(BUILD, "apps/beeline/beeline"), "serve", "--only", "turn", "--listen", "198.51.100.1",
                    "--limits", "lab", "--json", "--log-level", "error", "--data-dir", folder,
                    "--turn-secret-file", os.path.join(folder, "secret")],
        "coturn": ["turnserver", "-n", "--use-auth-secret", "--static-auth-secret=" + SECRET, "-r", "bench", "-L", "198.51.100.1",
                   "-E", "198.51.100.1", "-p", "3478", "--min-port", "49152", "--max-port", "65535", "-m", "1", "--no-tls",
                   "--no-dtls", "--no-tcp", "--no-cli", "--no-software-attribute", "--no-rfc5780",
                   "--no-stun-backward-compatibility", "--simple-log", "--log-file", "/dev/null",
                   "--pidfile", os.path.join(folder, "coturn.pid")],
    }


def measure(name, command, options):
    load = [os.path.join(BUILD, "bench/turn_user_load"), str(options.allocations), "64", str(options.packets), "--", *command]
    done = subprocess.run(load, capture_output=True, text=True, timeout=240, check=False)
    if done.returncode != 0:
        sys.exit(f"bench: {name} could not be measured: {done.stderr.strip()[-500:]}")
    result = json.loads(done.stdout.splitlines()[-1])
    result["packet_cpu_us"] = (result["up_cpu_us"] + result["down_cpu_us"]) / 2
    return result


def main():
    parser = argparse.ArgumentParser(prog="./run bench turn-user", description=__doc__)
    harness.add_flags(parser)
    parser.add_argument("--packets", type=int, default=100_000, help="of each direction")
    parser.add_argument("--allocations", type=int, default=1000)
    options = parser.parse_args()
    measured = {"beeline": [], "coturn": []}
    with tempfile.TemporaryDirectory(prefix="beeline-bench-") as folder:
        with open(os.path.join(folder, "secret"), "w", encoding="ascii") as file:
            file.write(SECRET)
        for number in range(options.rounds):
            for name, command in servers(folder).items():
                measured[name].append({"round": number, "server": name, **measure(name, command, options)})
            print(f"round {number + 1} of {options.rounds}", file=sys.stderr)
    rows = harness.compare(GOALS, measured["beeline"], measured["coturn"])
    harness.show(rows, "coturn")
    harness.finish(options, "coturn", measured["beeline"] + measured["coturn"], rows)


if __name__ == "__main__":
    main()
