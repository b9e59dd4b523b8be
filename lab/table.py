"""The lab on a terminal: a matrix of marks that fills while cells are played, or plain lines where there is no terminal."""
import os
import shutil
import sys
import time

import cells
import figures
import judge

MARKS = {cells.DIRECT: "●", cells.RELAYED: "◐", "mixed": "◑", None: "✕"}
COLOURS = {"●": "32", "◐": "33", "◑": "33", "○": "34", "✕": "31", "!": "31"}
LEGEND = ("● direct  ◐ relayed  ◐● relayed first, then direct  ○ running  ✕ no path",
          "! missed  * as expected when played once more, alone")
NO_PATH = "no path"
REDRAW_S = 0.2


class Paint:
    """Colour, where that is a terminal and nobody said no."""

    def __init__(self, file):
        self.on = file.isatty() and not os.environ.get("NO_COLOR")

    def __call__(self, text, key=None):
        code = COLOURS.get(key or text.strip()[:1])
        return f"\x1b[{code}m{text}\x1b[0m" if self.on and code else text


class Table:
    """`all_cells` in their order; `runs` of each. Told of everything; draws itself."""

    def __init__(self, all_cells, runs, file=None):
        self.file = file or sys.stdout
        self.paint = Paint(self.file)
        self.cells, self.runs = all_cells, runs
        self.plays, self.now = [], {}
        self.drawn, self.last = 0, 0.0
        self.live = self.file.isatty() and os.environ.get("TERM") != "dumb"
        pairs = {tuple(cell.name.split(",")) for cell in all_cells if "," in cell.name}
        self.rows = list(dict.fromkeys(cell.name.split(",")[0] for cell in all_cells if "," in cell.name))
        self.columns = list(dict.fromkeys(cell.name.split(",")[1] for cell in all_cells if "," in cell.name))
        if len(pairs) < 2 or len(pairs) != len(self.rows) * len(self.columns):
            self.rows = self.columns = []  # single cells, no matrix

    # --- what happens ---

    def news(self, cell, number, message, _):
        if message["event"] == "path":
            mark = MARKS[cells.RELAYED if message["relayed"] else cells.DIRECT]
        else:
            mark = "○"
        if message["event"] in ("building", "calling", "path"):
            self.now[cell.name] = mark
        self.redraw()

    def ended(self, play):
        self.plays.append(play)
        self.now.pop(play.cell.name, None)
        if not self.live:
            self.file.write(self.line(play) + "\n")
            self.file.flush()
        self.redraw()

    def redraw(self, at_last=False):
        if not self.live or (not at_last and time.monotonic() - self.last < REDRAW_S):
            return
        lines = self.lines() + [self.progress()]
        columns, height = shutil.get_terminal_size()
        if len(lines) >= height and not at_last:  # what is above the window cannot be drawn again
            lines = [self.progress()]
        self.file.write((f"\x1b[{self.drawn}A\r" if self.drawn else "") + "".join(f"{line}\x1b[K\n" for line in lines) + "\x1b[J")
        self.file.flush()
        self.drawn, self.last = len(lines), time.monotonic()

    def finish(self):
        """The whole table once more, then the figures and what missed."""
        if self.live:
            self.redraw(at_last=True)
        else:
            self.file.write("\n" + "\n".join(self.lines()) + "\n")
        self.file.write("\n".join(["", *conclusion(self.plays)]) + "\n")
        self.file.flush()

    # --- how it looks ---

    def progress(self):
        done = len({(play.cell.name, play.number) for play in self.plays})
        running = ", ".join(self.now) or "nothing"
        text = f"{done} of {len(self.cells) * self.runs} played; now {running}"
        return text[:shutil.get_terminal_size().columns - 1]

    def lines(self):
        made = []
        if self.rows:
            made += self.matrix() + [""]
        singles = [cell for cell in self.cells if not self.rows or "," not in cell.name]
        if singles:
            made += self.list_of(singles) + [""]
        return made + [*LEGEND]

    def matrix(self):
        width = 1 + max(7, *(len(word) for name in self.columns for word in _two_lines(name)))
        if len(self.columns) > 6:
            width = 7
        left = 2 + max(len(name) for name in self.rows)
        heads = [_two_lines(name, short=len(self.columns) > 6) for name in self.columns]
        if len(self.columns) > 6:
            left = 2 + max(len(_short(name)) for name in self.rows)
        lines = [" " * left + "".join(f"{head[row][:width - 1]:<{width}}" for head in heads) for row in (0, 1)]
        by_name = self.by_name()
        for row in self.rows:
            label = _short(row) if len(self.columns) > 6 else row
            lines.append(f"{label:<{left}}" + "".join(self.square(f"{row},{column}", by_name, width) for column in self.columns))
        return lines

    def by_name(self):
        found = {}
        for play in self.plays:
            found.setdefault(play.cell.name, []).append(play)
        return found

    def square(self, name, by_name, width):
        plays = by_name.get(name)
        if name in self.now or not plays:
            mark = self.now.get(name, "·")
            return self.paint(mark) + " " * (width - 1)
        text, key = self.mark_of(plays)
        return self.paint(f"{text:<{width}}", key)

    def mark_of(self, plays):
        """Mark, time to connect (the longest of several runs), and whether it missed."""
        counted = figures.final(plays)
        play = worst(counted)
        marks = marks_of(play)
        seconds = play.result.get("connect_s")
        flags = "!" if any(one.missed for one in counted) else "*" if len(plays) > len(counted) else ""
        return f"{marks:<2}{seconds:.2f}{flags}" if seconds is not None else f"{marks} {flags}", "!" if "!" in flags else marks[-1]

    def list_of(self, singles):
        by_name = self.by_name()
        width = 2 + max(len(cell.name) for cell in singles)
        lines = [f"{'cell':<{width}}{'expected':<10}{'measured':<10}{'connected':>10}{'best':>8}{'again':>8}{'silence':>9}"]
        for cell in singles:
            plays = by_name.get(cell.name)
            if not plays:
                lines.append(f"{cell.name:<{width}}{cell.expected:<10}" + self.paint(self.now.get(cell.name, "·")))
                continue
            lines.append(self.row(cell, width, plays))
        return lines

    def row(self, cell, width, plays):
        """The worst run, with the longest times of all."""
        counted = figures.final(plays)
        play = worst(counted)
        changes = [one.result.get("again") or {} for one in counted]
        marks, verdict = marks_of(play), (play.result.get("again") or play.result).get("verdict")
        flag = "  !" if play.missed else "  *" if len(plays) > len(counted) else ""
        return f"{cell.name:<{width}}{cell.expected:<10}" + \
            self.paint(f"{f'{marks} {verdict or NO_PATH}':<10}", "!" if play.missed else marks[-1]) + \
            f"{_longest(counted, 'connect_s'):>10}{_longest(counted, 'best_s'):>8}" \
            f"{_longest(changes, 'again_s'):>8}{_longest(changes, 'silence_s'):>9}{flag}"

    def line(self, play):
        """One play in plain words."""
        code, sentence = judge.reason(play.cell, play.result)
        seconds = play.result.get("connect_s")
        connected = f"connected {seconds:.2f} s, best path {play.result['best_s']:.2f} s" if seconds is not None else "not connected"
        missed = f"  MISSED: {'; '.join(play.missed)}" if play.missed else ""
        alone = " (once more, alone)" if play.alone else ""
        if "verdict_1s" in play.result:
            connected += f", after 1 s {play.result['verdict_1s'] or 'no path'}, in the end {play.result['verdict'] or 'no path'}"
        again = play.result.get("again")
        event = f", heard again after {again['again_s']:.2f} s" if again else ""
        return f"{marks_of(play):<2} {play.cell.name}{alone}: {connected}{event}; {code}: {sentence}{missed}"


