// Our data channels beside foreign stacks, each in both roles: `node matrix.mjs [FOREIGN …]` prints a line per case and
// a table at the end, which docs/interop.md keeps (--record). Exit code 1 where a case fails.

import { readFileSync, writeFileSync } from 'node:fs';
import { fnv } from './w3c_end.mjs';
import { foreign, ours } from './ends.mjs';

const ALL = ['chromium', 'firefox', 'libdatachannel', 'libwebrtc', 'aiortc', 'pion'];
const bytes = (size, first) => Uint8Array.from({ length: size }, (_, index) => (first + index) & 255);
const equal = (what, seen, wanted) => {
  if (JSON.stringify(seen) !== JSON.stringify(wanted)) throw new Error(`${what}: ${JSON.stringify(seen)} instead of ${JSON.stringify(wanted)}`);
};
/** libdatachannel in Node does not say what the other side asked for, though it does as asked. */
const told = (end, what, seen, wanted) => end.name === 'libdatachannel' || equal(what, seen, wanted);

/** Opens one channel from `from`; resolves to its numbers at both ends once both know it. */
async function open(from, to, options) {
  const before = from.heard.length;
  from.say({ type: 'open', ...options });
  const { channel: near } = await from.until('a number for its channel', (heard) => heard.slice(before).find(({ type, label }) => type === 'opening' && label === options.label));
  const accepted = options.id === undefined && (await to.until(`${options.label} arrives`, (heard) => heard.find(({ type, label }) => type === 'channel' && label === options.label)));
  await from.until('its channel is open', (heard) => heard.find(({ type, channel }) => type === 'open' && channel === near));
  return { near, far: accepted?.channel, accepted };
}

/** Sends and waits until it is there, whole. */
async function deliver(from, channel, to, far, content) {
  const before = to.heard.length;
  from.say({ type: 'send', channel, ...content });
  const got = await to.until(`a message of ${content.size ?? `"${content.text}"`}`, (heard) => heard.slice(before).find(({ type, channel: on }) => type === 'message' && on === far));
  if (content.text !== undefined) return equal('text', got.text, content.text);
  equal('size', got.size, content.size);
  if (got.sum !== undefined) equal('content', got.sum, fnv(bytes(content.size, content.first)));
}

