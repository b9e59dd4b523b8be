"""One call between two peers in a cell: when each side connected, on which paths it was, and what became of it when the network changed."""
import json
import secrets
import time

from lab_peers import LabPeer, connect
from wait import until

import cells
import peer_programs
from networks import inside

GIVE_UP_S, PAGE_GIVE_UP_S = 15.0, 40.0  # to connect at all; pages also have to meet
READY_S = 120.0  # a browser takes its time
SETTLED_S = 1.0  # a direct path that stays that long is final: nothing is better
STEP_S = 0.02
ROOM_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
HEARD_AGAIN = 5  # datagrams on both sides, after which a call goes on


class Call:
    """A context manager; `say` is told what happens while it happens."""

    def __init__(self, cell, relay, peer, say):
        self.cell, self.say, self.told = cell, say, [0, 0]
        self.pages = relay.pages
        self.patience = PAGE_GIVE_UP_S if relay.pages else GIVE_UP_S
        program = peer_programs.command(peer)
        self.waits = program is not None  # a program of ours begins at once, others when they are told
        page = relay.page_flags("".join(secrets.choice(ROOM_LETTERS) for _ in range(26))) if relay.pages else []
        self.peers = [LabPeer(role, [*relay.flags(side), *page], inside(home), program)
                      for role, side, home in zip(("controlling", "controlled"), cell.sides, ("home1", "home2"))]

    def __enter__(self):
        if not self.waits:
            self.began = time.monotonic()
        for peer in self.peers:
            peer.__enter__()
        if self.waits:
            for peer in self.peers:
                peer.wait(lambda message: message["type"] == "ready", READY_S)
            self.began = time.monotonic()
            for peer in self.peers:
                peer.tell({"type": "start"})
        connect(*self.peers, passes=lambda message: self.cell.hosts_told or " typ host" not in message.get("candidate", ""))
        return self

    def __exit__(self, *_):
        for peer in self.peers:
            peer.__exit__(*_)

    def at(self, moment):
        return round(moment - self.began, 3)

    # --- what the sides have said so far ---

    def first(self, side, wanted):
        """When that side said so first; None: not yet."""
        return next((message["seen"] for message in self.peers[side].news if wanted(message)), None)

    def connected(self):
        """When both sides were connected and had heard each other."""
        said = [self.first(side, lambda message: message.get("state") == "connected") for side in (0, 1)]
        heard = [self.first(side, lambda message: message["type"] == "heard") for side in (0, 1)]
        return max(said) if all(said) and all(heard) else None

    def paths(self, side):
        return [{"at": self.at(message["seen"]), "relayed": message["relayed"], "local": message["local"], "remote": message["remote"]}
                for message in self.peers[side].news if message["type"] == "path"]

    def verdict(self):
        """What both sides are on now; "mixed" where they differ, None where one has no path."""
        return self._of([self.paths(side)[-1:] for side in (0, 1)])

    def _of(self, last):
        if not all(last):
            return None
        relayed = {one[0]["relayed"] for one in last}
        if self.pages:  # a browser hides whose address it is that it was reached from; the side with the relay knows
            return cells.RELAYED if True in relayed else cells.DIRECT
        return "mixed" if len(relayed) == 2 else cells.RELAYED if relayed.pop() else cells.DIRECT

    def final_since(self):
        """When the last change of either side's path was; now, where there is none."""
        return max((path["at"] for side in (0, 1) for path in self.paths(side)), default=self.at(time.monotonic()))

    def progress(self):
        """Tells the lab what is new."""
        for side in (0, 1):
            paths = self.paths(side)
            for path in paths[self.told[side]:]:
                self.say({"event": "path", "side": side, "at": path["at"], "relayed": path["relayed"]})
            self.told[side] = len(paths)
        for peer in self.peers:
            if peer.process.poll() is not None:
                raise RuntimeError(f"a peer ended: {peer.summary()}")

    def wait(self, condition, seconds):
        """Whether it became true in time; keeps telling meanwhile."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.progress()
            if condition():
                return True
            time.sleep(STEP_S)
        return False

    # --- the call ---

    def verdict_at(self, moment):
        """verdict() as it was then, in seconds after the start."""
        last = [[path for path in self.paths(side) if path["at"] <= moment][-1:] for side in (0, 1)]
        return self._of(last)

    def play(self, watch, linger=False):
        """Returns what was measured. `watch`: for so many seconds after the start better paths are waited for; `linger`: for so many after
        it connected, also where it is direct already."""
        measured = {"connected": self.wait(self.connected, self.patience)}
        if measured["connected"]:
            measured["connect_s"] = self.at(self.connected())
            self.say({"event": "connected", "at": measured["connect_s"]})
            if linger:
                self.wait(lambda: False, watch)
                measured["verdict_1s"] = self.verdict_at(measured["connect_s"] + 1)
            else:
                self.watch_paths(watch)
            measured["verdict"] = self.verdict()
            measured["best_s"] = self.final_since()
        return measured

    def watch_paths(self, watch):
        def settled():
            return self.verdict() == cells.DIRECT and time.monotonic() - self.began - self.final_since() > SETTLED_S
        self.wait(settled, self.began + watch - time.monotonic())

    def counts(self):
        return [peer.ask("counts") for peer in self.peers]

    def change(self, event, world, watch):
        """Something happens to the first side's network; returns when they heard each other again, and how long the silence was."""
        before = time.monotonic()
        if event == "nat-reboot":
            world.reboot_nat()
        else:
            world.unplug()
            world.plug_elsewhere()
        changed = time.monotonic()
        self.say({"event": event, "at": self.at(changed)})
        heard = [count["heard"] for count in self.counts()]
        again = []
        for peer, old in zip(self.peers, heard):
            until(lambda who=peer, least=old + HEARD_AGAIN: who.ask("counts")["heard"] > least, self.patience, said=peer.summary)
            again.append(time.monotonic())
        self.wait(lambda: self.verdict() == self.cell.expected, watch)
        silences = [count["longest_silence_ms"] / 1000 for count in self.counts()]
        return {"event": event, "at": self.at(changed), "took_s": round(changed - before, 3), "again_s": round(max(again) - changed, 3),
                "silence_s": round(max(silences), 3), "verdict": self.verdict(), "best_s": round(max(self.final_since() - self.at(changed), 0), 3)}

    def explanations(self):
        """Of both sides; None where a program has none."""
        return [None if self.waits else peer.ask("explain") for peer in self.peers]

    def log(self):
        """What both sides said, for a cell that missed."""
        return [json.loads(peer.summary()) for peer in self.peers]
