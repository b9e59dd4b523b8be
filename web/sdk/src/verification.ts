// A code that two people compare by voice: if a server in the middle had given each of them a certificate of its own,
// their codes would differ. It comes from both DTLS fingerprints and from a random number of each side. Each side
// commits to its number before it sees the other's, so nobody can search for numbers that make two codes equal;
// without that, four words would be too few.

import type { VerificationKind } from './chat_channel.ts';
import { sharedDigest } from './identifiers.ts';
import { hex, sha256 } from './sha256.ts';

/** How many numbers from 0 to 255 a code has. */
export const CODE_LENGTH = 4;
const HEX_256 = /^[0-9a-f]{64}$/;

export interface VerificationPorts {
  send(kind: VerificationKind, value: string): void;
  /** Of our certificate and of the one that the other side's description announced; null before both are known. */
  fingerprints(): readonly [string, string] | null;
  changed(): void;
}

export function fingerprintIn(sdp: string | undefined): string | null {
  return /^a=fingerprint:\S+ ([0-9a-f:]+)/im.exec(sdp ?? '')?.[1]?.toUpperCase() ?? null;
}

export class Verification {
  readonly #ports: VerificationPorts;
  readonly #nonce = hex(crypto.getRandomValues(new Uint8Array(32)));
  readonly #commitment = hex(sha256(this.#nonce));
  #theirCommitment = '';
  #theirNonce = '';

  constructor(ports: VerificationPorts) {
    this.#ports = ports;
  }

  /** The channel is open. */
  begin(): void {
    this.#ports.send('verify_commit', this.#commitment);
  }

  take(kind: VerificationKind, value: string): void {
    if (!HEX_256.test(value)) return;
    if (kind === 'verify_commit') {
      // The first one counts, and our own sent back to us is none.
      if (this.#theirCommitment || value === this.#commitment) return;
      this.#theirCommitment = value;
      this.#ports.send('verify_reveal', this.#nonce);
    } else if (!this.#theirNonce && hex(sha256(value)) === this.#theirCommitment) {
      this.#theirNonce = value;
      this.#ports.changed();
    }
  }

  /** The same four numbers on both sides, or null while they are not known yet. */
  get code(): readonly number[] | null {
    const fingerprints = this.#ports.fingerprints();
    if (!fingerprints || !this.#theirNonce) return null;
    const [ours, theirs] = fingerprints;
    const digest = sharedDigest('beeline verification', [`${ours} ${this.#nonce}`, `${theirs} ${this.#theirNonce}`]);
    return [...digest.subarray(0, CODE_LENGTH)];
  }
}