const CASES = {
  async 'ordered, both ways'({ a, b }) {
    const { near, far } = await open(a, b, { label: 'chat', protocol: 'greetings' });
    await deliver(a, near, b, far, { text: 'héllo 蜂' });
    await deliver(b, far, a, near, { text: 'good morning' });
    await deliver(a, near, b, far, { size: 1000, first: 3 });
    await deliver(b, far, a, near, { size: 1000, first: 5 });
  },
  async 'unordered'({ a, b }) {
    const { near, far, accepted } = await open(a, b, { label: 'loose', ordered: false });
    told(b, 'ordered', accepted.ordered, false);
    await deliver(a, near, b, far, { text: 'one' });
    await deliver(b, far, a, near, { text: 'two' });
  },
  async 'limited by count'({ a, b }) {
    const { near, far, accepted } = await open(a, b, { label: 'few', ordered: false, maxRetransmits: 0 });
    told(b, 'maxRetransmits', accepted.maxRetransmits, 0);
    await deliver(a, near, b, far, { text: 'one' });
    await deliver(b, far, a, near, { text: 'two' });
  },
  async 'limited by time'({ a, b }) {
    const { near, far, accepted } = await open(a, b, { label: 'soon', ordered: true, maxPacketLifeTime: 500 });
    told(b, 'maxPacketLifeTime', accepted.maxPacketLifeTime, 500);
    await deliver(a, near, b, far, { text: 'one' });
    await deliver(b, far, a, near, { text: 'two' });
  },
  async 'agreed on elsewhere'({ a, b }) {
    const options = { label: 'agreed', id: 700 };
    b.say({ type: 'open', ...options });
    const { channel: far } = await b.until('a number', (heard) => heard.find(({ type, label }) => type === 'opening' && label === 'agreed'));
    const { near } = await open(a, b, options);
    await b.until('open', (heard) => heard.find(({ type, channel }) => type === 'open' && channel === far));
    await deliver(a, near, b, far, { text: 'one' });
    await deliver(b, far, a, near, { text: 'two' });
  },
  async 'nothing to the largest'({ a, b, largest }) {
    const { near, far } = await open(a, b, { label: 'sizes' });
    await deliver(a, near, b, far, { text: '' });
    await deliver(b, far, a, near, { text: '' });
    for (const size of [0, 1, 1160, 1161, 16_384, 65_535, 65_536, largest].filter((each) => each <= largest)) {
      await deliver(a, near, b, far, { size, first: 1 });
      await deliver(b, far, a, near, { size, first: 2 });
    }
  },
  async 'closed by us'({ us, them }) {
    const { near, far } = await open(us, them, { label: 'ours to close' });
    us.say({ type: 'close', channel: near });
    for (const [end, channel] of [[us, near], [them, far]]) await end.until('closed', (heard) => heard.find((each) => each.type === 'closed' && each.channel === channel));
  },
  async 'closed by them'({ us, them }) {
    const { near, far } = await open(us, them, { label: 'theirs to close' });
    them.say({ type: 'close', channel: far });
    for (const [end, channel] of [[us, near], [them, far]]) await end.until('closed', (heard) => heard.find((each) => each.type === 'closed' && each.channel === channel));
  },
  async 'forty closed within a second'({ us, them }) {
    const channels = [];
    for (let i = 0; i < 40; i += 1) channels.push(await open(us, them, { label: `brief ${i}` }));
    const lasting = await open(us, them, { label: 'what is said after each' });
    for (const [i, { far }] of channels.entries()) {
      them.say({ type: 'close', channel: far });
      // Heard behind the request, so that the next close is a request of its own.
      await deliver(them, lasting.far, us, lasting.near, { text: `after ${i}` });
    }
    const gone = (end, mine) => end.until('forty closed', (heard) => channels.every((each) => heard.some(({ type, channel }) => type === 'closed' && channel === mine(each))));
    await Promise.all([gone(us, ({ near }) => near), gone(them, ({ far }) => far)]);
  },
  async 'a thousand channels'({ us, them }) {
    for (let i = 0; i < 500; i += 1) {
      us.say({ type: 'open', label: `u${i}` });
      them.say({ type: 'open', label: `t${i}` });
    }
    for (const [end, mark] of [[us, 't'], [them, 'u']])
      await end.until(`500 of ${mark}`, (heard) => heard.filter(({ type, label }) => type === 'channel' && label.startsWith(mark) && /^.\d/.test(label)).length === 500, 60_000);
  },
  async 'ICE begun anew'({ a, b, us }) {
    const { near, far } = await open(a, b, { label: 'lasting' });
    await deliver(a, near, b, far, { text: 'before' });
    const count = (heard, kind) => heard.filter(({ type }) => type === kind).length;
    const described = count(us.heard, 'description');
    const paths = count(us.heard, 'path');
    a.say({ type: 'restart' });
    if (a === us) {
      await us.until('a new offer is needed', (heard) => heard.some(({ type }) => type === 'negotiation-needed'));
      us.say({ type: 'offer' });
    }
    await us.until('described anew', (heard) => count(heard, 'description') > described);
    // Else what is said would go the former way, and show nothing.
    await us.until('a path of the new session', (heard) => count(heard, 'path') > paths);
    await deliver(a, near, b, far, { text: 'after' });
    await deliver(b, far, a, near, { text: 'and back' });
  },
  async 'a handshake before the answer'({ early }) {
    // We offered and their answer took 300 ms to get here, while their ClientHello did not.
    if (early === undefined) return 'n/a: only where they answer';
    if (early > 700) throw new Error(`connected ${early} ms after the answer came`);
    return `${early} ms after the answer`;
  },
};

