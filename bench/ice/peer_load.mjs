// Pairs of node-datachannel (libdatachannel with libjuice) in one process, connected over loopback, so many at a time. ICE cannot be had
// alone there: DTLS and SCTP come with it. Arguments: pairs, at a time, idle seconds. Prints one JSON line.
import { readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import datachannel from "node-datachannel";

const [count, atATime, idleSeconds] = process.argv.slice(2).map(Number);
const cpu = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1e6; };
const resident = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))[1]);
const kept = [];

function connect(number) {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const settings = { iceServers: [], bindAddress: "127.0.0.1", enableIceTcp: false };
    const sides = ["a", "b"].map((side) => new datachannel.PeerConnection(side + number, settings));
    const connected = [0, 0];
    sides.forEach((side, index) => {
      const other = sides[1 - index];
      // With its candidates inside: a candidate alone may come before the transport that takes it.
      side.onGatheringStateChange((state) => {
        if (state !== "complete") return;
        const { sdp, type } = side.localDescription();
        other.setRemoteDescription(sdp, type);
      });
      side.onIceStateChange((state) => {
        if ((state === "connected" || state === "completed") && !connected[index]) connected[index] = performance.now() - began;
      });
      side.onStateChange((state) => {
        if (state === "failed") reject(new Error("a pair failed"));
      });
    });
    let open = 0;
    const opened = () => { if (++open === 2) resolve({ ice: Math.max(...connected), open: performance.now() - began }); };
    sides[1].onDataChannel((channel) => { kept.push(channel); opened(); });
    const channel = sides[0].createDataChannel("x");
    channel.onOpen(opened);
    kept.push(...sides, channel);
  });
}

const quantile = (times, part) => times.sort((a, b) => a - b)[Math.floor(part * (times.length - 1))];
const kib = resident();
const spent = cpu();
const times = [];
let next = 0;
await Promise.all(Array.from({ length: atATime }, async () => {
  while (next < count) times.push(await connect(next++));
}));
const connecting = cpu() - spent;
await wait(idleSeconds * 1000);
const idle = cpu() - spent - connecting;
const ice = times.map((time) => time.ice);
console.log(JSON.stringify({
  who: "node-datachannel", pairs: count, pairs_per_cpu_s: count / connecting, kib_per_pair: (resident() - kib) / count,
  p50_ms: quantile(ice, 0.5), p99_ms: quantile(ice, 0.99), open_p50_ms: quantile(times.map((time) => time.open), 0.5),
  idle_us_per_pair_s: idle * 1e6 / count / idleSeconds,
}));
process.exit(0);
