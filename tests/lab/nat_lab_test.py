"""./run lab as people start it, in short: the sixteen classic cells, networks that change, what --cell leaves, and a lab that is killed."""
import contextlib
import glob
import json
import os
import random
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
for folder in ("tests/support", "lab"):
    sys.path.insert(0, os.path.join(ROOT, folder))
import networks  # noqa: E402
import runner  # noqa: E402
from wait import until  # noqa: E402

LAB = [sys.executable, "-B", os.path.join(ROOT, "lab", "main.py")]


def marked():
    """Process ids of what labs have started, those of dead labs included."""
    found = []
    for path in glob.glob("/proc/[0-9]*/environ"):
        try:
            with open(path, "rb") as file:
                if any(word.startswith(runner.MARK.encode() + b"=") for word in file.read().split(b"\0")):
                    found.append(int(path.split("/")[2]))
        except OSError:
            pass  # it has ended meanwhile
    return found


def state_of_the_machine():
    """All that a lab could have changed outside of its worlds."""
    shown = [subprocess.run(words, capture_output=True, text=True, check=True).stdout for words in
             (("ip", "-json", "link"), ("ip", "-json", "address"), ("ip", "-json", "route", "show", "table", "all"), ("nft", "list", "ruleset"),
              ("ip", "netns"))]
    with open("/proc/sys/net/ipv4/ip_forward", encoding="ascii") as forwarding, open("/proc/self/mountinfo", encoding="ascii") as mounts:
        return [*shown, forwarding.read(), mounts.read(), sorted(os.listdir("/run"))]


class NatLab(unittest.TestCase):
    def setUp(self):
        if reason := networks.why_not() or (None if shutil.which("conntrack") else "not installed: conntrack"):
            self.skipTest(reason)
        made = tempfile.TemporaryDirectory(prefix="beeline-lab-test-")
        self.addCleanup(made.cleanup)
        self.folder = made.name

    def file(self, name):
        return os.path.join(self.folder, name)

    def lab(self, *flags, code=0, **environment):
        """Runs it to its end; (records, figures, what it said)."""
        done = subprocess.run([*LAB, *flags, "--check", "--json", self.file("json")], capture_output=True, text=True, check=False,
                              env={**os.environ, **environment}, cwd=self.folder)
        print(done.stdout, done.stderr, file=sys.stderr)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        with open(self.file("json"), encoding="utf-8") as file:
            *records, last = [json.loads(line) for line in file]
        return records, last["figures"], done.stdout + done.stderr

    def test_sixteen_pairs_of_nats_are_direct_where_theory_says_so(self):
        _, figures, _ = self.lab("--set", "classic", "--html", self.file("page.html"))
        self.assertEqual((figures["connected"], figures["direct"], figures["relayed"]), (16, [13, 13], [3, 3]))
        with open(self.file("page.html"), encoding="utf-8") as file:
            self.assertIn("port-restricted,symmetric", file.read())

    def test_a_nat_that_forgets_and_another_network_are_survived_within_three_seconds(self):
        for name in ("nat-reboot", "interface-swap"):
            _, figures, _ = self.lab("--cell", name)
            self.assertLessEqual(figures["again_max_s"], 3)

    def test_one_cell_leaves_a_capture_from_both_sides_of_its_nats(self):
        path = self.file("cell.pcapng")
        self.lab("--cell", "port-restricted,port-restricted", "--capture", path)
        with open(path, "rb") as file:
            content = file.read()
        names, packets, at = [], 0, 0
        while at < len(content):
            kind, size = struct.unpack_from("<II", content, at)
            self.assertEqual(struct.unpack_from("<I", content, at + size - 4)[0], size, "a block says its size at both ends")
            if kind == 1:
                length = struct.unpack_from("<H", content, at + 18)[0]
                names.append(content[at + 20:at + 20 + length].decode())
            packets += kind == 6
            at += size
        self.assertEqual(names, ["home1", "nat1 wan", "nat2 wan", "home2", "server eth0"])
        self.assertGreater(packets, 100)

    def test_check_fails_and_names_the_cell_that_missed(self):
        _, figures, said = self.lab("--cell", "full-cone,symmetric", code=1, BEELINE_BIN="/bin/false")
        self.assertEqual((figures["connected"], figures["missed"]), (0, 1))
        self.assertIn("missed: full-cone,symmetric", said)

    def test_what_is_no_cell_is_misuse_and_says_what_there_is(self):
        done = subprocess.run([*LAB, "--cell", "cone,symmetric"], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("full-cone", done.stderr)

    def start_and_kill(self, seconds):
        process = subprocess.Popen([*LAB, "--set", "special"], stdout=subprocess.DEVNULL, env={**os.environ, "TMPDIR": self.folder})
        try:
            process.wait(timeout=seconds)
            self.fail("it ended before it was killed")
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def test_killed_at_random_moments_it_leaves_the_machine_as_it_was(self):
        before, draw = state_of_the_machine(), random.Random(10)
        for _ in range(10):
            self.start_and_kill(draw.uniform(0.1, 3))
            until(lambda: not marked(), 10, said=lambda: f"still there: {marked()}")
        self.assertEqual(state_of_the_machine(), before)
        self.assertEqual(os.listdir(self.folder), [], "no temporary files")

    def test_what_cannot_end_by_itself_is_found_and_ended_by_the_next_run(self):
        process = subprocess.Popen([*LAB, "--set", "special"], stdout=subprocess.DEVNULL)
        until(lambda: len(marked()) > 6, 20)
        for pid in marked():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)
        process.kill()
        process.wait()
        self.assertTrue(marked())
        _, figures, said = self.lab("--cell", "public")
        self.assertIn("that an earlier lab had left", said)
        self.assertEqual(figures["direct"], [1, 1])
        until(lambda: not marked(), 10)


if __name__ == "__main__":
    networks.enter()
    unittest.main(verbosity=2)
