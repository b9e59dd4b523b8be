"""Debian's coturn as the TURN server of a test."""
import os
import shutil
import socket
import subprocess
import tempfile

from wait import until

USER, PASSWORD, REALM = "tester", "a word for tests", "test"


def installed():
    return shutil.which("turnserver") is not None


class Coturn:
    """A context manager: UDP and TCP on `port`, TLS on `port` + 1 with a certificate for its address (`authority`: its file)."""

    def __init__(self, address="127.0.0.1", port=3478, place=(), more=()):
        self.address, self.port, self.place, self.more = address, port, list(place), list(more)

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="beeline-coturn-")
        path = self.folder.name
        self.authority, key = os.path.join(path, "certificate.pem"), os.path.join(path, "key.pem")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                        "-subj", "/CN=coturn", "-addext", f"subjectAltName=IP:{self.address}", "-keyout", key, "-out", self.authority],
                       check=True, capture_output=True)
        self.log = open(os.path.join(path, "log"), "w+", encoding="utf-8")
        command = [*self.place, "turnserver", "-n", "--no-cli", "--listening-ip", self.address, "--relay-ip", self.address,
                   "--listening-port", str(self.port), "--tls-listening-port", str(self.port + 1), "--cert", self.authority, "--pkey", key,
                   "--lt-cred-mech", "--user", f"{USER}:{PASSWORD}", "--realm", REALM, "--allow-loopback-peers",
                   "--userdb", os.path.join(path, "database"), "--pidfile", os.path.join(path, "pid"), "--log-file", "stdout", *self.more]
        self.process = subprocess.Popen(command, stdout=self.log, stderr=subprocess.STDOUT)
        try:
            until(lambda: self._answers() or self.process.poll() is not None, 15)
            if self.process.poll() is not None:
                raise AssertionError("it ended")
        except AssertionError as why:
            self.__exit__()
            raise RuntimeError(f"coturn did not start: {why}\n" + self.log_text) from None
        return self

    def _answers(self):
        """Asked from where it stands: its port is taken."""
        if not self.place:
            with socket.socket() as probe:
                return probe.connect_ex((self.address, self.port + 1)) == 0
        probe = f"import socket; raise SystemExit(socket.socket().connect_ex(({self.address!r}, {self.port + 1})))"
        return subprocess.run([*self.place, "/usr/bin/python3", "-c", probe], check=False).returncode == 0

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.seek(0)
        self.log_text = self.log.read()
        self.log.close()
        self.folder.cleanup()

    def flags(self, carrier="udp"):
        """Of lab-peer, to use it."""
        port = self.port + 1 if carrier == "tls" else self.port
        return ["--turn", f"{carrier}:{self.address}:{port}", "--user", USER, "--password", PASSWORD, "--authority", self.authority]
