"""beeline chat, ping and pipe as processes beside a server: what is said arrives, bytes arrive whole, and who goes is told of."""
import base64
import hashlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from rooms import EventStream, host_key, room_of
from server import Server
from wait import until

FREE = ["--listen", "127.0.0.1", "--port", "0", "--turn-port", "0", "--turns-port", "0", "--grace", "3"]
SECONDS = 60


def room():
    return base64.b32encode(os.urandom(20)).decode().lower()[:26]


def link(server, name, scheme="http"):
    return f"{scheme}://localhost:{port_of(server)}/#{name}"


def port_of(server):
    return int(server.ready["http"].rsplit(":", 1)[1])


class Process:
    """One command; its output is read on threads so that it never waits for us, unless `reads` is False."""

    def __init__(self, *words, reads=True):
        self.child = subprocess.Popen([os.environ["BEELINE_BIN"], *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                      stderr=subprocess.PIPE, env={**os.environ, "LANG": "C", "LC_ALL": "C"})
        self.output, self.errors = bytearray(), bytearray()
        streams = [(self.child.stderr, self.errors)] + ([(self.child.stdout, self.output)] if reads else [])
        self.threads = [threading.Thread(target=self._read, args=each, daemon=True) for each in streams]
        for thread in self.threads:
            thread.start()

    @staticmethod
    def _read(stream, into):
        while piece := stream.read1(65536):
            into += piece

    def write(self, data):
        self.child.stdin.write(data)
        self.child.stdin.flush()

    def end(self, data=b""):
        """No more input, after this; returns the exit code."""
        try:
            self.child.stdin.write(data)
            self.child.stdin.close()
        except BrokenPipeError:
            pass
        return self.wait()

    def wait(self):
        code = self.child.wait(timeout=SECONDS)
        for thread in self.threads:
            thread.join(timeout=SECONDS)
        return code

    def says(self, text):
        until(lambda: text in bytes(self.errors) + bytes(self.output), SECONDS, lambda: f"{text!r} is not in {self.errors!r} {self.output!r}")

    def close(self):
        self.child.kill()
        self.child.wait()
        for stream in (self.child.stdin, self.child.stdout, self.child.stderr):
            try:
                stream.close()
            except BrokenPipeError:
                pass


class Terminal(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server(FREE)
        cls.server.__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.server.__exit__(None, None, None)

    def start(self, *words, **options):
        process = Process(*words, **options)
        self.addCleanup(process.close)
        return process

    def pair(self, **options):
        place = link(self.server, room())
        first = self.start("pipe", place, "--name", "first")
        first.says(b"waiting for the other end")
        return first, self.start("pipe", place, "--name", "second", **options), place

    # --- pipe ---

    def test_twenty_megabytes_arrive_whole_both_ways(self):
        first, second, _ = self.pair()
        there, back = os.urandom(20_000_000), os.urandom(3_000_001)
        writing = threading.Thread(target=first.end, args=(there,))
        writing.start()
        self.assertEqual(second.end(back), 0, second.errors)
        writing.join()
        self.assertEqual(first.wait(), 0, first.errors)
        self.assertEqual(hashlib.sha256(second.output).hexdigest(), hashlib.sha256(there).hexdigest())
        self.assertEqual(hashlib.sha256(first.output).hexdigest(), hashlib.sha256(back).hexdigest())

    def test_nothing_at_all_is_a_pipe_as_well(self):
        first, second, _ = self.pair()
        first.child.stdin.close()
        self.assertEqual(second.end(), 0, second.errors)
        self.assertEqual(first.wait(), 0, first.errors)

    def test_each_direction_ends_on_its_own(self):
        first, second, _ = self.pair(reads=False)
        first.write(b"question")
        first.child.stdin.close()
        self.assertEqual(second.child.stdout.read(), b"question", "its reader sees the end while it may still write")
        second.write(b"answer")
        self.assertEqual(second.end(), 0, second.errors)
        self.assertEqual(first.wait(), 0, first.errors)
        self.assertEqual(bytes(first.output), b"answer")

    def test_what_is_not_read_there_is_not_read_here(self):
        first, second, _ = self.pair(reads=False)
        first.says(b"direct")
        os.set_blocking(first.child.stdin.fileno(), False)
        written, progress = 0, time.monotonic()

        def is_stuck():
            nonlocal written, progress
            try:
                written += os.write(first.child.stdin.fileno(), bytes(65536))
                progress = time.monotonic()
            except BlockingIOError:
                pass
            return time.monotonic() > progress + 1

        until(is_stuck, SECONDS, step=0.001)
        self.assertGreater(written, 65536)
        self.assertLess(written, 10_000_000, "a few megabytes wait at most")
        os.set_blocking(first.child.stdin.fileno(), True)
        reader = threading.Thread(target=Process._read, args=(second.child.stdout, second.output), daemon=True)
        reader.start()
        second.child.stdin.close()
        self.assertEqual(first.end(), 0, first.errors)
        self.assertEqual(second.wait(), 0, second.errors)
        reader.join()
        self.assertEqual(len(second.output), written)

    def test_a_killed_end_is_told_to_the_other(self):
        first, second, _ = self.pair()
        first.write(b"some")
        until(lambda: bytes(second.output) == b"some", SECONDS)
        first.child.send_signal(signal.SIGKILL)
        self.assertEqual(second.wait(), 1)
        self.assertIn(b"went away before everything had arrived", second.errors)

    def test_an_end_that_is_ended_early_is_told_to_the_other(self):
        first, second, _ = self.pair()
        first.write(b"some")
        until(lambda: bytes(second.output) == b"some", SECONDS)
        first.child.send_signal(signal.SIGTERM)
        self.assertEqual(first.wait(), 1)
        self.assertEqual(second.wait(), 1)

    def test_a_reader_that_stops_is_told_to_the_writer(self):
        first, second, _ = self.pair(reads=False)
        second.child.stdout.close()
        first.write(bytes(100_000))
        self.assertEqual(second.wait(), 1)
        self.assertIn(b"nobody reads the output", second.errors)
        self.assertEqual(first.wait(), 1)
        self.assertIn(b"nobody reads its output", first.errors)

    def test_a_third_end_is_turned_away_and_the_two_go_on(self):
        first, second, place = self.pair()
        first.says(b"direct")
        third = self.start("pipe", place, "--name", "third")
        self.assertEqual(third.end(b"mine"), 1)
        self.assertIn(b"has its two ends already", third.errors)
        writing = threading.Thread(target=first.end, args=(b"ours",))
        writing.start()
        self.assertEqual(second.end(), 0, second.errors)
        writing.join()
        self.assertEqual(bytes(second.output), b"ours")

    def test_a_new_room_is_made_where_only_the_server_is_said(self):
        first = self.start("pipe", "--server", f"http://localhost:{port_of(self.server)}", "--json")
        first.says(b'"waiting"')
        place = json.loads(bytes(first.errors).splitlines()[0])["link"]
        second = self.start("pipe", place)
        first.child.stdin.close()
        self.assertEqual(second.end(b"found"), 0, second.errors)
        self.assertEqual(first.wait(), 0, first.errors)
        self.assertEqual(bytes(first.output), b"found")

    # --- chat ---

    def test_lines_are_said_heard_and_acknowledged(self):
        place = link(self.server, room())
        mei = self.start("chat", place, "--name", "Mei")
        mei.says(b"nobody else is yet")
        jon = self.start("chat", place, "--name", "Jon")
        mei.says(b"Jon joined")
        mei.write("你好\n".encode())
        until(lambda: jon.output, SECONDS)
        self.assertEqual(jon.end(b"one\ntwo\nand no line end"), 0, jon.errors)
        self.assertEqual(bytes(jon.output).decode(), "Mei: 你好\n")
        mei.says(b"Jon left")
        self.assertEqual(mei.end(), 0, mei.errors)
        self.assertEqual(bytes(mei.output), b"Jon: one\nJon: two\nJon: and no line end\n")

    def test_more_lines_than_may_wait_arrive_all_and_in_order(self):
        place = link(self.server, room())
        mei = self.start("chat", place, "--name", "Mei")
        mei.says(b"nobody else is yet")
        jon = self.start("chat", place, "--name", "Jon")
        lines = [f"line {number}" for number in range(20_000)]
        self.assertEqual(jon.end("".join(f"{line}\n" for line in lines).encode()), 0, jon.errors)
        self.assertEqual(mei.end(), 0, mei.errors)
        self.assertEqual(bytes(mei.output).decode().splitlines(), [f"Jon: {line}" for line in lines])

    def test_what_nobody_hears_is_a_failure(self):
        alone = self.start("chat", link(self.server, room()))
        self.assertEqual(alone.end(b"hello\n"), 1)
        self.assertIn(b"nobody else is here", alone.errors)

    def test_names_that_steer_a_terminal_do_not(self):
        place = link(self.server, room())
        mei = self.start("chat", place, "--name", "Mei")
        mei.says(b"nobody else is yet")
        jon = self.start("chat", place, "--name", "Jon")
        self.assertEqual(jon.end(b"a\x1b[2Jb\n"), 0, jon.errors)
        until(lambda: mei.output, SECONDS)
        self.assertEqual(bytes(mei.output), b"Jon: a[2Jb\n")

    def test_over_tls_with_the_authority_and_not_without(self):
        place = link(self.server, room(), "https")
        authority = os.path.join(self.server.folder, "authority.pem")
        mei = self.start("chat", place, "--name", "Mei", "--authority", authority)
        mei.says(b"nobody else is yet")
        jon = self.start("chat", place, "--name", "Jon", "--authority", authority)
        self.assertEqual(jon.end(b"hello\n"), 0, jon.errors)
        self.assertEqual(mei.end(), 0)
        stranger = self.start("chat", place)
        self.assertEqual(stranger.end(), 1)
        self.assertIn(b"certificate is not trusted here", stranger.errors)
        self.assertIn(b"--authority", stranger.errors)

    def test_a_password_is_needed_and_a_file_has_it(self):
        key = host_key()
        name = room_of(key)
        host = EventStream(port_of(self.server), {"type": "hello", "versions": [1], "room": name, "host_key": key})
        self.addCleanup(host.close)
        proof = hashlib.pbkdf2_hmac("sha256", b"bee", f"beeline password {name}".encode(), 210_000)
        proof = base64.urlsafe_b64encode(proof).decode().rstrip("=")
        self.assertEqual(host.send({"type": "set_password", "proof": proof}), 204)
        place = link(self.server, name)
        without = self.start("chat", place)
        self.assertEqual(without.end(), 1)
        self.assertIn(b"--password-file", without.errors)
        with tempfile.NamedTemporaryFile("w") as file:
            file.write("bee\n")
            file.flush()
            having = self.start("chat", place, "--password-file", file.name)
            having.says(b"You are in")

    def test_misuse_is_told_from_trouble(self):
        self.assertEqual(self.start("chat").end(), 2)
        self.assertEqual(self.start("ping", "https://meet.example/#short").end(), 2)
        self.assertEqual(self.start("pipe", "not-a-link").end(), 2)
        nobody = self.start("ping", "http://localhost:9/#" + room())
        self.assertEqual(nobody.end(), 1)
        self.assertIn(b"nobody listens there", nobody.errors)
        elsewhere = self.start("chat", f"http://localhost:{port_of(self.server)}/elsewhere/#{room()}")
        self.assertEqual(elsewhere.end(), 1)
        self.assertIn(b"instead of signaling", elsewhere.errors)

    # --- ping ---

    def test_a_ping_says_the_path_and_each_round_trip(self):
        place = link(self.server, room())
        mei = self.start("chat", place, "--name", "Mei")
        mei.says(b"nobody else is yet")
        ping = self.start("ping", place, "--count", "3", "--interval", "50", "--json")
        self.assertEqual(ping.end(), 0, ping.errors)
        events = [json.loads(line) for line in bytes(ping.output).splitlines()]
        answers = [event for event in events if event["type"] == "answered"]
        self.assertEqual([event["number"] for event in answers], [1, 2, 3])
        self.assertEqual({event["name"] for event in answers}, {"Mei"})
        self.assertEqual({event["path"] for event in answers}, {"direct"})
        self.assertTrue(all(0 < event["round_trip_ms"] < 5000 for event in answers), answers)

    def test_a_relayed_ping_says_so(self):
        place = link(self.server, room())
        mei = self.start("chat", place, "--name", "Mei")
        mei.says(b"nobody else is yet")
        ping = self.start("ping", place, "--count", "1", "--relay-only", "--json")
        self.assertEqual(ping.end(), 0, bytes(ping.errors) + bytes(ping.output))
        answers = [json.loads(line) for line in bytes(ping.output).splitlines() if b"answered" in line]
        self.assertEqual([event["path"] for event in answers], ["relayed"])


if __name__ == "__main__":
    unittest.main()
