"""What tests of rooms need over raw sockets: plain HTTP signaling, and keys and ids as clients make them."""
import base64
import hashlib
import json
import os
import socket


def host_key():
    return base64.urlsafe_b64encode(os.urandom(32)).decode().rstrip("=")


def room_of(key):
    """The room that belongs to a host key."""
    digest = hashlib.sha256(b"beeline room " + key.encode()).digest()
    return base64.b32encode(digest).decode().lower()[:26]


def resume(welcome, last_event=0):
    return {"resume": {"token": welcome["resume"]["token"], "last_event": last_event}}


def turn_of(welcome):
    """(address over UDP, username, password) of the TURN server that a welcome names."""
    server = welcome["ice"]["servers"][1]
    host, port = server["urls"][0].removeprefix("turn:").split("?")[0].rsplit(":", 1)
    return (host, int(port)), server["username"], server["credential"]


class EventStream:
    """A hello over plain HTTP; `status` is the answer's, receive() reads one message. Chunks are read as they come."""

    def __init__(self, port, hello, source=None, headers=()):
        self.port = port
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=5, source_address=source)
        body = json.dumps(hello).encode()
        self.socket.sendall(request("POST", "/api/signal", port, body, headers))
        self.file = self.socket.makefile("rb")
        self.status = int(self.file.readline().split()[1])
        self.headers = {}
        while line := self.file.readline().strip():
            name, value = line.decode().split(":", 1)
            self.headers[name.lower()] = value.strip()
        self.token = self.headers.get("beeline-session")
        self.sequence = 0

    def receive(self, kind=None):
        """The next message (of that type); None at the end of the stream."""
        while True:
            size = int(self.file.readline().strip() or b"0", 16)
            chunk = self.file.read(size)
            self.file.readline()
            if size == 0:
                return None
            if not chunk.startswith(b"data: "):
                continue
            message = json.loads(chunk[6:])
            if kind is None or message["type"] == kind:
                return message

    def send(self, *messages, sequence=None, token=None):
        """The status of the answer to a request with these messages; its number is the next one unless given."""
        if sequence is None:
            self.sequence += 1
            sequence = self.sequence
        headers = [("Beeline-Session", token or self.token), ("Beeline-Sequence", str(sequence))]
        return post(self.port, "/api/signal/messages", json.dumps(messages).encode(), headers)[0]

    def close(self):
        self.file.close()
        self.socket.close()


def request(method, path, port, body=b"", headers=()):
    lines = [f"{method} {path} HTTP/1.1", f"Host: localhost:{port}", "Content-Type: application/json",
             f"Content-Length: {len(body)}", *(f"{name}: {value}" for name, value in headers)]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


def post(port, path, body, headers=(), method="POST"):
    """(status, head) of a request on a connection of its own."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as client:
        client.sendall(request(method, path, port, body, [*headers, ("Connection", "close")]))
        answer = b""
        while data := client.recv(65536):
            answer += data
    head = answer.split(b"\r\n\r\n", 1)[0].decode()
    return int(head.split()[1]), head
