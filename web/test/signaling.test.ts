// Which transport is tried when, what HTTP sends and repeats, and how a membership survives both.

import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { EventStream } from '../sdk/src/event_stream.ts';
import { HostCommands, RoomError } from '../sdk/src/host_commands.ts';
import { HttpTransport, httpUrlOf } from '../sdk/src/http_transport.ts';
import type { ClientMessage } from '../sdk/src/protocol.ts';
import { Signaling } from '../sdk/src/signaling.ts';
import { TransportChoice, WEBSOCKET_AGAIN_MS, type TransportKind, type TransportPorts } from '../sdk/src/signaling_transport.ts';

function memory(kept: TransportKind | null = null) {
  return { kept, load: () => kept, keep(kind: TransportKind) { this.kept = kind; } };
}

test('a WebSocket that does not open is followed by HTTP, and HTTP that fails by a WebSocket', () => {
  const choice = new TransportChoice(memory(), 0);
  assert.equal(choice.next(0), 'websocket');
  choice.lost(10);
  assert.equal(choice.next(20), 'http');
  choice.lost(30);
  assert.equal(choice.next(40), 'websocket');
});

test('a WebSocket that is cut twice before its welcome within ten seconds is followed by HTTP, once is not', () => {
  const choice = new TransportChoice(memory(), 0);
  const cut = (at: number) => (choice.next(at), choice.opened(), choice.lost(at));
  cut(0);
  assert.equal(choice.next(100), 'websocket');
  cut(9_999);
  assert.equal(choice.next(10_100), 'http');
  const slow = new TransportChoice(memory(), 0);
  slow.next(0), slow.opened(), slow.lost(0);
  slow.next(9_000), slow.opened(), slow.lost(10_000);
  assert.equal(slow.next(10_100), 'websocket');
});

test('what was welcomed is kept, and a welcomed connection that breaks is tried again the same way', () => {
  const kept = memory();
  const choice = new TransportChoice(kept, 0);
  choice.next(0), choice.opened(), choice.welcomed(), choice.lost(5);
  assert.equal(kept.kept, 'websocket');
  assert.equal(choice.next(10), 'websocket');
  choice.lost(11);
  choice.next(12), choice.opened(), choice.welcomed();
  assert.equal(kept.kept, 'http');
});

test('a tab that remembers HTTP tries a WebSocket again after five minutes, or on another network', () => {
  const choice = new TransportChoice(memory('http'), 1_000);
  assert.equal(choice.next(1_000 + WEBSOCKET_AGAIN_MS - 1), 'http');
  assert.equal(choice.next(1_000 + WEBSOCKET_AGAIN_MS), 'websocket');
  const moved = new TransportChoice(memory('http'), 0);
  moved.moved();
  assert.equal(moved.next(1), 'websocket');
});

test('an event stream may be cut anywhere; comments and unknown fields are nothing', () => {
  const stream = ': hi\n\ndata: {"a":1}\n\nid: 7\r\ndata: one\r\ndata:two\r\n\r\n';
  for (let cut = 0; cut <= stream.length; cut++) {
    const events: string[] = [];
    const parser = new EventStream((data) => events.push(data));
    if (stream[cut - 1] === '\r') continue; // a server of ours never cuts a line end; a lone CR would be one by itself
    assert.ok(parser.push(stream.slice(0, cut)) && parser.push(stream.slice(cut)));
    assert.deepEqual(events, ['{"a":1}', 'one\ntwo'], `cut at ${cut}`);
  }
});

test('an event stream without an end is given up', () => {
  assert.equal(new EventStream(() => undefined).push('x'.repeat(262_144)), true);
  assert.equal(new EventStream(() => undefined).push('x'.repeat(262_145)), false);
});

interface Request {
  url: string;
  headers: Record<string, string>;
  body: unknown;
}

