// The pure parts of the app: room names, both languages, numbers.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { en, type MessageKey } from '../app/src/i18n/en.ts';
import { fill, languageOf, placeholdersOf } from '../app/src/i18n/translate.ts';
import { zhTW } from '../app/src/i18n/zh-TW.ts';
import { bitRate, initials, milliseconds } from '../app/src/model/format.ts';
import { merged, pictureTypeOf, type ChatEntry } from '../app/src/model/chat_entry.ts';
import { speakerAmong } from '../app/src/model/person.ts';
import { fragmentOf, KINDS, newPlace, placeOf } from '../app/src/model/place.ts';
import { roomName } from '../app/src/model/room_name.ts';
import { VERIFICATION_WORDS, wordsOf } from '../app/src/model/verification_words.ts';
import { makeRoomId, REASON_CODES, roomIdOf } from '../sdk/src/index.ts';

const keys = Object.keys(en) as MessageKey[];

test('both languages have the same keys, the same placeholders, and words for each', () => {
  assert.deepEqual(Object.keys(zhTW).sort(), [...keys].sort());
  for (const key of keys) {
    assert.deepEqual(placeholdersOf(zhTW[key]), placeholdersOf(en[key]), key);
    assert.notEqual(zhTW[key].trim(), '', key);
    assert.ok(!/!|！/.test(en[key] + zhTW[key]), `${key} shouts`);
  }
});

test('every reason code has a sentence in both languages', () => {
  for (const code of REASON_CODES) {
    assert.ok(`reason_${code}` in en, code);
    assert.ok(`reason_${code}` in zhTW, code);
  }
});

test('filling in: known words only, once, and nothing inherited', () => {
  assert.equal(fill('{a} and {b}', { a: '{b}', b: 2 }), '{b} and 2');
  assert.equal(fill('{constructor} {missing}', {}), '{constructor} {missing}');
  assert.equal(fill('{name}', { name: '$& $1' }), '$& $1');
});

test('the language follows the browser', () => {
  assert.equal(languageOf(['zh-TW', 'en']), 'zh-TW');
  assert.equal(languageOf(['zh-Hans-CN']), 'zh-TW');
  assert.equal(languageOf(['fr', 'zh-HK']), 'zh-TW');
  assert.equal(languageOf(['de', 'en-GB', 'zh']), 'en');
  assert.equal(languageOf([]), 'en');
});

test('a room has the same two words everywhere, and rooms differ', () => {
  const id = 'abcdefghijklmnopqrstuvwxyz';
  assert.equal(roomName(id), roomName(id));
  const names = Array.from({ length: 300 }, () => roomName(makeRoomId()));
  for (const name of names) assert.match(name, /^[a-z]+-[a-z]+$/);
  assert.ok(new Set(names).size > 250);
});

test('a fragment names a place and gets it back, in any case; anything else names none', () => {
  const roomId = makeRoomId();
  for (const kind of KINDS) {
    const fragment = fragmentOf({ kind, roomId });
    assert.deepEqual(placeOf(fragment), { kind, roomId });
    assert.deepEqual(placeOf(fragment.toUpperCase()), { kind, roomId });
    for (let end = 0; end < fragment.length; end++) assert.equal(placeOf(fragment.slice(0, end)), null);
  }
  for (const other of ['', '#', `#party/${roomId}`, `#live/${roomId}/x`, '#<script>', `#constructor/${roomId}`]) {
    assert.equal(placeOf(other), null, other);
  }
});

test('a new place has a key that makes its room', () => {
  const { roomId, hostKey, kind } = newPlace('live');
  assert.equal(roomIdOf(hostKey), roomId);
  assert.equal(kind, 'live');
});

test('the word lists have 256 different words each, in both languages', () => {
  for (const words of Object.values(VERIFICATION_WORDS)) {
    assert.equal(words.length, 256);
    assert.equal(new Set(words).size, 256);
    assert.ok(words.every((word) => word !== ''));
  }
  assert.deepEqual(wordsOf([0, 1, 255, 254], 'en'), ['apple', 'anchor', 'sandwich', 'sail']);
  assert.deepEqual(wordsOf([0, 1, 255, 254], 'zh-TW'), ['蘋果', '船錨', '三明治', '船帆']);
});

function said(id: string, atMs: number): ChatEntry {
  return { id, atMs, mine: false, name: '', text: id, via: 'channel', to: 0, delivered: new Set() };
}

test('what is learned later is put in its place, and nothing is there twice', () => {
  const all = merged([said('b', 2), said('d', 4)], [said('a', 1), said('b', 2), said('c', 3), said('c', 3)]);
  assert.deepEqual(all.map(({ id }) => id), ['a', 'b', 'c', 'd']);
});

test('only types that run nothing are shown as pictures', () => {
  assert.equal(pictureTypeOf('image/PNG'), 'image/png');
  for (const type of ['image/svg+xml', 'text/html', '', 'image/png; x', 'application/pdf']) assert.equal(pictureTypeOf(type), '');
});

test('the picture follows who speaks, and does not jump while two talk at once', () => {
  const voice = (id: string, loudness: number) => ({ id, loudness, speaking: loudness > 0.02 });
  assert.equal(speakerAmong([voice('a', 0), voice('b', 0)], ''), '');
  assert.equal(speakerAmong([voice('a', 0.1), voice('b', 0.2)], ''), 'b');
  assert.equal(speakerAmong([voice('a', 0.1), voice('b', 0.9)], 'a'), 'a');
  assert.equal(speakerAmong([voice('a', 0), voice('b', 0.9)], 'a'), 'b');
  assert.equal(speakerAmong([voice('a', 0), voice('b', 0)], 'a'), 'a');
  assert.equal(speakerAmong([voice('b', 0)], 'a'), '');
});

test('numbers have units', () => {
  assert.equal(milliseconds(0.42), '0.4 ms');
  assert.equal(milliseconds(48.4), '48 ms');
  assert.equal(milliseconds(12_340), '12.3 s');
  assert.equal(bitRate(999), '999 bit/s');
  assert.equal(bitRate(48_200), '48 kbit/s');
  assert.equal(bitRate(2_500_000), '2.5 Mbit/s');
});

test('initials', () => {
  assert.equal(initials('Mei Lin Chen'), 'MC');
  assert.equal(initials('美玲'), '美');
  assert.equal(initials('  '), '');
});
