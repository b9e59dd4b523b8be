// Gathers local candidates for 20 ms so that a burst of them is one relay and not twenty.

import { RELAY_ITEMS, type RelayItem } from './protocol.ts';

export const BATCH_MS = 20;

export class CandidateBatch {
  readonly #send: (items: RelayItem[]) => void;
  #waiting: RelayItem[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(send: (items: RelayItem[]) => void) {
    this.#send = send;
  }

  add(candidate: RTCIceCandidateInit | null): void {
    this.#waiting.push({ kind: 'candidate', candidate });
    if (this.#waiting.length >= RELAY_ITEMS) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), BATCH_MS);
  }

  /** Sends what waits; called before a description so that order is kept. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#waiting.length === 0) return;
    const items = this.#waiting;
    this.#waiting = [];
    this.#send(items);
  }

  /** Forgets what waits: it belongs to a peer connection that is gone. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#waiting = [];
  }
}
