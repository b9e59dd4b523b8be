"""The running server and its rooms: plain HTTP, restarts, reloads, draining, and each default limit from both sides.

W1 and W3 (nobody acts as another) are exhausted in signaling's server_model_test; W2 and W5 are in hostile_test and
routes_test; W7 is tests/browser/hostile. W8 needs a bus between servers, which does not exist."""
import contextlib
import json
import os
import signal
import socket
import ssl
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from clients import Turn, WebSocket  # noqa: E402
from rooms import EventStream, host_key, post, resume, room_of, turn_of  # noqa: E402
from server import Server  # noqa: E402
from wait import until  # noqa: E402

ROOM = "abcdefghijklmnopqrstuvwxyz"
HELLO = {"type": "hello", "versions": [1], "room": ROOM}
FLAGS = ["--listen", "127.0.0.1", "--port", "0", "--turn-port", "0", "--turns-port", "0", "--metrics", "127.0.0.1:0"]


def open_text(folder, name):
    with open(os.path.join(folder, name), encoding="ascii") as file:
        return file.read()


class Rooms(unittest.TestCase):
    def serve(self, flags=(), **more):
        server = Server([*FLAGS, *flags], **more)
        server.__enter__()
        self.addCleanup(server.__exit__, None, None, None)
        self.server, self.port = server, int(server.ready["http"].rsplit(":", 1)[1])
        return server

    def join(self, room=ROOM, **more):
        client = WebSocket(self.port)
        self.addCleanup(client.close)
        return client, client.join(room, **more)

    def stream(self, **more):
        stream = EventStream(self.port, {**HELLO, **more})
        self.addCleanup(stream.close)
        return stream

    def metric(self, name):
        with urllib.request.urlopen(self.server.ready["metrics"]) as answer:
            lines = answer.read().decode().splitlines()
        return sum(int(line.rsplit(" ", 1)[1]) for line in lines if line.startswith((name + " ", name + "{")))

    def opened(self, origin):
        """The status that a page of that origin gets for a WebSocket."""
        client = WebSocket(self.port, origin=origin)
        self.addCleanup(client.close)
        return client.opened

    # --- plain HTTP ---------------------------------------------------------------------------------------------

    def test_a_conversation_over_plain_http_alone(self):
        self.serve()
        mei, jon = self.stream(name="Mei"), self.stream(name="Jon")
        mei_id = mei.receive("welcome")["you"]
        jon_id = jon.receive("welcome")["you"]
        self.assertEqual(mei.receive("joined")["member"]["id"], jon_id)
        items = [{"kind": "description", "description": {"type": "offer", "sdp": "v=0"}}]
        self.assertEqual(mei.send({"type": "relay", "to": jon_id, "items": items}, {"type": "ping"}), 204)
        self.assertEqual(jon.receive("relay"), {"type": "relay", "event": 1, "from": mei_id, "items": items})
        self.assertEqual(mei.receive("pong"), {"type": "pong"})
        self.assertEqual(jon.send({"type": "leave"}), 204)
        self.assertEqual(jon.receive("bye")["reason"], "left")
        self.assertIsNone(jon.receive(), "the stream ends")
        self.assertEqual(mei.receive("gone")["reason"], "left")
        self.assertEqual(jon.send({"type": "ping"}), 404)

    def test_a_number_seen_has_no_effect_and_one_too_high_waits(self):
        self.serve()
        mei, jon = self.stream(), self.stream()
        mei.receive("welcome")
        message = {"type": "message", "text": "x"}
        self.assertEqual(jon.send(message, sequence=1), 204)
        self.assertEqual(jon.send(message, sequence=1), 204)
        self.assertEqual(jon.send(message, sequence=3), 409)
        self.assertEqual(jon.send(message, sequence=0), 204)
        self.assertEqual(jon.send({"type": "message", "text": "y"}, sequence=2), 204)
        self.assertEqual([mei.receive("message")["text"] for _ in range(2)], ["x", "y"])
        headers = [("Beeline-Session", jon.token)]
        for number, body in (("x", b"[{}]"), ("-1", b"[{}]"), ("3", b"{}"), ("3", b"[]"), ("3", b"nonsense"),
                             ("3", json.dumps([{}] * 65).encode())):
            status = post(self.port, "/api/signal/messages", body, [*headers, ("Beeline-Sequence", number)])[0]
            self.assertEqual(status, 400, (number, body[:20]))
        self.assertEqual(jon.send(message, sequence=3), 204, "bad requests took no number")

    def test_the_end_of_a_stream_is_away_and_any_transport_brings_back(self):
        self.serve()
        witness, _ = self.join()
        jon = self.stream(name="Jon")
        welcome = jon.receive("welcome")
        jon.close()
        self.assertEqual(witness.receive("away")["member"], welcome["you"])
        again, second = self.join(**resume(welcome))
        self.assertTrue(second["resumed"])
        again.close()
        witness.receive("away")
        third = self.stream(**resume(second)).receive("welcome")
        self.assertEqual((third["resumed"], third["you"]), (True, welcome["you"]))

    def test_a_refused_hello_is_a_stream_that_says_why_and_ends(self):
        self.serve()
        stream = self.stream(room="short")
        self.assertEqual(stream.status, 200)
        self.assertEqual(stream.receive("error")["code"], "room_invalid")
        self.assertIsNone(stream.receive())

    def test_sessions_of_others_cannot_be_used_and_other_origins_need_leave(self):
        self.serve(["--allow-origin", "https://app.example"])
        mei, jon = self.stream(), self.stream()
        mei.receive("welcome")
        forged = jon.token.split(".")[0] + "." + mei.token.split(".")[1]
        self.assertEqual(mei.send({"type": "leave"}, token=forged), 404)
        for origin, status in (("https://app.example", 200), ("https://evil.example", 403), ("null", 403)):
            foreign = EventStream(self.port, HELLO, headers=[("Origin", origin)])
            self.addCleanup(foreign.close)
            self.assertEqual(foreign.status, status, origin)
            if status == 200:
                self.assertEqual(foreign.headers["access-control-allow-origin"], origin)

    # --- restarts -----------------------------------------------------------------------------------------------

    def test_killed_and_started_again_members_are_who_they_were_and_locks_hold(self):
        first = self.serve()
        key = host_key()
        room = room_of(key)
        host, host_welcome = self.join(room, host_key=key)
        _, guest_welcome = self.join(room)
        removed, removed_welcome = self.join(room)
        host.send({"type": "remove", "member": removed_welcome["you"]})
        self.assertEqual(removed.receive("bye")["reason"], "removed")
        host.send({"type": "lock", "locked": True})
        self.assertTrue(host.receive("room")["room_state"]["locked"])
        first.process.kill()
        first.process.wait()
        self.serve(folder=first.folder)
        self.assertEqual(self.join(room)[1]["code"], "room_locked")
        self.assertEqual(self.join(room, **resume(removed_welcome))[1]["code"], "room_locked")
        for welcome in (guest_welcome, host_welcome):
            restored = self.join(room, **resume(welcome))[1]
            self.assertEqual((restored["restored"], restored["you"]), (True, welcome["you"]))
            self.assertTrue(restored["room_state"]["locked"])
        self.assertFalse(self.join(room, host_key=key)[1]["restored"])
        again = self.join(room, **resume(guest_welcome))[1]
        self.assertEqual(again["code"], "room_locked", "a token restores once")

    def test_a_full_disk_is_told_and_stops_nothing_else(self):
        folder = self.serve().folder
        os.rename(os.path.join(folder, "rooms"), os.path.join(folder, "elsewhere"))
        key = host_key()
        host, _ = self.join(room_of(key), host_key=key)
        host.send({"type": "lock", "locked": True})
        self.assertEqual(host.receive("error")["code"], "not_saved")
        self.assertEqual(self.join(room_of(key))[1]["code"], "room_locked", "and yet it holds")
        self.assertEqual(self.metric("beeline_rooms_not_saved"), 1)
        self.assertIn("rooms_not_saved", self.server.log_so_far())
        self.assertEqual(self.join()[1]["type"], "welcome")

    # --- signals ------------------------------------------------------------------------------------------------

    def test_a_reload_takes_over_settings_and_ends_nothing(self):
        folder = tempfile.TemporaryDirectory(prefix="beeline-config-")
        self.addCleanup(folder.cleanup)
        config = os.path.join(folder.name, "beeline.toml")
        with open(config, "w", encoding="ascii") as file:
            file.write('allow-origin = ["https://old.example"]\n')
        self.serve(["--config", config])
        clients = [self.join(ROOM if number < 16 else f"{'abcdefgh'[number // 16]}" * 26)[0] for number in range(100)]
        with open(config, "w", encoding="ascii") as file:
            file.write('allow-origin = ["https://new.example"]\ngrace = 99\n')
        self.server.process.send_signal(signal.SIGHUP)
        until(lambda: '"reloaded"' in self.server.log_so_far())
        self.assertIn("reload_needs_restart", self.server.log_so_far())
        for client in clients:
            client.send({"type": "ping"})
            self.assertEqual(client.receive("pong")["type"], "pong")
        self.assertEqual(self.opened("https://new.example"), 101)
        self.assertEqual(self.opened("https://old.example"), 403)
        with open(config, "w", encoding="ascii") as file:
            file.write("nonsense = [\n")
        self.server.process.send_signal(signal.SIGHUP)
        until(lambda: "reload_failed" in self.server.log_so_far())
        self.assertEqual(self.opened("https://new.example"), 101)

    def test_a_reload_takes_over_certificate_files_and_keeps_connections_and_bad_files_change_nothing(self):
        made = tempfile.TemporaryDirectory(prefix="beeline-certificates-")
        self.addCleanup(made.cleanup)
        files = {"--cert": os.path.join(made.name, "cert.pem"), "--key": os.path.join(made.name, "key.pem")}

        def put(pair):
            for name, content in zip(files.values(), pair):
                with open(name, "w", encoding="ascii") as file:
                    file.write(content)

        pairs = []
        for _ in range(2):  # the certificates that two servers made for themselves
            with Server(FLAGS) as server:
                pairs.append([open_text(server.folder, name) for name in ("server.pem", "server-key.pem")])
        put(pairs[0])
        self.serve([part for pair in files.items() for part in pair])
        first, before = self.tls()
        put(pairs[1])
        self.server.process.send_signal(signal.SIGHUP)
        until(lambda: '"reloaded"' in self.server.log_so_far())
        after = self.tls()[1]
        self.assertNotEqual(before, after)
        first.sendall(b"GET /api/health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        self.assertIn(b"200", first.recv(4096))
        put([pairs[0][0], pairs[1][1]])  # a key of another certificate
        self.server.process.send_signal(signal.SIGHUP)
        until(lambda: "certificate_not_reloaded" in self.server.log_so_far())
        self.assertEqual(self.tls()[1], after)

    def tls(self):
        """A TLS connection and the certificate it was shown."""
        trusting = ssl.create_default_context()
        trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
        client = trusting.wrap_socket(socket.create_connection(("127.0.0.1", self.port), timeout=5))
        self.addCleanup(client.close)
        return client, client.getpeercert(binary_form=True)

    def test_told_to_end_it_says_goodbye_and_refuses_newcomers(self):
        self.serve(["--drain", "30"])
        client, _ = self.join()
        stream = self.stream()
        self.server.process.send_signal(signal.SIGTERM)
        self.assertEqual(client.receive("bye")["reason"], "shutdown")
        self.assertEqual(stream.receive("bye")["reason"], "shutdown")
        self.assertEqual(client.receive()["close"], 1001)
        self.assertEqual(self.server.process.wait(timeout=10), 0, "nothing was relayed, so nothing is waited for")

    def relayed_member(self):
        """A member and its TURN client, which has an allocation."""
        client, welcome = self.join()
        turn = Turn(*turn_of(welcome))
        self.addCleanup(turn.close)
        self.assertEqual(turn.allocate(), 0)
        return client, turn

    def test_a_relayed_call_goes_on_while_the_server_drains_and_a_second_signal_ends_it(self):
        self.serve(["--drain", "60"])
        client, _ = self.relayed_member()
        idle = socket.create_connection(("127.0.0.1", self.port), timeout=5)
        self.addCleanup(idle.close)
        self.server.process.send_signal(signal.SIGTERM)
        self.assertEqual(client.receive("bye")["reason"], "shutdown")
        self.assertEqual(self.metric("beeline_turn_allocations"), 1)
        self.assertEqual(self.opened(None), 503)
        self.assertEqual(post(self.port, "/api/signal", json.dumps(HELLO).encode())[0], 503)
        health = self.server.ready["metrics"].replace("/metrics", "/health")
        with self.assertRaises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(health)
        self.assertEqual(refused.exception.code, 503)
        refused.exception.close()
        self.assertIsNone(self.server.process.poll())
        self.server.process.send_signal(signal.SIGTERM)
        self.assertEqual(self.server.process.wait(timeout=5), 0)

    def test_draining_ends_after_its_seconds_and_by_default_there_is_none(self):
        for flags, least, most in ((["--drain", "2"], 1.5, 8), ([], 0, 2)):
            self.serve(flags)
            self.relayed_member()
            started = time.monotonic()
            self.server.process.send_signal(signal.SIGTERM)
            self.assertEqual(self.server.process.wait(timeout=10), 0)
            self.assertTrue(least <= time.monotonic() - started <= most, flags)

    def test_without_descriptors_it_says_so_once_and_goes_on_when_there_are_some(self):
        self.serve(descriptors=64)
        member, _ = self.join()
        waiting = [socket.create_connection(("127.0.0.1", self.port), timeout=5) for _ in range(80)]
        until(lambda: "system_refuses" in self.server.log_so_far())
        member.send({"type": "ping"})
        member.receive("pong")
        for client in waiting:
            client.close()
        self.assertEqual(self.join()[1]["type"], "welcome")
        self.assertEqual(self.server.log_so_far().count("system_refuses"), 1)

    # --- limits at their defaults -------------------------------------------------------------------------------

    def test_w6_three_hundred_messages_at_once_and_twenty_a_second_and_none_is_lost(self):
        self.serve()
        client, _ = self.join()
        started = time.monotonic()
        for _ in range(340):
            client.send({"type": "ping"})
        for _ in range(340):
            client.receive("pong")
        self.assertGreater(time.monotonic() - started, 1.8, "forty messages more than the burst")
        stream = self.stream()
        pings = [{"type": "ping"}] * 64
        statuses = [stream.send(*pings, sequence=number) for number in range(1, 7)]
        self.assertEqual(statuses, [204, 204, 204, 204, 204, 429])

    def test_w6_a_message_of_65536_bytes_is_read_and_one_more_is_not(self):
        self.serve()
        ping = '{"type":"ping"}'
        client, _ = self.join()
        client.send(ping + " " * (65536 - len(ping)))
        client.receive("pong")
        client.send(ping + " " * (65537 - len(ping)))
        self.assertEqual(client.receive()["close"], 1009)

    def test_w6_512_connections_from_one_source_and_not_one_more(self):
        self.serve()
        with contextlib.ExitStack() as stack:
            for _ in range(512):
                stack.enter_context(contextlib.closing(socket.create_connection(("127.0.0.1", self.port), timeout=5)))
            until(lambda: self.metric("beeline_connections") == 512)
            extra = stack.enter_context(contextlib.closing(socket.create_connection(("127.0.0.1", self.port), timeout=5)))
            self.assertEqual(extra.recv(1), b"")
            other = socket.create_connection(("127.0.0.1", self.port), timeout=5, source_address=("127.0.0.9", 0))
            stack.enter_context(contextlib.closing(other))
            other.sendall(b"GET /api/health HTTP/1.1\r\nHost: localhost\r\n\r\n")
            self.assertIn(b"200", other.recv(100), "others do not notice")
            self.assertEqual(self.metric("beeline_connections_refused_total"), 1)

    def test_w6_ten_seconds_for_a_request_a_tls_handshake_and_a_hello(self):
        self.serve()
        started = time.monotonic()
        slow = [socket.create_connection(("127.0.0.1", self.port), timeout=20) for _ in range(3)]
        for client in slow:
            self.addCleanup(client.close)
        slow[1].sendall(b"GET / HTTP/1.1\r\nX-Slow: ")
        slow[2].sendall(b"\x16\x03\x01\x02\x00\x01")
        silent = WebSocket(self.port)
        silent.socket.settimeout(20)
        self.addCleanup(silent.close)
        for _ in range(16):  # a header that never ends
            time.sleep(0.5)
            slow[1].sendall(b"x")
        for client in slow:
            self.assertEqual(client.recv(1), b"")
        self.assertEqual(silent.receive("error")["code"], "hello_expected")
        self.assertTrue(9 < time.monotonic() - started < 19)

    def test_w6_who_does_not_read_is_let_go_and_others_are_served(self):
        self.serve()
        lazy, lazy_welcome = self.join()
        others = [self.join()[0] for _ in range(8)]
        text = "x" * 60_000
        for _ in range(40):
            for other in others:
                other.send({"type": "relay", "to": lazy_welcome["you"], "items": [{"x": text}]})
        others[0].socket.settimeout(20)
        self.assertEqual(others[0].receive("away")["member"], lazy_welcome["you"])
        others[0].send({"type": "ping"})
        others[0].receive("pong")

    def test_w4_a_room_cannot_be_found_by_trying(self):
        self.serve()
        started, found = time.monotonic(), 0
        for _ in range(3000):
            room = "".join("abcdefghijklmnopqrstuvwxyz234567"[byte % 32] for byte in os.urandom(26))
            client = WebSocket(self.port)
            code = client.join(room).get("code")
            client.close()
            if code:
                break
            found += 1
        self.assertEqual(code, "too_many_tries")
        self.assertTrue(512 <= found <= 513 + 5 * (time.monotonic() - started), found)


if __name__ == "__main__":
    unittest.main(verbosity=2)
