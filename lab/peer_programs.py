"""Who can sit in the cells, and the program of each. All speak the lines of `beeline lab-peer`; the foreign ones say {"type": "ready"} first,
wait for {"type": "start"}, and have no explanation of their pairs."""
import os

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "peers")
PAGES = ("chromium", "firefox")  # pages of our web app in a browser
NAMES = ("ours", "libdatachannel", "libwebrtc", *PAGES)


def command(name):
    """The words of the program; None: our own lab-peer."""
    if name == "ours":
        return None
    return ["node", os.path.join(FOLDER, name + ".mjs")]
