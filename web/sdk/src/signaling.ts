// One membership in one room over connections that may break and come back. It numbers, resumes and retries; what
// the events mean is the room's business. The resume token lives in memory only: a duplicated tab must not have it.

import { Emitter } from './emitter.ts';
import { HttpTransport } from './http_transport.ts';
import {
  PROTOCOL_VERSIONS,
  parseServerMessage,
  type ClientMessage,
  type Presence,
  type RoomEvent,
  type ServerError,
  type Welcome,
} from './protocol.ts';
import {
  TransportChoice,
  WEBSOCKET_AGAIN_MS,
  type MakeTransport,
  type Transport,
  type TransportKind,
  type TransportMemory,
  type TransportPorts,
} from './signaling_transport.ts';
import { WebSocketTransport } from './web_socket_transport.ts';

export type SignalingPhase = 'connecting' | 'open' | 'reconnecting' | 'closed';

export interface SignalingEvents {
  phase: SignalingPhase;
  welcome: Welcome;
  event: RoomEvent;
  error: ServerError;
  /** The number of the ping that was answered. */
  pong: number;
  /** The membership is over: a bye reason, a fatal error code, or `server_unreachable`. */
  ended: string;
}

export interface SignalingOptions {
  url: string;
  room: string;
  name: string;
  presence: Presence;
  hostKey?: string;
  passwordProof?: string;
  /** Tests bring their own. */
  makeTransport?: MakeTransport;
}

const PING_EVERY_MS = 10_000;
const SILENCE_MS = 8_000;
/** After a change of network an answer must come sooner: the old connection is probably dead. */
const MOVED_SILENCE_MS = 2_500;
const FIRST_TRIES = 3;
const MEMORY_KEY = 'beeline.transport';

/** Half a second, doubling to 15 s, each time anywhere between half and all of it so that a crowd spreads out. */
export function backoffMs(attempt: number, random: () => number): number {
  const ceiling = Math.min(15_000, 500 * 2 ** Math.min(attempt, 10));
  return ceiling / 2 + (ceiling / 2) * random();
}

const makeRealTransport: MakeTransport = (kind, url, ports) =>
  kind === 'http' ? new HttpTransport(url, ports) : new WebSocketTransport(url, ports);

/** One tab's memory; a browser without storage starts with a WebSocket each time. */
const tabMemory: TransportMemory = {
  load() {
    try {
      return sessionStorage.getItem(MEMORY_KEY) === 'http' ? 'http' : null;
    } catch {
      return null;
    }
  },
  keep(kind) {
    try {
      sessionStorage.setItem(MEMORY_KEY, kind);
    } catch {
      // The next page finds out again.
    }
  },
};

export class Signaling extends Emitter<SignalingEvents> {
  #options: SignalingOptions;
  readonly #choice = new TransportChoice(tabMemory, performance.now());
  #transport: Transport | null = null;
  #phase: SignalingPhase = 'connecting';
  #token = '';
  #lastEvent = 0;
  #attempt = 0;
  #everOpen = false;
  #outbox: ClientMessage[] = [];
  #pings = 0;
  #pongs = 0;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #pingTimer: ReturnType<typeof setTimeout> | undefined;
  #silenceTimer: ReturnType<typeof setTimeout> | undefined;
  /** While HTTP carries us: when a WebSocket gets another chance, and the one that has it. */
  #againTimer: ReturnType<typeof setTimeout> | undefined;
  #probe: Transport | null = null;

  constructor(options: SignalingOptions) {
    super();
    this.#options = { ...options };
  }

  get phase(): SignalingPhase {
    return this.#phase;
  }

