"""Figures of many plays."""
import math

import cells


def percentile(values, share):
    """The smallest of them that `share` of them do not exceed; None of none."""
    ordered = sorted(values)
    return ordered[max(math.ceil(share * len(ordered)) - 1, 0)] if ordered else None


def occupants(result):
    """Who sat in the cell, and with whose server where that was not ours."""
    return " with ".join([result.get("peer", "ours"), *([result["server"]] if result.get("server", "ours") != "ours" else [])])


def final(plays):
    """Of each cell and run the play that counts: once more alone, where there was that."""
    last = {}
    for play in plays:
        last[(occupants(play.result), play.cell.name, play.number)] = play
    return list(last.values())


def by_occupants(plays):
    """{who: its plays}."""
    found = {}
    for play in plays:
        found.setdefault(occupants(play.result), []).append(play)
    return found


def fewer_direct(plays):
    """The peers that were direct in fewer cells with our server than with another in the same run, as sentences."""
    some = by_occupants(plays)
    found = []
    for name, theirs in some.items():
        peer, _, server = name.partition(" with ")
        if server and peer in some:
            direct, other = (summary(one)["direct"][0] for one in (some[peer], theirs))
            if direct < other:
                found.append(f"{peer}: direct in {direct} cells with our server, in {other} with {server}")
    return found


def summary(plays):
    """One object of all figures; the first tries count in the times, so that a second try hides nothing."""
    counted = final(plays)
    firsts = [play for play in plays if not play.alone]
    connects = [play.result["connect_s"] for play in firsts if play.result.get("connected")]
    bests = [play.result["best_s"] for play in firsts if play.result.get("connected")]
    agains = [play.result["again"]["again_s"] for play in firsts if play.result.get("again")]

    def met(expected):
        wanted = [play for play in counted if play.cell.expected == expected]
        return [sum((play.result.get("again") or play.result).get("verdict") == expected for play in wanted), len(wanted)]
    return {"plays": len(counted), "connected": sum(bool(play.result.get("connected")) for play in counted),
            "direct": met(cells.DIRECT), "relayed": met(cells.RELAYED), "missed": sum(bool(play.missed) for play in counted),
            "once_more": len(plays) - len(firsts), "connect_p50_s": percentile(connects, 0.5), "connect_p99_s": percentile(connects, 0.99),
            "connect_max_s": max(connects, default=None), "best_max_s": max(bests, default=None), "again_max_s": max(agains, default=None),
            "load": percentile([play.load for play in plays], 0.5), "load_max": max((play.load for play in plays), default=None)}