/** A server for HttpTransport: one stream, and an answer for each post, in order. */
async function withFetch(answers: (number | 'broken')[], body: (requests: Request[], emit: (text: string | null) => void) => Promise<void>) {
  const real = { fetch: globalThis.fetch, setTimeout: globalThis.setTimeout };
  const requests: Request[] = [];
  let stream: ReadableStreamDefaultController<Uint8Array> | undefined;
  // Waiting before a repeat takes no time here.
  globalThis.setTimeout = ((run: () => void) => real.setTimeout(run, 0)) as typeof setTimeout;
  globalThis.fetch = async (url, init) => {
    requests.push({ url: String(url), headers: init?.headers as Record<string, string>, body: JSON.parse(String(init?.body)) });
    if (!String(url).endsWith('/messages')) {
      const readable = new ReadableStream<Uint8Array>({ start: (controller) => void (stream = controller) });
      init?.signal?.addEventListener('abort', () => stream?.error(new Error('aborted')));
      return new Response(readable, { headers: { 'Content-Type': 'text/event-stream', 'Beeline-Session': 's1' } });
    }
    const answer = answers.shift() ?? 204;
    if (answer === 'broken') throw new TypeError('network');
    return new Response(null, { status: answer });
  };
  try {
    await body(requests, (text) => (text === null ? stream?.close() : stream?.enqueue(new TextEncoder().encode(text))));
  } finally {
    Object.assign(globalThis, real);
  }
}

const turn = () => new Promise((resolve) => setImmediate(resolve));
async function until(condition: () => boolean) {
  for (let turns = 0; turns < 1_000 && !condition(); turns++) await turn();
  assert.ok(condition());
}

function recorder() {
  const seen: string[] = [];
  const ports: TransportPorts = {
    opened: () => seen.push('opened'),
    frame: (text) => seen.push(text),
    closed: () => seen.push('closed'),
  };
  return { seen, ports };
}

test('over HTTP the hello opens the stream, and messages are numbered, one request at a time', () =>
  withFetch([], async (requests, emit) => {
    const { seen, ports } = recorder();
    const transport = new HttpTransport('wss://h/api/signal', ports);
    await until(() => seen.length === 1);
    transport.send({ type: 'hello', versions: [1], room: 'r' });
    transport.send({ type: 'ping' });
    transport.send({ type: 'renew' });
    await turn();
    emit('data: {"type":"welcome"}\n\n');
    await until(() => requests.length === 2);
    assert.equal(seen[1], '{"type":"welcome"}');
    assert.deepEqual(requests.map(({ url }) => url), ['https://h/api/signal', 'https://h/api/signal/messages']);
    assert.deepEqual(requests[1]?.body, [{ type: 'ping' }, { type: 'renew' }]);
    transport.send({ type: 'leave' });
    transport.close(true);
    await until(() => requests.length === 3);
    assert.deepEqual([requests[1], requests[2]].map((each) => each?.headers['Beeline-Sequence']), ['1', '2']);
    assert.deepEqual(requests[2]?.headers['Beeline-Session'], 's1');
    assert.deepEqual(requests[2]?.body, [{ type: 'leave' }]);
    assert.ok(!seen.includes('closed'), 'what we close ourselves is not reported');
  }));

test('over HTTP what got no answer is repeated under its number; a refusal ends the transport', () =>
  withFetch(['broken', 503, 204, 404], async (requests, emit) => {
    const { seen, ports } = recorder();
    const transport = new HttpTransport('ws://h/api/signal', ports);
    await until(() => seen.length === 1);
    transport.send({ type: 'hello', versions: [1], room: 'r' });
    await turn();
    emit(': here\n\n');
    transport.send({ type: 'ping' });
    await until(() => requests.length === 4);
    assert.deepEqual(requests.slice(1).map(({ headers }) => headers['Beeline-Sequence']), ['1', '1', '1']);
    transport.send({ type: 'renew' });
    await until(() => seen.includes('closed'));
    assert.equal(requests[4]?.headers['Beeline-Sequence'], '2');
  }));

test('over HTTP the end of the stream is the end', () =>
  withFetch([], async (_requests, emit) => {
    const { seen, ports } = recorder();
    const transport = new HttpTransport('ws://h/api/signal', ports);
    await until(() => seen.length === 1);
    transport.send({ type: 'hello', versions: [1], room: 'r' });
    await turn();
    emit(null);
    await until(() => seen.includes('closed'));
  }));