  open(): void {
    if (typeof addEventListener === 'function') addEventListener('pagehide', this.#onPageHide);
    this.#connect();
  }

  /** Sends now, or keeps what must not be lost until the membership is resumed; a new one starts with an empty box. */
  send(message: ClientMessage): void {
    if (message.type === 'presence') this.#options.presence = message.presence;
    if (message.type === 'rename') this.#options.name = message.name;
    if (this.#phase === 'open') {
      // What we have need not be kept for us any longer.
      const tells = message.type === 'relay' || message.type === 'ping';
      this.#transport?.send(tells ? { ...message, seen: this.#lastEvent } : message);
    } else if (this.#phase === 'reconnecting') {
      if (message.type === 'relay' || message.type === 'presence' || message.type === 'rename') {
        this.#outbox.push(message);
      }
    }
  }

  /** Asks whether everything said so far has arrived; returns the number that `pong` will have. */
  ping(): number {
    this.send({ type: 'ping' });
    return (this.#pings += 1);
  }

  /** The proof to enter with from now on, since the room's password was changed by us. */
  enterWith(passwordProof: string | null): void {
    if (passwordProof === null) delete this.#options.passwordProof;
    else this.#options.passwordProof = passwordProof;
  }

  /** Leaves at once, without grace. */
  leave(): void {
    if (this.#phase === 'open') this.#transport?.send({ type: 'leave' });
    this.#finish('left');
  }

  /** Drops the connection as a network failure would; for tests and for leaving a dead network quickly. */
  interrupt(): void {
    if (!this.#transport) return;
    this.#transport.close(false);
    this.#lost();
  }

  /** This device is on another network: retry now, or find out soon whether the connection survived. */
  moved(): void {
    this.#choice.moved();
    if (this.#retryTimer !== undefined) {
      this.#attempt = 0;
      this.#connect();
    } else if (this.#phase === 'open') {
      this.#ask(MOVED_SILENCE_MS);
    }
  }

  #setPhase(phase: SignalingPhase): void {
    if (this.#phase === phase) return;
    this.#phase = phase;
    this.emit('phase', phase);
  }

  #connect(): void {
    clearTimeout(this.#retryTimer);
    this.#retryTimer = undefined;
    const kind = this.#choice.next(performance.now());
    const transport: Transport = this.#make(kind, {
      opened: () => {
        if (transport !== this.#transport) return;
        this.#choice.opened();
        if (kind === 'http') this.#tryWebSocketLater();
        transport.send(this.#hello());
        this.#watchSilence();
      },
      frame: (text) => {
        if (transport === this.#transport) this.#take(text);
      },
      closed: () => {
        if (transport === this.#transport) this.#lost();
      },
    });
    this.#transport = transport;
  }

  #make(kind: TransportKind, ports: TransportPorts): Transport {
    return (this.#options.makeTransport ?? makeRealTransport)(kind, this.#options.url, ports);
  }

  /** Over HTTP everything costs more. What broke WebSockets may be gone: one that opens takes the membership over. */
  #tryWebSocketLater(): void {
    this.#stopTrying();
    this.#againTimer = setTimeout(() => {
      this.#probe = this.#make('websocket', {
        opened: () => {
          this.#stopTrying();
          this.#choice.moved();
          this.interrupt();
        },
        frame: () => undefined,
        closed: () => this.#tryWebSocketLater(),
      });
    }, WEBSOCKET_AGAIN_MS);
  }

  #stopTrying(): void {
    clearTimeout(this.#againTimer);
    this.#probe?.close(true);
    this.#probe = null;
  }

  #hello(): ClientMessage {
    const { room, name, presence, hostKey, passwordProof } = this.#options;
    return {
      type: 'hello',
      versions: PROTOCOL_VERSIONS,
      room,
      name,
      presence,
      ...(this.#token && { resume: { token: this.#token, last_event: this.#lastEvent } }),
      ...(hostKey && { host_key: hostKey }),
      ...(passwordProof && { password_proof: passwordProof }),
    };
  }

  #take(frame: string): void {
    this.#watchSilence();
    const message = parseServerMessage(frame);
    if (!message) return;
    switch (message.type) {
      case 'pong':
        this.emit('pong', (this.#pongs += 1));
        return;
      case 'welcome':
        this.#welcomed(message);
        return;
      case 'error':
        // A busy page said hello too late for this connection, which ends now; the next one may be in time.
        if (message.code === 'hello_expected') return;
        if (message.code === 'host_key_wrong') delete this.#options.hostKey;
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
        if (message.type === 'host_key') this.#options.hostKey = message.key;
        this.emit('event', message);
    }
  }

  #welcomed(welcome: Welcome): void {
    this.#choice.welcomed();
    this.#token = welcome.resume.token;
    if (!welcome.resumed) this.#lastEvent = welcome.last_event;
    this.#attempt = 0;
    this.#everOpen = true;
    this.#setPhase('open');
    const waiting = this.#outbox;
    this.#outbox = [];
    this.emit('welcome', welcome);
    if (!welcome.resumed) return;
    for (const message of waiting) this.#transport?.send(message);
  }

  #lost(): void {
    clearTimeout(this.#pingTimer);
    clearTimeout(this.#silenceTimer);
    this.#stopTrying();
    this.#transport = null;
    this.#pings = this.#pongs = 0;
    if (this.#phase === 'closed') return;
    this.#choice.lost(performance.now());
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
    if (typeof removeEventListener === 'function') removeEventListener('pagehide', this.#onPageHide);
    this.#stopTrying();
    const transport = this.#transport;
    this.#transport = null;
    this.#setPhase('closed');
    transport?.close(true);
    this.emit('ended', reason);
  }

  /** A quiet connection is asked, and one that does not answer is given up: TCP alone may take minutes to notice. */
  #watchSilence(): void {
    clearTimeout(this.#pingTimer);
    clearTimeout(this.#silenceTimer);
    this.#pingTimer = setTimeout(() => this.#ask(SILENCE_MS), PING_EVERY_MS);
  }

  #ask(patienceMs: number): void {
    clearTimeout(this.#silenceTimer);
    if (this.#phase === 'open') this.ping();
    // In two halves: where this page itself was busy for so long, the answer is taken between them.
    this.#silenceTimer = setTimeout(() => {
      this.#silenceTimer = setTimeout(() => this.interrupt(), patienceMs / 2);
    }, patienceMs / 2);
  }

  readonly #onPageHide = (): void => this.leave();
}
