"""beeline bridge between two network namespaces: what is measured through it is what it was told."""
import contextlib
import json
import os
import signal
import statistics
import subprocess
import sys
import unittest

for folder in (("..", "support"), ("..", "..", "lab")):
    sys.path.insert(0, os.path.join(os.path.dirname(__file__), *folder))
import networks  # noqa: E402
from network_case import NetworkCase  # noqa: E402
from wait import until  # noqa: E402

# Answers each datagram with itself and when it came.
ECHO = """
import socket, time
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.bind(("192.0.2.2", 7000))
print("ready", flush=True)
while True:
    data, source = udp.recvfrom(65536)
    udp.sendto(data[:8] + str(time.monotonic()).encode(), source)
"""
# Sends argv[1] datagrams of argv[3] bytes, one each argv[2] ms; prints (way there, way back) in ms of each that came back.
ASK = """
import json, socket, sys, time
count, pace, size = int(sys.argv[1]), float(sys.argv[2]) / 1000, int(sys.argv[3])
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.settimeout(0.001)
left, seen, begun = {}, [], time.monotonic()
def hear():
    try:
        data, _ = udp.recvfrom(65536)
    except (TimeoutError, BlockingIOError):
        return
    now, number, there = time.monotonic(), int(data[:8]), float(data[8:])
    seen.append((number, (there - left[number]) * 1000, (now - there) * 1000))
for number in range(count):
    while time.monotonic() < begun + number * pace:
        hear()
    left[number] = time.monotonic()
    udp.sendto(b"%08d" % number + bytes(size - 8), ("192.0.2.2", 7000))
end = time.monotonic() + 1
while time.monotonic() < end:
    hear()
print(json.dumps(seen))
"""
# Two namespaces of a benchmark until its standard input ends.
BENCH = """
import sys
sys.path.insert(0, sys.argv[1])
import bridge
with bridge.bridged() as names:
    print(*names, flush=True)
    sys.stdin.read()
"""
BENCHES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "bench", "data")


def programs_with(word):
    """The numbers of the processes that were started with that word."""
    found = []
    for number in filter(str.isdecimal, os.listdir("/proc")):
        with contextlib.suppress(OSError), open(f"/proc/{number}/cmdline", "rb") as words:
            if word.encode() in words.read().split(b"\0"):
                found.append(number)
    return found


