"""What happens to machines: a disk that is full and has room again, a clock that jumps. The running server, really."""
import glob
import os
import shutil
import sys
import tempfile
import time
import unittest
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from clients import Turn, WebSocket  # noqa: E402
from rooms import host_key, resume, room_of, turn_of  # noqa: E402
from server import Server  # noqa: E402
from wait import until  # noqa: E402

FLAGS = ["--listen", "127.0.0.1", "--port", "0", "--turn-port", "0", "--turns-port", "0", "--metrics", "127.0.0.1:0"]
LIBFAKETIME = glob.glob("/usr/lib/*/faketime/libfaketime.so.1")
HOUR = 3600
# The server's data directory becomes a small disk that only it sees. "$1" is the directory, "$2" what is on the disk already.
SMALL_DISK = ["unshare", "-m", "sh", "-c", """mount -t tmpfs -o size=128k tmpfs "$1" || exit
[ "$2" = empty ] || cat /dev/zero >"$1/filler" 2>/dev/null
shift 2
exec "$@" """, "sh"]


class Machine(unittest.TestCase):
    def serve(self, **more):
        self.server = Server(FLAGS, **more)
        self.server.__enter__()
        self.addCleanup(self.server.__exit__, None, None, None)
        self.port = int(self.server.ready["http"].rsplit(":", 1)[1])

    def join(self, room="a" * 26, **more):
        client = WebSocket(self.port)
        self.addCleanup(client.close)
        return client, client.join(room, **more)

    def turn(self, welcome):
        client = Turn(*turn_of(welcome))
        self.addCleanup(client.close)
        return client

    def metric(self, name):
        with urllib.request.urlopen(self.server.ready["metrics"]) as answer:
            lines = answer.read().decode().splitlines()
        return sum(int(line.rsplit(" ", 1)[1]) for line in lines if line.startswith((name + " ", name + "{")))

    # --- the disk -----------------------------------------------------------------------------------------------

    def small_disk(self, content):
        """(folder, wrapper) of a server whose data directory is a disk of 128 KiB."""
        if os.geteuid() != 0:
            self.skipTest("only root may mount a disk in a namespace of its own")
        made = tempfile.TemporaryDirectory(prefix="beeline-disk-")
        self.addCleanup(made.cleanup)
        folder = os.path.join(made.name, "disk")
        os.mkdir(folder)
        return folder, [*SMALL_DISK, folder, content]

    def test_a_full_disk_is_said_and_hurts_nothing_else_and_is_over_when_there_is_room(self):
        folder, wrapper = self.small_disk("empty")
        self.serve(folder=folder, wrapper=wrapper)
        disk = f"/proc/{self.server.process.pid}/root{folder}"
        key = host_key()
        host, _ = self.join(room_of(key), host_key=key)
        guest, welcome = self.join(room_of(key))
        live = self.turn(welcome)
        self.assertEqual(live.allocate(), 0)
        filler = os.path.join(disk, "filler")
        with open(filler, "wb", buffering=0) as file, self.assertRaises(OSError):
            while True:
                file.write(bytes(4096))
        host.send({"type": "lock", "locked": True})
        self.assertEqual(host.receive("error")["code"], "not_saved")
        log = self.server.log_so_far()
        self.assertIn("rooms_not_saved", log)
        self.assertIn("No space left on device", log)
        self.assertIn(folder, log)
        self.assertEqual(self.metric("beeline_rooms_not_saved"), 1)
        self.assertEqual(glob.glob(os.path.join(disk, "rooms", "*")), [], "nothing half is left")
        self.assertEqual(self.join(room_of(key))[1]["code"], "room_locked", "the lock holds")
        guest.send({"type": "message", "text": "we talk on"})
        self.assertEqual(host.receive("message")["text"], "we talk on")
        self.assertEqual(live.refresh(), 0)
        self.assertEqual(self.turn(self.join()[1]).allocate(), 0)
        os.unlink(filler)
        until(lambda: "rooms_saved_again" in self.server.log_so_far(), 60)
        self.assertEqual(self.metric("beeline_rooms_not_saved"), 0)
        kept = glob.glob(os.path.join(disk, "rooms", "*.room"))
        self.assertEqual(len(kept), 1)
        self.assertEqual(self.server.log_so_far().count("rooms_not_saved"), 1, "said once")

    def test_with_a_full_disk_from_the_start_it_says_which_folder_and_does_not_run(self):
        folder, wrapper = self.small_disk("full")
        with self.assertRaises(RuntimeError) as refused:
            self.serve(folder=folder, wrapper=wrapper)
        self.assertIn(folder, str(refused.exception))
        self.assertIn("No space left on device", str(refused.exception))

    # --- the clock ----------------------------------------------------------------------------------------------

    def test_a_clock_that_jumps_is_said_and_ends_nothing_and_new_credentials_are_right(self):
        if not LIBFAKETIME:
            self.skipTest("libfaketime (Debian package faketime) is not installed")
        made = tempfile.TemporaryDirectory(prefix="beeline-clock-")
        self.addCleanup(made.cleanup)
        clock = os.path.join(made.name, "offset")

        def step(seconds):
            with open(clock + ".new", "w", encoding="ascii") as file:
                file.write(f"{seconds:+d}")
            os.rename(clock + ".new", clock)

        step(0)
        self.serve(environment={"LD_PRELOAD": LIBFAKETIME[0], "FAKETIME_TIMESTAMP_FILE": clock, "FAKETIME_NO_CACHE": "1",
                                "FAKETIME_DONT_FAKE_MONOTONIC": "1"})
        witness, _ = self.join()
        member, welcome = self.join()
        live = self.turn(welcome)
        self.assertEqual(live.allocate(), 0)
        for number, offset in enumerate((2 * HOUR, -3 * HOUR), 1):
            step(offset)
            until(lambda said=number: self.server.log_so_far().count("clock_stepped") == said, 20)
            self.assertEqual(live.refresh(), 0, "the allocation stays")
            member.send({"type": "ping"})
            member.receive("pong")
            member.send({"type": "renew"})
            renewed = turn_of(member.receive("ice"))
            fresh = turn_of(self.join()[1])
            for credential in (renewed, fresh):
                expires = int(credential[1].split(":")[0])
                self.assertAlmostEqual(expires - (time.time() + offset), HOUR, delta=15)
                client = Turn(*credential)
                self.addCleanup(client.close)
                self.assertEqual(client.allocate(), 0, offset)
        self.assertEqual(self.metric("beeline_turn_allocations"), 5)
        member.socket.close()
        self.assertEqual(witness.receive("away")["member"], welcome["you"])
        self.assertTrue(self.join(**resume(welcome))[1]["resumed"], "tokens of before hold as well")


if __name__ == "__main__":
    if not shutil.which("unshare"):
        sys.exit("unshare (Debian package util-linux) is not installed")
    unittest.main(verbosity=2)
