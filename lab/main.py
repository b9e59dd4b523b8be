#!/usr/bin/env python3
"""./run lab: what becomes of calls between any two kinds of NAT, on this
machine's own kernel, beside what theory says."""
import argparse
import dataclasses
import itertools
import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tests", "support"))
import cells  # noqa: E402
import figures  # noqa: E402
import judge  # noqa: E402
import networks  # noqa: E402
import page  # noqa: E402
import peer_programs  # noqa: E402
import runner  # noqa: E402
import sides  # noqa: E402
import table  # noqa: E402

FAILED = 1
ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")


def read_flags():
    parser = argparse.ArgumentParser(prog="./run lab", description=__doc__, epilog=sides.grammar(),
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cell", metavar="NAME|ONE,OTHER", help='one cell alone, with a capture: a name of --list, or two NAT types as in '
                        '"port-restricted,symmetric"')
    parser.add_argument("--set", choices=list(cells.sets()), default="all", help="which cells (default: all)")
    parser.add_argument("--list", action="store_true", help="the cells and what is expected of them")
    parser.add_argument("--peer", metavar="NAME[,NAME…]", default="ours", help="who sits in the cells, one after the other: "
                        f"{', '.join(peer_programs.NAMES)} (default: ours); our deadlines are for ours alone")
    parser.add_argument("--server", metavar="NAME[,NAME…]", default="ours", help="the STUN and TURN server: ours, coturn, or both one after the "
                        "other (default: ours)")
    parser.add_argument("--runs", type=int, default=1, help="how often each cell is played (default: 1)")
    parser.add_argument("--jobs", type=int, choices=(1, 2, 3, 4), default=3, help="cells at a time (default: 3)")
    parser.add_argument("--watch", type=float, metavar="SECONDS", help="watch each call so long after it connected, and say on which path it was "
                        "after one second (default: until the best path, 6 seconds at most)")
    parser.add_argument("--html", metavar="FILE", help="the same as one page; a click on a cell shows its networks, checks and reason")
    parser.add_argument("--capture", metavar="FILE", help="packets of --cell, seen from every network in it (default: build/lab/NAME.pcapng)")
    parser.add_argument("--json", metavar="FILE", help="one JSON object per play, and the figures; - is standard output")
    parser.add_argument("--check", action="store_true", help="exit with 1 where a cell missed its path or its time")
    options = parser.parse_args()
    if not 1 <= options.runs <= 100:
        parser.error("--runs is 1 to 100")
    if options.watch is not None and not 1 <= options.watch <= 120:
        parser.error("--watch is 1 to 120 seconds")
    if options.capture and not options.cell:
        parser.error("--capture goes with --cell")
    options.stopped = False
    for path in (options.html, options.capture, options.json):
        if path and path != "-" and not os.access(os.path.dirname(os.path.abspath(path)), os.W_OK):
            parser.error(f"{path} cannot be written: there is no such folder, or it is not yours")
    options.peers = one_of_each(parser, "peer", options.peer, peer_programs.NAMES)
    options.servers = one_of_each(parser, "server", options.server, ("ours", "coturn"))
    if options.html and len(options.peers) * len(options.servers) > 1:
        parser.error("--html goes with one peer and one server")
    try:
        options.cells = [cells.find(options.cell)] if options.cell else cells.sets()[options.set]
    except sides.Unknown as why:
        parser.error(str(why))
    return options


def one_of_each(parser, what, words, known):
    names = words.split(",")
    for name in names:
        if name not in known:
            parser.error(f'there is no {what} "{name}"; try: {", ".join(known)}')
    return names


def show_list(all_cells):
    width = 2 + max(len(cell.name) for cell in all_cells)
    for cell in all_cells:
        print(f"{cell.name:<{width}}{cell.expected:<9}{cell.says}".rstrip())


