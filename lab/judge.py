"""What a cell was to come to, what it came to, and why: pure functions of a cell and its result."""
from cells import AGAIN_S, ANY, BEST_S, CONNECT_S, DIRECT, RELAYED


def missed(cell, result):
    """What fell short, as sentences; none: all is as it must be. The deadlines are our own: of others only the path is judged."""
    if not result.get("connected"):
        return [result.get("trouble") or "it did not connect"]
    if result.get("peer", "ours") != "ours":
        return _path(cell, (result.get("again") or result)["verdict"], 0, BEST_S, "")
    found = []
    if result["connect_s"] > CONNECT_S:
        found.append(f"connected after {result['connect_s']:.2f} s, not within {CONNECT_S:g}")
    found += _path(cell, result["verdict"], result["best_s"], BEST_S, "")
    again = result.get("again")
    if cell.event and not again:
        found.append("the network did not change")
    elif again:
        if again["again_s"] > AGAIN_S:
            found.append(f"heard again {again['again_s']:.2f} s after the change, not within {AGAIN_S:g}")
        if again["silence_s"] > AGAIN_S + again["took_s"]:
            found.append(f"{again['silence_s']:.2f} s of silence")
        found += _path(cell, again["verdict"], again["best_s"], BEST_S, " after the change")
    return found


def _path(cell, verdict, seconds, most, when):
    if verdict is None:
        return [f"no path{when}"]
    if cell.expected != ANY and verdict != cell.expected:
        return [f"{verdict}{when}, where {cell.expected} was expected"]
    if seconds > most:
        return [f"the best path {seconds:.2f} s{when or ' after the start'}, not within {most:g}"]
    return []


def reason(cell, result):
    """(code, sentence): why the path is what it is, from what the sides are and what their checks found."""
    if not result.get("connected"):
        return "failed", result.get("trouble") or "No path was found in time."
    verdict = (result.get("again") or result)["verdict"]
    if verdict == DIRECT:
        return _direct(cell, result)
    if verdict == RELAYED:
        return _relayed(cell, result)
    return "mixed", "The two sides are on different paths."


def _direct(cell, result):
    ends = [side[-1][end] for side in result["paths"] for end in ("local", "remote")]
    if any(" predicted " in candidate for candidate in ends):
        return "direct_predicted", "Direct: the port of a symmetric NAT was predicted."
    types = {_type(candidate) for candidate in ends}
    if types == {"host"}:
        if cell.one_home:
            return "direct_same_network", "Direct: both are on the same local network."
        return "direct_public", "Direct: both addresses are public."
    if cell.one_home:
        return "direct_hairpin", "Direct: the NAT sends what is meant for its own outside address back in."
    if any(side.public for side in cell.sides):
        return "direct_public", "Direct: a public address on at least one side."
    return "direct_punched", "Direct: STUN found a way through both routers."


def _relayed(cell, result):
    options = frozenset().union(*(side.options for side in cell.sides))
    if "only-443" in options:
        return "relayed_udp_blocked", "Relayed over TLS on port 443: nothing else leaves this network."
    if "udp-blocked" in options:
        return "relayed_udp_blocked", "Relayed over TCP or TLS: a network drops UDP."
    if cell.one_home:
        return "relayed_no_answer", "Relayed: the NAT does not send back what is meant for its own outside address."
    if cell.expected == DIRECT:
        return "relayed_no_answer", f"Relayed, though a direct path exists{_unanswered(result)}."
    if "nat64" in (side.base for side in cell.sides):
        return "relayed_families", "Relayed: behind a NAT64 a peer would have to make addresses of the translator's prefix for itself."
    if cell.sides[0].ipv4 != cell.sides[1].ipv4:
        return "relayed_families", "Relayed: one side has IPv6 alone and the other IPv4 alone; the relay speaks both."
    mappings = [side.behaves()[0] for side in cell.sides]
    if all(mappings):
        return "relayed_both_symmetric", "Relayed: both routers use a new port for every destination, so no direct path exists."
    if any(mappings):
        return "relayed_symmetric_restricted", "Relayed: one router uses a new port for every destination, the other only lets known ports in."
    return "relayed_no_answer", f"Relayed{_unanswered(result)}."


def _unanswered(result):
    pairs = [pair for explanation in result.get("explanations", []) if explanation for pair in explanation["pairs"]
             if "relay" not in (_type(pair["local"]), _type(pair["remote"]))]
    silent = sum(pair["answers"] == 0 for pair in pairs)
    return f": {silent} of {len(pairs)} direct pairs got no answer" if pairs else ""


def _type(candidate):
    words = candidate.split()
    return words[words.index("typ") + 1] if "typ" in words else "?"
