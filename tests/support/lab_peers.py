"""Runs beeline lab-peer, or another program that speaks its lines: its news, and two of them connected."""
import contextlib
import json
import os
import queue
import subprocess
import threading
import time

SIGNALING = ("parameters", "candidate", "end-of-candidates", "description")


class LabPeer:
    """A context manager. `place`: the words before the command (ip netns exec …). `program`: what is run instead of our own."""

    def __init__(self, role, flags=(), place=(), program=None):
        program = program or [os.environ["BEELINE_BIN"], "lab-peer", "--json"]
        self.command = [*place, *program, "--role", role, *flags]
        self.lines, self.news, self.signals = queue.Queue(), [], queue.Queue()
        self.told, self.on_signal = threading.Lock(), self.signals.put

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.exit_code = self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.exit_code = self.process.wait()
        self.reader.join(timeout=10)
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        self.process.stdout.close()

    def _read(self):
        for line in self.process.stdout:
            message = json.loads(line)
            message["seen"] = time.monotonic()
            if message["type"] in SIGNALING:
                with self.told:
                    self.on_signal(message)
            else:
                self.news.append(message)
                self.lines.put(message)
        self.lines.put(None)

    def tell(self, message):
        try:
            self.process.stdin.write(json.dumps(message) + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # it has ended; whoever waits for its words will see that

    def connect(self, other, passes=lambda message: True):
        """What this side says is passed to the other from now on, what it has said first; but only what `passes`."""
        def pass_on(message):
            if passes(message):
                other.tell(message)
        with self.told:
            while not self.signals.empty():
                pass_on(self.signals.get())
            self.on_signal = pass_on

    def wait(self, wanted, seconds=20):
        """The next piece of news for which wanted(message) is true."""
        end = time.monotonic() + seconds
        while True:
            try:
                message = self.lines.get(timeout=max(0.0, end - time.monotonic()))
            except queue.Empty:
                raise TimeoutError(f"not within {seconds} s; {self.command}: {self.summary()}") from None
            if message is None:
                raise RuntimeError(f"it ended: {self.command}: {self.summary()}")
            if wanted(message):
                return message

    def ask(self, what):
        """"counts" or "explain"."""
        kind = {"counts": "counts", "explain": "explanation"}[what]
        self.tell({"type": what})
        return self.wait(lambda message: message["type"] == kind)

    def connected(self, seconds=20):
        return self.wait(lambda message: message.get("state") == "connected", seconds)

    def wait_path(self, relayed, seconds=20):
        """Until the path in use is (not) relayed: the last path that was told, or the next."""
        def paths():
            return [message for message in self.news if message["type"] == "path"]
        if not (paths() and paths()[-1]["relayed"] == relayed):
            self.wait(lambda message: message["type"] == "path" and message["relayed"] == relayed, seconds)
        return paths()[-1]

    def summary(self):
        return json.dumps([message for message in self.news if message["type"] != "explanation"][-12:], indent=1)


def connect(one, other, **how):
    one.connect(other, **how)
    other.connect(one, **how)
