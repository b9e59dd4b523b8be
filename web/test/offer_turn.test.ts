// Two offers never meet where both sides know the question; where one does not, nobody waits for ever.

import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { GO_WAIT_MS, OfferTurn, PROMISE_MS } from '../sdk/src/offer_turn.ts';

const real = { setTimeout: globalThis.setTimeout, clearTimeout: globalThis.clearTimeout };
let now = 0;
let timers: { id: number; at: number; ring: () => void }[] = [];

beforeEach(() => {
  now = 0;
  timers = [];
  let made = 0;
  const set = (ring: () => void, ms: number): number => (timers.push({ id: ++made, at: now + ms, ring }), made);
  const clear = (id: number | undefined): void => void (timers = timers.filter((timer) => timer.id !== id));
  Object.assign(globalThis, { setTimeout: set, clearTimeout: clear });
});
afterEach(() => void Object.assign(globalThis, real));

function advance(ms: number): void {
  now += ms;
  const due = timers.filter(({ at }) => at <= now);
  timers = timers.filter(({ at }) => at > now);
  for (const { ring } of due) ring();
}

function side(polite: boolean, established = true): { turn: OfferTurn; log: string[]; state: { quiet: boolean } } {
  const log: string[] = [];
  const state = { quiet: true };
  const turn = new OfferTurn({
    polite,
    established: () => established,
    quiet: () => state.quiet,
    offer: () => log.push('offer'),
    send: (kind) => log.push(kind),
  });
  return { turn, log, state };
}

test('the first offer of a connection needs no permission', () => {
  for (const polite of [true, false]) {
    const { turn, log } = side(polite, false);
    turn.want();
    assert.deepEqual(log, ['offer']);
  }
});

test('later the polite side asks once and offers when it is told to', () => {
  const { turn, log } = side(true);
  turn.want();
  turn.want();
  assert.deepEqual(log, ['ask']);
  turn.granted();
  assert.deepEqual(log, ['ask', 'offer']);
  turn.granted();
  advance(GO_WAIT_MS);
  assert.deepEqual(log, ['ask', 'offer']);
});

test('without an answer the polite side offers at the deadline and not before', () => {
  const { turn, log } = side(true);
  turn.want();
  advance(GO_WAIT_MS - 1);
  assert.deepEqual(log, ['ask']);
  advance(1);
  assert.deepEqual(log, ['ask', 'offer']);
});

test('the impolite side holds its offers back until the one it allowed has come', () => {
  const { turn, log } = side(false);
  turn.asked();
  turn.want();
  turn.want();
  assert.deepEqual(log, ['go']);
  turn.settled();
  assert.deepEqual(log, ['go', 'offer']);
});

test('a promise ends by itself, and then what was held back is offered', () => {
  const { turn, log } = side(false);
  turn.asked();
  turn.want();
  advance(PROMISE_MS - 1);
  assert.deepEqual(log, ['go']);
  advance(1);
  assert.deepEqual(log, ['go', 'offer']);
});

test('a question in the middle of a negotiation is answered at its end', () => {
  const { turn, log, state } = side(false);
  state.quiet = false;
  turn.asked();
  assert.deepEqual(log, []);
  state.quiet = true;
  turn.settled();
  assert.deepEqual(log, ['go']);
});

test('nothing rings after a reset', () => {
  for (const polite of [true, false]) {
    const { turn, log } = side(polite);
    if (polite) turn.want();
    else turn.asked();
    turn.reset();
    const before = [...log];
    advance(GO_WAIT_MS + PROMISE_MS);
    assert.deepEqual(log, before);
  }
});
