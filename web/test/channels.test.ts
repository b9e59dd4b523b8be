// What two members say over their data channels, with the channels replaced by a pair of strings.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChatChannel, HISTORY_ENTRIES, type ChatPorts, type Remembered } from '../sdk/src/chat_channel.ts';
import { FILE_BYTES, FileChannel, type FileNews } from '../sdk/src/file_channel.ts';
import { fingerprintIn, Verification } from '../sdk/src/verification.ts';

type Frame = string | ArrayBuffer;

class FakeChannel extends EventTarget {
  readyState = 'open';
  bufferedAmount = 0;
  bufferedAmountLowThreshold = 0;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: Frame }) => void) | null = null;
  other: FakeChannel | null = null;
  /** Changes or swallows what is sent. */
  tamper: (frame: Frame) => Frame | null = (frame) => frame;
  send(frame: Frame): void {
    const passed = this.tamper(frame);
    if (passed !== null) queueMicrotask(() => this.other?.onmessage?.({ data: passed }));
  }
}

function pairOf<Made>(make: (connection: RTCPeerConnection, side: 0 | 1) => Made) {
  const channels = [new FakeChannel(), new FakeChannel()] as const;
  channels[0].other = channels[1];
  channels[1].other = channels[0];
  const connect = (side: 0 | 1) => make({ createDataChannel: () => channels[side] } as unknown as RTCPeerConnection, side);
  return { channels, sides: [connect(0), connect(1)] as const };
}

async function until(condition: () => boolean) {
  for (let turns = 0; turns < 5_000 && !condition(); turns++) await new Promise((resolve) => setImmediate(resolve));
  assert.ok(condition());
}

function filePair() {
  const news: FileNews[][] = [[], []];
  return { news, ...pairOf((connection, side) => new FileChannel(connection, (each) => news[side]!.push(each))) };
}
const endOf = (news: FileNews[], id: string) => news.find((each) => each.id === id && each.state !== 'moving');

test('files arrive whole, checked, in order, with progress on both sides', async () => {
  const { news, sides } = filePair();
  const bytes = new Uint8Array(100_000).map((_, index) => index % 251);
  sides[0].send('one', new Blob([bytes], { type: 'image/png' }), 'one.png');
  sides[0].send('empty', new Blob([]), 'empty.txt');
  await until(() => !!endOf(news[0]!, 'empty'));
  const arrived = endOf(news[1]!, 'one');
  assert.deepEqual([arrived?.state, arrived?.name, arrived?.type, arrived?.moved], ['done', 'one.png', 'image/png', 100_000]);
  assert.deepEqual(new Uint8Array(await arrived!.content!.arrayBuffer()), bytes);
  assert.equal(endOf(news[1]!, 'empty')?.content?.size, 0);
  assert.deepEqual(news[0]!.filter(({ id }) => id === 'one').map(({ moved }) => moved), [32_768, 65_536, 98_304, 100_000, 100_000]);
});

test('a file whose bytes change on the way is refused by its hash, and the next one still arrives', async () => {
  const { news, sides, channels } = filePair();
  channels[0].tamper = (frame) => {
    if (typeof frame === 'string') return frame;
    const changed = frame.slice(0);
    new Uint8Array(changed)[0]! ^= 1;
    return changed;
  };
  sides[0].send('bad', new Blob(['hello']), 'a');
  await until(() => !!endOf(news[0]!, 'bad'));
  assert.equal(endOf(news[0]!, 'bad')?.trouble, 'damaged');
  assert.equal(endOf(news[1]!, 'bad')?.trouble, 'damaged');
  channels[0].tamper = (frame) => frame;
  sides[0].send('good', new Blob(['hello']), 'b');
  await until(() => endOf(news[0]!, 'good')?.state === 'done');
});

test('a file of exactly the limit may start, one byte more is refused on both sides', async () => {
  const { news, sides, channels } = filePair();
  const claim = (id: string, size: number) =>
    channels[1].onmessage?.({ data: JSON.stringify({ kind: 'start', file: id, name: 'n', type: '', size }) });
  claim('fits', FILE_BYTES);
  claim('over', FILE_BYTES + 1);
  claim('half', 1.5);
  claim('less', -1);
  assert.deepEqual(news[1]!.map(({ id, state }) => `${id} ${state}`), ['fits moving', 'fits failed']);
  sides[0].send('big', { size: FILE_BYTES + 1, type: '' } as Blob, 'big');
  await until(() => endOf(news[0]!, 'big')?.trouble === 'too_large');
});

test('more bytes than were announced end the file', async () => {
  const { news, channels } = filePair();
  channels[1].onmessage?.({ data: JSON.stringify({ kind: 'start', file: 'f', name: 'n', type: '', size: 2 }) });
  channels[1].onmessage?.({ data: new ArrayBuffer(3) });
  assert.equal(endOf(news[1]!, 'f')?.trouble, 'damaged');
});

test('sending waits while the buffer is full and goes on when it is low', async () => {
  const { news, sides, channels } = filePair();
  channels[0].bufferedAmount = 1024 * 1024 + 1;
  sides[0].send('f', new Blob([new Uint8Array(50_000)]), 'f');
  await until(() => news[1]!.length > 0);
  for (let turns = 0; turns < 50; turns++) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(news[0]!.some(({ moved }) => moved > 0), false);
  channels[0].bufferedAmount = 0;
  channels[0].dispatchEvent(new Event('bufferedamountlow'));
  await until(() => endOf(news[0]!, 'f')?.state === 'done');
});

