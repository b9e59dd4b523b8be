"""aioice (Debian package python3-aioice) as the other side of our ICE agent, in both roles, directly and through TURN."""
import asyncio
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import coturn  # noqa: E402
from lab_peers import LabPeer  # noqa: E402
from wait import until  # noqa: E402

try:
    import aioice
    import aioice.ice
except ImportError:
    aioice = None

STAYS = 20  # seconds: four of aioice's consent checks and as many of ours


class Aioice(unittest.TestCase):
    def setUp(self):
        if aioice is None:
            self.skipTest("python3-aioice is not installed")
        # It leaves the loopback out, which is all that a test may count on.
        addresses = aioice.ice.get_host_addresses
        aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: ["127.0.0.1"] if use_ipv4 else []
        self.addCleanup(setattr, aioice.ice, "get_host_addresses", addresses)

    def call(self, our_role, flags=(), relayed=False, stays=0, **options):
        flags = ["--loopback", "--interface", "127.0.0.1", *flags]
        with LabPeer(our_role, flags) as ours:
            asyncio.run(self.talk(ours, aioice.Connection(ice_controlling=our_role == "controlled", use_ipv6=False, **options), stays))
            path = ours.wait_path(relayed)
            self.assertEqual(ours.ask("explain")["state"], "connected")
        self.assertEqual(ours.exit_code, 0)
        return path

    async def talk(self, ours, theirs, stays):
        await theirs.gather_candidates()
        ours.tell({"type": "parameters", "ufrag": theirs.local_username, "password": theirs.local_password})
        for candidate in theirs.local_candidates:
            ours.tell({"type": "candidate", "candidate": "candidate:" + candidate.to_sdp()})
        ours.tell({"type": "end-of-candidates"})
        done = False
        while not done:
            message = await asyncio.to_thread(ours.signals.get, True, 20)
            if message["type"] == "parameters":
                theirs.remote_username, theirs.remote_password = message["ufrag"], message["password"]
            elif message["type"] == "candidate":
                await theirs.add_remote_candidate(aioice.Candidate.from_sdp(message["candidate"].removeprefix("candidate:")))
            else:
                await theirs.add_remote_candidate(None)
                done = True
        await asyncio.wait_for(theirs.connect(), 20)
        await asyncio.to_thread(ours.connected)
        for number in range(100):
            await theirs.send(f"number {number}".encode())
        heard = set()
        end = asyncio.get_running_loop().time() + stays
        while len(heard) < 25 or asyncio.get_running_loop().time() < end:
            heard.add(await asyncio.wait_for(theirs.recv(), 5))
        self.assertTrue(all(text.startswith(b"number ") for text in heard), heard)
        await asyncio.to_thread(until, lambda: ours.ask("counts")["heard"] >= 100, 5)
        counts = await asyncio.to_thread(ours.ask, "counts")
        self.assertEqual((counts["heard"], counts["lost"], counts["doubled"], counts["other"]), (100, 0, 0, 0))
        states = [message["state"] for message in ours.news if message["type"] == "state"]
        self.assertEqual(states[-1], "connected")
        self.assertFalse({"disconnected", "failed"} & set(states), states)
        if stays:  # it still asks, and takes data
            explanation = await asyncio.to_thread(ours.ask, "explain")
            used = next(pair for pair in explanation["pairs"] if pair["reason"] == "in_use")
            self.assertGreaterEqual(used["requests_heard"], 3, used)
            self.assertGreaterEqual(used["answers"], 3, used)
        await theirs.close()

    def test_we_are_controlling(self):
        self.assertFalse(self.call("controlling")["relayed"])

    def test_we_are_controlled(self):
        self.assertFalse(self.call("controlled")["relayed"])

    def through_turn(self, our_role):
        if not coturn.installed():
            self.skipTest("coturn is not installed")
        with coturn.Coturn(port=34780) as server:
            # Whether it takes its own relay too is its choice.
            self.call(our_role, ["--relay-only", *server.flags()], relayed=True, turn_server=(server.address, server.port),
                      turn_username=coturn.USER, turn_password=coturn.PASSWORD)

    def test_we_are_controlling_through_turn(self):
        self.through_turn("controlling")

    def test_we_are_controlled_through_turn(self):
        self.through_turn("controlled")

    def test_controlling_we_stay_connected(self):
        self.call("controlling", stays=STAYS)

    def test_controlled_we_stay_connected(self):
        self.call("controlled", stays=STAYS)


if __name__ == "__main__":
    unittest.main(verbosity=2)
