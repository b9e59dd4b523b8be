// The lines of `beeline lab-peer` for other implementations: flags, signaling and news as JSON on standard input and output, and the
// numbered datagrams both sides send each other.
import { createInterface } from "node:readline";

/** The TURN servers' addresses: a side that was reached through one may take it for a peer reflexive candidate. */
const relays = new Set();

/** { role, stun: [{host, port}], turn: [{carrier, host, port}], user, password }; hosts of IPv6 without brackets. */
export function flags(words = process.argv.slice(2)) {
  const read = { role: "controlling", stun: [], turn: [], user: "", password: "" };
  const place = (text) => {
    const at = text.lastIndexOf(":");
    return { host: text.slice(0, at).replace(/^\[|\]$/g, ""), port: Number(text.slice(at + 1)) };
  };
  for (let at = 0; at < words.length; at += 2) {
    const [flag, value] = [words[at], words[at + 1]];
    if (flag === "--stun") read.stun.push(place(value));
    else if (flag === "--turn") read.turn.push({ carrier: value.split(":", 1)[0], ...place(value.slice(value.indexOf(":") + 1)) });
    else read[flag.slice(2)] = value;
  }
  read.turn.forEach(({ host }) => relays.add(host));
  return read;
}

export function tell(message) {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

/** Says ready; calls start() once, and handlers[type](message) for the other side's words; handlers.counts() replaces what is counted here. */
export function listen(start, handlers) {
  process.once("SIGTERM", () => process.exit(0));
  const lines = createInterface({ input: process.stdin });
  lines.on("line", (line) => {
    const message = JSON.parse(line);
    if (message.type === "start") start();
    else if (message.type === "counts") tell({ type: "counts", ...(handlers.counts ?? counts)() });
    else handlers[message.type]?.(message);
  });
  lines.on("close", () => process.exit(0));
  tell({ type: "ready" });
}

// --- numbered datagrams ---

const INTERVAL_MS = 20;
const numbers = { sent: 0, heard: 0, lost: 0, next: 0, last: null, silence: 0 };

export function talk(send) {
  setInterval(() => {
    try {
      send(String(numbers.sent));
      numbers.sent += 1;
    } catch {
      // no way out right now
    }
  }, INTERVAL_MS);
}

export function hear(text) {
  const now = performance.now();
  if (numbers.heard === 0) tell({ type: "heard" });
  else numbers.silence = Math.max(numbers.silence, now - numbers.last);
  numbers.heard += 1;
  numbers.last = now;
  const number = Number(text);
  if (number >= numbers.next) {
    numbers.lost += number - numbers.next;
    numbers.next = number + 1;
  }
}

function counts() {
  const { sent, heard, lost, silence } = numbers;
  return { sent, heard, lost, longest_silence_ms: silence };
}

// --- paths ---

const LOOK_MS = 100;

/** Tells every change of the pair that look() resolves to: { local, remote } of { address, port, type }, or nothing. */
export function watchPath(look) {
  let told = "";
  const line = ({ address, port, type }) => `candidate:0 1 udp 0 ${address} ${port} typ ${type}`;
  setInterval(async () => {
    const pair = await look();
    if (!pair) return;
    const [local, remote] = [line(pair.local), line(pair.remote)];
    if (told === local + remote) return;
    told = local + remote;
    tell({ type: "path", local, remote, relayed: [pair.local, pair.remote].some(({ type, address }) => type === "relay" || relays.has(address)) });
  }, LOOK_MS);
}