test('cancelling tells both sides, and an interrupted connection ends what was on the way', async () => {
  const { news, sides, channels } = filePair();
  channels[0].bufferedAmount = 2 * 1024 * 1024;
  sides[0].send('a', new Blob(['aaaa']), 'a');
  sides[0].send('b', new Blob(['bbbb']), 'b');
  await until(() => news[1]!.some(({ id }) => id === 'a'));
  sides[0].cancel('a');
  await until(() => endOf(news[1]!, 'a')?.trouble === 'cancelled');
  assert.equal(endOf(news[0]!, 'a')?.trouble, 'cancelled');
  sides[0].interrupt();
  assert.equal(endOf(news[0]!, 'b')?.trouble, 'interrupted');
});

function chatPair() {
  const heard: { texts: string[]; acks: string[]; typing: number; history: Remembered[] }[] = [0, 1].map(() => ({ texts: [], acks: [], typing: 0, history: [] }));
  const remembered: Remembered[] = [];
  const pair = pairOf((connection, side) => {
    const into = heard[side]!;
    const ports: ChatPorts = {
      opened: () => undefined,
      text: (_id, text) => into.texts.push(text),
      acknowledged: (id) => into.acks.push(id),
      typing: () => (into.typing += 1),
      historyAsked: () => pair.sides[side].sendHistory(remembered),
      history: (entries) => into.history.push(...entries),
      verification: () => undefined,
      steps: () => undefined,
    };
    return new ChatChannel(connection, ports);
  });
  return { heard, remembered, ...pair };
}

test('a text is acknowledged, and one that comes twice is heard once', async () => {
  const { heard, sides } = chatPair();
  for (let twice = 0; twice < 2; twice++) sides[0].sendText('m1', 'hello', 1);
  sides[0].sendTyping();
  await until(() => heard[0]!.acks.length === 2 && heard[1]!.typing === 1);
  assert.deepEqual(heard[1]!.texts, ['hello']);
});

test('a ping is answered with its id, and one without a proper id is not', async () => {
  const { channels } = chatPair();
  const answers: Frame[] = [];
  channels[1].tamper = (frame) => (answers.push(frame), null);
  for (const id of ['p1', 'x'.repeat(64), 'x'.repeat(65), 7, null]) channels[1].onmessage?.({ data: JSON.stringify({ kind: 'ping', id }) });
  assert.deepEqual(answers.map((frame) => JSON.parse(frame as string).id), ['p1', 'x'.repeat(64)]);
});

test('a late joiner is told what was said, in order, in frames that fit, and not without end', async () => {
  const { heard, sides, remembered, channels } = chatPair();
  for (let index = 0; index < HISTORY_ENTRIES + 50; index++) {
    remembered.push({ id: `m${index}`, name: 'Mei', text: 'x'.repeat(8_000), sentMs: index });
  }
  let longest = 0;
  channels[1].tamper = (frame) => ((longest = Math.max(longest, (frame as string).length)), frame);
  sides[0].askHistory();
  await until(() => heard[0]!.history.length === HISTORY_ENTRIES);
  assert.equal(heard[0]!.history[0]?.id, 'm50');
  assert.ok(longest < 65_536, `a frame of ${longest} characters`);
  sides[0].askHistory();
  await until(() => true);
  assert.equal(heard[0]!.history.length, HISTORY_ENTRIES);
});

test('nonsense on the chat changes nothing', async () => {
  const { heard, channels } = chatPair();
  for (const data of ['', '{', 'null', '7', '{"kind":"text"}', '{"kind":"text","id":7,"text":"x"}', '{"kind":"history","entries":[7,{"id":""}]}', '{"kind":"history","entries":{}}', '{"kind":"constructor"}']) {
    channels[1].onmessage?.({ data });
  }
  assert.deepEqual(heard[1], { texts: [], acks: [], typing: 0, history: [] });
});

/** Two sides of a verification; `prints` are what each side believes of [itself, the other]. */
function verifications(prints: readonly [readonly [string, string], readonly [string, string]], reflect = false) {
  const sides: Verification[] = [];
  const queue: (() => void)[] = [];
  for (const side of [0, 1] as const) {
    sides.push(new Verification({
      send: (kind, value) => queue.push(() => sides[reflect ? side : 1 - side]!.take(kind, value)),
      fingerprints: () => prints[side],
      changed: () => undefined,
    }));
  }
  for (const side of sides) side.begin();
  while (queue.length > 0) queue.shift()!();
  return sides.map(({ code }) => code);
}

test('both sides see the same four numbers, each time others', () => {
  const prints = [['AA', 'BB'], ['BB', 'AA']] as const;
  const [one, other] = verifications(prints);
  assert.equal(one?.length, 4);
  assert.deepEqual(one, other);
  assert.notDeepEqual(verifications(prints)[0], one);
});

test('a certificate in the middle makes the codes differ', () => {
  const [one, other] = verifications([['AA', 'MM'], ['BB', 'MM']]);
  assert.ok(one && other);
  assert.notDeepEqual(one, other);
});

test('a reflected commitment, a second one and a number that was not committed to are refused', () => {
  assert.deepEqual(verifications([['AA', 'BB'], ['BB', 'AA']], true), [null, null]);
  const sent: string[] = [];
  const side = new Verification({ send: (kind) => sent.push(kind), fingerprints: () => ['A', 'B'], changed: () => undefined });
  side.take('verify_commit', 'a'.repeat(64));
  side.take('verify_commit', 'b'.repeat(64));
  side.take('verify_reveal', 'c'.repeat(64));
  side.take('verify_reveal', 'nonsense');
  assert.deepEqual(sent, ['verify_reveal']);
  assert.equal(side.code, null);
});

test('the fingerprint of a description', () => {
  assert.equal(fingerprintIn('v=0\r\na=fingerprint:sha-256 aB:01\r\n'), 'AB:01');
  assert.equal(fingerprintIn('v=0\r\n'), null);
  assert.equal(fingerprintIn(undefined), null);
});
