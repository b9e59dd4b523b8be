// One membership in one room over a WebSocket that may break and come back. It numbers, resumes and retries; what
// the events mean is the room's business. The resume token lives in memory only: a duplicated tab must not have it.

import { Emitter } from './emitter.ts';
import {
  PROTOCOL_VERSIONS,
  parseServerMessage,
  type ClientMessage,
  type Presence,
  type RoomEvent,
  type ServerError,
  type Welcome,
} from './protocol.ts';

export type SignalingPhase = 'connecting' | 'open' | 'reconnecting' | 'closed';

export interface SignalingEvents {
  phase: SignalingPhase;
  welcome: Welcome;
  event: RoomEvent;
  error: ServerError;
  /** The membership is over: a bye reason, a fatal error code, or `server_unreachable`. */
  ended: string;
}

export interface SignalingOptions {
  url: string;
  room: string;
  name: string;
  presence: Presence;
}

const PING_EVERY_MS = 10_000;
const SILENCE_MS = 8_000;
const FIRST_TRIES = 3;
/** Codes 3000 to 4999 are ours; anything but 1000 and 1001 keeps the membership for the grace. */
const CLOSE_SILENT = 4000;

/** Half a second, doubling to 15 s, each time anywhere between half and all of it so that a crowd spreads out. */
export function backoffMs(attempt: number, random: () => number): number {
  const ceiling = Math.min(15_000, 500 * 2 ** Math.min(attempt, 10));
  return ceiling / 2 + (ceiling / 2) * random();
}

export class Signaling extends Emitter<SignalingEvents> {
  #options: SignalingOptions;
  #socket: WebSocket | null = null;
  #phase: SignalingPhase = 'connecting';
  #token = '';
  #lastEvent = 0;
  #attempt = 0;
  #everOpen = false;
  #outbox: ClientMessage[] = [];
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #pingTimer: ReturnType<typeof setTimeout> | undefined;
  #silenceTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: SignalingOptions) {
    super();
    this.#options = { ...options };
  }

  get phase(): SignalingPhase {
    return this.#phase;
  }

  open(): void {
    if (typeof addEventListener === 'function') {
      addEventListener('pagehide', this.#onPageHide);
      addEventListener('online', this.#onOnline);
    }
    this.#connect();
  }

  /** Sends now, or keeps what must not be lost until the membership is resumed; a new one starts with an empty box. */
  send(message: ClientMessage): void {
    if (message.type === 'presence') this.#options.presence = message.presence;
    if (message.type === 'rename') this.#options.name = message.name;
    if (this.#phase === 'open') {
      this.#write(message);
    } else if (this.#phase === 'reconnecting') {
      if (message.type === 'relay' || message.type === 'presence' || message.type === 'rename') {
        this.#outbox.push(message);
      }
    }
  }

  /** Leaves at once, without grace. */
  leave(): void {
    if (this.#phase === 'open') this.#write({ type: 'leave' });
    this.#finish('left');
  }

  /** Drops the connection as a network failure would; for tests and for leaving a dead network quickly. */
  interrupt(): void {
    this.#socket?.close(CLOSE_SILENT);
  }

  #setPhase(phase: SignalingPhase): void {
    if (this.#phase === phase) return;
    this.#phase = phase;
    this.emit('phase', phase);
  }

  #write(message: ClientMessage): void {
    this.#socket?.send(JSON.stringify(message));
  }

  #connect(): void {
    clearTimeout(this.#retryTimer);
    this.#retryTimer = undefined;
    const socket = new WebSocket(this.#options.url);
    this.#socket = socket;
    socket.onopen = () => {
      const { room, name, presence } = this.#options;
      const hello: ClientMessage = { type: 'hello', versions: PROTOCOL_VERSIONS, room, name, presence };
      if (this.#token) hello.resume = { token: this.#token, last_event: this.#lastEvent };
      this.#write(hello);
      this.#watchSilence();
    };
    socket.onmessage = (event) => {
      if (socket === this.#socket && typeof event.data === 'string') this.#take(event.data);
    };
    socket.onclose = () => {
      if (socket === this.#socket) this.#lost();
    };
  }

  #take(frame: string): void {
    this.#watchSilence();
    const message = parseServerMessage(frame);
    if (!message || message.type === 'pong') return;
    switch (message.type) {
      case 'welcome':
        this.#welcomed(message);
        return;
      case 'error':
        this.emit('error', message);
        if (message.fatal) this.#finish(message.code);
        return;
      case 'bye':
        // A server that shuts down is usually a server that restarts.
        if (message.reason !== 'shutdown') this.#finish(message.reason);
        return;
      default:
        if (message.event <= this.#lastEvent) return;
        this.#lastEvent = message.event;
        this.emit('event', message);
    }
  }

  #welcomed(welcome: Welcome): void {
    this.#token = welcome.resume.token;
    if (!welcome.resumed) this.#lastEvent = welcome.last_event;
    this.#attempt = 0;
    this.#everOpen = true;
    this.#setPhase('open');
    const waiting = this.#outbox;
    this.#outbox = [];
    this.emit('welcome', welcome);
    if (!welcome.resumed) return;
    for (const message of waiting) this.#write(message);
  }

  #lost(): void {
    clearTimeout(this.#pingTimer);
    clearTimeout(this.#silenceTimer);
    this.#socket = null;
    if (this.#phase === 'closed') return;
    if (!this.#everOpen && this.#attempt + 1 >= FIRST_TRIES) {
      this.#finish('server_unreachable');
      return;
    }
    this.#setPhase(this.#everOpen ? 'reconnecting' : 'connecting');
    this.#retryTimer = setTimeout(() => this.#connect(), backoffMs(this.#attempt, Math.random));
    this.#attempt += 1;
  }

  #finish(reason: string): void {
    if (this.#phase === 'closed') return;
    clearTimeout(this.#retryTimer);
    clearTimeout(this.#pingTimer);
    clearTimeout(this.#silenceTimer);
    if (typeof removeEventListener === 'function') {
      removeEventListener('pagehide', this.#onPageHide);
      removeEventListener('online', this.#onOnline);
    }
    const socket = this.#socket;
    this.#socket = null;
    this.#setPhase('closed');
    socket?.close(1000);
    this.emit('ended', reason);
  }

  /** A quiet connection is asked, and one that does not answer is given up: TCP alone may take minutes to notice. */
  #watchSilence(): void {
    clearTimeout(this.#pingTimer);
    clearTimeout(this.#silenceTimer);
    this.#pingTimer = setTimeout(() => {
      if (this.#phase === 'open') this.#write({ type: 'ping' });
      this.#silenceTimer = setTimeout(() => this.#giveUpSocket(), SILENCE_MS);
    }, PING_EVERY_MS);
  }

  #giveUpSocket(): void {
    const socket = this.#socket;
    if (!socket) return;
    socket.onclose = null;
    socket.close(CLOSE_SILENT);
    this.#lost();
  }

  readonly #onPageHide = (): void => this.leave();

  readonly #onOnline = (): void => {
    if (this.#retryTimer === undefined) return;
    this.#attempt = 0;
    this.#connect();
  };
}
