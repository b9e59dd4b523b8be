// Pairs of node-datachannel (libdatachannel) in one process, as data_pairs has them of ours: `node library_pairs.mjs setup|idle PAIRS`,
// one after the other. Needs --expose-gc. Prints one JSON line.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { setTimeout as wait } from "node:timers/promises";

const require = createRequire(new URL("../../tests/interop/data/package.json", import.meta.url));
const datachannel = require("node-datachannel");

const [what, count] = [process.argv[2], Number(process.argv[3])];
const PATIENCE_MS = 20_000;
const REST_MS = 3000;
const cpu = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1000; };
const quantile = (times, part) => times.toSorted((a, b) => a - b)[Math.floor(part * (times.length - 1))];

/** From the offer until the channel is open at both ends. */
function connect(number) {
  const sides = ["a", "b"].map((side) => new datachannel.PeerConnection(side + number, { iceServers: [], disableAutoNegotiation: true }));
  const channels = [];
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("a pair did not connect")), PATIENCE_MS);
    let began;
    let open = 0;
    const opened = () => {
      if (++open < 2) return;
      clearTimeout(timer);
      resolve({ sides, channels, took: performance.now() - began.time, cpu: cpu() - began.cpu });
    };
    // A candidate may come before the transport that takes it.
    const described = [false, false];
    const early = [[], []];
    sides.forEach((side, index) => {
      const other = 1 - index;
      side.onLocalDescription((sdp, type) => {
        sides[other].setRemoteDescription(sdp, type);
        described[other] = true;
        for (const [candidate, mid] of early[other].splice(0)) sides[other].addRemoteCandidate(candidate, mid);
        if (type === "offer") sides[other].setLocalDescription("answer");
      });
      side.onLocalCandidate((candidate, mid) => {
        if (described[other]) sides[other].addRemoteCandidate(candidate, mid);
        else early[other].push([candidate, mid]);
      });
    });
    sides[1].onDataChannel((channel) => { channels.push(channel); opened(); });
    const channel = sides[0].createDataChannel("bench");
    channel.onOpen(opened);
    channels.push(channel);
    began = { time: performance.now(), cpu: cpu() };
    sides[0].setLocalDescription("offer");
  });
}

/** Of this process alone. */
function memory() {
  globalThis.gc();
  const rollup = readFileSync("/proc/self/smaps_rollup", "utf8");
  return Object.fromEntries(["Pss", "Private_Dirty"].map((kind) => [kind, Number(new RegExp(`^${kind}:\\s+(\\d+)`, "m").exec(rollup)[1])]));
}

const tests = {
  async setup() {
    (await connect("warm up")).sides.forEach((side) => side.close());
    const took = [];
    let connecting = 0;
    const used = cpu();
    for (let number = 0; number < count; number += 1) {
      const pair = await connect(number);
      took.push(pair.took);
      connecting += pair.cpu;
      pair.sides.forEach((side) => side.close());
    }
    return { pairs: count, p50_ms: quantile(took, 0.5), p99_ms: quantile(took, 0.99), max_ms: quantile(took, 1),
             cpu_ms: connecting / count, whole_cpu_ms: (cpu() - used) / count };
  },
  async idle() {
    const kept = [await connect("warm up")];
    await wait(REST_MS);
    const before = memory();
    for (let number = 0; number < count; number += 1) kept.push(await connect(number));
    await wait(REST_MS);
    const after = memory();
    const each = (kind) => (after[kind] - before[kind]) / count / 2;
    return { pairs: kept.length - 1, kib_per_end: each("Pss"), dirty_kib_per_end: each("Private_Dirty") };
  },
};
console.log(JSON.stringify(await tests[what]()));
process.exit(0);
