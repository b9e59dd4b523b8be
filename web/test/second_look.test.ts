// When a link looks for its path once more: a relay that nobody wanted, or one over a stream that only won the race.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CandidateFacts } from '../sdk/src/explain.ts';
import type { ReasonCode } from '../sdk/src/reason.ts';
import { SECOND_LOOKS_MS, SecondLook } from '../sdk/src/second_look.ts';

const [first = 0, second = 0] = SECOND_LOOKS_MS;
const relay = (relayProtocol: string): CandidateFacts => ({ id: relayProtocol, type: 'relay', protocol: 'udp', relayProtocol });
const tcp = relay('tcp');
const servers = [{ urls: ['stun:relay.example', 'turn:relay.example?transport=udp', 'turn:relay.example?transport=tcp'] }];
const chosen: ReasonCode = 'relayed_by_choice';
const at = (nowMs: number, more = {}) => ({ nowMs, code: chosen, local: tcp, localCandidates: [tcp], servers, ...more });

/** When, of a call that never changes, looked at each second of two minutes, it is due. */
function looks(more: object, polite = false): number[] {
  const look = new SecondLook(polite);
  return Array.from({ length: 120 }, (_, second) => second * 1000).filter((nowMs) => look.due(at(nowMs, more)));
}

test('a relay over TCP or TLS, with UDP offered and never seen, is looked at again after a while, and twice at most', () => {
  for (const local of [tcp, relay('tls')]) {
    for (const polite of [false, true]) assert.deepEqual(looks({ local, localCandidates: [local] }, polite), [first, second]);
  }
  const begun = new SecondLook(false);
  begun.due(at(0));
  begun.due(at(4_000, { local: relay('udp') }));
  assert.equal(begun.due(at(6_000)), false, 'on another path meanwhile: its time began anew');
  assert.equal(begun.due(at(6_000 + first)), true);
});

test('a relay that nobody wanted is looked at again, by one of the two sides', () => {
  const over = relay('udp');
  for (const code of ['relayed_for_now', 'relayed_no_answer', 'relayed_udp_blocked']) {
    assert.deepEqual(looks({ code, local: over, localCandidates: [over] }), [first, second]);
    assert.deepEqual(looks({ code, local: over, localCandidates: [over] }, true), [], 'the other one does');
  }
  const theirs = { id: 'host', type: 'host', protocol: 'udp' };
  assert.deepEqual(looks({ code: 'relayed_for_now', local: theirs, localCandidates: [theirs] }), [first, second], 'the relay is theirs');
});

test('what somebody chose, and what is direct, is left alone', () => {
  for (const code of ['relayed_by_choice', 'relayed_peer_choice', 'relayed_what_if', 'direct_punched', 'looking', undefined]) {
    assert.deepEqual(looks({ code, local: relay('udp') }), []);
    assert.deepEqual(looks({ code, local: undefined }), []);
  }
});

test('where the relay over UDP is known and was not chosen, or is not offered, nothing is to be found', () => {
  assert.deepEqual(looks({ localCandidates: [tcp, relay('udp')] }), []);
  assert.deepEqual(looks({ servers: [{ urls: 'turn:relay.example?transport=tcp' }, { urls: 'turns:relay.example' }] }), []);
  assert.deepEqual(looks({ servers: [{ urls: 'turn:relay.example' }] }), [first, second], 'UDP is what a URL without a word means');
});