def worst(plays):
    """The one that missed, else the slowest."""
    return max(plays, key=lambda one: (bool(one.missed), one.result.get("connect_s", 0)))


def marks_of(play):
    """The mark of the path in the end, with that of the first before it where it was another."""
    result = play.result
    if not result.get("connected"):
        return MARKS[None]
    last = MARKS[(result.get("again") or result)["verdict"]]
    began_relayed = any(side and side[0]["relayed"] for side in result.get("paths", []))
    return "◐●" if last == "●" and began_relayed else last


def conclusion(plays):
    """The figures, and every cell that missed, with what."""
    made = figures.summary(plays)
    lines = [f"{made['connected']} of {made['plays']} connected; direct {made['direct'][0]} of {made['direct'][1]}, "
             f"relayed {made['relayed'][0]} of {made['relayed'][1]} expected"]
    if made["connected"]:
        lines.append(f"time to connect: median {made['connect_p50_s']:.2f} s, 99th percentile {made['connect_p99_s']:.2f} s, longest "
                     f"{made['connect_max_s']:.2f} s; best path: longest {made['best_max_s']:.2f} s")
    if made["again_max_s"] is not None:
        lines.append(f"after a change of network: heard again within {made['again_max_s']:.2f} s")
    if made["load"] is not None:
        lines.append(f"load average beside it: median {made['load']:.1f}, most {made['load_max']:.1f}, on {os.cpu_count()} processors")
    for play in plays:
        if play.missed:
            state = "alone, once more" if play.alone else f"load {play.load:.1f}"
            lines.append(f"missed: {play.cell.name}, run {play.number} ({state}): {'; '.join(play.missed)}")
    return lines


