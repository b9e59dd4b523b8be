"""Two beeline lab-peers on real sockets: loopback, relays, and an address that changes in a call. Pairs of NATs: nat_lab_test.py."""
import json
import os
import signal
import subprocess
import sys
import time
import unittest

for folder in (("..", "support"), ("..", "..", "lab")):
    sys.path.insert(0, os.path.join(os.path.dirname(__file__), *folder))
import coturn  # noqa: E402
import nat_rules  # noqa: E402
import networks  # noqa: E402
from lab_peers import LabPeer, connect  # noqa: E402
from server import Server  # noqa: E402
from wait import until  # noqa: E402
from network_case import NetworkCase  # noqa: E402

SECRET = "a secret for lab tests"
LOOPBACK = ["--loopback", "--interface", "127.0.0.1"]


def credentials(secret):
    made = subprocess.run([os.environ["BEELINE_BIN"], "turn-credentials", "--json", "--secret-file", "/dev/stdin"], input=secret,
                          capture_output=True, text=True, check=True).stdout
    return json.loads(made)


class Ice(NetworkCase):
    def peers(self, flags_a, flags_b=None, places=(None, None)):
        """Two of them, with each other's parameters and candidates."""
        flags_b = flags_a if flags_b is None else flags_b
        one = self.enter(LabPeer("controlling", flags_a, networks.inside(places[0])))
        other = self.enter(LabPeer("controlled", flags_b, networks.inside(places[1])))
        started = time.monotonic()
        connect(one, other)
        return one, other, started

    def assert_heard(self, one, other, at_least=25):
        """Datagrams arrive on both sides, none is lost and none is doubled."""
        for peer in (one, other):
            until(lambda who=peer: who.ask("counts")["heard"] >= at_least, said=lambda: (one.summary(), other.summary()))
        counts = [peer.ask("counts") for peer in (one, other)]
        for count in counts:
            self.assertEqual((count["lost"], count["other"]), (0, 0), count)
        return counts

    def assert_call(self, one, other, relayed):
        """They connect, take such a path on both sides in the end, and hear each other."""
        for peer in (one, other):
            peer.connected()
        for peer in (one, other):
            peer.wait_path(relayed)
        self.assert_heard(one, other)

    # --- one machine ---

    def test_two_on_loopback_hear_each_other_and_end_when_told(self):
        one, other, _ = self.peers(LOOPBACK)
        self.assert_call(one, other, relayed=False)
        one.process.send_signal(signal.SIGTERM)
        other.process.stdin.close()
        self.assertEqual([peer.process.wait(timeout=5) for peer in (one, other)], [0, 0])
        for peer in (one, other):
            peer.reader.join(timeout=5)
            kinds = [message["type"] for message in peer.news]
            self.assertEqual(kinds[-3:-1], ["counts", "explanation"], kinds)
            explanation = peer.news[-2]
            self.assertTrue(any(pair["reason"] == "in_use" for pair in explanation["pairs"]), explanation)
            self.assertFalse(explanation["path"]["relayed"])

    def test_a_restart_changes_the_parameters_and_loses_nothing(self):
        one, other, _ = self.peers(LOOPBACK)
        self.assert_call(one, other, relayed=False)
        before = other.ask("explain")["remote"]
        for peer in (one, other):
            peer.tell({"type": "restart"})
        heard = [count["heard"] for count in self.assert_heard(one, other)]
        self.assert_heard(one, other, max(heard) + 100)
        self.assertEqual(one.ask("explain")["state"], "connected")
        self.assertTrue(before)

    def test_a_lite_side_only_answers(self):
        one, other, _ = self.peers(LOOPBACK, LOOPBACK + ["--lite"])
        self.assert_call(one, other, relayed=False)
        self.assertEqual(other.ask("explain")["checks_sent"], 0)

    # --- relays ---

    def relayed_call(self, flags):
        one, other, started = self.peers(["--relay-only", *LOOPBACK, *flags])
        self.assert_call(one, other, relayed=True)
        seconds = max(peer.news[[m.get("state") for m in peer.news].index("connected")]["seen"] for peer in (one, other)) - started
        print(f"connected after {seconds:.2f} s", file=sys.stderr)

    def through_coturn(self, carrier):
        if not coturn.installed():
            self.skipTest("coturn is not installed")
        server = self.enter(coturn.Coturn())
        self.relayed_call(server.flags(carrier))

    def test_through_coturn_over_udp(self):
        self.through_coturn("udp")

    def test_through_coturn_over_tcp(self):
        self.through_coturn("tcp")

    def test_through_coturn_over_tls(self):
        self.through_coturn("tls")

    def through_ours(self, carrier):
        server = self.enter(Server(["--only", "turn", "--listen", "127.0.0.1", "--turns-port", "5349", "--allow-peer", "127.0.0.0/8"],
                                   secret=SECRET))
        made = credentials(SECRET)
        port = 5349 if carrier == "tls" else 3478
        flags = ["--turn", f"{carrier}:127.0.0.1:{port}", "--user", made["username"], "--password", made["password"]]
        if carrier == "tls":
            flags += ["--authority", os.path.join(server.folder, "authority.pem")]
        self.relayed_call(flags)

    def test_through_our_server_over_udp(self):
        self.through_ours("udp")

    def test_through_our_server_over_tcp(self):
        self.through_ours("tcp")

    def test_through_our_server_over_tls(self):
        self.through_ours("tls")

    # --- NATs ---

    def nat_call(self, kinds):
        """A call between two homes behind such NATs, with coturn for both."""
        world = self.enter(networks.Networks())
        homes = [world.home(number, nat_rules.rules(*nat_rules.CLASSIC[kind], f"203.0.113.{number * 10}"))
                 for number, kind in enumerate(kinds, 1)]
        server = self.enter(coturn.Coturn(networks.SERVER, place=networks.inside("server")))
        flags = ["--stun", f"{networks.SERVER}:3478", *server.flags()]
        return world, homes, *self.peers(flags, flags, homes)

    def test_an_address_that_changes_in_a_call_is_survived_within_three_seconds(self):
        if not coturn.installed():
            self.skipTest("coturn is not installed")
        _, homes, one, other, _ = self.nat_call(("port-restricted", "port-restricted"))
        self.assert_call(one, other, relayed=False)
        place = networks.inside(homes[0])
        changed = time.monotonic()
        networks.run(*place, "sh", "-c", "ip address delete 192.0.2.2/26 dev eth0 && ip address add 192.0.2.9/26 dev eth0 && "
                                         "ip route add default via 192.0.2.1")
        heard = [peer.ask("counts")["heard"] for peer in (one, other)]
        one.wait(lambda message: message["type"] == "path" and " 192.0.2.9 " in json.dumps(message["local"]) or
                 message["type"] == "path" and message["relayed"], 10)
        again = []
        for peer, before in ((one, heard[0]), (other, heard[1])):
            until(lambda who=peer, old=before: who.ask("counts")["heard"] > old + 5, said=peer.summary)
            again.append(time.monotonic() - changed)
        silences = [peer.ask("counts")["longest_silence_ms"] for peer in (one, other)]
        for peer in (one, other):
            peer.wait_path(relayed=False)
        direct = time.monotonic() - changed
        print(f"another address: data again after {max(again):.2f} s, longest silence {max(silences):.0f} ms, direct within {direct:.2f} s",
              file=sys.stderr)
        self.assertLessEqual(max(again), 3)
        self.assertLessEqual(max(silences), 3000)


if __name__ == "__main__":
    networks.enter()
    unittest.main(verbosity=2)
