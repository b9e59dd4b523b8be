"""Networks of their own for the lab and its tests: namespaces with documentation addresses that vanish with the program, also when it
is killed.

             server 198.51.100.1          STUN and TURN
                    |
         internet 203.0.113.254           a router and a bridge
             /            \\
   nat wan 203.0.113.10   nat wan 203.0.113.20
       lan 192.0.2.1          lan 192.0.2.65
         |                      |
   home 192.0.2.2         home 192.0.2.66
"""
import contextlib
import ctypes
import os
import shutil
import subprocess
import sys
import tempfile

INSIDE = "BEELINE_LAB_INSIDE"
SERVER, SERVER6 = "198.51.100.1", "2001:db8:5::1"
SECOND_SERVER = "198.51.100.2"  # the same machine: two addresses tell how a NAT chooses ports
STREET, STREET6 = "203.0.113.254", "2001:db8:1::ff"
TOOLS = ("unshare", "ip", "nft")
CLONE_NEWNET = 0x40000000


def isolation():
    """The words before a command that is to see no other network and no other process; it dies with all that it starts."""
    own_user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    return ["unshare", *own_user, "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]


def why_not():
    """A reason to skip, or None."""
    missing = [tool for tool in TOOLS if not shutil.which(tool, path=path_with_sbin())]
    if missing:
        return "not installed: " + " ".join(missing)
    if os.geteuid() != 0 and subprocess.run([*isolation(), "true"], capture_output=True, check=False).returncode != 0:
        return "needs root, or user namespaces, for network namespaces"
    return None


def path_with_sbin():
    """Debian keeps nft and turnserver's friends where only root looks."""
    return os.environ.get("PATH", "") + ":/usr/sbin:/sbin"


def enter():
    """Starts this program anew where it sees no other network and no other process, and dies with all it started."""
    if os.environ.get(INSIDE) or why_not():
        return
    os.environ[INSIDE] = "1"
    words = isolation()
    os.execvp(words[0], [*words, sys.executable, "-B", *sys.argv])


def run(*command, **options):
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr}")
    return done.stdout


def inside(namespace, *command):
    """The words that run a command there; None: where the caller is itself."""
    return ["ip", "netns", "exec", namespace, *command] if namespace else list(command)


@contextlib.contextmanager
def visiting(namespace):
    """This thread alone is in that namespace meanwhile; sockets it opens stay there."""
    libc = ctypes.CDLL(None, use_errno=True)
    with open("/proc/thread-self/ns/net", "rb") as own, open(f"/run/netns/{namespace}", "rb") as there:
        def move(target):
            if libc.setns(target.fileno(), CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), f"setns {namespace}")
        move(there)
        try:
            yield
        finally:
            move(own)


def set_kernel(name, value):
    with contextlib.suppress(FileNotFoundError), open("/proc/sys/net/" + name, "w", encoding="ascii") as file:
        file.write(str(value))