test('the address of plain HTTP is as safe as that of the WebSocket', () => {
  assert.equal(httpUrlOf('wss://a.example/api/signal'), 'https://a.example/api/signal');
  assert.equal(httpUrlOf('ws://localhost:8080/api/signal'), 'http://localhost:8080/api/signal');
});

function signalingOverFakes() {
  const made: { kind: TransportKind; ports: TransportPorts; sent: ClientMessage[]; closed: boolean | null }[] = [];
  const signaling = new Signaling({
    url: 'wss://h/api/signal', room: 'r', name: 'Mei', presence: {}, hostKey: 'old',
    makeTransport: (kind, _url, ports) => {
      const each = { kind, ports, sent: [] as ClientMessage[], closed: null as boolean | null };
      made.push(each);
      return { send: (message) => void each.sent.push(message), close: (clean) => void (each.closed = clean) };
    },
  });
  const last = () => made[made.length - 1]!;
  const say = (message: object) => last().ports.frame(JSON.stringify(message));
  const welcome = (more: object) => say({ type: 'welcome', you: 'a', members: [], resume: { token: 't1' }, grace_s: 15, last_event: 0, ...more });
  return { signaling, made, last, say, welcome };
}

test('a hello carries the newest host key and the token; a wrong key is not shown again', () => {
  const { signaling, last, say, welcome, made } = signalingOverFakes();
  signaling.open();
  last().ports.opened();
  assert.deepEqual(last().sent[0], { type: 'hello', versions: [1], room: 'r', name: 'Mei', presence: {}, host_key: 'old' });
  welcome({});
  say({ type: 'host_key', event: 1, key: 'new' });
  last().ports.closed();
  signaling.moved(); // retries at once
  last().ports.opened();
  assert.equal(made.length, 2);
  assert.deepEqual(last().sent[0], {
    type: 'hello', versions: [1], room: 'r', name: 'Mei', presence: {}, host_key: 'new', resume: { token: 't1', last_event: 1 },
  });
  say({ type: 'error', code: 'host_key_wrong', message: '', fatal: false });
  welcome({ resumed: true });
  last().ports.closed();
  signaling.moved();
  last().ports.opened();
  assert.equal('host_key' in last().sent[0]!, false);
  signaling.leave();
});

// Found with eight pages on two processors.
test('a hello that came too late for a connection is said again on the next one', () => {
  const { signaling, last, say, welcome, made } = signalingOverFakes();
  const ends: string[] = [];
  signaling.on('ended', (reason) => ends.push(reason));
  signaling.open();
  last().ports.opened();
  welcome({});
  last().ports.closed();
  signaling.moved();
  last().ports.opened();
  say({ type: 'error', code: 'hello_expected', message: '', fatal: true });
  last().ports.closed();
  signaling.moved();
  last().ports.opened();
  welcome({ resumed: true });
  assert.deepEqual([made.length, signaling.phase, ends], [3, 'open', []]);
  signaling.leave();
});

/** Timers that fire when told to, for one test; Node's own way to do this differs between its versions. */
function fakeTimers(context: TestContext) {
  const waiting = new Map<number, { atMs: number; act: () => void }>();
  let nowMs = 0;
  let made = 0;
  const real = { set: globalThis.setTimeout, clear: globalThis.clearTimeout };
  const set = (act: () => void, ms: number) => (waiting.set((made += 1), { atMs: nowMs + ms, act }), made);
  Object.assign(globalThis, { setTimeout: set, clearTimeout: (id: number) => waiting.delete(id) });
  context.after(() => Object.assign(globalThis, { setTimeout: real.set, clearTimeout: real.clear }));
  /** Fires what was due when this began: what these begin waits for the next call, as in a page that was busy. */
  return (ms: number) => {
    nowMs += ms;
    for (const [id, { atMs, act }] of [...waiting]) if (atMs <= nowMs && waiting.delete(id)) act();
  };
}

test('a page that was busy itself hears the answer before it gives a silent connection up', (context) => {
  const advance = fakeTimers(context);
  const { signaling, last, say, welcome } = signalingOverFakes();
  signaling.open();
  last().ports.opened();
  welcome({});
  advance(10_000);
  assert.equal(last().sent.at(-1)?.type, 'ping');
  advance(60_000);
  assert.equal(signaling.phase, 'open');
  say({ type: 'pong' });
  advance(10_000);
  assert.equal(last().sent.at(-1)?.type, 'ping');
  advance(4_000);
  advance(3_999);
  assert.equal(signaling.phase, 'open');
  advance(1);
  assert.equal(signaling.phase, 'reconnecting');
  signaling.leave();
});

