"""W6: how long messages of others take while one member floods the server, beside how long they take in quiet.

Quiet and flooded times follow each other, so what else the machine does meets both; a ratio is of one such pair. What else
it does only ever adds, so the lowest of all quiet and of all flooded times are compared as well: they are the goal's."""
import contextlib
import json
import os
import random
import socket
import statistics
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tests", "support"))
from clients import WebSocket  # noqa: E402

GOAL = 1.2
PEOPLE = 2000
PAIRS = 15
SECONDS = 1
SLOW = 500  # connections; a source may have 512


def text_flood(make):
    """A flood of one member that sends what make(id of its partner) returns, as fast as it is taken, and reads every answer."""
    def run(port, stop):
        partner, member = WebSocket(port), WebSocket(port)
        room = "".join(random.choices("abcdefghijklmnopqrstuvwxyz", k=26))
        to = partner.join(room)["you"]
        member.join(room)
        for client in (partner, member):
            threading.Thread(target=drain, args=(client.socket,), daemon=True).start()
        texts = make(to)
        with contextlib.suppress(OSError):
            while not stop.is_set():
                for text in texts:
                    member.send(text)
        partner.close()
        member.close()
    return run


def drain(client):
    with contextlib.suppress(OSError):
        while client.recv(1 << 20):
            pass


def deep(_):
    levels = 30
    nested = '{"a":' * levels + "[" + "[],[]," * 9000 + "[]]" + "}" * levels
    return ['{"type":"presence","presence":' + nested + "}", '{"type":"ping"}']  # a good one, or five errors end it


def huge(to):
    return [json.dumps({"type": "relay", "to": to, "items": [{"x": "x" * 65_000}]})]


def slowloris(port, stop):
    """Requests that never end, and new ones where the server has had enough."""
    clients = []
    while not stop.is_set():
        while len(clients) < SLOW:
            clients.append(socket.create_connection(("127.0.0.1", port)))
            clients[-1].sendall(b"GET / HTTP/1.1\r\nX: ")
        for client in clients[:]:
            try:
                client.send(b"x")
            except OSError:
                client.close()
                clients.remove(client)
            if stop.wait(1 / SLOW):
                break
    for client in clients:
        client.close()


FLOODS = {"messages": text_flood(lambda _: ['{"type":"ping"}']), "deep JSON": text_flood(deep),
          "largest frames": text_flood(huge), "slowloris": slowloris}


def measure_floods(start_server, start_load):
    """Rows of results; the load's people are on addresses of their own, so no limit of the flooder's source is theirs."""
    rows = []
    server, port = start_server()
    try:
        load = start_load(port, PEOPLE)
        load.stdout.readline()

        def one_by_one():
            load.stdin.write(f"{SECONDS}\n")
            load.stdin.flush()
            return json.loads(load.stdout.readline())

        one_by_one()  # warm
        for name, flood in FLOODS.items():
            pairs = []
            for _ in range(PAIRS):
                quiet = one_by_one()
                stop = threading.Event()
                flooder = threading.Thread(target=flood, args=(port, stop), daemon=True)
                flooder.start()
                time.sleep(0.2)
                flooded = one_by_one()
                stop.set()
                flooder.join(timeout=2)
                pairs.append((quiet, flooded))
            ratios = sorted(flooded["p99_us"] / quiet["p99_us"] for quiet, flooded in pairs)
            lowest = [min(pair[number]["p99_us"] for pair in pairs) for number in (0, 1)]
            rows.append({"flood": name, "goal": GOAL, "ratio": lowest[1] / lowest[0], "median_ratio": statistics.median(ratios),
                         "spread": [ratios[0], ratios[-1]], "met": lowest[1] / lowest[0] <= GOAL, "lowest_p99_us": lowest,
                         **{f"{when}_{key}": statistics.median(pair[number][key] for pair in pairs)
                            for number, when in enumerate(("quiet", "flooded")) for key in ("p50_us", "p99_us", "p999_us")}})
            print(f"flood: {name} done", file=sys.stderr)
        load.stdin.close()
        load.wait(timeout=60)
    finally:
        server.kill()
        server.wait()
        server.stdout.close()
    return rows


def show_floods(rows):
    print(f"{'p99 of others, us':<18}{'quiet':>7}{'flooded':>8}{'goal':>7}{'lowest':>8}{'':>9}{'median of pairs':>16}{'spread':>13}")
    for row in rows:
        low, high = row["spread"]
        quiet, flooded = row["lowest_p99_us"]
        print(f"{row['flood']:<18}{quiet:>7.0f}{flooded:>8.0f}{'<=' + format(row['goal'], 'g') + 'x':>7}{row['ratio']:>7.2f}x"
              f"{'met' if row['met'] else 'NOT MET':>9}{row['median_ratio']:>15.2f}x{low:>8.2f}-{high:.2f}")
