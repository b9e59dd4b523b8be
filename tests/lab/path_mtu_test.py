"""Packets as large as the path takes, on real kernels: routers that take less than their neighbours and never say so, between two data peers."""
import json
import os
import queue
import subprocess
import sys
import threading
import unittest

for folder in (("..", "support"), ("..", "..", "lab")):
    sys.path.insert(0, os.path.join(os.path.dirname(__file__), *folder))
import networks  # noqa: E402
from network_case import NetworkCase  # noqa: E402
from wait import until  # noqa: E402

# Nobody hears from a router what was too large for it.
SILENT = """table inet silent {
  chain out { type filter hook output priority 0; icmp type destination-unreachable drop; icmpv6 type packet-too-big drop; }
}"""
MEGABYTE = 1_000_000


class Peer:
    """A data peer; its descriptions and candidates go to `other`, the rest of what it says waits to be asked for."""

    def __init__(self, namespace):
        self.process = subprocess.Popen(networks.inside(namespace, os.environ["BEELINE_DATA_PEER"]), stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True, bufsize=1)
        self.heard, self.other = queue.Queue(), None
        self.listener = threading.Thread(target=self._listen)

    def __enter__(self):
        self.listener.start()
        return self

    def __exit__(self, *_):
        self.say(type="end")
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.listener.join()
        for pipe in (self.process.stdin, self.process.stdout):
            pipe.close()

    def _listen(self):
        for line in self.process.stdout:
            message = json.loads(line)
            if message["type"] in ("description", "candidate"):
                self.other.say(**message)
            else:
                self.heard.put(message)

    def say(self, **message):
        self.process.stdin.write(json.dumps(message) + "\n")
        self.process.stdin.flush()

    def wait(self, kind):
        while True:
            message = self.heard.get(timeout=20)
            if message["type"] == kind:
                return message

    def ask(self, kind):
        self.say(type=kind)
        return self.wait(kind)


class PathMtu(NetworkCase):
    def world(self, mtu, ipv6=False):
        """A router between one and two, whose link to two takes packets of `mtu` bytes."""
        self.networks = self.enter(networks.Networks(ipv6=ipv6))
        for name in ("one", "router", "two"):
            self.networks.add(name, ipv6)
        networks.run(*networks.inside("router", "nft", "-f", "-"), input=SILENT)
        for number, name in enumerate(("one", "two")):
            here, gateway = (f"2001:db8:{number}::1/64", f"2001:db8:{number}::ff") if ipv6 else \
                            (f"192.0.2.{64 * number + 1}/26", f"192.0.2.{64 * number + 62}")
            bits, nodad = ("/64", " nodad") if ipv6 else ("/26", "")
            self.networks.cable(name, "eth0", "router", f"to-{name}")
            self.networks.batch("router", f"address add {gateway}{bits} dev to-{name}{nodad}", f"link set to-{name} up")
            self.networks.batch(name, f"address add {here} dev eth0{nodad}", "link set eth0 up", f"route add default via {gateway}")
        self.narrow(mtu)

    def narrow(self, mtu):
        # The end at two stays as it is, so that two does not know either.
        self.networks.batch("router", f"link set to-two mtu {mtu}")

    def flood(self):
        """From one to two, as fast as it goes."""
        self.one, self.two = self.enter(Peer("one")), self.enter(Peer("two"))
        self.one.other, self.two.other = self.two, self.one
        self.one.say(type="open", label="flood")
        channel = self.one.wait("opening")["channel"]
        self.one.say(type="offer")
        self.one.wait("open")
        self.two.say(type="quiet")
        self.one.say(type="flood", channel=channel, size=65536)

    def arrives(self, more):
        """So many bytes more have come."""
        before = self.two.ask("tally")["bytes"]
        until(lambda: self.two.ask("tally")["bytes"] >= before + more, said=lambda: self.one.ask("counts"))

    def assert_packets_of(self, size):
        until(lambda: self.one.ask("counts")["packetBytes"] == size, said=lambda: self.one.ask("counts"))

    def test_ethernet_all_the_way_carries_packets_of_1412_bytes(self):
        self.world(1500)
        self.flood()
        self.arrives(5 * MEGABYTE)
        self.assert_packets_of(1412)

    def test_what_a_router_swallows_in_silence_is_not_sent_but_to_try(self):
        self.world(1400)
        self.flood()
        self.arrives(5 * MEGABYTE)
        self.assert_packets_of(1332)
        self.arrives(5 * MEGABYTE)

    def test_a_link_that_narrows_in_the_middle_stops_nothing(self):
        self.world(1500)
        self.flood()
        self.arrives(5 * MEGABYTE)
        self.assert_packets_of(1412)
        self.narrow(1300)
        self.arrives(5 * MEGABYTE)
        self.assert_packets_of(1160)

    def test_over_ipv6_whose_routers_cut_nothing_packets_stay_as_they_are(self):
        self.world(1500, ipv6=True)
        self.flood()
        self.arrives(5 * MEGABYTE)
        self.assert_packets_of(1160)
        self.narrow(1300)
        self.arrives(5 * MEGABYTE)


if __name__ == "__main__":
    networks.enter()
    unittest.main(verbosity=2)
