// Two homes, an internet and a server, in network namespaces of our own: documentation addresses only, and nothing leaves
// them. A device can be carried from one home's network into another's, as a phone goes from Wi-Fi to the street.
//
//   server 198.51.100.1 ── internet ──┬── NAT 203.0.113.10 ── 192.0.2.0/26     first
//                                     ├── NAT 203.0.113.20 ── 192.0.2.64/26    second
//                                     └── NAT 203.0.113.30 ── 192.0.2.128/26   third

import { execFile, spawn } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const HOMES = {
  first: { outside: '203.0.113.10', inside: '192.0.2.1', device: '192.0.2.2' },
  second: { outside: '203.0.113.20', inside: '192.0.2.65', device: '192.0.2.66' },
  third: { outside: '203.0.113.30', inside: '192.0.2.129', device: '192.0.2.130' },
};
// A Linux router as most are: the port is kept, and only who was written to may answer.
const NAT_RULES = `table ip nat {
  chain post { type nat hook postrouting priority 100; oifname "wan" masquerade; }
  chain input { type filter hook input priority 0; iifname "wan" ct state new drop; }
}`;
export const SERVER_IP = '198.51.100.1';

/** Why there can be no networks here; null where there can. */
export async function networksMissing() {
  if (process.getuid?.() !== 0) return 'only root may make network namespaces';
  for (const [tool, name] of [['ip', 'iproute2'], ['nft', 'nftables']]) {
    if (await run(tool, ['-V']).then(() => false, () => true)) return `${tool} (Debian package ${name}) is not installed`;
  }
  return null;
}

/** Resolves to {server, device(home), close()}; the names are of namespaces. A device has carry(home). */
export async function startNetworks() {
  const names = { server: `bl${process.pid}s`, internet: `bl${process.pid}i` };
  const made = [];
  const undo = async () => {
    for (const name of made.splice(0)) await run('ip', ['netns', 'del', name]).catch(() => {});
  };
  const watcher = undoWhenKilled(`bl${process.pid}`);
  const ip = (name, ...words) => run('ip', ['-n', name, ...words]);
  const make = async (name) => {
    await run('ip', ['netns', 'add', name]);
    made.push(name);
    await ip(name, 'link', 'set', 'lo', 'up');
    await run('ip', ['netns', 'exec', name, 'sysctl', '-qw', 'net.ipv4.ip_forward=1', 'net.bridge.bridge-nf-call-iptables=0',
      'net.ipv6.conf.all.disable_ipv6=1', 'net.ipv6.conf.default.disable_ipv6=1']);
  };
  /** A cable: one end in each namespace, with its name and, perhaps, its address. */
  const cable = async ([a, nameA, addressA], [b, nameB, addressB]) => {
    await run('ip', ['link', 'add', nameA, 'netns', a, 'type', 'veth', 'peer', 'name', nameB, 'netns', b]);
    for (const [name, link, address] of [[a, nameA, addressA], [b, nameB, addressB]]) {
      if (address) await ip(name, 'address', 'add', address, 'dev', link);
      await ip(name, 'link', 'set', link, 'up');
    }
  };
  try {
    await make(names.server);
    await make(names.internet);
    await cable([names.internet, 'server', '198.51.100.254/24'], [names.server, 'eth0', `${SERVER_IP}/24`]);
    await ip(names.server, 'route', 'add', 'default', 'via', '198.51.100.254');
    await ip(names.internet, 'link', 'add', 'street', 'type', 'bridge');
    await ip(names.internet, 'address', 'add', '203.0.113.254/24', 'dev', 'street');
    await ip(names.internet, 'link', 'set', 'street', 'up');
    for (const [home, { outside, inside }] of Object.entries(HOMES)) {
      const router = `bl${process.pid}${home[0]}${home[1]}`;
      names[home] = router;
      await make(router);
      await cable([names.internet, home, null], [router, 'wan', `${outside}/24`]);
      await ip(names.internet, 'link', 'set', home, 'master', 'street');
      await ip(router, 'route', 'add', 'default', 'via', '203.0.113.254');
      await ip(router, 'link', 'add', 'lan', 'type', 'bridge');
      await ip(router, 'address', 'add', `${inside}/26`, 'dev', 'lan');
      await ip(router, 'link', 'set', 'lan', 'up');
      await load(router, NAT_RULES);
    }
  } catch (error) {
    await undo();
    throw error;
  }
  let devices = 0;
  const plug = async (device, home) => {
    const { inside, device: address } = HOMES[home];
    const port = `${device.slice(-2)}p`;
    await cable([names[home], port, null], [device, 'eth0', `${address}/26`]);
    await ip(names[home], 'link', 'set', port, 'master', 'lan');
    await ip(device, 'route', 'add', 'default', 'via', inside);
  };
  return {
    server: names.server,
    async device(home) {
      const name = `bl${process.pid}d${(devices += 1)}`;
      await make(name);
      await plug(name, home);
      return {
        name,
        /** Out of the one network; then into the other, with another address. */
        unplug: () => ip(name, 'link', 'del', 'eth0'),
        plug: (next) => plug(name, next),
      };
    },
    async close() {
      await undo();
      watcher.kill();
    },
  };
}

/** A process that outlives us if we are killed, and then deletes the namespaces whose names begin so. */
function undoWhenKilled(prefix) {
  const script = `trap '' INT TERM HUP; while kill -0 ${process.pid} 2>/dev/null; do sleep 1; done
for name in $(ip netns list | cut -d' ' -f1 | grep "^${prefix}"); do
  ip netns pids "$name" | xargs -r kill -9; ip netns del "$name"; done`;
  const watcher = spawn('sh', ['-c', script], { detached: true, stdio: 'ignore' });
  watcher.unref();
  return { kill: () => watcher.kill('SIGKILL') };
}

function load(name, rules) {
  return new Promise((resolve, reject) => {
    const nft = spawn('ip', ['netns', 'exec', name, 'nft', '-f', '-'], { stdio: ['pipe', 'ignore', 'inherit'] });
    nft.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`nft ended with ${code}`))));
    nft.stdin.end(rules);
  });
}
