"""A translator between IPv6 and IPv4 without state (RFC 7915) on a TUN device called "lan": with a NAT of nat_rules behind that, it is what a
home with IPv6 alone has towards the IPv4 internet (RFC 6146). UDP and TCP; no fragments, no ICMP."""
import fcntl
import os
import socket
import struct

from listener import Listener
from networks import visiting

PREFIX = "2001:db8:64::"  # a network's own prefix, RFC 6052 §2.2: the well-known one is no documentation address
SET_INTERFACE, TUN, NO_PACKET_HEAD = 0x400454CA, 0x0001, 0x1000
TCP, UDP = 6, 17
MOST = 65535


def synthesized(address):
    """The IPv6 address that stands for an IPv4 address, RFC 6052 §2.2."""
    return socket.inet_ntop(socket.AF_INET6, socket.inet_pton(socket.AF_INET6, PREFIX)[:12] + socket.inet_aton(address))


# What a DNS64 answers to those who look for its prefix, RFC 7050 §3.
PROBE = ("ipv4only.arpa", synthesized("192.0.0.170"))


def words_of(data):
    return sum(struct.unpack(f">{len(data) // 2}H", data))


def folded(total):
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return total


class Translation:
    """One IPv6 host and the IPv4 address that stands for it inside; packets in and out are whole IP packets, None: dropped."""

    def __init__(self, host6, host4):
        self.host6, self.host4 = socket.inet_pton(socket.AF_INET6, host6), socket.inet_aton(host4)
        self.prefix = socket.inet_pton(socket.AF_INET6, PREFIX)[:12]

    def translate(self, packet):
        if len(packet) < 20:
            return None
        return self.to_ipv4(packet) if packet[0] >> 4 == 6 else self.to_ipv6(packet)

    def to_ipv4(self, packet):
        """RFC 7915 §5.1."""
        if len(packet) < 48 or packet[6] not in (TCP, UDP) or packet[8:24] != self.host6 or packet[24:36] != self.prefix:
            return None
        payload = self.rewritten(packet[6], packet[40:], packet[8:40], self.host4 + packet[36:40])
        head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(payload), 0, 0x4000, max(packet[7] - 1, 1), packet[6], 0) + self.host4 + packet[36:40]
        return head[:10] + struct.pack(">H", folded(words_of(head)) ^ 0xFFFF) + head[12:] + payload

    def to_ipv6(self, packet):
        """RFC 7915 §4.1."""
        length = (packet[0] & 15) * 4
        fragment = struct.unpack_from(">H", packet, 6)[0] & 0x3FFF
        if packet[0] >> 4 != 4 or packet[9] not in (TCP, UDP) or packet[16:20] != self.host4 or fragment or len(packet) < length + 8:
            return None
        addresses = self.prefix + packet[12:16] + self.host6
        payload = self.rewritten(packet[9], packet[length:struct.unpack_from(">H", packet, 2)[0]], packet[12:20], addresses)
        return struct.pack(">IHBB", 0x60000000, len(payload), packet[9], max(packet[8] - 1, 1)) + addresses + payload

    @staticmethod
    def rewritten(protocol, payload, old, new):
        """With a checksum over other addresses, RFC 1624."""
        at = 6 if protocol == UDP else 16
        if len(payload) < at + 2:
            return payload
        before = struct.unpack_from(">H", payload, at)[0]
        after = folded((before ^ 0xFFFF) + 0xFFFF * 16 - words_of(old) % 0xFFFF + words_of(new)) ^ 0xFFFF
        return payload[:at] + struct.pack(">H", after or 0xFFFF) + payload[at + 2:]


class Translator:
    """A context manager; it translates in a thread until it ends. The device is there, and has to be set up, from __enter__ on."""

    def __init__(self, namespace, host6, host4):
        self.namespace, self.translation = namespace, Translation(host6, host4)

    def __enter__(self):
        with visiting(self.namespace):
            self.device = os.open("/dev/net/tun", os.O_RDWR)
            fcntl.ioctl(self.device, SET_INTERFACE, struct.pack("16sH", b"lan", TUN | NO_PACKET_HEAD))
        self.listener = Listener([self.device], self._hear)
        return self

    def __exit__(self, *_):
        self.listener.close()
        os.close(self.device)

    def _hear(self, device):
        translated = self.translation.translate(os.read(device, MOST))
        if translated:
            os.write(device, translated)
