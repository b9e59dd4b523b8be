// Pictures and small files between two members, on `beeline.files`: one at a time in each direction, in pieces, with a
// SHA-256 over all of them. Text frames say what is going on, binary frames are pieces of what was started last.
//
//   sender  start {file, name, type, size} ─►        ─► pieces ─► end {file, sha256} ─►
//   receiver           ◄─ accept {file}                                     ◄─ kept {file}
//   either, at any time: stop {file, reason}

import { FILE_CHANNEL, isObject } from './protocol.ts';
import { hex, Sha256 } from './sha256.ts';

/** What a receiver keeps in memory at most; larger files are refused on both sides. */
export const FILE_BYTES = 64 * 1024 * 1024;
export const FILE_NAME_CHARACTERS = 200;
const PIECE_BYTES = 32 * 1024;
/** Sending pauses above, and goes on below. */
const BUFFER_HIGH_BYTES = 1024 * 1024;
const BUFFER_LOW_BYTES = 256 * 1024;

export type FileTrouble = 'too_large' | 'damaged' | 'cancelled' | 'interrupted' | 'unreadable';
const TROUBLES: readonly FileTrouble[] = ['too_large', 'damaged', 'cancelled', 'interrupted', 'unreadable'];

export interface FileNews {
  id: string;
  direction: 'in' | 'out';
  name: string;
  /** As the sender calls it: never trust it to be that. */
  type: string;
  size: number;
  moved: number;
  state: 'moving' | 'done' | 'failed';
  trouble?: FileTrouble;
  /** The whole, checked content of what came in; only with `done`. */
  content?: Blob;
}

interface Outgoing {
  id: string;
  content: Blob;
  name: string;
}

interface Incoming {
  id: string;
  name: string;
  type: string;
  size: number;
  pieces: ArrayBuffer[];
  moved: number;
  hash: Sha256;
}

function textOf(value: unknown, characters: number): string {
  return typeof value === 'string' ? value.slice(0, characters) : '';
}

/** Whether these last bytes crossed a hundredth of the file: finer progress nobody sees. */
function isStep(moved: number, lastBytes: number, size: number): boolean {
  return Math.floor((moved / size) * 100) > Math.floor(((moved - lastBytes) / size) * 100);
}

export class FileChannel {
  readonly #channel: RTCDataChannel;
  readonly #news: (news: FileNews) => void;
  #queue: Outgoing[] = [];
  #sending: Outgoing | null = null;
  #accepted: (() => void) | null = null;
  #incoming: Incoming | null = null;

