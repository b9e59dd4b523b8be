// What two members say on `beeline.chat`: texts and their acknowledgements, that somebody types, what was said before
// one of them came, each side's timeline, and the verification. The channel is negotiated (id 0), so both sides
// create it and nobody waits for the other to open it.

import { CHAT_CHANNEL, isObject } from './protocol.ts';
import { parseSteps, type Step } from './timeline.ts';

/** Something said before a member came, as another member remembers it. */
export interface Remembered {
  id: string;
  name: string;
  text: string;
  sentMs: number;
}

export interface ChatPorts {
  opened(): void;
  text(id: string, text: string, sentMs: number): void;
  acknowledged(id: string): void;
  typing(): void;
  historyAsked(): void;
  history(entries: Remembered[]): void;
  verification(kind: VerificationKind, value: string): void;
  steps(steps: Step[]): void;
}

export type VerificationKind = 'verify_commit' | 'verify_reveal';

const TEXT_CHARACTERS = 16_384;
const ID_CHARACTERS = 64;
const IDS_REMEMBERED = 256;
const NAME_CHARACTERS = 256;
const HISTORY_FRAME_CHARACTERS = 40_000;
/** Neither side tells, or believes, more than this many earlier messages. */
export const HISTORY_ENTRIES = 200;

function parseRemembered(value: unknown): Remembered | null {
  if (!isObject(value)) return null;
  const { id, name, text, sent_ms } = value;
  if (typeof id !== 'string' || id === '' || id.length > ID_CHARACTERS) return null;
  if (typeof name !== 'string' || typeof text !== 'string' || text.length > TEXT_CHARACTERS) return null;
  return { id, name: name.slice(0, NAME_CHARACTERS), text, sentMs: finite(sent_ms) };
}

function finite(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}

export class ChatChannel {
  readonly #channel: RTCDataChannel;
  readonly #ports: ChatPorts;
  readonly #seen = new Set<string>();
  #historyTaken = 0;

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

  sendTyping(): void {
    this.#send({ kind: 'typing' });
  }

  acknowledge(id: string): void {
    this.#send({ kind: 'ack', id });
  }

  askHistory(): void {
    this.#send({ kind: 'history_ask' });
  }

  /** In frames that every browser takes. */
  sendHistory(entries: readonly Remembered[]): void {
    let frame: object[] = [];
    let characters = 0;
    for (const { id, name, text, sentMs } of entries.slice(-HISTORY_ENTRIES)) {
      if (characters > 0 && characters + text.length > HISTORY_FRAME_CHARACTERS) {
        this.#send({ kind: 'history', entries: frame });
        [frame, characters] = [[], 0];
      }
      frame.push({ id, name, text, sent_ms: sentMs });
      characters += text.length;
    }
    this.#send({ kind: 'history', entries: frame });
  }

  sendVerification(kind: VerificationKind, value: string): void {
    this.#send({ kind, value });
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
    switch (message['kind']) {
      case 'text':
        return this.#takeText(message);
      case 'ack':
        if (typeof message['id'] === 'string') this.#ports.acknowledged(message['id']);
        return;
      case 'ping':
        return this.#answer(message['id']);
      case 'steps':
        return this.#ports.steps(parseSteps(message['steps']));
      case 'typing':
        return this.#ports.typing();
      case 'history_ask':
        return this.#ports.historyAsked();
      case 'history':
        return this.#takeHistory(message['entries']);
      case 'verify_commit':
      case 'verify_reveal':
        if (typeof message['value'] === 'string') this.#ports.verification(message['kind'], message['value']);
    }
  }

  /** At once, whatever else is going on: somebody measures the way. */
  #answer(id: unknown): void {
    if (typeof id === 'string' && id.length <= ID_CHARACTERS) this.#send({ kind: 'pong', id });
  }

  #takeText({ id, text, sent_ms }: Record<string, unknown>): void {
    if (typeof id !== 'string' || id.length > ID_CHARACTERS) return;
    if (typeof text !== 'string' || text.length > TEXT_CHARACTERS) return;
    this.acknowledge(id);
    if (this.#seen.has(id)) return;
    this.#remember(id);
    this.#ports.text(id, text, finite(sent_ms));
  }

  #takeHistory(value: unknown): void {
    if (!Array.isArray(value)) return;
    const room = HISTORY_ENTRIES - this.#historyTaken;
    const entries = value.slice(0, room).map(parseRemembered).filter((entry) => entry !== null);
    this.#historyTaken += entries.length;
    if (entries.length > 0) this.#ports.history(entries);
  }

  #remember(id: string): void {
    this.#seen.add(id);
    const oldest = this.#seen.values().next().value;
    if (this.#seen.size > IDS_REMEMBERED && oldest !== undefined) this.#seen.delete(oldest);
  }
}
