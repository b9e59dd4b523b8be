"""Small clients for tests, written apart from the product on purpose: a raw WebSocket and a STUN request."""
import base64
import hashlib
import hmac
import json
import os
import socket
import struct

MAGIC = 0x2112A442


class WebSocket:
    """Blocking, text only, over clear TCP. `opened` is the handshake's status code."""

    def __init__(self, port, path="/api/signal", origin=None):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=5)
        lines = [f"GET {path} HTTP/1.1", f"Host: localhost:{port}", "Upgrade: websocket", "Connection: Upgrade",
                 "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: " + base64.b64encode(os.urandom(16)).decode()]
        if origin is not None:
            lines.append(f"Origin: {origin}")
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        self.buffer = b""
        while b"\r\n\r\n" not in self.buffer:
            self.buffer += self._more()
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        self.opened = int(head.split()[1])

    def _more(self):
        data = self.socket.recv(65536)
        if not data:
            raise ConnectionError("the server closed the connection")
        return data

    def send_frame(self, opcode, payload, masked=True):
        size = len(payload)
        bit = 0x80 if masked else 0
        head = bytes([0x80 | opcode])
        if size < 126:
            head += bytes([bit | size])
        elif size < 65536:
            head += bytes([bit | 126]) + struct.pack(">H", size)
        else:
            head += bytes([bit | 127]) + struct.pack(">Q", size)
        self.socket.sendall(head + (b"\0\0\0\0" if masked else b"") + payload)

    def send(self, message):
        text = message if isinstance(message, str) else json.dumps(message)
        self.send_frame(1, text.encode())

    def receive_frame(self):
        """(opcode, payload) of the next frame."""
        def need(count):
            while len(self.buffer) < count:
                self.buffer += self._more()
        need(2)
        opcode, size, offset = self.buffer[0] & 15, self.buffer[1] & 127, 2
        if size == 126:
            need(4)
            size, offset = struct.unpack(">H", self.buffer[2:4])[0], 4
        elif size == 127:
            need(10)
            size, offset = struct.unpack(">Q", self.buffer[2:10])[0], 10
        need(offset + size)
        payload = self.buffer[offset:offset + size]
        self.buffer = self.buffer[offset + size:]
        return opcode, payload

    def receive(self, kind=None):
        """The next message, or the next of that type; a close frame becomes {"close": code}."""
        while True:
            opcode, payload = self.receive_frame()
            if opcode == 8:
                return {"close": struct.unpack(">H", payload[:2])[0] if payload else 1005}
            if opcode != 1:
                continue
            message = json.loads(payload)
            if kind is None or message["type"] == kind:
                return message

    def join(self, room, name="", **more):
        self.send({"type": "hello", "versions": [1], "room": room, "name": name, **more})
        return self.receive()

    def close(self):
        self.socket.close()


def stun(method, attributes=b"", transaction=None):
    """A STUN request of that method number."""
    return struct.pack(">HHI", method, len(attributes), MAGIC) + (transaction or os.urandom(12)) + attributes


def attribute(number, value):
    return struct.pack(">HH", number, len(value)) + value + b"\0" * (-len(value) % 4)


BINDING = 0x0001
ALLOCATE = 0x0003
REFRESH = 0x0004
REQUESTED_TRANSPORT_UDP = attribute(0x0019, b"\x11\0\0\0")


def attributes_of(message):
    """{number: value} of a STUN message."""
    found, offset = {}, 20
    while offset + 4 <= len(message):
        number, size = struct.unpack(">HH", message[offset:offset + 4])
        found[number] = message[offset + 4:offset + 4 + size]
        offset += 4 + size + -size % 4
    return found


class Turn:
    """A TURN client over UDP with one credential; answers are (method and class, attributes)."""

    def __init__(self, server, username, password, source="0.0.0.0"):
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind((source, 0))
        self.udp.connect(server)
        self.udp.settimeout(5)
        self.username, self.password = username.encode(), password.encode()

    def request(self, method, attributes=b""):
        self.udp.send(stun(method, attributes))
        challenge = attributes_of(self.udp.recv(2048))
        realm, nonce = challenge[0x0014], challenge[0x0015]
        attributes += attribute(0x0006, self.username) + attribute(0x0014, realm) + attribute(0x0015, nonce)
        # The integrity covers a header that counts it already.
        message = bytearray(stun(method, attributes))
        message[2:4] = struct.pack(">H", len(attributes) + 24)
        key = hashlib.md5(b":".join((self.username, realm, self.password))).digest()
        self.udp.send(bytes(message) + attribute(0x0008, hmac.new(key, message, hashlib.sha1).digest()))
        answer = self.udp.recv(2048)
        return struct.unpack(">H", answer[:2])[0], attributes_of(answer)

    def code(self, method, attributes=b""):
        """The error code of the answer; 0 for success."""
        value = self.request(method, attributes)[1].get(0x0009)
        return value[2] * 100 + value[3] if value else 0

    def allocate(self):
        return self.code(ALLOCATE, REQUESTED_TRANSPORT_UDP)

    def refresh(self, lifetime=600):
        return self.code(REFRESH, attribute(0x000D, struct.pack(">I", lifetime)))

    def close(self):
        self.udp.close()