def detail(play):
    """One play whole: what the sides are behind, what happened, what was checked, and why the path is what it is."""
    lines = [""]
    for number, side in enumerate(play.cell.sides):
        lines.append(f"{('one side', 'the other')[number]:<12}{side.name}: {side.says()}")
    for number, paths in enumerate(play.result.get("paths", [])):
        for path in paths:
            mark = MARKS[cells.RELAYED if path["relayed"] else cells.DIRECT]
            lines.append(f"{('one side', 'the other')[number]:<12}{path['at']:.2f} s {mark} {short(path['local'])} -> {short(path['remote'])}")
    for number, explanation in enumerate(play.result.get("explanations", [])):
        if not explanation:
            continue
        lines += ["", f"what {('one side', 'the other')[number]} checked", f"{'sent':>6}{'answers':>9}{'heard':>7}  {'reason':<18}pair"]
        for pair in sorted(explanation["pairs"], key=lambda one: (one["reason"] != "in_use", -one["answers"], -one["checks_sent"])):
            lines.append(f"{pair['checks_sent']:>6}{pair['answers']:>9}{pair['requests_heard']:>7}  {pair['reason']:<18}"
                         f"{short(pair['local'])} -> {short(pair['remote'])}")
    return [*lines, "", " ".join((marks_of(play), judge.reason(play.cell, play.result)[1]))]


def short(candidate):
    """"srflx 203.0.113.10:4711" of a candidate line."""
    words = candidate.removeprefix("candidate:heard ").split()
    at = words.index("typ") if "typ" in words else 0
    if at < 2:
        return candidate
    address = f"[{words[at - 2]}]" if ":" in words[at - 2] else words[at - 2]
    return f"{words[at + 1]} {address}:{words[at - 1]}"


def beside(plays):
    """All who sat in the cells, line by line."""
    lines = ["", f"{'':<24}{'connected':>11}{'direct':>9}{'relayed':>9}{'once more':>11}{'median':>9}{'p99':>9}{'best path':>11}"]
    for name, some in figures.by_occupants(plays).items():
        made = figures.summary(some)
        direct, relayed = ("/".join(map(str, made[key])) for key in ("direct", "relayed"))
        connected = f"{made['connected']}/{made['plays']}"
        lines.append(f"{name:<24}{connected:>11}{direct:>9}{relayed:>9}{made['once_more']:>11}"
                     f"{_seconds(made['connect_p50_s']):>9}{_seconds(made['connect_p99_s']):>9}{_seconds(made['best_max_s']):>11}")
    return lines


def _two_lines(name, short=False):
    if short:
        mapping, _, filtering = _short(name).partition("/")
        return mapping, filtering
    first, _, second = name.partition("-")
    return (first, second)


def _short(name):
    """RFC 4787's pair for a classic name."""
    import nat_rules
    if name not in nat_rules.CLASSIC:
        return name
    words = ("ei", "ad", "apd")
    mapping, filtering = nat_rules.CLASSIC[name]
    return f"{words[mapping]}m/{words[filtering]}f"


def _longest(some, key):
    found = [value for one in some if (value := (one.result if hasattr(one, "result") else one).get(key)) is not None]
    return _seconds(max(found, default=None))


def _seconds(value):
    return "" if value is None else f"{value:.2f} s"
