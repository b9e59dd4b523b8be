// When a link looks for its path once more: a relay over a stream that only won the race.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CandidateFacts } from '../sdk/src/explain.ts';
import { SECOND_LOOKS_MS, SecondLook } from '../sdk/src/second_look.ts';

const relay = (relayProtocol: string): CandidateFacts => ({ id: relayProtocol, type: 'relay', protocol: 'udp', relayProtocol });
const tcp = relay('tcp');
const servers = [{ urls: ['stun:relay.example', 'turn:relay.example?transport=udp', 'turn:relay.example?transport=tcp'] }];
const at = (nowMs: number, more = {}) => ({ nowMs, local: tcp, localCandidates: [tcp], servers, ...more });

const [first = 0, second = 0] = SECOND_LOOKS_MS;

test('a relay over TCP or TLS, with UDP offered and never seen, is looked at again after a while, and twice at most', () => {
  for (const local of [tcp, relay('tls')]) {
    const look = new SecondLook();
    const due = (nowMs: number) => look.due(at(nowMs, { local, localCandidates: [local] }));
    assert.deepEqual([1_000, 1_000 + first - 1, 1_000 + first].map(due), [false, false, true]);
    assert.deepEqual([1_000 + first + 1, 1_000 + second - 1, 1_000 + second].map(due), [false, false, true]);
    assert.deepEqual([1_001 + second, 1_000_000].map(due), [false, false], 'a network without UDP is left in peace');
  }
});

test('what is no relay over a stream, or became none, is left alone', () => {
  for (const local of [undefined, relay('udp'), { id: 'host', type: 'host', protocol: 'tcp' }]) {
    const look = new SecondLook();
    assert.equal(look.due(at(0, { local })), false);
    assert.equal(look.due(at(60_000, { local })), false);
  }
  const look = new SecondLook();
  look.due(at(0));
  look.due(at(4_000, { local: relay('udp') }));
  assert.equal(look.due(at(6_000)), false, 'its time began anew');
  assert.equal(look.due(at(6_000 + first)), true);
});

test('where the relay over UDP is known and was not chosen, or is not offered, nothing is to be found', () => {
  const twice = (more: object) => {
    const look = new SecondLook();
    return [look.due(at(0, more)), look.due(at(60_000, more))];
  };
  assert.deepEqual(twice({ localCandidates: [tcp, relay('udp')] }), [false, false]);
  assert.deepEqual(twice({ servers: [{ urls: 'turn:relay.example?transport=tcp' }, { urls: 'turns:relay.example' }] }), [false, false]);
  assert.deepEqual(twice({ servers: [{ urls: 'turn:relay.example' }] }), [false, true], 'UDP is what a URL without a word means');
});
