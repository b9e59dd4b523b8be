#!/usr/bin/env python3
"""One end of a kernel TCP flow: `tcp_flow.py receive PORT` or `tcp_flow.py send PORT ADDRESS CONGESTION`. Standard input: "go" has the sender begin,
"tally" has the receiver print how many bytes came. Prints "ready" when connected. Both are to be killed."""
import socket
import sys
import threading

count = 0


def receive(port):
    global count
    with socket.create_server(("", port)) as listener:
        print("listening", flush=True)
        connection = listener.accept()[0]
    print("ready", flush=True)
    while some := connection.recv(1 << 18):
        count += len(some)


def send(port, address, congestion):
    connection = socket.socket()
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, congestion.encode())
    connection.connect((address, port))
    print("ready", flush=True)
    sys.stdin.readline()
    while True:
        connection.sendall(bytes(1 << 16))


def main():
    port = int(sys.argv[2])
    if sys.argv[1] == "send":
        send(port, sys.argv[3], sys.argv[4])
    threading.Thread(target=receive, args=(port,), daemon=True).start()
    for _ in sys.stdin:
        print(count, flush=True)


if __name__ == "__main__":
    main()
