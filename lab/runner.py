"""Plays cells, several at a time, each in a world of its own; finds what a lab that was killed has left, and clears it."""
import contextlib
import dataclasses
import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time

import judge
import networks

MARK = "BEELINE_LAB_OWNER"  # in the environment of all that a lab starts: where process ids are counted, its own, and when it began
FOLDER = os.path.dirname(os.path.abspath(__file__))
LATE_S = 300.0  # a cell that takes longer is ended


@dataclasses.dataclass
class Wanted:
    """How cells are played."""
    peer: str = "ours"
    server: str = "ours"
    watch: float = 6.0  # seconds
    linger: bool = False  # all of them, also where nothing better can come
    jobs: int = 3
    capture: str | None = None


@dataclasses.dataclass
class Played:
    """One play of a cell. `number`: which run it was; `alone`: once more, with nothing beside it."""
    cell: object
    number: int
    result: dict
    alone: bool = False
    load: float = 0.0

    @property
    def missed(self):
        return judge.missed(self.cell, self.result)


def born(pid):
    """When that process began, in the kernel's ticks; None: there is none."""
    with contextlib.suppress(OSError), open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
        return file.read().rpartition(")")[2].split()[19]
    return None


def counted():
    """The process namespace: a lab inside another one has ids that say nothing here."""
    return os.readlink("/proc/self/ns/pid").strip("pid:[]")


def owner():
    return f"{counted()}:{os.getpid()}:{born(os.getpid())}"


def clear_leftovers():
    """Ends what labs that are no more have left running; returns how many processes. Their networks and files end with them."""
    left = []
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        with contextlib.suppress(OSError), open(f"/proc/{name}/environ", "rb") as file:
            mark = next((word for word in file.read().split(b"\0") if word.startswith(MARK.encode() + b"=")), None)
            words = mark.decode().partition("=")[2].split(":") if mark else []
            if len(words) == 3 and words[0] == counted() and born(words[1]) != words[2]:
                left.append(int(name))
    for pid in left:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return len(left)


class Runner:
    """`told(kind, cell, number, message)` hears of everything, in the caller's thread, from play()."""

    def __init__(self, wanted, told):
        self.wanted, self.told = wanted, told
        self.running, self.heard = set(), queue.Queue()

    def play(self, plays):
        """`plays`: (cell, number) in the order to begin; yields a Played as each ends. A cell that missed is played once more, alone."""
        waiting, again, active = list(plays), [], 0
        try:
            while waiting or active or again:
                while waiting and active < self.wanted.jobs:
                    self._start(*waiting.pop(0), alone=False)
                    active += 1
                if not active and again:
                    self._start(*again.pop(0), alone=True)
                    active += 1
                kind, what = self.heard.get()
                if kind == "ended":
                    active -= 1
                    if what.missed and not what.alone:
                        again.append((what.cell, what.number))
                    yield what
                else:
                    self.told(*what)
        finally:
            self.stop()

    def stop(self):
        for process in list(self.running):
            process.kill()

    def _start(self, cell, number, alone):
        threading.Thread(target=self._run, args=(cell, number, alone), daemon=True).start()

    def _run(self, cell, number, alone):
        words = json.dumps({"cell": cell.name, "peer": self.wanted.peer, "server": self.wanted.server, "watch": self.wanted.watch,
                            "linger": self.wanted.linger, "capture": self.wanted.capture is not None})
        with contextlib.ExitStack() as stack:
            # The world hides the machine's own files from itself, so it is given the open file.
            capture = stack.enter_context(open(self.wanted.capture or os.devnull, "wb"))
            errors = stack.enter_context(tempfile.TemporaryFile("w+"))
            process = subprocess.Popen([*networks.isolation(), sys.executable, "-B", os.path.join(FOLDER, "run_cell.py"), words],
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True,
                                       pass_fds=[capture.fileno()], start_new_session=True,
                                       env={**os.environ, MARK: owner(), networks.INSIDE: "1", "BEELINE_LAB_CAPTURE": str(capture.fileno()),
                                            "PATH": networks.path_with_sbin()})
            self.running.add(process)
            late = threading.Timer(LATE_S, process.kill)
            late.start()
            result = self._listen(process, cell, number)
            late.cancel()
            process.stdin.close()
            process.wait()
            self.running.discard(process)
            if result is None:
                errors.seek(0)
                result = {"connected": False, "trouble": f"the cell ended early: {errors.read().strip()[-400:] or 'killed'}"}
        result.update(peer=self.wanted.peer, server=self.wanted.server)
        self.heard.put(("ended", Played(cell, number, result, alone, os.getloadavg()[0])))

    def _listen(self, process, cell, number):
        for line in process.stdout:
            message = json.loads(line)
            if message["event"] == "result":
                del message["event"]
                return message
            self.heard.put(("news", (cell, number, message, time.monotonic())))
        return None
