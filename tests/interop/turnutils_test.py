"""coturn's own test clients (Debian package coturn) against our STUN and TURN server."""
import base64
import hmac
import json
import os
import re
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from ports import free_port  # noqa: E402
from server import Server  # noqa: E402

SECRET = "interop-test-secret"


class Turnutils(unittest.TestCase):
    def run_client(self, listen, flags, program="turnutils_uclient", use="turn"):
        """`use`: which of the server's ports the client talks to."""
        ports = {name: str(free_port(listen)) for name in ("turn", "turns", "https")}
        with Server(["--listen", listen, "--port", ports["https"], "--turn-port", ports["turn"],
                     "--turns-port", ports["turns"]], secret=SECRET) as server:
            command = [program, *flags, "-p", ports[use], listen]
            done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
            self.assertIsNone(server.process.poll(), "the server died")
        return done.stdout + done.stderr, server

    def assert_relayed(self, listen, flags, messages, use="turn"):
        """Every message that was sent through two relayed addresses came back."""
        output, server = self.run_client(listen, ["-W", SECRET, "-u", "tester", "-y", "-c", *flags], use=use)
        received = re.findall(r"tot_recv_msgs=(\d+)", output)
        self.assertTrue(received, output + server.log_text)
        self.assertEqual(int(received[-1]), messages, output + server.log_text)
        self.assertRegex(output, r"Total lost packets 0 ", output)

    def test_stunclient_learns_its_address(self):
        output, _ = self.run_client("127.0.0.1", [], program="turnutils_stunclient")
        self.assertRegex(output, r"UDP reflexive addr: 127\.0\.0\.1:\d+", output)

    def test_stunclient_learns_its_ipv6_address(self):
        output, _ = self.run_client("::1", [], program="turnutils_stunclient")
        self.assertRegex(output, r"UDP reflexive addr: \[?::1\]?:\d+", output)

    def test_channels(self):
        self.assert_relayed("127.0.0.1", ["-n", "50", "-m", "2"], 100)

    def test_send_indications(self):
        self.assert_relayed("127.0.0.1", ["-s", "-n", "50", "-m", "2"], 100)

    def test_full_packets(self):
        self.assert_relayed("127.0.0.1", ["-n", "20", "-m", "2", "-l", "1200"], 40)

    def test_even_port_pairs(self):
        # Without -c the client also asks for RTP and RTCP port pairs with EVEN-PORT.
        output, server = self.run_client("127.0.0.1", ["-W", SECRET, "-u", "tester", "-y", "-n", "20", "-m", "2"])
        self.assertRegex(output, r"Total lost packets 0 ", output + server.log_text)

    def test_ipv6_relay(self):
        self.assert_relayed("::1", ["-x", "-n", "50", "-m", "2"], 100)

    def test_channels_over_tcp(self):
        self.assert_relayed("127.0.0.1", ["-t", "-n", "50", "-m", "2", "-l", "171"], 100)

    def test_send_indications_over_tcp(self):
        self.assert_relayed("::1", ["-t", "-x", "-s", "-n", "50", "-m", "2", "-l", "171"], 100)

    def test_channels_over_tls(self):
        self.assert_relayed("127.0.0.1", ["-t", "-S", "-n", "50", "-m", "2", "-l", "171"], 100, use="turns")

    def test_channels_over_tls_on_ipv6(self):
        self.assert_relayed("::1", ["-t", "-S", "-x", "-n", "50", "-m", "2"], 100, use="turns")

    def test_channels_over_tls_on_the_https_port(self):
        self.assert_relayed("127.0.0.1", ["-t", "-S", "-n", "50", "-m", "2", "-l", "171"], 100, use="https")

    def test_channels_in_the_clear_on_the_https_port(self):
        self.assert_relayed("127.0.0.1", ["-t", "-n", "50", "-m", "2"], 100, use="https")

    def test_t13_no_credential_reaches_the_log(self):
        port = str(free_port())
        with Server(["--listen", "127.0.0.1", "--port", "0", "--turn-port", port, "--log-level", "debug"],
                    secret=SECRET) as server:
            done = subprocess.run(["turnutils_uclient", "-v", "-W", SECRET, "-u", "tester", "-y", "-c", "-n", "5", "-m", "1",
                                   "-p", port, "127.0.0.1"], capture_output=True, text=True, timeout=60, check=False)
        user = re.search(r"\b(\d+:tester)\b", server.log_text + done.stdout + done.stderr)
        self.assertIn("allocation_created", server.log_text)
        self.assertIn("turn_challenge", server.log_text)
        self.assertNotIn(SECRET, server.log_text)
        if user:
            password = base64.b64encode(hmac.new(SECRET.encode(), user.group(1).encode(), "sha1").digest()).decode()
            self.assertNotIn(password, server.log_text)

    def test_credentials_made_by_the_command_let_a_client_in(self):
        port = str(free_port())
        with Server(["--listen", "127.0.0.1", "--turn-port", port, "--only", "turn", "--realm", "example.org"],
                    secret=SECRET) as server:
            secret_file = os.path.join(server.folder, "turn-secret")
            made = subprocess.run([os.environ["BEELINE_BIN"], "turn-credentials", "--secret-file", secret_file, "--user", "ann",
                                   "--host", "turn.example.org", "--json"], capture_output=True, text=True, timeout=10, check=True)
            credential = json.loads(made.stdout)
            done = subprocess.run(["turnutils_uclient", "-u", credential["username"], "-w", credential["password"], "-y", "-c",
                                   "-n", "5", "-m", "1", "-p", port, "127.0.0.1"],
                                  capture_output=True, text=True, timeout=60, check=False)
        self.assertRegex(done.stdout + done.stderr, r"Total lost packets 0 ")
        self.assertEqual(credential["iceServers"][1]["urls"][0], "turn:turn.example.org:3478?transport=udp")
        self.assertEqual(credential["iceServers"][1]["credential"], credential["password"])

    def test_a_wrong_secret_is_refused(self):
        output, _ = self.run_client("127.0.0.1", ["-W", "wrong", "-u", "tester", "-y", "-c", "-n", "1", "-m", "1"])
        self.assertNotRegex(output, r"tot_recv_msgs=[1-9]", output)


if __name__ == "__main__":
    unittest.main(verbosity=2)
