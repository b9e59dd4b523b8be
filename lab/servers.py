"""The STUN and TURN server of a cell: ours or coturn, in the namespace "server", and the words that make peers use it. Where pages sit in
the cell, our server serves them too."""
import contextlib
import json
import os
import subprocess

import coturn
import nat64
from networks import SECOND_SERVER, SERVER, SERVER6, inside
from server import Server

SECRET = "a secret for the lab"
STUN_PORT, TLS_PORT, PAGE_PORT = 3478, 443, 8443
ALLOWED = ("198.51.100.0/24", "203.0.113.0/24", "192.0.2.0/24", "2001:db8::/32")


class Relay:
    """A context manager. `name`: "ours" or "coturn". `pages`: whether people meet on pages of our web app."""

    def __init__(self, name, ipv6=False, pages=False):
        self.name, self.ipv6, self.pages = name, ipv6, pages

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            if self.name == "coturn":
                process = stack.enter_context(coturn.Coturn(SERVER, place=inside("server"), more=["--listening-ip", SECOND_SERVER]))
                self.user, self.password, self.authority, self.tls_port = coturn.USER, coturn.PASSWORD, process.authority, STUN_PORT + 1
            if self.name == "ours" or self.pages:
                self._ours(stack)
            self.stack = stack.pop_all()
        return self

    def _ours(self, stack):
        listen = [SERVER, SECOND_SERVER, SERVER6] if self.ipv6 else [SERVER, SECOND_SERVER]
        part = ["--port", str(PAGE_PORT)] if self.pages else ["--only", "turn"]
        turn = ["--turns-port", str(TLS_PORT), "--allow-peer", *ALLOWED] if self.name == "ours" else ["--no-turn"]
        process = stack.enter_context(Server([*part, "--listen", *listen, *turn], secret=SECRET, wrapper=inside("server")))
        self.page, authority = f"https://{SERVER}:{PAGE_PORT}", os.path.join(process.folder, "authority.pem")
        self.page_authority = authority
        if self.name == "coturn":
            return
        made = subprocess.run([os.environ["BEELINE_BIN"], "turn-credentials", "--json", "--secret-file", "/dev/stdin"], input=SECRET,
                              capture_output=True, text=True, check=True).stdout
        self.user, self.password = (json.loads(made)[key] for key in ("username", "password"))
        self.authority, self.tls_port = authority, TLS_PORT

    def __exit__(self, *_):
        self.stack.close()

    def page_flags(self, room):
        """Of a page: where it is, whom it trusts, and whose ICE servers it takes."""
        return ["--page", self.page, "--room", room, "--authority", self.page_authority, "--servers", "page" if self.name == "ours" else "flags"]

    def flags(self, side):
        """Of a peer on that side: STUN, and TURN over all it can be had over."""
        hosts = ([SERVER] if side.ipv4 else []) + ([f"[{SERVER6}]"] if side.ipv6 else [])
        if side.base == "nat64":  # as its DNS64 would tell it, RFC 6147
            hosts = [f"[{nat64.synthesized(SERVER)}]"]
        stun = [f"{host}:{STUN_PORT}" for host in [*hosts, *([SECOND_SERVER] if side.ipv4 else [])]]
        turn = [f"{carrier}:{host}:{port}" for host in hosts
                for carrier, port in (("udp", STUN_PORT), ("tcp", STUN_PORT), ("tls", self.tls_port))]
        return [*(word for server in stun for word in ("--stun", server)), *(word for server in turn for word in ("--turn", server)),
                "--user", self.user, "--password", self.password, "--authority", self.authority]
