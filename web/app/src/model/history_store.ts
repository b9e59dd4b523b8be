// Conversations that this browser keeps, in IndexedDB: what was said, pictures and small files with it, and the list of
// conversations. Nothing of it is anywhere else. Without storage a conversation lasts as long as its page.

import type { ChatEntry } from './chat_entry.ts';

const DATABASE = 'beeline.conversations';
const ENTRIES_PER_ROOM = 1_000;
/** Larger files are shown while the page lives and not kept. */
const FILE_BYTES_KEPT = 8 * 1024 * 1024;

export interface ConversationSummary {
  roomId: string;
  /** Who was last seen in it, besides us. */
  people: readonly string[];
  lastText: string;
  lastMs: number;
}

interface StoredEntry extends Omit<ChatEntry, 'delivered'> {
  roomId: string;
  delivered: string[];
}

function asPromise<Result>(request: IDBRequest<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

export class HistoryStore {
  readonly #database: Promise<IDBDatabase>;

  constructor() {
    this.#database = new Promise((resolve, reject) => {
      const request = indexedDB.open(DATABASE, 1);
      request.onupgradeneeded = () => {
        request.result.createObjectStore('rooms', { keyPath: 'roomId' });
        request.result.createObjectStore('entries', { keyPath: ['roomId', 'id'] });
      };
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    this.#database.catch(() => undefined); // each use says so by itself
  }

  /** Oldest first. */
  async entries(roomId: string): Promise<ChatEntry[]> {
    try {
      const store = (await this.#database).transaction('entries').objectStore('entries');
      const stored: StoredEntry[] = await asPromise(store.getAll(roomRange(roomId)));
      const entries = stored.map(({ roomId: _room, delivered, ...entry }) => ({ ...entry, delivered: new Set(delivered) }));
      return entries.sort((a, b) => a.atMs - b.atMs);
    } catch {
      return [];
    }
  }

  /** The newest conversation first. */
  async conversations(): Promise<ConversationSummary[]> {
    try {
      const store = (await this.#database).transaction('rooms').objectStore('rooms');
      const rooms: ConversationSummary[] = await asPromise(store.getAll());
      return rooms.sort((a, b) => b.lastMs - a.lastMs);
    } catch {
      return [];
    }
  }

  async keep(roomId: string, entry: ChatEntry): Promise<void> {
    const { file } = entry;
    // An address of this page means nothing to the next.
    const { url: _url, content, ...kept } = file ?? {};
    const small = content && content.size <= FILE_BYTES_KEPT ? { content } : {};
    const stored = {
      ...entry,
      roomId,
      delivered: [...entry.delivered],
      ...(file && { file: { ...kept, ...small } }),
    };
    await this.#write('entries', (store) => store.put(stored));
  }

  async summarise(summary: ConversationSummary): Promise<void> {
    await this.#write('rooms', (store) => store.put(summary));
  }

  async forget(roomId: string): Promise<void> {
    await this.#write('entries', (store) => store.delete(roomRange(roomId)));
    await this.#write('rooms', (store) => store.delete(roomId));
  }

  /** Keeps the newest entries of a room. */
  async trim(roomId: string): Promise<void> {
    const entries = await this.entries(roomId);
    for (const { id } of entries.slice(0, -ENTRIES_PER_ROOM)) {
      await this.#write('entries', (store) => store.delete([roomId, id]));
    }
  }

  async #write<Result>(name: 'entries' | 'rooms', change: (store: IDBObjectStore) => IDBRequest<Result>): Promise<void> {
    try {
      await asPromise(change((await this.#database).transaction(name, 'readwrite').objectStore(name)));
    } catch {
      // No storage, or it is full: the conversation goes on without a memory.
    }
  }
}

function roomRange(roomId: string): IDBKeyRange {
  return IDBKeyRange.bound([roomId, ''], [roomId, '\uffff']);
}
