"""T12: what a TURN credential is worth when it is used again: after its time, from another address, after its member has gone."""
import base64
import hashlib
import hmac
import os
import sys
import time
import unittest
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from clients import Turn, WebSocket  # noqa: E402
from rooms import host_key, room_of, turn_of  # noqa: E402
from server import Server  # noqa: E402
from wait import until  # noqa: E402

FLAGS = ["--listen", "127.0.0.1", "--port", "0", "--turn-port", "0", "--turns-port", "0", "--metrics", "127.0.0.1:0"]
SECRET = "the secret of a test, long enough"
USER_QUOTA = 128


class TurnCredentials(unittest.TestCase):
    def serve(self, **more):
        self.server = Server(FLAGS, **more)
        self.server.__enter__()
        self.addCleanup(self.server.__exit__, None, None, None)
        self.port = int(self.server.ready["http"].rsplit(":", 1)[1])

    def turn(self, server, username, password, source="127.0.0.1"):
        client = Turn(server, username, password, source)
        self.addCleanup(client.close)
        return client

    def join(self, room, **more):
        client = WebSocket(self.port)
        self.addCleanup(client.close)
        return client, client.join(room, **more)

    def refusals(self, reason):
        with urllib.request.urlopen(self.server.ready["metrics"]) as answer:
            lines = answer.read().decode().splitlines()
        return sum(int(line.rsplit(" ", 1)[1]) for line in lines
                   if line.startswith("beeline_turn_refusals_total{") and f'"{reason}"' in line)

    def test_t12_once_expired_a_credential_is_refused_and_what_it_made_goes_on(self):
        self.serve(secret=SECRET)
        server = turn_of(self.join("a" * 26)[1])[0]
        expires = int(time.time()) + 2
        username = f"{expires}:mei"
        password = base64.b64encode(hmac.new(SECRET.encode(), username.encode(), hashlib.sha1).digest()).decode()
        live = self.turn(server, username, password)
        self.assertEqual(live.allocate(), 0)
        # Each look is an allocation, of which a user has a quota.
        code = until(lambda: self.turn(server, username, password).allocate(), 20, step=0.2)
        self.assertEqual(code, 401)
        self.assertGreater(time.time(), expires)
        for source in ("127.0.0.1", "127.0.0.2"):
            self.assertEqual(self.turn(server, username, password, source).allocate(), 401, source)
        self.assertEqual(self.refusals("expired_credential"), 3)
        self.assertEqual(live.refresh(), 0, "a call is not cut off because it is long")

    def test_t12_a_second_address_is_a_changed_network_and_counts_for_the_same_user(self):
        self.serve()
        credential = turn_of(self.join("a" * 26)[1])
        for number in range(USER_QUOTA):
            source = f"127.0.0.{1 + number % 2}"
            self.assertEqual(self.turn(*credential, source).allocate(), 0, (number, source))
        for source in ("127.0.0.1", "127.0.0.2", "127.0.0.3"):
            self.assertEqual(self.turn(*credential, source).allocate(), 486, source)
        self.assertEqual(self.refusals("user_quota"), 3)
        other = turn_of(self.join("a" * 26)[1])
        self.assertEqual(self.turn(*other).allocate(), 0, "others of that address have a quota of their own")

    def test_t12_who_was_removed_is_relayed_no_more_from_anywhere(self):
        self.serve()
        key = host_key()
        host, _ = self.join(room_of(key), host_key=key)
        guest, welcome = self.join(room_of(key))
        credential = turn_of(welcome)
        live = [self.turn(*credential, source) for source in ("127.0.0.1", "127.0.0.2")]
        for client in live:
            self.assertEqual(client.allocate(), 0)
        staying = self.turn(*turn_of(self.join(room_of(key))[1]))
        self.assertEqual(staying.allocate(), 0)
        host.send({"type": "remove", "member": welcome["you"]})
        self.assertEqual(guest.receive("bye")["reason"], "removed")
        for client in live:
            self.assertEqual(client.refresh(), 437, "the allocation has ended")
            self.assertEqual(client.allocate(), 401)
        self.assertEqual(self.turn(*credential, "127.0.0.3").allocate(), 401)
        self.assertEqual(self.refusals("revoked_credential"), 3)
        self.assertEqual(staying.refresh(), 0, "and nobody else's")
        again = turn_of(self.join("b" * 26)[1])
        self.assertEqual(self.turn(*again).allocate(), 0, "who enters another room is another member")


if __name__ == "__main__":
    unittest.main(verbosity=2)
