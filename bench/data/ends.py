"""The two ends of a call, each a process of its own, that speak the lines of tests/interop/data/data_peer.h."""
import contextlib
import json
import os
import queue
import subprocess
import threading
import time

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
BUILD = os.path.join(ROOT, "build", "release")
ENDS = os.path.join(ROOT, "tests", "interop", "data")
STACKS = {"beeline": [os.path.join(BUILD, "tests", "interop", "data_peer")],
          "libdatachannel": ["node", os.path.join(ENDS, "library_end.mjs"), "libdatachannel"],
          "pion": [os.environ.get("BEELINE_PION_END", os.path.join(BUILD, "tests", "interop", "pion_end"))]}
CONNECT_S, ANSWER_S = 20, 60
CLOCK = os.sysconf("SC_CLK_TCK")


def large(stack):
    """Bytes of a large message: Pion takes one less than the others."""
    return 65535 if stack == "pion" else 65536


class End:
    """One end: lines of JSON to and from a process; what is no signaling is kept for `wait`."""

    def __init__(self, command, namespace=None):
        inside = ["ip", "netns", "exec", namespace] if namespace else []
        self.process = subprocess.Popen(inside + command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        self.heard = queue.Queue()
        self.other = None
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        for line in self.process.stdout:
            message = json.loads(line)
            if message["type"] in ("description", "candidate"):
                self.other.say(message)
            else:
                self.heard.put(message)

    def say(self, message):
        with contextlib.suppress(OSError):
            self.process.stdin.write(json.dumps(message) + "\n")
            self.process.stdin.flush()

    def wait(self, kind, seconds=ANSWER_S):
        until = time.monotonic() + seconds
        while True:
            message = self.heard.get(timeout=max(until - time.monotonic(), 0.001))
            if message["type"] == kind:
                return message

    def cpu(self):
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / CLOCK

    def tally(self):
        """Bytes of messages that have come."""
        self.say({"type": "tally"})
        return self.wait("tally")["bytes"]

    def close(self):
        self.say({"type": "end"})
        try:
            self.process.wait(3)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@contextlib.contextmanager
def call(stack, namespaces=(None, None)):
    """Two ends and the numbers that a channel from the first to the second has at each."""
    ends = [End(STACKS[stack], namespace) for namespace in namespaces]
    a, b = ends
    a.other, b.other = b, a
    try:
        a.say({"type": "open", "label": "bench"})
        channel = a.wait("opening")["channel"]
        a.say({"type": "offer"})
        a.wait("open", CONNECT_S)
        yield a, b, channel, b.wait("channel", CONNECT_S)["channel"]
    finally:
        for end in ends:
            end.close()
