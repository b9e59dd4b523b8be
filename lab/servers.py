"""The STUN and TURN server of a cell: ours or coturn, in the namespace "server", and the words that make peers use it."""
import json
import os
import subprocess

import coturn
from networks import SERVER, SERVER6, inside
from server import Server

SECRET = "a secret for the lab"
STUN_PORT, TLS_PORT = 3478, 443


class Relay:
    """A context manager. `name`: "ours" or "coturn". coturn has no TLS on 443 here."""

    def __init__(self, name, ipv6=False):
        self.name, self.ipv6 = name, ipv6

    def __enter__(self):
        if self.name == "coturn":
            self.process = coturn.Coturn(SERVER, place=inside("server"))
            self.user, self.password = coturn.USER, coturn.PASSWORD
        else:
            listen = [SERVER, SERVER6] if self.ipv6 else [SERVER]
            allowed = ["198.51.100.0/24", "203.0.113.0/24", "192.0.2.0/24", "2001:db8::/32"]
            flags = ["--only", "turn", "--listen", *listen, "--turns-port", str(TLS_PORT), "--allow-peer", *allowed]
            self.process = Server(flags, secret=SECRET, wrapper=inside("server"))
            made = subprocess.run([os.environ["BEELINE_BIN"], "turn-credentials", "--json", "--secret-file", "/dev/stdin"], input=SECRET,
                                  capture_output=True, text=True, check=True).stdout
            self.user, self.password = (json.loads(made)[key] for key in ("username", "password"))
        self.process.__enter__()
        self.authority = self.process.authority if self.name == "coturn" else os.path.join(self.process.folder, "authority.pem")
        self.tls_port = STUN_PORT + 1 if self.name == "coturn" else TLS_PORT
        return self

    def __exit__(self, *_):
        self.process.__exit__(*_)

    def flags(self, side):
        """Of a peer on that side: STUN, and TURN over all it can be had over."""
        hosts = ([SERVER] if side.ipv4 else []) + ([f"[{SERVER6}]"] if side.ipv6 else [])
        stun = [f"{host}:{STUN_PORT}" for host in hosts]
        turn = [f"{carrier}:{host}:{port}" for host in hosts
                for carrier, port in (("udp", STUN_PORT), ("tcp", STUN_PORT), ("tls", self.tls_port))]
        return [*(word for server in stun for word in ("--stun", server)), *(word for server in turn for word in ("--turn", server)),
                "--user", self.user, "--password", self.password, "--authority", self.authority]
