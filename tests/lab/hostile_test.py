"""Bad input against the running server: it answers or stays silent as the RFCs say, keeps nothing, and nobody else notices."""
import glob
import json
import os
import socket
import ssl
import sys
import unittest
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from clients import ALLOCATE, BINDING, REQUESTED_TRANSPORT_UDP, WebSocket, attribute, stun  # noqa: E402
from server import Server  # noqa: E402

ROOM = "abcdefghijklmnopqrstuvwxyz"
CORPUS = os.environ.get("BEELINE_CORPUS", "")


def resident_kib(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


class Hostile(unittest.TestCase):
    def setUp(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind(("127.0.0.1", 0))
            self.turn_port = probe.getsockname()[1]
        self.server = Server(["--listen", "127.0.0.1", "--port", "0", "--turn-port", str(self.turn_port),
                              "--metrics", "127.0.0.1:0", "--log-level", "error", "--limits", "lab"])
        self.server.__enter__()
        self.addCleanup(self.server.__exit__, None, None, None)
        self.port = int(self.server.ready["http"].rsplit(":", 1)[1])
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(self.udp.close)
        self.udp.settimeout(5)
        self.udp.connect(("127.0.0.1", self.turn_port))

    def metric(self, name):
        with urllib.request.urlopen(self.server.ready["metrics"]) as answer:
            lines = answer.read().decode().splitlines()
        return sum(int(line.rsplit(" ", 1)[1]) for line in lines if line.startswith((name + " ", name + "{")))

    def assert_alive(self):
        """A Binding request is answered, once what was sent before it has been read."""
        transaction = os.urandom(12)
        self.udp.send(stun(BINDING, transaction=transaction))
        while self.udp.recv(2048)[8:20] != transaction:
            pass
        self.assertIsNone(self.server.process.poll(), "the server died")

    def throw(self, datagrams):
        for number, datagram in enumerate(datagrams):
            self.udp.send(datagram)
            if number % 64 == 63:
                self.assert_alive()
        self.assert_alive()

    def test_every_stun_seed_truncated_and_flipped(self):
        files = sorted(glob.glob(os.path.join(CORPUS, "seeds", "stun*", "*")) + glob.glob(os.path.join(CORPUS, "seeds", "turn*", "*")))
        files = [name for name in files if os.path.isfile(name)]
        if not files:
            self.skipTest("the seed files are not beside the repository")
        before = resident_kib(self.server.process.pid)
        for name in files:
            with open(name, "rb") as file:
                seed = file.read(1200)
            self.throw([seed] + [seed[:size] for size in range(len(seed))])
            self.throw([seed[:bit // 8] + bytes([seed[bit // 8] ^ 1 << bit % 8]) + seed[bit // 8 + 1:]
                        for bit in range(0, 8 * len(seed), 3)])
        self.assertEqual(self.metric("beeline_turn_allocations_total"), 0)
        self.assertLess(resident_kib(self.server.process.pid) - before, 2048, "KiB kept")

    def test_a_flood_without_credentials_leaves_nothing_behind(self):
        self.throw(stun(ALLOCATE, REQUESTED_TRANSPORT_UDP) for _ in range(2_000))
        before = resident_kib(self.server.process.pid)
        for _ in range(20):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as source:
                source.connect(("127.0.0.1", self.turn_port))
                for _ in range(1_000):
                    source.send(stun(ALLOCATE, REQUESTED_TRANSPORT_UDP + attribute(0x0006, b"4102444800:x")))
            self.assert_alive()
        self.assertLess(resident_kib(self.server.process.pid) - before, 1024, "KiB kept")
        self.assertEqual(self.metric("beeline_turn_allocations_total"), 0)

    def test_t7_every_length_field_is_survived(self):
        request = bytearray(stun(ALLOCATE, REQUESTED_TRANSPORT_UDP))

        def with_length(offset, length):
            datagram = bytearray(request)
            datagram[offset:offset + 2] = length.to_bytes(2, "big")
            return bytes(datagram)
        for offset in (2, 22):  # the message's length, then the attribute's
            self.throw(with_length(offset, length) for length in range(65536))
        channel = b"\x40\x00" + b"\0\0" + b"x" * 60
        self.throw(channel[:2] + length.to_bytes(2, "big") + channel[4:] for length in range(65536))

    def test_t14_whatever_comes_first_is_survived(self):
        folder = os.path.join(os.path.dirname(__file__), "..", "fuzz", "seeds")
        files = sorted(glob.glob(os.path.join(folder, "stun_message", "*")) + glob.glob(os.path.join(folder, "turn_server", "*")))
        self.assertTrue(files)
        for name in files:
            with Server(["--listen", "127.0.0.1", "--port", "0", "--turn-port", "0", "--only", "turn"]) as server, \
                    socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
                port = int(server.ready["turn"][0].split("port ")[1].split(",")[0])
                udp.settimeout(5)
                udp.connect(("127.0.0.1", port))
                with open(name, "rb") as file:
                    udp.send(file.read(1200))
                transaction = os.urandom(12)
                udp.send(stun(BINDING, transaction=transaction))
                while udp.recv(2048)[8:20] != transaction:
                    pass

    def test_tls_tells_turn_from_http_whatever_protocol_is_offered(self):
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        turns_port = int(self.server.ready["turn"][0].split("TLS port ")[1].split(" ")[0])
        for port in (self.port, turns_port):
            for offered, chosen in ((["stun.turn"], "stun.turn"), (["http/1.1"], "http/1.1"), (["h2", "else"], None), (None, None)):
                if offered:
                    context.set_alpn_protocols(offered)
                else:
                    context = ssl.create_default_context()
                    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
                with context.wrap_socket(socket.create_connection(("127.0.0.1", port), timeout=5)) as client:
                    self.assertEqual(client.selected_alpn_protocol(), chosen, offered)
                    request = stun(BINDING)
                    client.sendall(request[:5])
                    client.sendall(request[5:])
                    self.assertEqual(client.recv(2048)[8:20], request[8:20])
        with context.wrap_socket(socket.create_connection(("127.0.0.1", self.port), timeout=5)) as client:
            client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            self.assertTrue(client.recv(2048).startswith(b"HTTP/1.1 200"))

    def test_answers_to_strangers_are_small(self):
        for method, attributes, most in ((BINDING, b"", 1.6), (ALLOCATE, REQUESTED_TRANSPORT_UDP, 4.0)):
            request = stun(method, attributes)
            self.udp.send(request)
            self.assertLessEqual(len(self.udp.recv(2048)) / len(request), most)

    def test_web_pages_of_other_origins_are_refused(self):
        own = f"http://localhost:{self.port}"
        for origin, status in ((None, 101), (own, 101), ("null", 403), ("https://evil.example", 403),
                               (own.replace("http", "https"), 403), (own + "1", 403), ("http://localhost", 403)):
            client = WebSocket(self.port, origin=origin)
            self.addCleanup(client.close)
            self.assertEqual(client.opened, status, origin)
        self.assertEqual(WebSocket(self.port, path="/elsewhere").opened, 404)

    def expect_close(self, client, code):
        while True:
            message = client.receive()
            if "close" in message:
                return self.assertEqual(message["close"], code)

    def test_bad_messages_get_their_code_and_other_members_do_not_notice(self):
        witness = WebSocket(self.port)
        witness.join(ROOM, "Witness")
        self.addCleanup(witness.close)
        deep = "[" * 40 + "]" * 40
        for text, code in (("nonsense", "bad_json"), ("[]", "bad_json"), ('{"type":"presence","presence":' + deep + "}", "bad_json"),
                           ('{"type":"dance"}', "unknown_type"), ('{"type":"relay"}', "bad_message"),
                           ('{"type":"relay","to":"nobody","items":[{}]}', "member_unknown"),
                           ('{"type":"rename","name":"' + "x" * 65 + '"}', "name_invalid")):
            client = WebSocket(self.port)
            client.join(ROOM, "Bad")
            client.send(text)
            self.assertEqual(client.receive("error")["code"], code, text[:40])
            client.send({"type": "leave"})
            self.assertEqual(client.receive("bye")["reason"], "left")
            client.close()
        for opcode, payload, masked, code in ((1, b"x" * 65537, True, 1009), (1, b"\xff", True, 1007), (1, b"x", False, 1002),
                                              (3, b"x", True, 1002), (9, b"x" * 126, True, 1002)):
            client = WebSocket(self.port)
            client.join(ROOM, "Worse")
            client.send_frame(opcode, payload, masked)
            self.expect_close(client, code)
            client.close()
        witness.send({"type": "ping"})
        witness.receive("pong")

    def test_five_errors_in_a_row_are_enough(self):
        client = WebSocket(self.port)
        client.join(ROOM)
        for _ in range(5):
            client.send_frame(2, b"binary")
        self.expect_close(client, 1008)

    def test_other_rooms_are_empty_to_a_stranger(self):
        witness = WebSocket(self.port)
        welcome = witness.join(ROOM, "Witness")
        self.addCleanup(witness.close)
        for number in range(10):
            guess = WebSocket(self.port)
            room = json.dumps(number)[0].translate(str.maketrans("0123456789", "abcdefghij")) * 25 + "2"
            self.assertEqual(guess.join(room)["members"], [])
            guess.close()
        self.assertEqual(len(welcome["you"]), 10)


if __name__ == "__main__":
    unittest.main(verbosity=2)
