"""The lab's own sums: sides, theory, verdicts, figures, the page. Nothing here needs a network."""
import os
import socket
import struct
import sys
import unittest
from types import SimpleNamespace

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import cells  # noqa: E402
import figures  # noqa: E402
import judge  # noqa: E402
import nat64  # noqa: E402
import page  # noqa: E402
import sides  # noqa: E402
from nat_rules import ADDRESS, ADDRESS_AND_PORT, ENDPOINT  # noqa: E402
from runner import Played  # noqa: E402

HOST = "candidate:1 1 udp 2130706175 192.0.2.2 4711 typ host"
GOOD = {"connected": True, "connect_s": 0.3, "verdict": "direct", "best_s": 0.4,
        "paths": [[{"at": 0.3, "relayed": False, "local": HOST, "remote": HOST}]] * 2}


def checksum(addresses, udp):
    """Over the pseudo header and the datagram; 0 where the datagram has the right one inside."""
    padded = udp + b"\0" * (len(udp) % 2)
    return nat64.folded(nat64.words_of(addresses) + nat64.UDP + len(udp) + nat64.words_of(padded)) ^ 0xFFFF


class Lab(unittest.TestCase):
    def cell(self, **more):
        return cells.pair("port-restricted", "port-restricted", **more)

    # --- sides ---

    def test_a_classic_name_and_its_pair_are_one_side(self):
        self.assertEqual(sides.parse("port-restricted"), sides.parse("eim/apdf"))
        self.assertEqual(sides.parse("ADM/EIF").behaves(), (ADDRESS, ENDPOINT))
        self.assertEqual(sides.parse("sequential").behaves(), (ADDRESS_AND_PORT, ADDRESS_AND_PORT))

    def test_a_side_is_what_it_was_called(self):
        for name in sides.OTHERS:
            self.assertEqual(sides.parse(name).base, name)
        self.assertNotIn("own_sockets", sides.parse("noisy").rules("203.0.113.10"))
        self.assertIn("numgen inc", sides.parse("sequential").rules("203.0.113.10"))
        self.assertIn("masquerade", sides.parse("linux+only-443").rules("203.0.113.10"))

    def test_two_nats_behave_as_the_worse_of_each_property(self):
        self.assertEqual(sides.parse("address-restricted@adm/eif").behaves(), (ADDRESS, ADDRESS))

    def test_what_is_no_side_is_refused_with_what_there_is(self):
        for words in ("cone", "adm/", "/eif", "eim/eim", "port-restricted+fast", "ipv6@symmetric", "port-restricted@none", "none+udp-blocked",
                      "linux+hairpin", ""):
            with self.assertRaises(sides.Unknown, msg=words):
                sides.parse(words)
        with self.assertRaises(sides.Unknown) as refused:
            sides.parse("cone")
        self.assertIn("full-cone", str(refused.exception))

    # --- theory ---

    def test_theory_has_a_direct_path_in_57_of_81_and_13_of_16(self):
        def direct(which):
            return sum(cell.expected == cells.DIRECT for cell in cells.sets()[which])
        self.assertEqual((direct("rfc4787"), len(cells.sets()["rfc4787"])), (57, 81))
        self.assertEqual((direct("classic"), len(cells.sets()["classic"])), (13, 16))

    def test_theory_does_not_care_who_is_first(self):
        for cell in cells.sets()["rfc4787"]:
            one, other = cell.sides
            self.assertEqual(cells.theory(one, other), cells.theory(other, one), cell.name)

    def test_every_cell_is_found_by_its_name_and_no_name_is_there_twice(self):
        names = [cell.name for cell in cells.sets()["all"]]
        self.assertEqual(len(names), len(set(names)))
        for cell in cells.sets()["all"]:
            self.assertEqual(cells.find(cell.name), cell)
        with self.assertRaises(sides.Unknown):
            cells.find("symmetric")

    # --- verdicts ---

    def test_what_is_in_time_and_on_its_path_misses_nothing(self):
        self.assertEqual(judge.missed(self.cell(), {**GOOD, "connect_s": cells.CONNECT_S, "best_s": cells.BEST_S}), [])

    def test_late_or_on_another_path_or_on_none_is_missed(self):
        for change, said in (({"connect_s": 2.01}, "connected after"), ({"best_s": 5.01}, "best path"), ({"verdict": "relayed"}, "relayed"),
                             ({"verdict": "mixed"}, "mixed"), ({"verdict": None}, "no path"), ({"connected": False}, "did not connect")):
            missed = judge.missed(self.cell(), {**GOOD, **change})
            self.assertEqual(len(missed), 1, change)
            self.assertIn(said, missed[0])

    def test_a_network_that_changed_has_three_seconds(self):
        again = {"again_s": 3.0, "silence_s": 3.0, "took_s": 0.0, "verdict": "direct", "best_s": 1.0}
        cell = self.cell(event="swap")
        self.assertEqual(judge.missed(cell, {**GOOD, "again": again}), [])
        self.assertTrue(judge.missed(cell, {**GOOD, "again": {**again, "again_s": 3.01}}))
        self.assertTrue(judge.missed(cell, {**GOOD, "again": {**again, "silence_s": 3.01}}))
        self.assertTrue(judge.missed(cell, GOOD), "it has to change")

    def test_a_reason_says_what_the_path_is(self):
        self.assertEqual(judge.reason(self.cell(one_home=True), GOOD)[0], "direct_same_network")
        self.assertEqual(judge.reason(cells.pair("symmetric", "adm/adf"), {**GOOD, "verdict": "relayed"})[0], "relayed_both_symmetric")
        self.assertEqual(judge.reason(self.cell(), {"connected": False})[0], "failed")
        counted = {"local": "candidate:1 1 udp 1 192.0.2.1 5000 typ host", "remote": "candidate:2 1 udp 1 203.0.113.9 5001 typ srflx predicted 2"}
        self.assertEqual(judge.reason(cells.find("sequential"), {**GOOD, "paths": [[counted], [counted]]})[0], "direct_predicted")

    # --- the translator ---

    def test_a_packet_there_and_back_through_the_translator_keeps_its_checksum_right(self):
        translation = nat64.Translation("2001:db8:2:1::2", "192.0.2.2")
        source, target = (socket.inet_pton(socket.AF_INET6, text) for text in ("2001:db8:2:1::2", nat64.synthesized("198.51.100.1")))
        for body in (b"odd", b"even", bytes(8)):
            udp = struct.pack(">HHHH", 4711, 3478, 8 + len(body), 0) + body
            udp = udp[:6] + struct.pack(">H", checksum(source + target, udp) or 0xFFFF) + udp[8:]
            four = translation.translate(struct.pack(">IHBB", 0x60000000, len(udp), nat64.UDP, 64) + source + target + udp)
            self.assertEqual((four[12:16], four[16:20]), (socket.inet_aton("192.0.2.2"), socket.inet_aton("198.51.100.1")))
            self.assertEqual(nat64.folded(nat64.words_of(four[:20])), 0xFFFF, "the head's own checksum")
            self.assertEqual(checksum(four[12:20], four[20:]), 0)
            answer = four[:12] + four[16:20] + four[12:16] + four[20:]
            six = translation.translate(answer)
            self.assertEqual((six[8:24], six[24:40]), (target, source))
            self.assertEqual(checksum(six[8:40], six[40:]), 0)

    def test_what_the_translator_cannot_translate_is_dropped(self):
        translation = nat64.Translation("2001:db8:2:1::2", "192.0.2.2")
        for packet in (b"", b"\x60" + bytes(47), b"\x45" + bytes(30), b"\x45" + bytes(8) + b"\x11" + bytes(6) + socket.inet_aton("192.0.2.2")):
            self.assertIsNone(translation.translate(packet))

    # --- figures ---

    def test_a_second_try_counts_as_the_verdict_and_not_in_the_times(self):
        late = Played(self.cell(), 1, {**GOOD, "connect_s": 4.0})
        better = Played(self.cell(), 1, GOOD, alone=True)
        made = figures.summary([late, better])
        self.assertEqual((made["plays"], made["missed"], made["once_more"], made["connect_max_s"]), (1, 0, 1, 4.0))

    def test_a_peer_that_is_direct_less_often_with_our_server_is_named(self):
        def play(server, verdict):
            return Played(self.cell(), 1, {**GOOD, "peer": "chromium", "server": server, "verdict": verdict})
        self.assertEqual(figures.fewer_direct([play("ours", "direct"), play("coturn", "direct")]), [])
        self.assertEqual(figures.fewer_direct([play("ours", "direct"), play("coturn", "relayed")]), [])
        self.assertIn("chromium", figures.fewer_direct([play("ours", "relayed"), play("coturn", "direct")])[0])

    def test_percentiles_are_values_that_were_measured(self):
        self.assertEqual(figures.percentile(range(1, 101), 0.99), 99)
        self.assertEqual(figures.percentile([7], 0.5), 7)
        self.assertIsNone(figures.percentile([], 0.5))

    # --- the page ---

    def test_the_page_asks_no_network_and_nothing_measured_ends_its_script(self):
        record = {"cell": "a,b", "run": 1, "missed": ["</script><b>"], "expected": "direct", **GOOD}
        text = page.render([record], {}, SimpleNamespace(peer="ours"))
        self.assertNotIn("</script><b>", text)
        self.assertEqual(text.count("</script>"), 2)
        for word in ("http:", "https:", "src=", "@import", "url("):
            self.assertNotIn(word, text.replace("http://www.w3.org/2000/svg", ""))


if __name__ == "__main__":
    unittest.main(verbosity=2)
