"""beeline doctor against a running server: green where all is well, red with a remedy where it is not."""
import json
import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from server import Server

FREE = ["--listen", "127.0.0.1", "--port", "0", "--turn-port", "0", "--turns-port", "0"]


def visit(*words):
    """The doctor's exit code, and its findings by what was looked at; the last of a kind wins."""
    done = subprocess.run([os.environ["BEELINE_BIN"], "doctor", "--json", *words], capture_output=True, text=True, timeout=60)
    findings = [json.loads(line) for line in done.stdout.splitlines()]
    return done.returncode, {finding["check"]: finding for finding in findings}, findings


def port_of(server):
    return server.ready["http"].rsplit(":", 1)[1]


class Doctor(unittest.TestCase):
    def test_a_healthy_server_has_nothing_red_and_every_carrier_relays(self):
        with Server(FREE) as server:
            code, found, findings = visit("--port", port_of(server), "--data-dir", server.folder)
        self.assertEqual(code, 0, findings)
        self.assertNotIn("bad", [finding["state"] for finding in findings])
        relays = " ".join(finding["text"] for finding in findings if finding["check"] == "relay")
        for carrier in ("UDP", "TCP", "TLS"):
            self.assertIn(f"{carrier} ", relays)
        self.assertEqual(found["signaling"]["state"], "good")

    def test_an_untrusted_certificate_is_red_and_the_rest_is_looked_at_all_the_same(self):
        with Server(FREE) as server:
            code, found, _ = visit(f"https://localhost:{port_of(server)}")
        self.assertEqual(code, 1)
        self.assertEqual(found["certificate"]["state"], "bad")
        self.assertIn("/trust", found["certificate"]["try"])
        self.assertEqual(found["relay"]["state"], "good")

    def test_an_authority_given_by_hand_is_trusted(self):
        with Server(FREE) as server:
            authority = os.path.join(server.folder, "authority.pem")
            code, found, findings = visit(f"https://localhost:{port_of(server)}", "--authority", authority)
        self.assertEqual(code, 0, findings)
        self.assertEqual(found["certificate"]["state"], "good")

    def test_a_server_without_relay_is_red_and_says_which_flag(self):
        with Server([*FREE, "--no-turn"]) as server:
            code, found, _ = visit("--port", port_of(server), "--data-dir", server.folder)
        self.assertEqual(code, 1)
        self.assertIn("--no-turn", found["relay"]["try"])

    def test_nobody_there(self):
        with Server(FREE) as server:
            port = port_of(server)
        code, found, _ = visit(f"https://localhost:{port}")
        self.assertEqual(code, 1)
        self.assertIn("nothing listens", found["web port"]["text"])

    def test_the_packaged_settings_make_a_healthy_server(self):
        settings = os.path.join(os.path.dirname(__file__), "..", "..", "packaging", "beeline.toml")
        with Server(["--config", settings, *FREE, "--metrics", "127.0.0.1:0"]) as server:
            code, _, findings = visit("--port", port_of(server), "--data-dir", server.folder)
        self.assertEqual(code, 0, findings)

    def test_misuse_is_told_from_trouble(self):
        self.assertEqual(visit("http://localhost")[0], 2)
        self.assertEqual(visit("--authority", "/nowhere.pem", "https://localhost")[0], 2)


if __name__ == "__main__":
    unittest.main()
