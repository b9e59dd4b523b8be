"""One cell, in networks that only this process sees; what happens is lines of JSON on standard output, the last is the result.

It ends with its standard input: a lab that was killed leaves nothing running."""
import contextlib
import json
import os
import sys
import threading
import time
import traceback

FOLDER = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(FOLDER, "..", "tests", "support"))
import cells  # noqa: E402
import peer_programs  # noqa: E402
from call import Call  # noqa: E402
from capture import Capture  # noqa: E402
from servers import Relay  # noqa: E402
from world import World  # noqa: E402

SAID = 160  # characters of what went wrong, in tables; "where" has all of it


def say(message):
    print(json.dumps(message), flush=True)


def end_with_standard_input():
    def read():
        while sys.stdin.buffer.read(4096):
            pass
        os._exit(1)  # the first process of a process namespace: the kernel ends all others with it
    threading.Thread(target=read, daemon=True).start()


def play(wanted):
    cell = cells.find(wanted["cell"]).played_by(wanted["peer"])
    say({"event": "building"})
    built = time.monotonic()
    with contextlib.ExitStack() as stack:
        world = stack.enter_context(World(cell))
        relay = stack.enter_context(Relay(wanted["server"], world.networks.ipv6, wanted["peer"] in peer_programs.PAGES))
        if wanted["capture"]:
            stack.enter_context(Capture(int(os.environ["BEELINE_LAB_CAPTURE"]), world.viewpoints()))
        say({"event": "calling", "built_s": round(time.monotonic() - built, 3)})
        with Call(cell, relay, wanted["peer"], say) as call:
            measured = call.play(wanted["watch"], wanted["linger"])
            if measured["connected"] and cell.event:
                measured["again"] = call.change(cell.event, world, wanted["watch"])
            measured["paths"] = [call.paths(side) for side in (0, 1)]
            measured["explanations"] = call.explanations()
            measured["last_words"] = call.log()
    return measured


def main():
    end_with_standard_input()
    wanted = json.loads(sys.argv[1])
    began = time.monotonic()
    try:
        result = play(wanted)
    except Exception as why:  # whatever it is, the lab shows it beside the cell
        result = {"connected": False, "trouble": f"{type(why).__name__}: {why}"[:SAID], "where": traceback.format_exc()}
    say({"event": "result", **result, "took_s": round(time.monotonic() - began, 3)})
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
