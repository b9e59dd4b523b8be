// Perfect negotiation, as a table and as two sides that offer at once; and what decides remedies and retries.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { midsInOrder } from '../sdk/src/media_slots.ts';
import { Negotiation } from '../sdk/src/negotiation.ts';
import { connectWaitMs, remedyFor } from '../sdk/src/recovery.ts';
import { backoffMs } from '../sdk/src/signaling.ts';

test('the lower id is polite', () => {
  assert.equal(new Negotiation('aaa', 'bbb').polite, true);
  assert.equal(new Negotiation('bbb', 'aaa').polite, false);
});

test('an offer in peace is applied by both', () => {
  for (const [self, peer] of [['a', 'b'], ['b', 'a']] as const) {
    assert.equal(new Negotiation(self, peer).judge('offer', 'stable'), 'apply');
  }
});

test('two offers at once: the polite side applies, the impolite side ignores', () => {
  const polite = new Negotiation('a', 'b');
  const impolite = new Negotiation('b', 'a');
  assert.equal(polite.judge('offer', 'have-local-offer'), 'apply');
  assert.equal(impolite.judge('offer', 'have-local-offer'), 'ignore');
  assert.equal(impolite.ignoredOffer, true);
  assert.equal(impolite.judge('answer', 'have-local-offer'), 'apply');
  assert.equal(impolite.judge('offer', 'stable'), 'apply');
  assert.equal(impolite.ignoredOffer, false);
});

test('an offer that is being made collides although the state is still stable', () => {
  const impolite = new Negotiation('b', 'a');
  impolite.makingOffer = true;
  assert.equal(impolite.judge('offer', 'stable'), 'ignore');
});

test('an offer right behind an answer is no collision', () => {
  const impolite = new Negotiation('b', 'a');
  impolite.applyingAnswer = true;
  assert.equal(impolite.judge('offer', 'have-local-offer'), 'apply');
});

test('an answer nobody waits for is stale', () => {
  assert.equal(new Negotiation('a', 'b').judge('answer', 'stable'), 'stale');
  assert.equal(new Negotiation('a', 'b').judge('answer', 'have-remote-offer'), 'stale');
});

test('of two resets that cross exactly one is obeyed', () => {
  const obeyed = [new Negotiation('a', 'b'), new Negotiation('b', 'a')].map((side) => side.obeysReset(true));
  assert.deepEqual(obeyed, [true, false]);
  assert.equal(new Negotiation('b', 'a').obeysReset(false), true);
});

test('two restarts, then a reset, and again', () => {
  assert.deepEqual([0, 1, 2, 3, 4, 5].map(remedyFor), ['restart', 'restart', 'reset', 'restart', 'restart', 'reset']);
});

test('a connection that takes long to come about is given longer each time, up to a minute', () => {
  assert.deepEqual([0, 1, 2, 3].map(connectWaitMs), [15_000, 22_500, 33_750, 50_625]);
  assert.equal(connectWaitMs(50), 60_000);
});

test('retries begin within the grace, grow, never pass 15 s, and are spread', () => {
  assert.equal(backoffMs(0, () => 0), 250);
  assert.equal(backoffMs(0, () => 1), 500);
  assert.equal(backoffMs(3, () => 0), 2_000);
  assert.equal(backoffMs(50, () => 1), 15_000);
});

test('media lines are counted in the order of the description', () => {
  assert.deepEqual(midsInOrder('v=0\r\nm=audio\r\na=mid:1\r\nm=video\r\na=mid:0\r\n'), ['1', '0']);
});
