#!/usr/bin/env python3
"""One end of a kernel TCP flow: `tcp_flow.py receive` or `tcp_flow.py send ADDRESS CONGESTION`. Standard input: "go" has the sender begin, "tally"
has the receiver print how many bytes came, its end ends both. Prints "ready" when connected."""
import os
import socket
import sys
import threading

PORT = 5001
count = 0


def receive():
    global count
    with socket.create_server(("", PORT)) as listener:
        print("listening", flush=True)
        connection = listener.accept()[0]
    print("ready", flush=True)
    while some := connection.recv(1 << 18):
        count += len(some)


def send(address, congestion):
    connection = socket.socket()
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, congestion.encode())
    connection.connect((address, PORT))
    print("ready", flush=True)
    sys.stdin.readline()
    while True:
        connection.sendall(bytes(1 << 16))


def main():
    if sys.argv[1] == "send":
        send(sys.argv[2], sys.argv[3])  # until it is ended
    threading.Thread(target=receive, daemon=True).start()
    for _ in sys.stdin:
        print(count, flush=True)
    os._exit(0)


if __name__ == "__main__":
    main()
