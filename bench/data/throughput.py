"""Two ends, each a process, of each stack in turn: on loopback, and through a bridge of 20 ms each way that loses some."""
import os
import statistics
import time

import harness
from bridge import bridged, overflows
from ends import STACKS, call, large

# Of ours to libdatachannel's: key, what it is, unit, ratio, bound.
NEAR_GOALS = (("large_mbs", "64 KiB messages", "MB/s", 2.5, "least"), ("large_cpu", "64 KiB messages, CPU", "s/GB", 0.4, "most"),
              ("small_mbs", "1 KiB messages", "MB/s", 2.0, "least"), ("pings", "ping-pong of 100 bytes", "1/s", 1.2, "least"))
FAR_GOALS = (("far_mbs", "40 ms, no loss", "MB/s", 3.0, "least"), ("far_01_mbs", "40 ms, 0.1 % lost", "MB/s", 15.0, "least"),
             ("far_1_mbs", "40 ms, 1 % lost", "MB/s", 20.0, "least"))
LOSSES = (("far_mbs", 0), ("far_01_mbs", 0.1), ("far_1_mbs", 1))


def flood(stack, size, seconds, namespaces=(None, None), warm_up=1.0):
    """Megabytes a second, and CPU seconds of both ends per gigabyte."""
    with call(stack, namespaces) as (a, b, channel, _):
        b.say({"type": "quiet"})
        a.say({"type": "flood", "channel": channel, "size": size})
        time.sleep(warm_up)
        began, had, used = time.monotonic(), b.tally(), a.cpu() + b.cpu()
        time.sleep(seconds)
        bytes_, took, cpu = b.tally() - had, time.monotonic() - began, a.cpu() + b.cpu() - used
        a.say({"type": "stop"})
    return bytes_ / took / 1e6, cpu / max(bytes_, 1) * 1e9


def ping_pong(stack, count):
    with call(stack) as (a, b, channel, _):
        b.say({"type": "echo"})
        b.tally()  # it has heard that
        a.say({"type": "pingpong", "channel": channel, "size": 100, "count": count})
        pongs = a.wait("pongs")
    return pongs["count"] / pongs["seconds"]


def _near(stack, options):
    one = {}
    one["large_mbs"], one["large_cpu"] = flood(stack, large(stack), options.seconds)
    one["small_mbs"], one["small_cpu"] = flood(stack, 1024, options.seconds)
    # Pion's end has no ping-pong; its figures are in the notes of others.
    if stack != "pion":
        one["pings"] = ping_pong(stack, options.pings)
    return one


def _far(stack, options):
    one = {"overflows": 0}
    for key, loss in LOSSES:
        with bridged(loss) as namespaces:
            one[key], _ = flood(stack, large(stack), options.far_seconds, namespaces, warm_up=2.0)
            one["overflows"] += overflows(namespaces)
    return one


def _each_stack(measure, number, options):
    stacks = [name for name in STACKS if name != "pion" or os.path.exists(STACKS[name][0])]
    return [{"stack": name, **measure(name, options)} for name in (stacks if number % 2 == 0 else stacks[::-1])]


def _of(measured, stack):
    return [one for one in measured if one["stack"] == stack]


def near(number, options):
    return _each_stack(_near, number, options)


def far(number, options):
    return _each_stack(_far, number, options)


def near_rows(measured):
    return harness.compare(NEAR_GOALS, _of(measured, "beeline"), _of(measured, "libdatachannel"))


def far_rows(measured):
    return harness.compare(FAR_GOALS, _of(measured, "beeline"), _of(measured, "libdatachannel"))


def far_notes(measured):
    lost = {stack: statistics.median(one["overflows"] for one in _of(measured, stack)) for stack in STACKS if _of(measured, stack)}
    return [*notes(measured), "lost to full socket buffers: " + ", ".join(f"{stack} {count:.0f}" for stack, count in lost.items())]


def notes(measured):
    pion = _of(measured, "pion")
    if not pion:
        return []
    figures = {key: statistics.median(one[key] for one in pion) for key in pion[0] if key not in ("part", "round", "stack", "overflows")}
    return ["pion v3: " + ", ".join(f"{key} {value:.3g}" for key, value in figures.items())]