class Networks:
    """A context manager; one at a time in a process. What it makes is in a file system and in namespaces that nobody else sees.

    `ipv6`: with it (no NAT, no router advertisements: addresses of 2001:db8::/32 set by hand); else without. Temporary files are in that
    file system as well from then on.
    """

    def __init__(self, ipv6=False):
        self.ipv6, self.names = ipv6, []

    def __enter__(self):
        if not os.path.ismount("/run/netns"):
            # Over all of /run, which is nobody else's: nothing is left in the machine's own when we are killed.
            run("mount", "-t", "tmpfs", "none", "/run")
            os.makedirs("/run/netns")
            run("mount", "-t", "tmpfs", "none", "/run/netns")
            os.makedirs("/run/tmp")
            os.environ["TMPDIR"] = tempfile.tempdir = "/run/tmp"
        run("ip", "link", "set", "lo", "up")
        self.add("internet", self.ipv6)
        self.add("server", self.ipv6)
        self.batch("internet", "link add bridge type bridge", "link set bridge up", f"address add {STREET}/24 dev bridge",
                   *self.only6(f"address add {STREET6}/64 dev bridge nodad"))
        self.cable("server", "eth0", "internet", "server")
        self.batch("internet", "link set server up", "address add 198.51.100.254/24 dev server",
                   *self.only6("address add 2001:db8:5::ff/64 dev server nodad"))
        self.batch("server", "link set eth0 up", f"address add {SERVER}/24 dev eth0", f"address add {SECOND_SERVER}/24 dev eth0",
                   "route add default via 198.51.100.254",
                   *self.only6(f"address add {SERVER6}/64 dev eth0 nodad", "route add default via 2001:db8:5::ff"))
        return self

    def __exit__(self, *_):
        for name in self.names:
            run("ip", "netns", "delete", name)

    def resolve(self, name, address):
        """What all programs in these networks find for that name."""
        path = "/run/tmp/hosts"
        with open("/etc/hosts", encoding="utf-8") as hosts, open(path, "w", encoding="utf-8") as changed:
            changed.write(f"{hosts.read()}\n{address} {name}\n")
        run("mount", "--bind", path, "/etc/hosts")

    def only6(self, *lines):
        return lines if self.ipv6 else ()

    def batch(self, namespace, *lines):
        """Lines of `ip`, in one process."""
        run("ip", "-n", namespace, "-batch", "-", input="\n".join(lines))

    def add(self, name, ipv6=False):
        run("ip", "netns", "add", name)
        self.names.append(name)
        with visiting(name):
            set_kernel("ipv4/ip_forward", 1)
            set_kernel("bridge/bridge-nf-call-iptables", 0)  # else what a NAT sends back into its LAN is bridged and not translated
            for scope in ("all", "default"):
                set_kernel(f"ipv6/conf/{scope}/disable_ipv6", 0 if ipv6 else 1)
                set_kernel(f"ipv6/conf/{scope}/accept_dad", 0)
            if ipv6:
                set_kernel("ipv6/conf/all/forwarding", 1)
        self.batch(name, "link set lo up")

    def cable(self, one, one_name, other, other_name):
        run("ip", "link", "add", one_name, "netns", one, "type", "veth", "peer", "name", other_name, "netns", other)

    def plug(self, namespace, device, port):
        """A cable to the internet's bridge."""
        self.cable(namespace, device, "internet", port)
        self.batch("internet", f"link set {port} master bridge", f"link set {port} up")

    def nat(self, name, rules, *, wan, lan, gateway=STREET, upstream=None):
        """A router with such rules. `wan`: its outside address/bits; `lan`: its inside address/bits; `upstream`: the NAT it is behind."""
        self.add(name)
        if upstream:
            self.cable(name, "wan", upstream, f"to-{name}")
            self.batch(upstream, f"link set to-{name} master lan", f"link set to-{name} up")
        else:
            self.plug(name, "wan", f"to-{name}")
        self.batch(name, f"address add {wan} dev wan", "link set wan up", f"route add default via {gateway}", "link add lan type bridge",
                   f"address add {lan} dev lan", "link set lan up")
        run(*inside(name, "nft", "-f", "-"), input=rules)
        return name

    def join(self, home, nat, address, gateway, device="eth0"):
        """The home's device into a NAT's LAN."""
        port = f"{home}-{device}"
        self.cable(home, device, nat, port)
        self.batch(nat, f"link set {port} master lan", f"link set {port} up")
        self.batch(home, f"address add {address} dev {device}", f"link set {device} up", f"route replace default via {gateway}")

    def home(self, number, rules=None):
        """Home number 1 or 2; with rules of nat_rules behind a NAT, else on the internet itself. Returns its namespace."""
        home, public = f"home{number}", f"203.0.113.{number * 10}"
        self.add(home)
        if rules is None:
            self.plug(home, "eth0", f"to-{home}")
            self.batch(home, f"address add {public}/24 dev eth0", "link set eth0 up", f"route add default via {STREET}")
        else:
            first = (number - 1) * 64
            nat = self.nat(f"nat{number}", rules, wan=public + "/24", lan=f"192.0.2.{first + 1}/26")
            self.join(home, nat, f"192.0.2.{first + 2}/26", f"192.0.2.{first + 1}")
        return home
