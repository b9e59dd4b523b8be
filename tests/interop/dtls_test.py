"""OpenSSL's and NSS's own programs as the other side of a DTLS session. NSS comes twice: Debian's, and Firefox's, which offers DTLS 1.3 with a
ClientHello of two datagrams and has to be answered with 1.2."""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from ports import free_port  # noqa: E402

FIREFOX = "/usr/lib/firefox-esr"
FOREIGN, OURS = "text of theirs", "text of ours"


def run(*command, **options):
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=30, **options).stdout


def fingerprint(certificate):
    return run("openssl", "x509", "-noout", "-fingerprint", "-sha256", input=certificate).split("=")[1].strip()


class Dtls(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.complaints = os.path.join(self.folder, "stderr")

    def need(self, *programs):
        for program in programs:
            if shutil.which(program) is None:
                self.skipTest(f"{program} is not installed")

    def start(self, *command, **options):
        with open(self.complaints, "a", encoding="utf-8") as stderr:
            process = subprocess.Popen(command, cwd=self.folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr, text=True, **options)
        # Nobody waits longer than this, whatever the two do not say.
        limit = threading.Timer(20, process.kill)
        limit.start()
        for cleanup in (process.stdout.close, process.stdin.close, process.wait, process.kill, limit.cancel):
            self.addCleanup(cleanup)
        return process

    def meet(self, our_role, theirs, their_fingerprint, **options):
        """`theirs`: their command, with PORT in it where the port belongs. Each side hears the other's text."""
        port = str(free_port())
        ours = self.start(os.environ["DTLS_PEER"], our_role, port, their_fingerprint, OURS + "\n")
        if our_role == "server":
            self.assertEqual(ours.stdout.readline(), "listening\n")
        # Where we are the client our hello is repeated until they are there.
        foreign = self.start(*[word.replace("PORT", port) for word in theirs], **options)
        if not re.match(r"connected TLS_ECDHE_ECDSA_WITH_AES_\d+_GCM_SHA\d+", line := ours.stdout.readline()):
            with open(self.complaints, encoding="utf-8") as stderr:
                state = "go on" if foreign.poll() is None else f"ended with {foreign.poll()}"
                self.fail(f"not connected: we say {line!r}, they {state}; {stderr.read()}")
        foreign.stdin.write(FOREIGN + "\n")
        foreign.stdin.flush()
        self.assertEqual(ours.stdout.readline(), f"received {FOREIGN}\n")
        self.assertEqual(ours.wait(15), 0)
        while OURS not in (line := foreign.stdout.readline()):
            self.assertTrue(line, "they ended without having heard us")

    def openssl_identity(self):
        self.need("openssl")
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "key", "-out", "certificate",
            "-subj", "/CN=foreign", "-days", "5", cwd=self.folder)
        with open(os.path.join(self.folder, "certificate"), encoding="ascii") as file:
            return fingerprint(file.read())

    def nss_identity(self):
        self.need("openssl", "tstclnt", "certutil")
        with open(os.path.join(self.folder, "noise"), "wb") as noise:
            noise.write(os.urandom(64))
        run("certutil", "-N", "-d", ".", "--empty-password", cwd=self.folder)
        run("certutil", "-S", "-d", ".", "-n", "foreign", "-s", "CN=foreign", "-x", "-t", "u,u,u", "-k", "ec", "-q", "nistp256", "-z", "noise",
            "-v", "12", cwd=self.folder)
        return fingerprint(run("certutil", "-L", "-d", ".", "-n", "foreign", "-a", cwd=self.folder))

    def meet_nss(self, our_role, of_firefox):
        identity = self.nss_identity()
        environment = dict(os.environ)
        if of_firefox:
            if not os.path.exists(f"{FIREFOX}/libssl3.so"):
                self.skipTest("firefox-esr is not installed")
            environment["LD_LIBRARY_PATH"] = FIREFOX
        their_role = "server" if our_role == "client" else "client"
        self.meet(our_role, ["tstclnt", "-P", their_role, "-h", "127.0.0.1", "-p", "PORT", "-d", ".", "-n", "foreign", "-o", "-V", "tls1.2:tls1.3"],
                  identity, env=environment)

    def test_openssl_is_the_server(self):
        identity = self.openssl_identity()
        self.meet("client", ["openssl", "s_server", "-dtls1_2", "-port", "PORT", "-cert", "certificate", "-key", "key", "-verify", "1", "-quiet"],
                  identity)

    def test_openssl_is_the_client(self):
        identity = self.openssl_identity()
        self.meet("server", ["openssl", "s_client", "-dtls1_2", "-connect", "127.0.0.1:PORT", "-cert", "certificate", "-key", "key", "-quiet"],
                  identity)

    def test_nss_is_the_server(self):
        self.meet_nss("client", of_firefox=False)

    def test_nss_is_the_client(self):
        self.meet_nss("server", of_firefox=False)

    def test_nss_of_firefox_is_the_server(self):
        self.meet_nss("client", of_firefox=True)

    def test_nss_of_firefox_is_the_client(self):
        self.meet_nss("server", of_firefox=True)


if __name__ == "__main__":
    unittest.main()
