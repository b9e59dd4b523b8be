"""Two network namespaces with `beeline bridge` between them. Needs root. They go with the benchmark, also when it is killed; where nothing could be done
any more, the next one removes them."""
import contextlib
import os
import re
import signal
import subprocess
import sys
import time

from ends import BUILD

ADDRESSES = ("192.0.2.1", "192.0.2.2")
PROGRAM = os.environ.get("BEELINE_BIN", os.path.join(BUILD, "apps", "beeline", "beeline"))


def clear_leftovers():
    """The namespaces of benchmarks that are no more."""
    for name in os.listdir("/run/netns") if os.path.isdir("/run/netns") else ():
        maker = re.fullmatch(r"beeline-bench-(\d+)-[ab]", name)
        if maker and not os.path.exists(f"/proc/{maker[1]}"):
            subprocess.run(["ip", "netns", "del", name], check=False)


@contextlib.contextmanager
def bridged(loss=0, rate_kbit=0, queue=16_777_216):
    """20 ms apart each way; `loss` in percent, `queue` in bytes that may wait for the rate (0: any rate)."""
    names = [f"beeline-bench-{os.getpid()}-{side}" for side in "ab"]

    def run(*words):
        subprocess.run(["ip", *words], check=True)
    clear_leftovers()
    bridge, terminate = None, signal.signal(signal.SIGTERM, lambda *_: sys.exit("bench: terminated"))
    try:
        for name in names:
            run("netns", "add", name)
        bridge = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", PROGRAM, "bridge", *(f"{name}/eth0" for name in names), "--delay", "20",
                                   "--loss", str(loss), "--rate", str(rate_kbit), "--queue", str(queue)], stdout=subprocess.DEVNULL)
        for name, address in zip(names, ADDRESSES):
            until = time.monotonic() + 5
            while subprocess.run(["ip", "-n", name, "link", "show", "eth0"], capture_output=True, check=False).returncode:
                if time.monotonic() > until:
                    sys.exit("bench: the bridge did not come up")
                time.sleep(0.02)
            run("-n", name, "address", "add", f"{address}/24", "dev", "eth0")
            run("-n", name, "link", "set", "eth0", "up")
            run("-n", name, "link", "set", "lo", "up")
            run("-n", name, "route", "add", "default", "dev", "eth0")
        yield names
    finally:
        if bridge:
            bridge.terminate()
            bridge.wait()
        for name in names:
            subprocess.run(["ip", "netns", "del", name], check=False, stderr=subprocess.DEVNULL)
        signal.signal(signal.SIGTERM, terminate)


def overflows(namespaces):
    """Datagrams that were lost there because a socket's buffer was full: nobody had read it for too long, or too much came at once."""
    lost = 0
    for name in namespaces:
        text = subprocess.run(["ip", "netns", "exec", name, "cat", "/proc/net/snmp", "/proc/net/snmp6"], check=True, capture_output=True, text=True).stdout
        names, values = (line.split() for line in text.splitlines() if line.startswith("Udp:"))
        lost += int(dict(zip(names, values))["RcvbufErrors"])
        lost += sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("Udp6RcvbufErrors"))
    return lost
