"""What the lab plays: every cell with its two sides, what happens in it, and the verdict that theory gives."""
import dataclasses
import itertools

import sides
from nat_rules import ADDRESS, ADDRESS_AND_PORT, CLASSIC, ENDPOINT

CONNECT_S, BEST_S, AGAIN_S = 2.0, 5.0, 3.0
DIRECT, RELAYED, ANY = "direct", "relayed", "any"
EVENTS = ("nat-reboot", "swap")  # the first side's NAT forgets its mappings; the first side is carried into another network


@dataclasses.dataclass(frozen=True)
class Cell:
    """`one_home`: both sides are in the first side's LAN. `hosts_told`: host candidates are signaled. `event`: one of EVENTS, in the call.
    `of_others`: what is expected of peers that do no more than theory asks for, where ours do."""
    name: str
    sides: tuple
    expected: str
    one_home: bool = False
    hosts_told: bool = True
    event: str | None = None
    of_others: str | None = None
    says: str = ""

    def played_by(self, peer):
        """The cell as such a peer is judged."""
        return self if peer == "ours" or self.of_others is None else dataclasses.replace(self, expected=self.of_others)


def theory(one, other):
    """The verdict for two sides that have IPv4 and UDP: relayed where neither mapping is endpoint-independent for the other's filter."""
    if any(side.options & {"udp-blocked", "only-443"} for side in (one, other)):
        return RELAYED
    if "noisy" in (one.base, other.base):
        return ANY
    if all(side.ipv6 and side.base != "nat64" for side in (one, other)):
        return DIRECT
    if not all(side.ipv4 or side.base == "nat64" for side in (one, other)):
        return RELAYED

    def hard(side):  # the other has to guess a port, and is filtered by it
        mapping, filtering = side.behaves()
        return mapping != ENDPOINT and filtering != ENDPOINT

    def strict(side):
        return side.behaves() == (ENDPOINT, ADDRESS_AND_PORT)

    if hard(one) and hard(other):
        return RELAYED
    if hard(one) and strict(other) or hard(other) and strict(one):
        return RELAYED
    return DIRECT


def pair(one, other, **more):
    """A cell of two sides' words."""
    both = (sides.parse(one), sides.parse(other))
    expected = more.pop("expected", None) or theory(*both)
    name = more.pop("name", None) or f"{both[0].name},{both[1].name}"
    return Cell(name, both, expected, **more)


CLASSIC_NAMES = tuple(CLASSIC)
RFC4787_NAMES = tuple(sides.pair_name(mapping, filtering)
                      for mapping, filtering in itertools.product((ENDPOINT, ADDRESS, ADDRESS_AND_PORT), repeat=2))


def matrix(names):
    return [pair(one, other) for one, other in itertools.product(names, repeat=2)]


def special():
    plain = "port-restricted"
    home = {"one_home": True, "hosts_told": False}
    return [
        pair(plain, plain, name="same-nat", one_home=True, expected=DIRECT, says="one home; its addresses are told"),
        pair(plain + "+hairpin", plain + "+hairpin", name="same-nat-hairpin", **home, expected=DIRECT,
             says="one home whose addresses are hidden; its NAT hairpins"),
        pair(plain, plain, name="same-nat-no-hairpin", **home, expected=RELAYED,
             says="one home whose addresses are hidden; its NAT does not hairpin"),
        pair("port-restricted@full-cone", plain, name="double-nat-cone", says="a home's NAT behind a carrier's full cone"),
        pair("full-cone@port-restricted", "port-restricted@port-restricted", name="double-nat-both", says="two homes behind two carriers' NATs"),
        pair("full-cone@symmetric", plain, name="double-nat-symmetric", says="a full cone behind a carrier's symmetric NAT"),
        pair("port-restricted@symmetric", "full-cone", name="double-nat-symmetric-cone", says="a symmetric carrier, and a full cone"),
        pair("linux", "linux", name="linux-routers", says="two Linux routers as they are"),
        pair("noisy", "noisy", name="noisy-nat", says="two routers that take what nobody asked for"),
        pair("sequential", plain, name="sequential", expected=DIRECT, of_others=RELAYED, says="a symmetric NAT whose ports ours predict"),
        pair("sequential", "sequential", name="sequential-both", expected=DIRECT, of_others=RELAYED,
             says="two symmetric NATs whose ports ours predict"),
        pair(plain + "+udp-blocked", plain, name="udp-blocked", says="one side's network drops UDP"),
        pair(plain + "+udp-blocked", plain + "+udp-blocked", name="udp-blocked-both", says="both sides' networks drop UDP"),
        pair(plain + "+only-443", plain, name="only-443", says="one side gets out to TCP port 443 alone"),
        pair(plain + "+only-443", plain + "+only-443", name="only-443-both", says="both sides get out to TCP port 443 alone"),
        pair("none", "none", name="public", says="two public addresses"),
        pair("ipv6", "ipv6", name="ipv6-only", says="both have IPv6 alone"),
        pair("dual-stack", "dual-stack", name="dual-stack", says="both have IPv4 and IPv6"),
        pair("dual-stack", plain, name="dual-stack-ipv4", says="IPv4 and IPv6 on one side, IPv4 behind a NAT on the other"),
        pair("ipv6", "none", name="ipv6-to-ipv4", says="IPv6 alone on one side, IPv4 alone on the other; the relay has both"),
        pair("nat64", plain, name="nat64-to-ipv4", of_others=RELAYED,
             says="IPv6 alone behind a NAT64, IPv4 behind a NAT; ours find the translator's prefix out (RFC 7050)"),
        pair("nat64", "nat64", name="nat64-both", of_others=RELAYED, says="IPv6 alone behind a NAT64, both"),
        pair(plain, plain, name="nat-reboot", event="nat-reboot", says="a NAT forgets its mappings in the call"),
        pair(plain, plain, name="interface-swap", event="swap", says="from one network into another in the call"),
        pair("symmetric", "symmetric", name="nat-reboot-relayed", event="nat-reboot", says="a NAT forgets its mappings in a relayed call"),
        pair("symmetric", "symmetric", name="interface-swap-relayed", event="swap", says="a relayed call from one network into another"),
    ]


def sets():
    return {"classic": matrix(CLASSIC_NAMES), "rfc4787": matrix(RFC4787_NAMES), "special": special(),
            "all": matrix(RFC4787_NAMES) + special()}


def find(words):
    """The cell of that name, or of "ONE,OTHER"; raises sides.Unknown."""
    for cell in special():
        if cell.name == words:
            return cell
    one, comma, other = words.partition(",")
    if not comma:
        raise sides.Unknown(f'there is no cell "{words}"; try: --list, or two NAT types as in "port-restricted,symmetric"')
    return pair(one, other)
