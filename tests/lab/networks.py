"""Networks of their own for lab tests: namespaces with documentation addresses that vanish with the test, also when it is killed.

             server 198.51.100.1          STUN and TURN
                    |
         internet 203.0.113.254           a router and a bridge
             /            \\
   nat wan 203.0.113.10   nat wan 203.0.113.20
       lan 192.0.2.1          lan 192.0.2.65
         |                      |
   home 192.0.2.2         home 192.0.2.66
"""
import os
import shutil
import subprocess
import sys

INSIDE = "BEELINE_LAB_INSIDE"
SERVER = "198.51.100.1"
TOOLS = ("unshare", "ip", "nft")


def why_not():
    """A reason to skip, or None."""
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    if missing:
        return "not installed: " + " ".join(missing)
    if os.geteuid() != 0:
        return "needs root, for network namespaces"
    return None


def enter():
    """Starts this program anew where it sees no other network and no other process, and dies with all it started."""
    if os.environ.get(INSIDE) or why_not():
        return
    os.environ[INSIDE] = "1"
    os.execvp("unshare", ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc",
                          sys.executable, "-B", *sys.argv])


def run(*command, **options):
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr}")
    return done.stdout


def inside(namespace, *command):
    """The words that run a command there; None: where the test is itself."""
    return ["ip", "netns", "exec", namespace, *command] if namespace else list(command)


class Networks:
    """A context manager; one at a time in a process."""

    def __enter__(self):
        self.names = []
        os.makedirs("/run/netns", exist_ok=True)
        if not os.path.ismount("/run/netns"):
            run("mount", "-t", "tmpfs", "none", "/run/netns")
        run("ip", "link", "set", "lo", "up")
        self.add("internet")
        run(*inside("internet", "ip", "link", "add", "bridge", "type", "bridge"))
        self.set_up("internet", "bridge", "203.0.113.254/24")
        self.add("server")
        self.cable("server", "eth0", "internet", "server")
        self.set_up("server", "eth0", SERVER + "/24")
        self.set_up("internet", "server", "198.51.100.254/24")
        self.route("server", "198.51.100.254")
        return self

    def __exit__(self, *_):
        for name in self.names:
            run("ip", "netns", "delete", name)

    def add(self, name):
        run("ip", "netns", "add", name)
        self.names.append(name)
        run(*inside(name, "ip", "link", "set", "lo", "up"))
        run(*inside(name, "sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward; "
                                      "test ! -e /proc/sys/net/bridge || echo 0 > /proc/sys/net/bridge/bridge-nf-call-iptables"))

    def cable(self, one, one_name, other, other_name):
        run("ip", "link", "add", one_name, "netns", one, "type", "veth", "peer", "name", other_name, "netns", other)

    def set_up(self, namespace, device, address=None):
        if address:
            run(*inside(namespace, "ip", "address", "add", address, "dev", device))
        run(*inside(namespace, "ip", "link", "set", device, "up"))

    def route(self, namespace, gateway):
        run(*inside(namespace, "ip", "route", "replace", "default", "via", gateway))

    def home(self, number, rules=None):
        """Home number 1 or 2; with rules of nat_rules behind a NAT, else on the internet itself. Returns its namespace."""
        home, nat, public = f"home{number}", f"nat{number}", f"203.0.113.{number * 10}"
        self.add(home)
        if rules is None:
            self.cable(home, "eth0", "internet", f"port{number}")
            self.set_up(home, "eth0", public + "/24")
            self.route(home, "203.0.113.254")
        else:
            first = (number - 1) * 64
            self.add(nat)
            self.cable(nat, "wan", "internet", f"port{number}")
            self.set_up(nat, "wan", public + "/24")
            self.route(nat, "203.0.113.254")
            self.cable(home, "eth0", nat, "lan")
            self.set_up(nat, "lan", f"192.0.2.{first + 1}/26")
            self.set_up(home, "eth0", f"192.0.2.{first + 2}/26")
            self.route(home, f"192.0.2.{first + 1}")
            run(*inside(nat, "nft", "-f", "-"), input=rules)
        run(*inside("internet", "ip", "link", "set", f"port{number}", "master", "bridge"))
        self.set_up("internet", f"port{number}")
        return home
