"""What is measured inside one process: ten connections beside one, what idle ones keep, what setting up costs, and OpenSSL alone. Each program
prints one JSON line."""
import json
import os
import statistics
import subprocess
import sys

import harness
from ends import BUILD, ROOT

PAIRS = [os.path.join(BUILD, "bench", "data", "data_pairs")]
FLOOR = [os.path.join(BUILD, "bench", "data", "dtls_floor")]
LIBRARY = ["node", "--expose-gc", os.path.join(ROOT, "bench", "data", "library_pairs.mjs")]
TRIES = 3  # libdatachannel now and then ends its process
PATIENCE_S = 600


def _run(program, *words):
    for _ in range(TRIES if program is LIBRARY else 1):
        done = subprocess.run(program + [str(word) for word in words], stdout=subprocess.PIPE, text=True, timeout=PATIENCE_S, check=False)
        if done.returncode == 0 and done.stdout:
            return json.loads(done.stdout)
    sys.exit(f"bench: {os.path.basename(program[-1])} {' '.join(map(str, words))} failed")


def _in_turn(number, measures):
    """(who, how to measure it): in this order in even rounds, the other way round in odd ones."""
    return [{"who": who, **measure()} for who, measure in (measures if number % 2 == 0 else measures[::-1])]


def _of(measured, who):
    return [one for one in measured if one["who"] == who]


def _median(measured, who, key):
    return statistics.median(one[key] for one in _of(measured, who))


# --- ten connections beside one -------------------------------------------------------------------------------------------------------------

def ten(number, options):
    return _in_turn(number, [(who, lambda count=count: _run(PAIRS, "flood", count, 65536, options.seconds)) for who, count in (("one", 1), ("ten", 10))])


def ten_rows(measured):
    ratios = [ten_["mbs"] / one["mbs"] for one, ten_ in zip(_of(measured, "one"), _of(measured, "ten"))]
    return [harness.judge("ten connections, of what one carries", "", ratios, 0.9, "least")]


def ten_notes(measured):
    return ["one process and thread with both ends: " + ", ".join(
        f"{who} {_median(measured, who, 'mbs'):.4g} MB/s at {_median(measured, who, 'cpu_s_gb'):.3g} s/GB" for who in ("one", "ten"))]


# --- what an idle end keeps -----------------------------------------------------------------------------------------------------------------

def idle(number, options):
    return _in_turn(number, [("beeline", lambda: _run(PAIRS, "idle", options.idle_pairs)),
                             ("libdatachannel", lambda: _run(LIBRARY, "idle", options.idle_pairs))])


def idle_rows(measured):
    return harness.compare((("kib_per_end", "memory of an idle end", "KiB", 0.45, "most"),), _of(measured, "beeline"), _of(measured, "libdatachannel"))


# --- setting up -----------------------------------------------------------------------------------------------------------------------------

SETUP_GOALS = (("p50_ms", "set-up to a bare handshake, median", "ms", 2.2, "most"), ("cpu_ms", "set-up to a bare handshake, CPU", "ms", 2.2, "most"))


def setup(number, options):
    return _in_turn(number, [("beeline", lambda: _run(PAIRS, "setup", options.setup_pairs)),
                             ("handshake", lambda: _run(FLOOR, "handshake", options.setup_pairs, "kept")),
                             ("fresh handshake", lambda: _run(FLOOR, "handshake", options.setup_pairs, "fresh")),
                             ("libdatachannel", lambda: _run(LIBRARY, "setup", options.peer_setup_pairs))])


def setup_rows(measured):
    ours = _of(measured, "beeline")
    rows = harness.compare(SETUP_GOALS, ours, _of(measured, "handshake"))
    # With the making of keys and certificates before, and the closing behind.
    rows += harness.compare((("whole_cpu_ms", "whole pair to a fresh handshake, CPU", "ms", 2.2, "most"),), ours, _of(measured, "fresh handshake"))
    for row in rows:
        row["of"] = "the handshake"
    rows.append(harness.judge("set-up, p99 to the median", "", [one["p99_ms"] / one["p50_ms"] for one in ours], 3, "most"))
    rows.append(harness.judge("the slowest set-up of all", "ms", [max(one["max_ms"] for one in ours)], 1000, "most"))
    return rows


def setup_notes(measured):
    def figures(who):
        keys = [key for key in ("p50_ms", "p99_ms", "max_ms", "cpu_ms", "whole_cpu_ms") if key in _of(measured, who)[0]]
        return f"set-up, {who}: " + ", ".join(f"{key} {_median(measured, who, key):.4g}" for key in keys)
    return [figures(who) for who in ("beeline", "handshake", "fresh handshake", "libdatachannel")]


# --- OpenSSL alone --------------------------------------------------------------------------------------------------------------------------

def pipe(number, options):
    return _in_turn(number, [(who, lambda who=who: _run(FLOOR, "pipe", options.seconds, who)) for who in ("plain", "runs")])


def pipe_notes(measured):
    names = {"plain": "one datagram a call", "runs": "UDP_SEGMENT and UDP_GRO"}
    return [f"bare DTLS between two processes, {name}: {_median(measured, who, 'mbs'):.4g} MB/s, CPU {_median(measured, who, 'cpu_s_gb'):.3g} s/GB "
            f"(sender {_median(measured, who, 'send_cpu_s_gb'):.3g}, receiver {_median(measured, who, 'receive_cpu_s_gb'):.3g})"
            for who, name in names.items()]