class BridgeTool(NetworkCase):
    def bridge(self, *flags):
        """A bridge between the namespaces one (192.0.2.1) and two (192.0.2.2, where an echo is)."""
        world = self.enter(networks.Networks())
        for name in ("one", "two"):
            world.add(name)
        self.process = subprocess.Popen([os.environ["BEELINE_BIN"], "bridge", "one/eth0", "two/eth0", "--json", "--seed", "1", *flags],
                                        stdout=subprocess.PIPE, text=True)
        self.addCleanup(self.end)
        self.assertEqual(json.loads(self.process.stdout.readline())["type"], "ready")
        for name, address in (("one", "192.0.2.1/24"), ("two", "192.0.2.2/24")):
            networks.run(*networks.inside(name), "ip", "address", "add", address, "dev", "eth0")
            # Who has which address is known, so that no question for it is lost.
            other = "two" if name == "one" else "one"
            hardware = json.loads(networks.run(*networks.inside(other), "ip", "-j", "link", "show", "eth0"))[0]["address"]
            networks.run(*networks.inside(name), "ip", "neighbour", "add", "192.0.2.2" if name == "one" else "192.0.2.1",
                         "lladdr", hardware, "dev", "eth0", "nud", "permanent")
        echo = subprocess.Popen([*networks.inside("two"), sys.executable, "-c", ECHO], stdout=subprocess.PIPE, text=True)
        self.addCleanup(lambda: (echo.kill(), echo.wait(), echo.stdout.close()))
        self.assertEqual(echo.stdout.readline(), "ready\n")

    def end(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def ask(self, count, pace, size=100):
        return json.loads(networks.run(*networks.inside("one"), sys.executable, "-c", ASK, str(count), str(pace), str(size)))

    def counts(self):
        """Of both directions: from one, from two."""
        return [json.loads(self.process.stdout.readline()) for _ in range(2)]

    def test_a_cable_is_as_long_in_each_direction_as_it_was_made(self):
        self.bridge("--delay", "25,60", "--jitter", "0,10")
        seen = self.ask(100, 10)
        self.assertEqual(len(seen), 100)
        there, back = ([one[way] for one in seen] for way in (1, 2))
        print(f"there {statistics.median(there):.2f} ms (of 25), back {statistics.median(back):.2f} ms (of 60 to 70)", file=sys.stderr)
        self.assertGreaterEqual(min(there), 25)
        self.assertLess(statistics.median(there), 25 * 1.2)
        self.assertGreaterEqual(min(back), 60)
        self.assertLess(statistics.median(back), 70 * 1.2)
        self.assertGreater(max(back) - min(back), 3)
        self.process.send_signal(signal.SIGUSR1)
        first, second = self.counts()
        self.assertEqual((first["from"], first["to"], first["lost"]), ("one/eth0", "two/eth0", 0))
        self.assertGreaterEqual(second["frames_out"], 100)
        self.process.send_signal(signal.SIGINT)
        self.counts()
        self.assertEqual(self.process.wait(timeout=5), 0)

    def test_it_loses_and_doubles_what_it_was_told_to_and_counts_it(self):
        self.bridge("--loss", "10,0", "--duplicate", "0,20")
        seen = self.ask(1000, 1)
        arrived, doubled = len({number for number, _, _ in seen}), len(seen) - len({number for number, _, _ in seen})
        print(f"of 1000: {1000 - arrived} lost, {doubled} doubled", file=sys.stderr)
        self.assertTrue(60 <= 1000 - arrived <= 140, arrived)
        self.assertTrue(120 <= doubled <= 240, doubled)
        self.process.send_signal(signal.SIGTERM)
        there, back = self.counts()
        # There may be a few frames of the kernel's own (IPv6 looks around).
        self.assertTrue(1000 - arrived <= there["lost"] <= 1000 - arrived + 10, there)
        self.assertTrue(doubled <= back["doubled"] <= doubled + 10, back)
        self.assertEqual(self.process.wait(timeout=5), 0)

    def test_it_has_a_rate(self):
        self.bridge("--rate", "1000,0", "--queue", "1000000")
        seen = self.ask(50, 0, 958)  # 1,000 bytes with UDP, IP and Ethernet headers: 8 ms each
        last = max(there for _, there, _ in seen)
        print(f"50 kB at 1 Mbit/s: the last one came after {last:.1f} ms", file=sys.stderr)
        self.assertEqual(len(seen), 50)
        self.assertTrue(400 * 0.8 <= last <= 400 * 1.2, last)

    def bench(self):
        """A benchmark that holds its networks, and their names."""
        process = subprocess.Popen([sys.executable, "-B", "-c", BENCH, BENCHES], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(lambda: (process.kill(), process.wait(), process.stdin.close(), process.stdout.close()))
        names = process.stdout.readline().split()
        self.assertEqual(len(names), 2)
        self.assertTrue(programs_with(f"{names[0]}/eth0"))
        return process, names

    def test_the_networks_of_a_benchmark_go_with_it_also_when_it_is_killed(self):
        self.enter(networks.Networks())
        process, ended = self.bench()
        process.terminate()
        self.assertEqual(process.wait(timeout=10), 1)
        process, killed = self.bench()
        process.kill()
        process.wait(timeout=10)
        until(lambda: not programs_with(f"{killed[0]}/eth0"))
        process, last = self.bench()
        self.assertEqual([name for name in os.listdir("/run/netns") if name in [*ended, *killed]], [])
        process.stdin.close()
        self.assertEqual(process.wait(timeout=10), 0)
        self.assertEqual([name for name in os.listdir("/run/netns") if name in last], [])

    def test_misuse_is_said_with_what_to_try(self):
        for arguments, code, words in (([], 2, "two ends"), (["one", "two/eth0"], 2, "is no end"),
                                       (["one/eth0", "two/a-name-that-is-too-long"], 2, "is no end"),
                                       (["/a", "/b", "--loss", "101"], 2, "--loss"), (["/a", "/b", "--delay", "1,2,3"], 2, "--delay"),
                                       (["/a", "/b", "--rate", "fast"], 2, "--rate"), (["/a", "/b", "--delay", "-1"], 2, "--delay"),
                                       (["nowhere/eth0", "/b"], 1, "no such network namespace"), (["/lo", "/b"], 1, "no TAP device")):
            done = subprocess.run([os.environ["BEELINE_BIN"], "bridge", *arguments], capture_output=True, text=True, check=False, timeout=10)
            self.assertEqual(done.returncode, code, (arguments, done.stderr))
            self.assertIn(words, done.stderr)


if __name__ == "__main__":
    networks.enter()
    unittest.main(verbosity=2)
