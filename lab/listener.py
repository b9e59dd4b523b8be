"""A thread that hears of what can be read, until it is told to stop."""
import os
import select
import threading


class Listener:
    """`heard(source)` is called in a thread of its own for each of `sources` (open files or their numbers) that has something."""

    def __init__(self, sources, heard):
        self.sources, self.heard = sources, heard
        self.stopped, self.stop = os.pipe()
        self.thread = threading.Thread(target=self._listen, daemon=True)
        self.thread.start()

    def close(self):
        """Nothing is heard from then on."""
        os.close(self.stop)
        self.thread.join()
        os.close(self.stopped)

    def _listen(self):
        while True:
            ready = select.select([self.stopped, *self.sources], [], [])[0]
            if self.stopped in ready:
                return
            for source in ready:
                self.heard(source)
