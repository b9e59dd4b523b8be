#!/usr/bin/env python3
"""./run bench data-channel: data channels of ours beside those of libdatachannel (npm's node-datachannel), of Pion v3 (Debian's packages), bare DTLS
and kernel TCP, interleaved. In parts, each of which can be had alone with --only:
  throughput  two processes on loopback: large and small messages, ping-pong (libdatachannel, Pion)
  far         20 ms each way: large messages without loss, with 0.1 % and with 1 % (libdatachannel, Pion; root)
  ten         ten connections of one process beside one
  idle        memory of a connected end that is silent (libdatachannel)
  setup       from the offer to the open channel (a bare handshake of OpenSSL's, libdatachannel)
  pipe        the floor: OpenSSL's DTLS on loopback with nothing above it
  ping        pings beside a flood of the same connection, through 50 Mbit/s (root)
  sharing     one flow of ours beside one of kernel TCP, CUBIC and BBR, through 50 Mbit/s (root)
--check exits with 1 and names what fell short."""
import argparse
import json
import os
import sys
from dataclasses import dataclass
from typing import Callable

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import harness  # noqa: E402
import one_process  # noqa: E402
import shared_link  # noqa: E402
import throughput  # noqa: E402


@dataclass
class Part:
    """`measure(round, options)` gives what was measured in one round; `rows` and `notes` take those of all rounds."""
    measure: Callable
    rows: Callable = lambda measured: []
    notes: Callable = lambda measured: []
    root: bool = False


PARTS = {"throughput": Part(throughput.near, throughput.near_rows, throughput.notes),
         "far": Part(throughput.far, throughput.far_rows, throughput.far_notes, root=True),
         "ten": Part(one_process.ten, one_process.ten_rows, one_process.ten_notes),
         "idle": Part(one_process.idle, one_process.idle_rows),
         "setup": Part(one_process.setup, one_process.setup_rows, one_process.setup_notes),
         "pipe": Part(one_process.pipe, notes=one_process.pipe_notes),
         "ping": Part(shared_link.ping, shared_link.ping_rows, shared_link.ping_notes, root=True),
         "sharing": Part(shared_link.sharing, shared_link.sharing_rows, shared_link.sharing_notes, root=True)}


def chosen(text):
    names = text.split(",")
    if unknown := [name for name in names if name not in PARTS]:
        raise argparse.ArgumentTypeError(f"there is no part {', '.join(unknown)}; try {','.join(PARTS)}")
    return names


def parse():
    parser = argparse.ArgumentParser(prog="./run bench data-channel", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    harness.add_flags(parser)
    parser.set_defaults(rounds=3)
    parser.add_argument("--only", type=chosen, default=list(PARTS), metavar="PART,…", help="these parts (all)")
    parser.add_argument("--no-far", dest="root", action="store_false", help="none of the parts that need root")
    parser.add_argument("--seconds", type=float, default=3, help="of each flood on loopback (3)")
    parser.add_argument("--far-seconds", type=float, default=8, help="of each flood through the bridge (8)")
    parser.add_argument("--pings", type=int, default=5000, help="of ping-pong (5000)")
    parser.add_argument("--idle-pairs", type=int, default=200, help="(200)")
    parser.add_argument("--setup-pairs", type=int, default=1000, help="(1000)")
    parser.add_argument("--peer-setup-pairs", type=int, default=100, help="of libdatachannel: some take it a second (100)")
    parser.add_argument("--link-seconds", type=float, default=20, help="of pings beside a flood (20)")
    parser.add_argument("--sharing-seconds", type=float, default=30, help="beside each TCP flow (30)")
    return parser.parse_args()


def rounded(one):
    return {key: round(value, 3) if isinstance(value, float) else value for key, value in one.items()}


def main():
    options = parse()
    parts = {name: PARTS[name] for name in options.only if options.root or not PARTS[name].root}
    harness.raise_descriptor_limit(16_384)
    measured = {name: [] for name in parts}
    for number in range(options.rounds):
        for name, part in parts.items():
            for one in part.measure(number, options):
                measured[name].append({"part": name, "round": number, **one})
                print(json.dumps(rounded(measured[name][-1])), file=sys.stderr, flush=True)
    rows = [row for name, part in parts.items() for row in part.rows(measured[name])]
    harness.show(rows, "peer")
    for name, part in parts.items():
        for note in part.notes(measured[name]):
            print(note)
    harness.finish(options, "the peer", [one for each in measured.values() for one in each], rows)


if __name__ == "__main__":
    main()
