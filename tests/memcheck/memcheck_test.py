"""T9: memcheck (Debian package valgrind) fails on every byte that is sent or judged and was never written."""
import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from clients import BINDING, Turn, WebSocket, stun  # noqa: E402
from rooms import EventStream, post, turn_of  # noqa: E402
from server import Server  # noqa: E402

FOUND = 99
MEMCHECK = ["valgrind", "--tool=memcheck", "--quiet", "--leak-check=no", f"--error-exitcode={FOUND}"]
SECRET = "the secret of a test, long enough"
# Left out: what takes valgrind minutes and encodes nothing that the others do not.
LONG = {"turn_test": "-*eight_people*:*every_*", "signaling_test": "*Write*:*Welcome*:*relay*:*resume*"}


@unittest.skipUnless(shutil.which("valgrind"), "valgrind is not installed")
class Memcheck(unittest.TestCase):
    def test_an_encoder_that_forgets_its_padding_is_caught(self):
        leaky = os.environ["BEELINE_LEAKY"]
        caught = subprocess.run([*MEMCHECK, leaky], capture_output=True, text=True, check=False)
        self.assertEqual(caught.returncode, FOUND, caught.stderr)
        self.assertIn("uninitialised byte", caught.stderr)
        self.assertEqual(subprocess.run([*MEMCHECK, leaky, "padded"], check=False).returncode, 0)

    def test_t9_the_tests_of_the_encoders_use_nothing_that_was_never_written(self):
        for program in os.environ["BEELINE_ENCODER_TESTS"].split(":"):
            chosen = LONG.get(os.path.basename(program), "*")
            done = subprocess.run([*MEMCHECK, program, f"--gtest_filter={chosen}", "--gtest_brief=1"],
                                  capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 0, program + done.stdout + done.stderr)

    def test_t9_the_running_server_sends_nothing_that_it_did_not_write(self):
        flags = ["--listen", "127.0.0.1", "--port", "0", "--turn-port", "0", "--turns-port", "0", "--log-level", "debug"]
        with Server(flags, secret=SECRET, wrapper=MEMCHECK) as server:
            self.port = int(server.ready["http"].rsplit(":", 1)[1])
            self.web()
            turn = self.rooms()
            self.relays(turn[0])
            refused = Turn(*turn[:2], "wrong")
            self.assertEqual(refused.allocate(), 401)
            refused.udp.send(stun(BINDING))
            self.assertEqual(len(refused.udp.recv(100)), 32)
            refused.close()
            self.assertIsNone(server.process.poll())
        self.assertEqual(server.exit_code, 0, server.log_text)

    def web(self):
        for path in ("/", "/api/health", "/trust", "/nothing", "/%"):
            post(self.port, path, b"", method="GET")
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as client:
            client.sendall(b"nonsense\r\n\r\n")
            self.assertIn(b"400", client.recv(100))
        trusting = ssl.create_default_context()
        trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
        with trusting.wrap_socket(socket.create_connection(("127.0.0.1", self.port), timeout=20)) as client:
            client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            while client.recv(65536):
                pass

    def rooms(self):
        """Everything a server says in a room, over both transports."""
        room = "a" * 26
        jon = EventStream(self.port, {"type": "hello", "versions": [1], "room": room, "name": "Jon"})
        jon_id = jon.receive("welcome")["you"]
        mei = WebSocket(self.port)
        welcome = mei.join(room, "Mei")
        for size in (1, 2, 3, 200, 60_000):
            mei.send({"type": "relay", "to": jon_id, "items": [{"x": "x" * size}]})
            self.assertEqual(len(jon.receive("relay")["items"][0]["x"]), size)
        mei.send({"type": "message", "text": "hello"})
        mei.send({"type": "nonsense"})
        mei.receive("error")
        mei.send({"type": "ping"})
        mei.receive("pong")
        mei.send_frame(9, b"abc")
        self.assertEqual(mei.receive_frame(), (10, b"abc"))
        jon.send({"type": "rename", "name": "Jo"})
        self.assertEqual(mei.receive("renamed")["name"], "Jo")
        jon.close()
        mei.send({"type": "leave"})
        mei.receive("bye")
        mei.close()
        again = WebSocket(self.port)
        welcome = again.join(room)
        again.close()
        return turn_of(welcome)

    def relays(self, server):
        """coturn's client relays messages of odd sizes, so that ChannelData and attributes are padded."""
        if not shutil.which("turnutils_uclient"):
            self.fail("turnutils_uclient (Debian package coturn) is not installed")
        for flags in ([], ["-s"], ["-t"], ["-t", "-s"]):
            done = subprocess.run(["turnutils_uclient", "-W", SECRET, "-u", "tester", "-y", "-c", "-n", "8", "-m", "1", "-l", "101",
                                   *flags, "-p", str(server[1]), server[0]], capture_output=True, text=True, timeout=60, check=False)
            self.assertIn("Total lost packets 0 ", done.stdout + done.stderr, json.dumps(flags))


if __name__ == "__main__":
    unittest.main(verbosity=2)
