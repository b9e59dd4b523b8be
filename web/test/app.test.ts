// The pure parts of the app: room names, both languages, numbers.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { en, type MessageKey } from '../app/src/i18n/en.ts';
import { fill, languageOf, placeholdersOf } from '../app/src/i18n/translate.ts';
import { zhTW } from '../app/src/i18n/zh-TW.ts';
import { bitRate, initials, milliseconds } from '../app/src/model/format.ts';
import { roomFromFragment, roomName } from '../app/src/model/room_name.ts';
import { makeRoomId, REASON_CODES } from '../sdk/src/index.ts';

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

test('the fragment opens its room, in any case; anything else makes a new one', () => {
  const id = makeRoomId();
  assert.deepEqual(roomFromFragment(`#${id}`), { id, wrong: false });
  assert.deepEqual(roomFromFragment(`#${id.toUpperCase()}`), { id, wrong: false });
  assert.equal(roomFromFragment('').wrong, false);
  const other = roomFromFragment('#<script>');
  assert.equal(other.wrong, true);
  assert.match(other.id, /^[a-z2-7]{26}$/);
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
