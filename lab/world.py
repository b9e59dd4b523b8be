"""The networks of one cell: both sides' homes behind what they are behind, and what can happen to them in a call."""
import contextlib

import nat64
import nat_rules
import networks
from networks import STREET, STREET6, inside, run

LAN_BITS = 26


class World:
    """A context manager around Networks. Homes are home1 and home2; their NATs nat1 and nat2, behind carrier1 and carrier2."""

    def __init__(self, cell):
        self.cell = cell
        self.networks = networks.Networks(ipv6=any(side.ipv6 for side in cell.sides))
        self.nats = {}  # name: rules
        self.homes = []
        self.stack = contextlib.ExitStack()

    def __enter__(self):
        self.stack.enter_context(self.networks)
        for number, side in enumerate(self.cell.sides, 1):
            self._settle(number, side)
        if self.cell.event == "swap":
            self._nat("nat3", self.cell.sides[0], "203.0.113.50", wan="203.0.113.50/24", lan=_lan(4, 1))
        return self

    def __exit__(self, *_):
        self.stack.close()

    def _settle(self, number, side):
        home = f"home{number}"
        self.homes.append(home)
        self.networks.add(home, side.ipv6)
        if number == 2 and self.cell.one_home:
            self.networks.join(home, "nat1", _lan(1, 3), _address(1, 1))
        elif side.base == "nat64":
            self._settle_behind_translator(number, side, home)
        elif side.public:
            self._settle_without_nat(number, side, home)
        else:
            self._settle_behind_nat(number, side, home)

    def _settle_without_nat(self, number, side, home):
        self.networks.plug(home, "eth0", f"to-{home}")
        lines = ["link set eth0 up"]
        if side.ipv4:
            lines += [f"address add 203.0.113.{number * 10}/24 dev eth0", f"route add default via {STREET}"]
        if side.ipv6:
            lines += [f"address add 2001:db8:1::{number * 10}/64 dev eth0 nodad", f"route add default via {STREET6}"]
        self.networks.batch(home, *lines)

    def _settle_behind_nat(self, number, side, home):
        public, gateway, upstream, wan = f"203.0.113.{number * 10}", STREET, None, None
        if side.carrier:
            upstream = f"carrier{number}"
            outside = f"203.0.113.{number * 10 + 100}"
            self._nat(upstream, side.carrier, outside, wan=outside + "/24", lan=_lan(number + 2, 1))
            public, gateway, wan = _address(number + 2, 2), _address(number + 2, 1), _lan(number + 2, 2)
        self._nat(f"nat{number}", side, public, wan=wan or public + "/24", lan=_lan(number, 1), gateway=gateway, upstream=upstream)
        self.networks.join(home, f"nat{number}", _lan(number, 2), _address(number, 1))

    def _settle_behind_translator(self, number, side, home):
        """IPv6 to the router, and there, on a device called lan, IPv4 that its NAT takes to the internet."""
        nat, public, network = f"nat{number}", f"203.0.113.{number * 10}", f"2001:db8:2:{number}::"
        self.networks.add(nat, ipv6=True)
        self.networks.plug(nat, "wan", f"to-{nat}")
        self.networks.cable(home, "eth0", nat, "lan6")
        self.networks.resolve(*nat64.PROBE)
        self.stack.enter_context(nat64.Translator(nat, network + "2", _address(number, 2)))
        self.networks.batch(nat, f"address add {public}/24 dev wan", "link set wan up", f"route add default via {STREET}",
                            f"address add {network}1/64 dev lan6 nodad", "link set lan6 up",
                            f"address add {_lan(number, 1)} dev lan", "link set lan up", f"route add {nat64.PREFIX}/96 dev lan")
        self.networks.batch(home, f"address add {network}2/64 dev eth0 nodad", "link set eth0 up", f"route add default via {network}1")
        self.nats[nat] = side.rules(public)
        run(*inside(nat, "nft", "-f", "-"), input=self.nats[nat])

    def _nat(self, name, side, external, **where):
        self.nats[name] = side.rules(external)
        self.networks.nat(name, self.nats[name], **where)

    # --- what happens in a call ---

    def reboot_nat(self, name="nat1"):
        """It forgets all its mappings, as one that was switched off and on: in between nothing passes, or a packet would remind it."""
        run(*inside(name, "nft", "-f", "-"), input="flush ruleset\n" + nat_rules.SWITCHED_OFF)
        run(*inside(name, "conntrack", "-F"))
        run(*inside(name, "nft", "-f", "-"), input="flush ruleset\n" + self.nats[name])

    def unplug(self):
        """The first home's device is gone, with its addresses and routes."""
        self.networks.batch("home1", "link delete eth0")

    def plug_elsewhere(self):
        """Another device appears, behind another NAT of the same kind."""
        self.networks.join("home1", "nat3", _lan(4, 2), _address(4, 1), device="wwan0")

    def viewpoints(self):
        """(namespace, device) of every place worth capturing, from the first home to the second; None: whatever devices it has."""
        nats = [name for name in ("nat1", "carrier1", "nat3", "carrier2", "nat2") if name in self.nats]
        return [("home1", None), *((name, "wan") for name in nats), ("home2", None), ("server", "eth0")]


def _address(lan, host):
    """LANs 1 and 2 are the homes', 3 and 4 their carriers' or another network's."""
    return f"192.0.2.{(lan - 1) * 64 + host}"


def _lan(lan, host):
    return f"{_address(lan, host)}/{LAN_BITS}"