// What a stack does not have, and why.
const NOT_THERE = {
  aiortc: {
    'ICE begun anew': 'aiortc has no ICE restart',
    'a thousand channels': 'aiortc 1.4 offers 65535 streams and opens them one by one too slowly for a test',
  },
  libdatachannel: {
    'ICE begun anew': 'libdatachannel has no ICE restart',
  },
};
const LARGEST = { aiortc: 65_536, pion: 65_535, libdatachannel: 262_144, libwebrtc: 262_144, chromium: 262_144, firefox: 262_144, beeline: 262_144 };

/** A call of ours with `them`; `weOffer` says whose offer it is. */
async function call(stack, weOffer) {
  const us = ours();
  const them = await stack.end();
  const [a, b] = weOffer ? [us, them] : [them, us];
  let answered;
  const late = (message, pass) => {
    // Their answer dawdles, and their candidates with it.
    if (!weOffer) return pass(message);
    setTimeout(() => {
      if (message.type === 'description') answered = performance.now();
      pass(message);
    }, answered === undefined ? 300 : 0);
  };
  us.signalTo(them);
  them.signalTo(us, late);
  a.say({ type: 'open', label: 'first' });
  await a.until('its first channel', (heard) => heard.some(({ type }) => type === 'opening'));
  a.say({ type: 'offer' });
  await us.until('connected', (heard) => heard.some(({ type, state }) => type === 'state' && state === 'connected'), 30_000);
  const early = weOffer ? Math.round(performance.now() - answered) : undefined;
  await b.until('the first channel', (heard) => heard.some(({ type, label }) => type === 'channel' && label === 'first'));
  return { us, them, a, b, early, largest: LARGEST[stack.name] };
}

async function play(stack, weOffer, wanted, results) {
  const role = weOffer ? 'we offer' : 'they offer';
  const note = (name, result) => {
    results.set(`${name}|${stack.name}|${role}`, result);
    console.log(`${result.startsWith('FAIL') ? 'FAIL ' : 'ok   '} ${stack.name}, ${role}: ${name}${result === 'yes' ? '' : ` (${result})`}`);
  };
  let ends;
  try {
    ends = await call(stack, weOffer);
  } catch (error) {
    for (const name of wanted) note(name, `FAIL: no call: ${error.message}`);
    return;
  }
  for (const name of wanted) {
    const missing = NOT_THERE[stack.name]?.[name];
    try {
      note(name, missing ? `n/a: ${missing}` : (await CASES[name](ends)) ?? 'yes');
    } catch (error) {
      note(name, `FAIL: ${error.message}`);
    }
  }
  const code = await ends.us.close();
  if (code !== 0) note('our end lives', `FAIL: it ended with ${code}`);
  await ends.them.close();
}

const words = process.argv.slice(2);
const names = words.filter((word) => !word.startsWith('--'));
const only = words.find((word) => word.startsWith('--case='))?.slice(7);
const stacks = names.length ? names : ALL;
const wanted = Object.keys(CASES).filter((name) => !only || name === only);
const results = new Map();
for (const name of stacks) {
  const stack = foreign(name);
  await stack.start();
  for (const weOffer of [true, false]) await play(stack, weOffer, wanted, results);
  await stack.stop();
}
const cell = (name, stack) => ['we offer', 'they offer'].map((role) => results.get(`${name}|${stack}|${role}`) ?? '').map((result) => (result.startsWith('n/a') ? 'n/a' : result.startsWith('FAIL') ? '**no**' : 'yes')).join(' / ');
const table = [`| (we offer / they offer) | ${stacks.join(' | ')} |`, `|---|${stacks.map(() => '---|').join('')}`, ...wanted.map((name) => `| ${name} | ${stacks.map((stack) => cell(name, stack)).join(' | ')} |`)].join('\n');
const failed = [...results].filter(([, result]) => result.startsWith('FAIL'));
console.log(`\n${table}\n\n${results.size - failed.length} passed, ${failed.length} failed`);
if (words.includes('--record')) {
  const page = new URL('../../../docs/interop.md', import.meta.url);
  const text = readFileSync(page, 'utf8');
  writeFileSync(page, text.replace(/(<!-- matrix -->\n)[\s\S]*?(<!-- end -->)/, `$1${table}\n$2`));
}
process.exit(failed.length ? 1 : 0);
