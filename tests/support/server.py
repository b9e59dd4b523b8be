"""Starts the server binary for a test, waits until it says it is ready, and ends it; its log is kept for failures."""
import json
import os
import resource
import subprocess
import tempfile


class Server:
    """A context manager: `with Server(["--no-turn"]) as server: server.ready["http"]`. `folder`: the state of an earlier one."""

    def __init__(self, flags=(), secret=None, folder=None, descriptors=None, wrapper=(), environment=None):
        self.flags = list(flags)
        self.temporary = None if folder else tempfile.TemporaryDirectory(prefix="beeline-test-")
        self.folder = folder or self.temporary.name
        self.secret = secret
        self.descriptors = descriptors  # how many the server may open; None: as many as the test
        self.wrapper = list(wrapper)  # what runs the server: ["valgrind"]
        self.environment = {**os.environ, **(environment or {})}
        self.process = None
        self.ready = {}

    def __enter__(self):
        if self.secret:
            with open(os.path.join(self.folder, "turn-secret"), "w", encoding="ascii") as file:
                file.write(self.secret)
        self.log = open(os.path.join(self.folder, "log"), "w+", encoding="utf-8")
        if "--turns-port" not in self.flags:
            self.flags += ["--turns-port", "0"]  # several servers may run at once
        command = [*self.wrapper, os.environ["BEELINE_BIN"], "serve", "--json", "--data-dir", self.folder, *self.flags]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.log, text=True, env=self.environment,
                                        preexec_fn=self._limit if self.descriptors else None)
        line = self.process.stdout.readline()
        if not line:
            self.__exit__(None, None, None)
            raise RuntimeError("the server did not start:\n" + self.log_text)
        self.ready = json.loads(line)
        return self

    def _limit(self):
        resource.setrlimit(resource.RLIMIT_NOFILE, (self.descriptors, self.descriptors))

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.exit_code = self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.exit_code = self.process.wait()
        self.process.stdout.close()
        self.log.seek(0)
        self.log_text = self.log.read()
        self.log.close()
        if self.temporary:
            self.temporary.cleanup()

    def log_so_far(self):
        with open(self.log.name, encoding="utf-8") as file:
            return file.read()