def record(play):
    """A play as --json has it and the page draws it."""
    code, sentence = judge.reason(play.cell, play.result)
    return {"cell": play.cell.name, "says": play.cell.says, "sides": [{"name": side.name, "says": side.says()} for side in play.cell.sides],
            "one_home": play.cell.one_home, "event": play.cell.event, "run": play.number, "alone": play.alone, "load": round(play.load, 2),
            "expected": play.cell.expected, "missed": play.missed, "code": code, "reason": sentence, **play.result}


def write_json(where, plays):
    lines = [json.dumps(record(play)) for play in plays]
    lines += [json.dumps({"who": name, "figures": figures.summary(some)}) for name, some in figures.by_occupants(plays).items()]
    if where == "-":
        print("\n".join(lines))
    else:
        write(where, "\n".join(lines) + "\n")


def write(path, text):
    """Whole or not at all."""
    with open(path + ".new", "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(path + ".new", path)


def play_all(options, peer, server):
    """The plays; those so far where somebody pressed Ctrl-C."""
    capture = None
    if options.cell:
        capture = options.capture or os.path.join("build", "lab", options.cells[0].name.replace("/", "-").replace(",", "_") + ".pcapng")
        os.makedirs(os.path.dirname(os.path.abspath(capture)), exist_ok=True)
    wanted = runner.Wanted(peer, server, jobs=options.jobs, capture=capture)
    if options.watch:
        wanted = dataclasses.replace(wanted, watch=options.watch, linger=True)
    # The table is for people; where JSON goes to standard output it makes room.
    played = [cell.played_by(peer) for cell in options.cells]
    drawn = table.Table(played, options.runs, sys.stderr if options.json == "-" else sys.stdout)
    plays = []
    if len(options.peers) * len(options.servers) > 1:
        print(f"\n{figures.occupants({'peer': peer, 'server': server})}\n", file=drawn.file, flush=True)
    try:
        order = [(cell, number) for number in range(1, options.runs + 1) for cell in played]
        for play in runner.Runner(wanted, drawn.news).play(order):
            plays.append(play)
            drawn.ended(play)
    except KeyboardInterrupt:
        options.stopped = True
        print("lab: stopped; what was played so far:", file=sys.stderr)
    drawn.finish()
    if options.cell and plays:
        print("\n".join(table.detail(plays[-1])), file=drawn.file)
    if capture:
        print(f"capture: {capture}", file=drawn.file)
    return plays


def main():
    options = read_flags()
    if options.list:
        show_list(options.cells)
        return 0
    if reason := networks.why_not():
        print(f"lab: {reason}\ntry: sudo ./run lab", file=sys.stderr)
        return FAILED
    program = os.environ.setdefault("BEELINE_BIN", os.path.join(ROOT, "build", "release", "apps", "beeline", "beeline"))
    if not os.access(program, os.X_OK):
        print(f"lab: {program} is not built\ntry: ./run build release beeline", file=sys.stderr)
        return FAILED
    if left := runner.clear_leftovers():
        print(f"lab: ended {left} processes that an earlier lab had left", file=sys.stderr)
    began = time.monotonic()
    order = {cell.name: number for number, cell in enumerate(options.cells)}
    plays = []
    for peer, server in itertools.product(options.peers, options.servers):
        if options.stopped:
            break
        plays += sorted(play_all(options, peer, server), key=lambda play: (order[play.cell.name], play.number, play.alone))
    if len(options.peers) * len(options.servers) > 1:
        print("\n".join([*table.beside(plays), *figures.fewer_direct(plays)]), file=sys.stderr if options.json == "-" else sys.stdout)
    print(f"took {time.monotonic() - began:.0f} s", file=sys.stderr)
    if options.json:
        write_json(options.json, plays)
    if options.html:
        write(options.html, page.render([record(play) for play in plays], figures.summary(plays), options))
    missed = not plays or any(play.missed for play in figures.final(plays)) or figures.fewer_direct(plays)
    return FAILED if options.check and missed else 0


if __name__ == "__main__":
    sys.exit(main())
