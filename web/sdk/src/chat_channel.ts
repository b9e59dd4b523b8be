// What two members say on `beeline.chat`: texts, their acknowledgements, and each side's timeline. The channel is
// negotiated (id 0), so both sides create it and nobody waits for the other to open it.

import { CHAT_CHANNEL, isObject } from './protocol.ts';
import { parseSteps, type Step } from './timeline.ts';

export interface ChatPorts {
  opened(): void;
  text(id: string, text: string, sentMs: number): void;
  acknowledged(id: string): void;
  steps(steps: Step[]): void;
}

const TEXT_CHARACTERS = 16_384;
const ID_CHARACTERS = 64;
const IDS_REMEMBERED = 256;

export class ChatChannel {
  readonly #channel: RTCDataChannel;
  readonly #ports: ChatPorts;
  readonly #seen = new Set<string>();

  constructor(connection: RTCPeerConnection, ports: ChatPorts) {
    this.#ports = ports;
    this.#channel = connection.createDataChannel(CHAT_CHANNEL.label, {
      negotiated: true,
      id: CHAT_CHANNEL.id,
      ordered: true,
    });
    this.#channel.onopen = () => ports.opened();
    this.#channel.onmessage = (event) => {
      if (typeof event.data === 'string') this.#take(event.data);
    };
  }

  get open(): boolean {
    return this.#channel.readyState === 'open';
  }

  sendText(id: string, text: string, sentMs: number): boolean {
    return this.#send({ kind: 'text', id, text, sent_ms: sentMs });
  }

  sendSteps(steps: readonly Step[]): boolean {
    return this.#send({ kind: 'steps', steps });
  }

  #send(message: object): boolean {
    if (!this.open) return false;
    try {
      this.#channel.send(JSON.stringify(message));
      return true;
    } catch {
      return false; // closing, or its buffer is full
    }
  }

  #take(frame: string): void {
    let message: unknown;
    try {
      message = JSON.parse(frame);
    } catch {
      return;
    }
    if (!isObject(message)) return;
    const { kind, id, text } = message;
    if (kind === 'steps') this.#ports.steps(parseSteps(message['steps']));
    if (typeof id !== 'string' || id.length > ID_CHARACTERS) return;
    if (kind === 'ack') this.#ports.acknowledged(id);
    if (kind !== 'text' || typeof text !== 'string' || text.length > TEXT_CHARACTERS) return;
    this.#send({ kind: 'ack', id });
    if (this.#seen.has(id)) return;
    this.#remember(id);
    const sent = message['sent_ms'];
    this.#ports.text(id, text, typeof sent === 'number' && Number.isFinite(sent) ? sent : 0);
  }

  #remember(id: string): void {
    this.#seen.add(id);
    const oldest = this.#seen.values().next().value;
    if (this.#seen.size > IDS_REMEMBERED && oldest !== undefined) this.#seen.delete(oldest);
  }
}
