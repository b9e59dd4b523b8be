// The parser of what a server and another client may say: what is known is kept, what is not is ignored.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseItem, parseServerMessage } from '../sdk/src/protocol.ts';
import { tellingLines } from '../sdk/src/link_story.ts';
import { makeRoomId } from '../sdk/src/identifiers.ts';
import { parseSteps, Timeline } from '../sdk/src/timeline.ts';

const parse = (value: unknown) => parseServerMessage(JSON.stringify(value));

test('the welcome of the document', () => {
  const welcome = parse({
    type: 'welcome', version: 1, you: 'q4vd3k2m7a', room: 'x', resumed: false,
    members: [{ id: 'b7', name: 'Mei', presence: { mic: true }, away: false }, { name: 'without an id' }],
    ice: {
      servers: [
        { urls: ['stun:example.org:3478'] },
        { urls: 'turn:example.org:3478?transport=udp', username: 'u', credential: 'c' },
        { urls: [7] },
      ],
      renew_in_s: 2700,
    },
    resume: { token: 't' }, grace_s: 15, last_event: 0, server_time_ms: 1, unknown: 'ignored',
  });
  assert.equal(welcome?.type, 'welcome');
  if (welcome?.type !== 'welcome') return;
  assert.deepEqual(welcome.members, [{ id: 'b7', name: 'Mei', presence: { mic: true }, away: false }]);
  assert.deepEqual(welcome.ice.servers, [
    { urls: ['stun:example.org:3478'] },
    { urls: ['turn:example.org:3478?transport=udp'], username: 'u', credential: 'c' },
  ]);
  assert.equal(welcome.resume.token, 't');
});

test('every event of the document', () => {
  const events = [
    { type: 'joined', event: 1, member: { id: 'a', name: '', presence: {}, away: false } },
    { type: 'away', event: 2, member: 'a' },
    { type: 'back', event: 3, member: 'a' },
    { type: 'gone', event: 4, member: 'a', reason: 'lost_peer' },
    { type: 'presence', event: 5, member: 'a', presence: { camera: false, relayOnly: true } },
    { type: 'renamed', event: 6, member: 'a', name: 'Jon' },
    { type: 'relay', event: 7, from: 'a', items: [{ kind: 'reset' }] },
    { type: 'message', event: 8, from: 'a', text: 'hi' },
    { type: 'ice', event: 9, ice: { servers: [], renew_in_s: 1 } },
  ];
  for (const event of events) assert.deepEqual(parse(event), event);
});

test('what is outside the numbering', () => {
  assert.deepEqual(parse({ type: 'pong' }), { type: 'pong' });
  assert.deepEqual(parse({ type: 'bye', reason: 'replaced' }), { type: 'bye', reason: 'replaced' });
  assert.deepEqual(parse({ type: 'error', code: 'room_full', message: 'm', fatal: true, about: { type: 'hello' } }), {
    type: 'error', code: 'room_full', message: 'm', fatal: true,
  });
});

test('nonsense and unknown types become nothing', () => {
  for (const frame of ['', '{', 'null', '[]', '7', '{"type":7}', '{"type":"constructor"}', '{"type":"future"}']) {
    assert.equal(parseServerMessage(frame), null, frame);
  }
  assert.equal(parse({ type: 'away', event: 1, member: 7 }), null);
  assert.equal(parse({ type: 'welcome' }), null);
});

test('items between clients: known kinds only, members of the right kind only', () => {
  assert.deepEqual(parseItem({ kind: 'description', description: { type: 'offer', sdp: 'v=0' } }), {
    kind: 'description', description: { type: 'offer', sdp: 'v=0' },
  });
  assert.deepEqual(parseItem({ kind: 'candidate', candidate: null }), { kind: 'candidate', candidate: null });
  assert.deepEqual(parseItem({ kind: 'candidate', candidate: { candidate: 'c', sdpMid: '0', sdpMLineIndex: 'x' } }), {
    kind: 'candidate', candidate: { candidate: 'c', sdpMid: '0' },
  });
  for (const item of [null, 7, {}, { kind: 'new' }, { kind: 'description', description: { type: 'x', sdp: 'v=0' } }]) {
    assert.equal(parseItem(item), null);
  }
});

test('a timeline keeps the first time of each step and adds lines', () => {
  let now = 100;
  const timeline = new Timeline(() => now);
  timeline.mark('wants', 'a');
  now = 112.34;
  assert.equal(timeline.mark('own_addresses', 'b'), true);
  now = 200;
  assert.equal(timeline.mark('own_addresses', 'b', 'c'), false);
  assert.deepEqual(timeline.steps, [
    { step: 1, at_ms: 0, lines: ['a'] },
    { step: 2, at_ms: 12.3, lines: ['b', 'c'] },
  ]);
});

test("the other side's steps are bounded and checked", () => {
  assert.deepEqual(parseSteps('x'), []);
  assert.deepEqual(parseSteps([{ step: 7, at_ms: 1 }, { step: 1, at_ms: -1 }, { step: 1.5, at_ms: 1 }, null]), []);
  const [step] = parseSteps([{ step: 2, at_ms: 5, lines: [...Array(99).fill('x'.repeat(999)), 7] }]);
  assert.equal(step?.lines.length, 24);
  assert.equal(step?.lines[0]?.length, 300);
});

test('the shown lines of a description never hold its password', () => {
  const lines = tellingLines('->', 'v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111 63\r\na=ice-ufrag:abcd\r\na=ice-pwd:secret\r\na=setup:actpass\r\n');
  assert.deepEqual(lines, ['-> m=audio 9 UDP/TLS/RTP/SAVPF', '-> a=ice-ufrag:abcd', '-> a=setup:actpass']);
});

test('room ids are 26 characters of a-z2-7 and never the same', () => {
  const ids = new Set(Array.from({ length: 200 }, makeRoomId));
  assert.equal(ids.size, 200);
  for (const id of ids) assert.match(id, /^[a-z2-7]{26}$/);
});
