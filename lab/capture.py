"""The packets of a cell as one pcapng file with an interface for each place: what a NAT makes of a packet is seen before and behind it."""
import os
import socket
import struct
import time

from listener import Listener
from networks import visiting

ALL_PROTOCOLS = 0x0003
SECTION, INTERFACE, PACKET, ETHERNET = 0x0A0D0D0A, 1, 6, 1
NAME_OPTION, END_OPTION = 2, 0
MOST = 65535


def block(kind, body):
    size = 12 + len(body)
    return struct.pack("<II", kind, size) + body + struct.pack("<I", size)


def padded(data):
    return data + b"\0" * (-len(data) % 4)


class Capture:
    """A context manager; writes to that open file descriptor until it ends. `viewpoints`: (namespace, device), device None for all."""

    def __init__(self, descriptor, viewpoints):
        self.file = os.fdopen(descriptor, "wb", closefd=False)
        self.viewpoints, self.sockets = viewpoints, []
        self.packets = 0

    def __enter__(self):
        self.file.write(block(SECTION, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)))
        for namespace, device in self.viewpoints:
            with visiting(namespace):
                listening = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ALL_PROTOCOLS))
                if device:
                    listening.bind((device, ALL_PROTOCOLS))
            self.sockets.append(listening)
            name = f"{namespace} {device or ''}".strip().encode()
            option = struct.pack("<HH", NAME_OPTION, len(name)) + padded(name) + struct.pack("<HH", END_OPTION, 0)
            self.file.write(block(INTERFACE, struct.pack("<HHI", ETHERNET, 0, MOST) + option))
        self.listener = Listener(self.sockets, self._hear)
        return self

    def __exit__(self, *_):
        self.listener.close()
        for listening in self.sockets:
            listening.close()
        self.file.flush()

    def _hear(self, listening):
        packet, number = listening.recv(MOST), self.sockets.index(listening)
        at = time.time_ns() // 1000
        head = struct.pack("<IIIII", number, at >> 32, at & 0xFFFFFFFF, len(packet), len(packet))
        self.file.write(block(PACKET, head + padded(packet)))
        self.packets += 1
