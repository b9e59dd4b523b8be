"""beeline nat and our server's side of RFC 5780, beside coturn's programs, behind NATs of a real kernel."""
import json
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import unittest

for folder in (("..", "support"), ("..", "..", "lab")):
    sys.path.insert(0, os.path.join(os.path.dirname(__file__), *folder))
import coturn  # noqa: E402
import nat_rules  # noqa: E402
import networks  # noqa: E402
from network_case import NetworkCase  # noqa: E402
from server import Server  # noqa: E402

OTHER = networks.SECOND_SERVER
COTURN_PORT = 3488
WORDS = ("endpoint_independent", "address_dependent", "address_and_port_dependent")
# As turnutils_natdiscovery says it.
COTURN_WORDS = {"Endpoint Independent": 0, "Address Dependent": 1, "Address and Port Dependent": 2}
KINDS = {"eim": 0, "adm": 1, "apdm": 2}
FILTERS = {"eif": 0, "adf": 1, "apdf": 2}
# What a Linux router does by itself.
MASQUERADE = """
table ip nat_under_test {
  chain outwards { type nat hook postrouting priority 100; oifname "wan" masquerade %s; }
  chain own_sockets { type filter hook input priority 0; iifname "wan" ct state new drop; }
}
"""


class NatTool(NetworkCase):
    def world(self, rules):
        """A home behind that NAT (None: without one), and a server with two addresses. The home's namespace."""
        world = self.enter(networks.Networks())
        return world.home(1, rules)

    def serve(self, flags=("--nat-test-address", OTHER)):
        return self.enter(Server(["--only", "turn", "--listen", networks.SERVER, *flags], wrapper=networks.inside("server")))

    def serve_coturn(self, port):
        return self.enter(coturn.Coturn(networks.SERVER, port, networks.inside("server"), more=[
            "--listening-ip", OTHER, "--alt-listening-port", "3500", "--alt-tls-listening-port", "3501"]))

    def nat(self, home, server=networks.SERVER, flags=(), code=0):
        """What beeline nat says there."""
        done = subprocess.run([*networks.inside(home), os.environ["BEELINE_BIN"], "nat", "--json", *flags, server],
                              capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return json.loads(done.stdout)

    def judged_by_coturn(self, home, port):
        """(mapping, filtering) by turnutils_natdiscovery."""
        done = subprocess.run([*networks.inside(home), "turnutils_natdiscovery", "-m", "-f", "-p", str(port), networks.SERVER],
                              capture_output=True, text=True, timeout=60, check=False)
        found = re.findall(r"NAT with (.*?) (Mapping|Filtering)", done.stdout)
        self.assertEqual([what for _, what in found], ["Mapping", "Filtering"], done.stdout + done.stderr)
        return tuple(COTURN_WORDS[words] for words, _ in found)

    def assert_behavior(self, said, mapping, filtering):
        self.assertEqual((said["mapping"]["value"], said["filtering"]["value"]), (WORDS[mapping], WORDS[filtering]), said)

    # --- nine NATs, two programs, two servers ---

    def all_agree(self, mapping, filtering):
        if not coturn.installed():
            self.skipTest("coturn is not installed")
        home = self.world(nat_rules.rules(mapping, filtering, "203.0.113.10"))
        self.serve()
        self.serve_coturn(COTURN_PORT)
        said = self.nat(home)
        self.assert_behavior(said, mapping, filtering)
        self.assertEqual(said["ports"]["value"], "random")
        self.assert_behavior(self.nat(home, f"{networks.SERVER}:{COTURN_PORT}"), mapping, filtering)
        self.assertEqual(self.judged_by_coturn(home, COTURN_PORT), (mapping, filtering))
        self.assertEqual(self.judged_by_coturn(home, 3478), (mapping, filtering))

    def test_ports_that_are_counted_are_seen(self):
        rules = nat_rules.rules(nat_rules.ADDRESS_AND_PORT, nat_rules.ADDRESS_AND_PORT, "203.0.113.10")
        home = self.world(rules.replace("numgen random", "numgen inc"))
        self.serve()
        said = self.nat(home)
        self.assertEqual((said["kind"], said["ports"]["value"], said["port_step"]), ("symmetric", "sequential", 256), said)

    def test_a_linux_router_keeps_ports_and_lets_in_who_was_called(self):
        home = self.world(MASQUERADE % "")
        self.serve()
        said = self.nat(home)
        self.assertEqual((said["kind"], said["ports"]["value"]), ("port_restricted_cone", "preserving"), said)
        self.assertIs(said["hairpinning"]["value"], False)

    def test_a_linux_router_told_to_be_random_is_symmetric(self):
        home = self.world(MASQUERADE % "fully-random")
        self.serve()
        self.assertEqual(self.nat(home)["kind"], "symmetric")

    def lifetime(self, kind, start_server):
        """(at least, less than) in seconds, of a Linux router that was told 14."""
        home = self.world(MASQUERADE % kind)
        start_server()
        networks.run(*networks.inside("nat1"), "sh", "-c", "echo 14 | tee /proc/sys/net/netfilter/nf_conntrack_udp_timeout "
                     "/proc/sys/net/netfilter/nf_conntrack_udp_timeout_stream")
        said = self.nat(home, flags=["--lifetime"])
        return said.get("lifetime_at_least_s"), said.get("lifetime_less_than_s")

    def test_how_long_a_mapping_lives_is_what_the_router_was_told(self):
        self.assertEqual(self.lifetime("fully-random", self.serve), (10, 20))

    def test_a_router_that_keeps_ports_shows_its_lifetime_to_a_server_that_aims_at_another_port(self):
        if not coturn.installed():
            self.skipTest("coturn is not installed")
        self.assertEqual(self.lifetime("", lambda: self.serve_coturn(3478)), (10, 20))

    # --- what is no NAT ---

    def test_without_a_nat_it_is_open_and_with_a_firewall_it_is_one(self):
        home = self.world(None)
        self.serve()
        said = self.nat(home)
        self.assertEqual((said["kind"], said["translated"]), ("open", False), said)
        networks.run(*networks.inside(home), "nft", "-f", "-", input="""table ip firewall { chain inwards {
            type filter hook input priority 0; iifname "eth0" ct state new drop;
            }
            }""")
        self.assertEqual(self.nat(home)["kind"], "firewall")

    def test_blocked_udp_is_a_verdict(self):
        home = self.world(nat_rules.rules(0, 0, "203.0.113.10"))
        self.serve()
        networks.run(*networks.inside("nat1"), "nft", "-f", "-", input="""table ip block { chain outwards {
            type filter hook forward priority -1; oifname "wan" meta l4proto udp drop;
            }
            }""")
        said = self.nat(home)
        self.assertEqual((said["outcome"], said["kind"]), ("udp_blocked", "udp_blocked"))
        self.assertNotIn(True, said["direct"].values())

    def test_a_server_that_is_away_is_no_verdict(self):
        home = self.world(None)
        self.assertEqual(self.nat(home, code=1)["outcome"], "no_answer")

    # --- servers that cannot do it all, and what is said ---

    def test_a_server_with_one_address_is_said_to_have_one(self):
        home = self.world(nat_rules.rules(0, 0, "203.0.113.10"))
        self.serve(flags=())
        said = self.nat(home, code=3)
        self.assertEqual(said["mapping"], {"value": None, "why_not": "server_has_one_address"})
        self.assertEqual(said["ports"]["value"], "random")

    def test_words_in_both_languages(self):
        home = self.world(nat_rules.rules(0, 2, "203.0.113.10"))
        self.serve()
        for environment, flags, words in (("en_US.UTF-8", [], "Port-restricted cone NAT"), ("zh_TW.UTF-8", [], "連接埠限制圓錐型"),
                                          ("C", ["--lang", "zh-TW"], "須經中繼"), ("zh_TW.UTF-8", ["--lang", "en"], "you reach directly")):
            done = subprocess.run([*networks.inside(home), os.environ["BEELINE_BIN"], "nat", *flags, networks.SERVER], text=True,
                                  capture_output=True, timeout=60, check=True, env={**os.environ, "LANG": environment, "LC_ALL": ""})
            self.assertIn(words, done.stdout)
            self.assertEqual(done.stderr, "")

    # --- one machine ---

    def test_misuse_is_said_with_what_to_try(self):
        for arguments, words in (([], "no server was given"), (["https://x"], "is no server"), (["host:0"], "is no server"),
                                 (["host", "--lang", "fr"], "no language"), (["host", "--family", "5"], "no family")):
            done = subprocess.run([os.environ["BEELINE_BIN"], "nat", *arguments], capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 2, arguments)
            self.assertIn(words, done.stderr)
            self.assertIn("try: ", done.stderr)

    def test_a_second_address_that_is_none_is_said(self):
        for flags, words in ((["--nat-test-address", "198.51.100.9"], "cannot be opened"),
                             (["--nat-test-address", "127.0.0.1"], "is no second address"),
                             (["--nat-test-address", "127.0.0.2", "--nat-test-port", "3478"], "is a second port"),
                             (["--nat-test-address", "127.0.0.2,127.0.0.3"], "one address of each family"),
                             (["--nat-test-address", "127.0.0.2", "--public-ip", "203.0.113.1"], "is seen as 203.0.113.1")):
            with self.assertRaises(RuntimeError) as why:
                self.enter(Server(["--only", "turn", "--listen", "127.0.0.1", *flags]))
            self.assertIn(words, str(why.exception))
            self.assertIn("try: ", str(why.exception)) if words != "one address of each family" else None

    def test_our_server_answers_from_where_it_was_wished_and_on_tcp_it_refuses(self):
        self.enter(Server(["--only", "turn", "--listen", "127.0.0.1", "--nat-test-address", "127.0.0.2"]))
        self.answers_from_all_places()

    def test_so_it_does_where_it_listens_on_every_address(self):
        self.enter(Server(["--only", "turn", "--nat-test-address", "127.0.0.2"]))
        self.answers_from_all_places()

    def answers_from_all_places(self):
        places = [(ip, port) for ip in ("127.0.0.1", "127.0.0.2") for port in (3478, 3479)]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.bind(("127.0.0.1", 0))
            udp.settimeout(5)
            for asked, place in enumerate(places):
                for change, bits in ((0, 0), (1, 2), (2, 4), (3, 6)):
                    request = struct.pack(">HHI12sHHI", 1, 8, 0x2112A442, os.urandom(12), 3, 4, bits)
                    udp.sendto(request, place)
                    answer, source = udp.recvfrom(2048)
                    self.assertEqual((answer[8:20], answer[:2], source), (request[8:20], b"\x01\x01", places[asked ^ change]))
                    self.assertEqual(len(answer), 68)
        with socket.create_connection(places[0], timeout=5) as tcp:
            tcp.sendall(request)
            self.assertEqual(tcp.recv(2048)[:2], b"\x01\x11")

    def test_told_to_end_it_ends(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
            silent.bind(("127.0.0.1", 0))
            process = subprocess.Popen([os.environ["BEELINE_BIN"], "nat", f"127.0.0.1:{silent.getsockname()[1]}"])
            silent.settimeout(10)
            silent.recv(2048)
            process.send_signal(signal.SIGTERM)
            self.assertEqual(process.wait(timeout=5), -signal.SIGTERM)


def agree(mapping, filtering):
    return lambda self: self.all_agree(mapping, filtering)


for mapping_name, mapping_kind in KINDS.items():
    for filter_name, filter_kind in FILTERS.items():
        setattr(NatTool, f"test_all_agree_on_{mapping_name}_{filter_name}", agree(mapping_kind, filter_kind))


if __name__ == "__main__":
    networks.enter()
    unittest.main(verbosity=2)