test('after a restart of the server events are counted anew, and what waited for its old run is dropped', () => {
  const { signaling, last, say, welcome } = signalingOverFakes();
  const events: number[] = [];
  signaling.on('event', ({ event }) => events.push(event));
  signaling.open();
  last().ports.opened();
  welcome({});
  say({ type: 'away', event: 7, member: 'b' });
  last().ports.closed();
  signaling.send({ type: 'relay', to: 'b', items: [] });
  signaling.moved();
  last().ports.opened();
  welcome({ restored: true, last_event: 0 });
  say({ type: 'back', event: 1, member: 'b' });
  assert.deepEqual(events, [7, 1]);
  assert.deepEqual(last().sent.map(({ type }) => type), ['hello']);
  signaling.leave();
  assert.equal(last().closed, true);
});

test('a relay and a ping say which events have come, so that the server need not keep them', () => {
  const { signaling, last, say, welcome } = signalingOverFakes();
  signaling.open();
  last().ports.opened();
  welcome({});
  say({ type: 'away', event: 7, member: 'b' });
  signaling.send({ type: 'relay', to: 'b', items: [] });
  signaling.send({ type: 'rename', name: 'Mei' });
  signaling.ping();
  assert.deepEqual(last().sent.slice(1), [
    { type: 'relay', to: 'b', items: [], seen: 7 },
    { type: 'rename', name: 'Mei' },
    { type: 'ping', seen: 7 },
  ]);
  signaling.leave();
});

test('a membership over HTTP tries a WebSocket after five minutes, and moves to it once one opens', () => {
  const real = globalThis.setTimeout;
  let later: (() => void) | undefined;
  globalThis.setTimeout = ((run: () => void, ms: number) => {
    if (ms !== WEBSOCKET_AGAIN_MS) return real(run, ms);
    later = run;
    return 0;
  }) as typeof setTimeout;
  // A tab that remembers HTTP.
  globalThis.sessionStorage = { getItem: () => 'http', setItem: () => undefined } as unknown as Storage;
  try {
    const { signaling, made, last, welcome } = signalingOverFakes();
    signaling.open();
    assert.equal(made[0]?.kind, 'http');
    last().ports.opened();
    welcome({});
    later!();
    assert.equal(last().kind, 'websocket');
    last().ports.closed();
    later!();
    last().ports.opened();
    assert.deepEqual([last().closed, made[0]?.closed], [true, false], 'the probe ends cleanly, HTTP keeps its membership');
    assert.equal(signaling.phase, 'reconnecting');
    signaling.leave();
  } finally {
    globalThis.setTimeout = real;
    Reflect.deleteProperty(globalThis, 'sessionStorage');
  }
});

test("a host's command ends with the pong behind it, or with the error about it", async () => {
  const sent: ClientMessage[] = [];
  let pings = 3;
  let reachable = true;
  const commands = new HostCommands({ reachable: () => reachable, send: (message) => void sent.push(message), ping: () => (pings += 1) });
  const lock = commands.ask({ type: 'lock', locked: true });
  const remove = commands.ask({ type: 'remove', member: 'b' });
  const handOver = commands.ask({ type: 'hand_over', to: 'c' });
  commands.pong(3); // of a ping before ours
  const about = (sent[1] as { id: string }).id;
  commands.failed({ type: 'error', code: 'not_host', message: '', fatal: false, about });
  commands.pong(4);
  await lock;
  await assert.rejects(remove, (error) => error instanceof RoomError && error.code === 'not_host');
  commands.interrupted();
  await assert.rejects(handOver, (error) => error instanceof RoomError && error.code === 'interrupted');
  reachable = false;
  const told = sent.length;
  await assert.rejects(commands.ask({ type: 'lock', locked: true }), RoomError);
  assert.equal(sent.length, told, 'what cannot arrive is not sent');
});
