"""The lab as one HTML page that needs no network: page/ holds its markup, style and script; the colours are those of the web app."""
import json
import os
import time

FOLDER = os.path.dirname(os.path.abspath(__file__))
TOKENS = os.path.join(FOLDER, "..", "web", "app", "src", "styles", "tokens.css")


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def one_of_each(records):
    """Of every cell the run that is worth a look, with the times of all its runs: one that missed, else the slowest."""
    cells, last = {}, {}
    for record in records:
        last[(record["cell"], record["run"])] = record
    for record in last.values():
        cells.setdefault(record["cell"], []).append(record)
    return [{**max(runs, key=lambda run: (bool(run["missed"]), run.get("connect_s", 0))), "runs": [run.get("connect_s") for run in runs]}
            for runs in cells.values()]


def render(records, made, options):
    measured = {"plays": one_of_each(records), "figures": made, "peer": options.peer, "when": time.strftime("%Y-%m-%d %H:%M")}
    for play in measured["plays"]:
        play.pop("last_words", None)
    # A "<" inside the measurement could end the script element.
    text = json.dumps(measured, ensure_ascii=False).replace("<", "\\u003c")
    page = read(os.path.join(FOLDER, "page", "page.html"))
    style = read(TOKENS) + read(os.path.join(FOLDER, "page", "page.css"))
    script = read(os.path.join(FOLDER, "page", "page.js"))
    for place, content in (("/*STYLE*/", style), ("/*SCRIPT*/", script), ("/*MEASURED*/", text)):
        page = page.replace(place, content, 1)
    return page
