// Ids, keys and proofs: what is random, and what is derived from it as docs/protocol/signaling.md sections 2 and 5 say.

import { Sha256, sha256 } from './sha256.ts';

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';
const ROOM_CHARACTERS = 26;
const HOST_KEY_BYTES = 32;
const PROOF = { iterations: 210_000, bytes: 32 } as const;

function randomText(characters: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(characters));
  // 32 divides 256, so every letter is equally likely.
  return [...bytes].map((byte) => BASE32[byte % 32]).join('');
}

/** 130 random bits: whoever knows the id may enter, so nobody must be able to guess it. A room without a host. */
export function makeRoomId(): string {
  return randomText(ROOM_CHARACTERS);
}

export function makeId(): string {
  return randomText(16);
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** RFC 4648 base32 in lower case, without padding. */
export function base32(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let value = 0;
  for (const byte of bytes) {
    value = (value << 8) | byte;
    for (bits += 8; bits >= 5; bits -= 5) text += BASE32[(value >>> (bits - 5)) & 31];
    value &= 0xff;
  }
  return bits > 0 ? text + BASE32[(value << (5 - bits)) & 31] : text;
}

/** What makes its holder the host of roomIdOf(key): 43 characters. Keep it secret and keep it. */
export function makeHostKey(): string {
  return base64url(crypto.getRandomValues(new Uint8Array(HOST_KEY_BYTES)));
}

/** The room that a host key belongs to. */
export function roomIdOf(hostKey: string): string {
  return base32(sha256(`beeline room ${hostKey}`)).slice(0, ROOM_CHARACTERS);
}

/** Thrown where the browser keeps its cryptography from pages that came over plain HTTP. */
export class InsecurePageError extends Error {
  constructor() {
    super('a password needs a page from https:// or localhost: browsers derive keys nowhere else');
  }
}

/** What a server is shown instead of the password. Takes a noticeable part of a second, on purpose. */
export async function passwordProof(roomId: string, password: string): Promise<string> {
  if (!globalThis.crypto?.subtle) throw new InsecurePageError();
  const utf8 = new TextEncoder();
  const key = await crypto.subtle.importKey('raw', utf8.encode(password), 'PBKDF2', false, ['deriveBits']);
  const salt = utf8.encode(`beeline password ${roomId}`);
  const derivation = { name: 'PBKDF2', hash: 'SHA-256', salt, iterations: PROOF.iterations };
  return base64url(new Uint8Array(await crypto.subtle.deriveBits(derivation, key, PROOF.bytes * 8)));
}

/** A number of 32 bits that both sides derive from the same texts, in whatever order each has them. */
export function sharedDigest(label: string, texts: readonly string[]): Uint8Array {
  const hash = new Sha256();
  for (const text of [label, ...[...texts].sort()]) hash.update(new TextEncoder().encode(`${text}\n`));
  return hash.digest();
}
