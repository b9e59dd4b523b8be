// Hashes, keys, room ids and proofs, against published vectors and the protocol's own words.

import assert from 'node:assert/strict';
import { createHash, pbkdf2Sync } from 'node:crypto';
import { test } from 'node:test';
import { base32, makeHostKey, passwordProof, roomIdOf, sharedDigest } from '../sdk/src/identifiers.ts';
import { hex, Sha256, sha256 } from '../sdk/src/sha256.ts';

test('SHA-256 of the FIPS 180-4 examples', () => {
  assert.equal(hex(sha256('abc')), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  assert.equal(hex(sha256('')), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  const two = 'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq';
  assert.equal(hex(sha256(two)), '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1');
});

test('SHA-256 agrees with Node for every length around its blocks, cut anywhere', () => {
  const bytes = new Uint8Array(200).map((_, index) => index * 7);
  for (let length = 0; length <= bytes.length; length++) {
    const whole = bytes.subarray(0, length);
    const expected = createHash('sha256').update(whole).digest('hex');
    const cut = (length * 13) % (length + 1);
    assert.equal(hex(new Sha256().update(whole.subarray(0, cut)).update(whole.subarray(cut)).digest()), expected);
  }
});

test('base32 of the RFC 4648 examples, in lower case without padding', () => {
  const cases = { '': '', f: 'my', fo: 'mzxq', foo: 'mzxw6', foob: 'mzxw6yq', fooba: 'mzxw6ytb', foobar: 'mzxw6ytboi' };
  for (const [plain, encoded] of Object.entries(cases)) assert.equal(base32(new TextEncoder().encode(plain)), encoded);
});

test('a host key has 43 characters and makes a room id that any implementation can derive', () => {
  const key = makeHostKey();
  assert.match(key, /^[A-Za-z0-9_-]{43}$/);
  assert.notEqual(key, makeHostKey());
  assert.match(roomIdOf(key), /^[a-z2-7]{26}$/);
  const digest = createHash('sha256').update(`beeline room ${key}`).digest();
  assert.equal(roomIdOf(key), base32(digest).slice(0, 26));
});

test('a password proof is the PBKDF2 of the protocol', async () => {
  const room = 'abcdefghijklmnopqrstuvwxyz';
  const expected = pbkdf2Sync('密碼 pass', `beeline password ${room}`, 210_000, 32, 'sha256').toString('base64url');
  assert.equal(await passwordProof(room, '密碼 pass'), expected);
});

test('a shared digest does not depend on the order of its texts, and on nothing less', () => {
  const one = hex(sharedDigest('l', ['a', 'b']));
  assert.equal(hex(sharedDigest('l', ['b', 'a'])), one);
  for (const other of [sharedDigest('l', ['a', 'c']), sharedDigest('m', ['a', 'b']), sharedDigest('l', ['ab'])]) {
    assert.notEqual(hex(other), one);
  }
});