  constructor(connection: RTCPeerConnection, news: (news: FileNews) => void) {
    this.#news = news;
    const { label, id } = FILE_CHANNEL;
    this.#channel = connection.createDataChannel(label, { negotiated: true, id, ordered: true });
    this.#channel.binaryType = 'arraybuffer';
    this.#channel.bufferedAmountLowThreshold = BUFFER_LOW_BYTES;
    this.#channel.onopen = () => this.#next();
    this.#channel.onmessage = ({ data }) => {
      if (data instanceof ArrayBuffer) this.#takePiece(data);
      else if (typeof data === 'string') this.#takeWord(data);
    };
  }

  /** Queues `content`; what becomes of it is told as news under `id`, never before this returns. */
  send(id: string, content: Blob, name: string): void {
    const outgoing = { id, content, name: name.slice(0, FILE_NAME_CHARACTERS) };
    if (content.size > FILE_BYTES) return queueMicrotask(() => this.#tellOut(outgoing, 0, 'failed', 'too_large'));
    this.#queue.push(outgoing);
    this.#next();
  }

  cancel(id: string): void {
    this.#say({ kind: 'stop', file: id, reason: 'cancelled' });
    this.#stop(id, 'cancelled');
  }

  /** The connection is gone, and with it everything that was on the way. */
  interrupt(): void {
    const ids = [this.#sending, this.#incoming, ...this.#queue].map((each) => each?.id);
    for (const id of ids) if (id) this.#stop(id, 'interrupted');
  }

  #say(word: object): void {
    try {
      this.#channel.send(JSON.stringify(word));
    } catch {
      // Closing; interrupt() tells the rest.
    }
  }

  // --- out --------------------------------------------------------------------------------------------------------------

  #next(): void {
    if (this.#sending || this.#channel.readyState !== 'open') return;
    const outgoing = this.#queue.shift();
    if (!outgoing) return;
    this.#sending = outgoing;
    const { id, name, content } = outgoing;
    this.#accepted = () => void this.#pump(outgoing);
    this.#say({ kind: 'start', file: id, name, type: content.type, size: content.size });
  }

  async #pump(outgoing: Outgoing): Promise<void> {
    const { content, id } = outgoing;
    const hash = new Sha256();
    try {
      for (let at = 0; at < content.size; at += PIECE_BYTES) {
        const piece = await content.slice(at, at + PIECE_BYTES).arrayBuffer();
        await this.#drained();
        if (this.#sending !== outgoing) return;
        hash.update(new Uint8Array(piece));
        this.#channel.send(piece);
        const moved = at + piece.byteLength;
        if (isStep(moved, piece.byteLength, content.size)) this.#tellOut(outgoing, moved, 'moving');
      }
    } catch {
      // The disk refused, or the channel; only the first is ours to report.
      if (this.#channel.readyState !== 'open') return;
      this.#say({ kind: 'stop', file: id, reason: 'unreadable' });
      return this.#stop(id, 'unreadable');
    }
    this.#say({ kind: 'end', file: id, sha256: hex(hash.digest()) });
  }

  #drained(): Promise<void> {
    if (this.#channel.bufferedAmount <= BUFFER_HIGH_BYTES) return Promise.resolve();
    return new Promise((resolve) => {
      this.#channel.addEventListener('bufferedamountlow', () => resolve(), { once: true });
      this.#channel.addEventListener('close', () => resolve(), { once: true });
    });
  }

  #tellOut({ id, name, content }: Outgoing, moved: number, state: FileNews['state'], trouble?: FileTrouble): void {
    const { type, size } = content;
    this.#news({ id, direction: 'out', name, type, size, moved, state, ...(trouble && { trouble }) });
  }

  // --- in ---------------------------------------------------------------------------------------------------------------

  #takeWord(frame: string): void {
    let word: unknown;
    try {
      word = JSON.parse(frame);
    } catch {
      return;
    }
    if (!isObject(word) || typeof word['file'] !== 'string' || word['file'].length > 64) return;
    const id = word['file'];
    switch (word['kind']) {
      case 'start':
        return this.#start(id, word);
      case 'accept':
        if (this.#sending?.id === id) this.#accepted?.();
        this.#accepted = null;
        return;
      case 'end':
        return this.#end(id, textOf(word['sha256'], 64));
      case 'kept':
        return this.#kept(id);
      case 'stop':
        return this.#stop(id, TROUBLES.find((trouble) => trouble === word['reason']) ?? 'cancelled');
    }
  }

  #start(id: string, word: Record<string, unknown>): void {
    if (this.#incoming) this.#stop(this.#incoming.id, 'interrupted');
    const size = word['size'];
    const fits = typeof size === 'number' && Number.isInteger(size) && size >= 0 && size <= FILE_BYTES;
    if (!fits) return this.#say({ kind: 'stop', file: id, reason: 'too_large' });
    this.#incoming = {
      id,
      name: textOf(word['name'], FILE_NAME_CHARACTERS),
      type: textOf(word['type'], 100),
      size,
      pieces: [],
      moved: 0,
      hash: new Sha256(),
    };
    this.#tellIn(this.#incoming, 'moving');
    this.#say({ kind: 'accept', file: id });
  }

  #takePiece(piece: ArrayBuffer): void {
    const incoming = this.#incoming;
    if (!incoming) return;
    incoming.moved += piece.byteLength;
    if (incoming.moved > incoming.size) return this.#refuse(incoming, 'damaged');
    incoming.hash.update(new Uint8Array(piece));
    incoming.pieces.push(piece);
    if (isStep(incoming.moved, piece.byteLength, incoming.size)) this.#tellIn(incoming, 'moving');
  }

  #end(id: string, sha256: string): void {
    const incoming = this.#incoming;
    if (incoming?.id !== id) return;
    const whole = incoming.moved === incoming.size && hex(incoming.hash.digest()) === sha256;
    if (!whole) return this.#refuse(incoming, 'damaged');
    this.#incoming = null;
    this.#say({ kind: 'kept', file: id });
    this.#tellIn(incoming, 'done', { content: new Blob(incoming.pieces) });
  }

  #refuse({ id }: Incoming, reason: FileTrouble): void {
    this.#say({ kind: 'stop', file: id, reason });
    this.#stop(id, reason);
  }

  #kept(id: string): void {
    const outgoing = this.#sending;
    if (outgoing?.id !== id) return;
    this.#sending = null;
    this.#tellOut(outgoing, outgoing.content.size, 'done');
    this.#next();
  }

  #stop(id: string, trouble: FileTrouble): void {
    const incoming = this.#incoming;
    if (incoming?.id === id) {
      this.#incoming = null;
      this.#tellIn(incoming, 'failed', { trouble });
    }
    const outgoing = this.#sending?.id === id ? this.#sending : this.#queue.find((each) => each.id === id);
    if (!outgoing) return;
    this.#queue = this.#queue.filter((each) => each !== outgoing);
    if (this.#sending === outgoing) this.#sending = null;
    this.#tellOut(outgoing, 0, 'failed', trouble);
    this.#next();
  }

  #tellIn({ id, name, type, size, moved }: Incoming, state: FileNews['state'], more: Partial<FileNews> = {}): void {
    this.#news({ id, direction: 'in', name, type, size, moved, state, ...more });
  }
}
