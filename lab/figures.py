"""Figures of many plays."""
import math

import cells


def percentile(values, share):
    """The smallest of them that `share` of them do not exceed; None of none."""
    ordered = sorted(values)
    return ordered[max(math.ceil(share * len(ordered)) - 1, 0)] if ordered else None


def final(plays):
    """Of each cell and run the play that counts: once more alone, where there was that."""
    last = {}
    for play in plays:
        last[(play.result.get("peer"), play.cell.name, play.number)] = play
    return list(last.values())


def by_peer(plays):
    """{peer: its plays}."""
    found = {}
    for play in plays:
        found.setdefault(play.result.get("peer"), []).append(play)
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
