"""What all benchmarks that have a peer share: ratios round by round, the table of goals, and what --json and --check do with them."""
import json
import os
import resource
import statistics
import sys

FLAGS = (("--json", {"metavar": "FILE", "help": "one JSON object per measurement, and the ratios"}),
         ("--check", {"action": "store_true", "help": "exit with 1 where a goal is missed"}),
         ("--rounds", {"type": int, "default": 5}))


def add_flags(parser):
    for name, how in FLAGS:
        parser.add_argument(name, **how)


def compare(goals, ours, theirs):
    """`goals`: (key of a measurement, what it is, unit, ratio to the peer, "least" or "most"). `ours`, `theirs`: measurements by round."""
    rows = []
    for key, what, unit, goal, bound in goals:
        ratios = [a[key] / b[key] for a, b in zip(ours, theirs)]
        ratio = statistics.median(ratios)
        rows.append({"what": what, "unit": unit, "goal": goal, "bound": bound, "ratio": ratio, "spread": [min(ratios), max(ratios)],
                     "beeline": statistics.median(one[key] for one in ours), "peer": statistics.median(one[key] for one in theirs),
                     "met": ratio <= goal if bound == "most" else ratio >= goal})
    return rows


def judge(what, unit, values, goal, bound):
    """A row of the same table for what has a goal of its own and no peer. `values`: by round. `bound` may be "between" as well, `goal` two numbers
    then."""
    value = statistics.median(values)
    met = goal[0] <= value <= goal[1] if bound == "between" else value <= goal if bound == "most" else value >= goal
    return {"what": what, "unit": unit, "goal": goal, "bound": bound, "measured": value, "spread": [min(values), max(values)], "met": met}


def show(rows, peer):
    print(f"{'':<44}{'beeline':>10}{peer:>10}{'goal':>9}{'measured':>10}{'spread':>15}")
    for row in rows:
        low, high = row["spread"]
        what, met = f"{row['what']}, {row['unit']}" if row["unit"] else row["what"], "met" if row["met"] else "NOT MET"
        if "ratio" in row:
            print(f"{what:<44}{_figure(row['beeline']):>10}{_figure(row['peer']):>10}{_goal(row) + 'x':>9}{row['ratio']:>9.3g}x{low:>8.3g}-{high:<6.3g}  {met}")
        else:
            print(f"{what:<44}{_figure(row['measured']):>10}{'':>10}{_goal(row):>9}{'':>10}{low:>8.3g}-{high:<6.3g}  {met}")


def _figure(value):
    return f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:.4g}"


def _goal(row):
    if row["bound"] == "between":
        return f"{row['goal'][0]:g}-{row['goal'][1]:g}"
    return f"{'<=' if row['bound'] == 'most' else '>='}{row['goal']:g}"


def _shortfall(row, peer):
    if "ratio" in row:
        return f"{row['what']}: {row['ratio']:.3g}x {row.get('of', peer)}, wanted at {row['bound']} {row['goal']:g}x"
    return f"{row['what']}: {row['measured']:.4g} {row['unit']}, wanted {_goal(row)}".replace(" ,", ",")


def finish(options, peer, measurements, rows):
    """Writes the file of --json; with --check ends the program where a goal is missed."""
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            file.writelines(json.dumps(one) + "\n" for one in [*measurements, *rows])
    missed = [_shortfall(row, peer) for row in rows if not row["met"]]
    if options.check and missed:
        sys.exit("bench: " + "; ".join(missed))


def raise_descriptor_limit(wanted):
    """As far as the machine lets us; what was set is printed."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        if os.geteuid() != 0:
            raise ValueError
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(hard, wanted), max(hard, wanted)))
    except ValueError:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, wanted), hard))
    print(f"descriptors: {resource.getrlimit(resource.RLIMIT_NOFILE)[0]} (was {soft})", file=sys.stderr)
