// What signaling needs from whatever carries it: messages out, frames in, and to hear when it is over. Two things carry
// it (docs/protocol/signaling.md, sections 1 and 7), and which one is tried next is decided here.

import type { ClientMessage } from './protocol.ts';

export type TransportKind = 'websocket' | 'http';

export interface TransportPorts {
  /** The hello may be sent; it must be the first message. */
  opened(): void;
  frame(text: string): void;
  /** It ended by itself. After close() this is not called. */
  closed(): void;
}

export interface Transport {
  send(message: ClientMessage): void;
  /** Ends it. `clean` ends the membership as well; otherwise the server keeps it for the grace. */
  close(clean: boolean): void;
}

export type MakeTransport = (kind: TransportKind, url: string, ports: TransportPorts) => Transport;

/** Where the last working kind is kept between pages of one tab. */
export interface TransportMemory {
  load(): TransportKind | null;
  keep(kind: TransportKind): void;
}

/** Cuts of a WebSocket before its welcome, that close together, say that something on the way breaks it. */
const CUTS = 2;
const CUTS_WITHIN_MS = 10_000;
/** So long HTTP is used before a WebSocket gets another chance. */
export const WEBSOCKET_AGAIN_MS = 300_000;

export class TransportChoice {
  readonly #memory: TransportMemory;
  #avoidUntilMs = 0;
  #kind: TransportKind = 'websocket';
  #opened = false;
  #welcomed = false;
  #cuts: number[] = [];

  constructor(memory: TransportMemory, nowMs: number) {
    this.#memory = memory;
    if (memory.load() === 'http') this.#avoidUntilMs = nowMs + WEBSOCKET_AGAIN_MS;
  }

  /** The kind to connect with now. */
  next(nowMs: number): TransportKind {
    this.#kind = nowMs < this.#avoidUntilMs ? 'http' : 'websocket';
    this.#opened = false;
    this.#welcomed = false;
    return this.#kind;
  }

  opened(): void {
    this.#opened = true;
  }

  welcomed(): void {
    this.#welcomed = true;
    this.#cuts = [];
    this.#memory.keep(this.#kind);
  }

  /** The connection is over. One that had been welcomed says nothing against its kind. */
  lost(nowMs: number): void {
    if (this.#welcomed) return;
    if (this.#kind === 'http') {
      this.#avoidUntilMs = 0; // HTTP is no better: the server or the network is away
      return;
    }
    this.#cuts = [...this.#cuts.filter((at) => nowMs - at < CUTS_WITHIN_MS), nowMs];
    if (!this.#opened || this.#cuts.length >= CUTS) this.#avoidUntilMs = nowMs + WEBSOCKET_AGAIN_MS;
  }

  /** Another network may let WebSockets through. */
  moved(): void {
    this.#avoidUntilMs = 0;
    this.#cuts = [];
  }
}
