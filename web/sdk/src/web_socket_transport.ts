// Signaling over a WebSocket: one message is one frame.

import type { ClientMessage } from './protocol.ts';
import type { Transport, TransportPorts } from './signaling_transport.ts';

/** Proxies that swallow the upgrade leave a WebSocket connecting for minutes. */
const OPEN_MS = 6_000;
/** Codes 3000 to 4999 are ours; anything but 1000 and 1001 keeps the membership for the grace. */
const CLOSE_UNCLEAN = 4000;

export class WebSocketTransport implements Transport {
  readonly #socket: WebSocket;
  readonly #late: ReturnType<typeof setTimeout>;

  constructor(url: string, ports: TransportPorts) {
    const socket = new WebSocket(url);
    this.#socket = socket;
    this.#late = setTimeout(() => {
      this.close(false);
      ports.closed();
    }, OPEN_MS);
    socket.onopen = () => {
      clearTimeout(this.#late);
      ports.opened();
    };
    socket.onmessage = (event) => {
      if (typeof event.data === 'string') ports.frame(event.data);
    };
    socket.onclose = () => {
      clearTimeout(this.#late);
      ports.closed();
    };
  }

  send(message: ClientMessage): void {
    this.#socket.send(JSON.stringify(message));
  }

  close(clean: boolean): void {
    clearTimeout(this.#late);
    this.#socket.onopen = this.#socket.onmessage = this.#socket.onclose = null;
    this.#socket.close(clean ? 1000 : CLOSE_UNCLEAN);
  }
}
