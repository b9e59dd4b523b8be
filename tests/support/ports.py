"""Ports for programs that must be told theirs, because they cannot say which one they were given."""
import random
import socket

# Below the ports the kernel gives to sockets that ask for none (/proc/sys/net/ipv4/ip_local_port_range): one of those may be taken by another
# program in the moment between our asking and its use, and still hears whoever spoke to its last owner.
FIRST, LAST = 20_000, 32_000


def free_port(host="127.0.0.1"):
    """Free for UDP and for TCP."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for _ in range(100):
        port = random.randint(FIRST, LAST)
        with socket.socket(family, socket.SOCK_DGRAM) as udp, socket.socket(family, socket.SOCK_STREAM) as tcp:
            try:
                udp.bind((host, port))
                tcp.bind((host, port))
                return port
            except OSError:
                continue
    raise OSError("no port is free for both UDP and TCP")
