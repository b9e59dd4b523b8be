// Signaling over plain HTTP (docs/protocol/signaling.md, section 7): events arrive in the body of a response that never
// ends, messages leave in numbered requests, one at a time, repeated until they are answered.

import { EventStream } from './event_stream.ts';
import type { ClientMessage } from './protocol.ts';
import type { Transport, TransportPorts } from './signaling_transport.ts';

const MESSAGES_PER_REQUEST = 64;
const REPEAT_MS = 500;
const REPEATS = 10;

/** `wss://host/api/signal` is `https://host/api/signal` here. */
export function httpUrlOf(url: string): string {
  return url.replace(/^ws/, 'http');
}

export class HttpTransport implements Transport {
  readonly #url: string;
  readonly #ports: TransportPorts;
  readonly #abort = new AbortController();
  #session = '';
  #sequence = 0;
  #waiting: ClientMessage[] = [];
  #busy = false;
  #greeted = false;
  #over = false;
  #leaving = false;

  constructor(url: string, ports: TransportPorts) {
    this.#url = httpUrlOf(url);
    this.#ports = ports;
    queueMicrotask(() => {
      if (!this.#over) ports.opened();
    });
  }

  send(message: ClientMessage): void {
    if (this.#over) return;
    if (this.#greeted) {
      this.#waiting.push(message);
      void this.#deliver();
    } else {
      this.#greeted = true;
      void this.#listen(message);
    }
  }

  close(clean: boolean): void {
    // What waits, a leave above all, still goes out; the stream ends behind it.
    if (clean && this.#session && (this.#busy || this.#waiting.length > 0)) this.#leaving = true;
    else this.#abort.abort();
    this.#over = true;
  }

  #ended(): void {
    if (this.#over) return;
    this.#over = true;
    this.#abort.abort();
    this.#ports.closed();
  }

  async #listen(hello: ClientMessage): Promise<void> {
    try {
      const response = await fetch(this.#url, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(hello),
        cache: 'no-store',
        signal: this.#abort.signal,
      });
      this.#session = response.headers.get('Beeline-Session') ?? '';
      const isStream = response.headers.get('Content-Type')?.startsWith('text/event-stream');
      if (!response.ok || !response.body || !isStream) return this.#ended();
      await this.#read(response.body);
    } catch {
      // The network, or our own abort; either way the stream is over.
    }
    this.#ended();
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    const events = new EventStream((data) => {
      if (!this.#over) this.#ports.frame(data);
    });
    const utf8 = new TextDecoder();
    const reader = body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done || !events.push(utf8.decode(value, { stream: true }))) return;
      void this.#deliver();
    }
  }

  async #deliver(): Promise<void> {
    if (this.#busy || !this.#session || this.#waiting.length === 0) return;
    this.#busy = true;
    const messages = this.#waiting.splice(0, MESSAGES_PER_REQUEST);
    this.#sequence += 1;
    const taken = await this.#post(JSON.stringify(messages));
    this.#busy = false;
    if (!taken) return this.#ended();
    if (this.#waiting.length > 0) return this.#deliver();
    if (this.#leaving) this.#abort.abort();
  }

  /** Repeats under the same number: the server takes each number once. */
  async #post(body: string): Promise<boolean> {
    for (let attempt = 0; attempt < REPEATS; attempt++) {
      try {
        const { status } = await fetch(`${this.#url}/messages`, {
          method: 'POST',
          headers: {
            'Content-Type': 'application/json',
            'Beeline-Session': this.#session,
            'Beeline-Sequence': String(this.#sequence),
          },
          body,
          cache: 'no-store',
          keepalive: body.length < 60_000, // a leave must outlive its page; browsers bound what may
        });
        if (status === 204) return true;
        if (status < 500 && status !== 429) return false;
      } catch {
        if (this.#over && !this.#leaving) return false;
      }
      await new Promise((resolve) => setTimeout(resolve, REPEAT_MS));
    }
    return false;
  }
}
