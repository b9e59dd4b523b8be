// What is said in a room: texts and files of both sides, who is typing, what was missed. A meeting forgets it; a
// conversation keeps it in this browser.

import { MESSAGE_BYTES, type FileNews, type Member, type Remembered, type Room } from '../../../sdk/src/index.ts';
import { fileEntryOf, merged, pictureTypeOf, type ChatEntry, type FileEntry } from './chat_entry.ts';
import { HistoryStore, type ConversationSummary } from './history_store.ts';
import { Store } from './store.ts';

export interface ConversationState {
  entries: readonly ChatEntry[];
  unread: number;
  /** Names of those who type now. */
  typing: readonly string[];
  /** Kept in this browser, newest first. */
  kept: readonly ConversationSummary[];
}

export interface ConversationPorts {
  /** Whether the person is looking at the conversation. */
  watched(): boolean;
  heard(entry: ChatEntry): void;
}

const ENTRIES_SHOWN = 1_000;
const CONTENT_BYTES = 512 * 1024 * 1024;
const TYPING_MS = 4_000;
const TYPING_AGAIN_MS = 2_000;
const NO_ENTRIES: ConversationState = { entries: [], unread: 0, typing: [], kept: [] };

export class Conversation extends Store<ConversationState> {
  readonly #ports: ConversationPorts;
  readonly #history = new HistoryStore();
  readonly #typing = new Map<string, { name: string; timer: ReturnType<typeof setTimeout> }>();
  readonly #joinedAtMs = new Map<string, number>();
  #room: Room | null = null;
  #roomId = '';
  #keeps = false;
  #askedHistory = false;
  #typedAtMs = 0;

  constructor(ports: ConversationPorts) {
    super(NO_ENTRIES);
    this.#ports = ports;
  }

  /** Before joining: forgets the room before, and brings back what this browser keeps of the next. */
  async open(roomId: string, keeps: boolean): Promise<void> {
    for (const { file } of this.state.entries) if (file?.url) URL.revokeObjectURL(file.url);
    this.#roomId = roomId;
    this.#keeps = keeps;
    this.#askedHistory = false;
    this.#joinedAtMs.clear();
    this.set({ ...NO_ENTRIES, kept: this.state.kept });
    if (!keeps) return;
    await this.#history.trim(roomId);
    const entries = await this.#history.entries(roomId);
    if (this.#roomId !== roomId) return;
    this.set({ entries: merged(this.state.entries, entries.map(withAddress)) });
    await this.refreshKept();
  }

  connect(room: Room): void {
    this.#room = room;
    room.on('joined', (member) => this.#joinedAtMs.set(member.id, Date.now()));
    room.on('text', ({ member, id, text, via }) => this.#heard(member, id, text, via));
    room.on('delivered', ({ member, id }) => this.#delivered(member.id, id));
    room.on('typing', (member) => this.#types(member));
    room.on('left', ({ member }) => this.#typesNoMore(member.id));
    room.on('history', ({ member, entries }) => this.#learned(member, entries));
    room.on('file', ({ member, news }) => {
      if (news.direction === 'in') this.#fileIn(member, news);
      else this.#fileOut(member, news);
    });
    room.on('channels', (member) => this.#metMember(member));
    room.on('ended', () => (this.#room = null));
  }

  /** What we tell `askedBy` about the time before it came. A conversation tells all it keeps. */
  remembered(askedBy: Member, ownName: string): Remembered[] {
    const until = this.#keeps ? Infinity : (this.#joinedAtMs.get(askedBy.id) ?? 0);
    return this.state.entries
      .filter(({ file, atMs }) => !file && atMs < until)
      .map(({ id, mine, name, text, atMs }) => ({ id, name: mine ? ownName : name, text, sentMs: atMs }));
  }

  /** Says it to everybody. False when it is empty or too long. */
  say(text: string): boolean {
    const trimmed = text.trim();
    if (!this.#room || trimmed === '' || bytesOf(trimmed) > MESSAGE_BYTES) return false;
    // In a conversation whoever is not reachable now asks for it later, so the server never needs to carry it.
    const { id, via, to } = this.#room.say(trimmed, { directOnly: this.#keeps });
    this.#append({ id, mine: true, name: '', text: trimmed, atMs: Date.now(), via, to: to.length, delivered: new Set() });
    this.#typedAtMs = 0;
    return true;
  }

  typing(): void {
    const now = Date.now();
    if (now - this.#typedAtMs < TYPING_AGAIN_MS) return;
    this.#typedAtMs = now;
    this.#room?.typing();
  }

  sendFiles(files: readonly File[]): void {
    for (const content of files) {
      const sent = this.#room?.sendFile(content, content.name);
      if (!sent) return;
      const { name, type, size } = content;
      const file: FileEntry = { name, size, moved: 0, state: 'moving', pictureType: pictureTypeOf(type), content };
      const nobody = sent.to.length === 0 ? { state: 'failed', trouble: 'interrupted' } as const : {};
      this.#append(withAddress({
        id: sent.id, mine: true, name: '', text: '', atMs: Date.now(), via: 'channel', to: sent.to.length,
        delivered: new Set(), file: { ...file, ...nobody },
      }));
    }
  }

  cancelFile(id: string): void {
    this.#room?.cancelFile(id);
  }

  read(): void {
    if (this.state.unread > 0) this.set({ unread: 0 });
  }

  async forget(roomId: string): Promise<void> {
    await this.#history.forget(roomId);
    if (roomId === this.#roomId) this.set({ entries: [] });
    await this.refreshKept();
  }

  async refreshKept(): Promise<void> {
    this.set({ kept: await this.#history.conversations() });
  }

  // --- from the others --------------------------------------------------------------------------------------------------

  /** In a meeting whoever was here first knows most; in a conversation each may know what the other missed. */
  #metMember(member: Member): void {
    const cameLater = !this.#joinedAtMs.has(member.id);
    if (!this.#keeps && (!cameLater || this.#askedHistory)) return;
    this.#askedHistory = true;
    this.#room?.askHistory(member.id);
  }

  #heard(member: Member, id: string, text: string, via: 'channel' | 'server'): void {
    this.#typesNoMore(member.id);
    // Ids of the server's messages are numbers of ours, so the sender stands before them.
    const own = via === 'server' ? `${member.id}/${id}` : id;
    if (this.state.entries.some((entry) => entry.id === own)) return;
    this.#received({ id: own, mine: false, name: member.name, text, atMs: Date.now(), via, to: 0, delivered: new Set() });
  }

  #received(entry: ChatEntry): void {
    this.#append(entry);
    if (!this.#ports.watched()) this.set({ unread: this.state.unread + 1 });
    this.#ports.heard(entry);
  }

  #learned(member: Member, entries: Remembered[]): void {
    const more = entries.map(({ id, name, text, sentMs }): ChatEntry => ({
      id, mine: false, name, text, atMs: sentMs, via: 'memory', to: 0, delivered: new Set(),
    }));
    const known = new Set(this.state.entries.map(({ id }) => id));
    const fresh = more.filter(({ id }) => !known.has(id));
    for (const { id } of fresh) this.#room?.acknowledge(member.id, id);
    this.set({ entries: merged(this.state.entries, fresh).slice(-ENTRIES_SHOWN) });
    if (fresh.length > 0 && this.#keeps && !this.#ports.watched()) this.set({ unread: this.state.unread + fresh.length });
    for (const entry of fresh) this.#keep(entry);
  }

  #types({ id, name }: Member): void {
    clearTimeout(this.#typing.get(id)?.timer);
    this.#typing.set(id, { name, timer: setTimeout(() => this.#typesNoMore(id), TYPING_MS) });
    this.#showTyping();
  }

  #typesNoMore(id: string): void {
    clearTimeout(this.#typing.get(id)?.timer);
    if (this.#typing.delete(id)) this.#showTyping();
  }

  #showTyping(): void {
    this.set({ typing: [...this.#typing.values()].map(({ name }) => name) });
  }

  #delivered(memberId: string, id: string): void {
    this.#change(id, (entry) => {
      const delivered = new Set([...entry.delivered, memberId]);
      return { ...entry, delivered, to: Math.max(entry.to, delivered.size) };
    });
  }

  // --- files ------------------------------------------------------------------------------------------------------------

  #fileIn(member: Member, news: FileNews): void {
    const id = `${member.id}/${news.id}`;
    const file = { ...fileEntryOf(news), ...(news.content && { content: news.content }) };
    const entry: ChatEntry = {
      id, mine: false, name: member.name, text: '', atMs: Date.now(), via: 'channel', to: 0, delivered: new Set(), file,
    };
    if (this.state.entries.some((each) => each.id === id)) this.#change(id, (before) => withAddress({ ...before, file }));
    else this.#received(withAddress(entry));
    if (file.content) this.#boundContents();
  }

  /** The newest files stay; of older ones only the name does, so that nobody can fill this page's memory. */
  #boundContents(): void {
    let bytes = 0;
    const entries = [...this.state.entries].reverse().map((entry) => {
      bytes += entry.file?.content?.size ?? 0;
      return bytes <= CONTENT_BYTES ? entry : withoutContent(entry);
    });
    this.set({ entries: entries.reverse() });
  }

  /** One file goes to several: it has moved as far as with the slowest, and failed when it failed with everybody. */
  #fileOut(member: Member, news: FileNews): void {
    this.#change(news.id, (entry) => {
      if (!entry.file || entry.file.state === 'failed') return entry;
      const delivered = news.state === 'done' ? new Set([...entry.delivered, member.id]) : entry.delivered;
      const to = news.state === 'failed' ? entry.to - 1 : entry.to;
      const state = to <= 0 ? 'failed' : delivered.size >= to ? 'done' : 'moving';
      const trouble = state === 'failed' && news.trouble ? { trouble: news.trouble } : {};
      return { ...entry, delivered, to, file: { ...entry.file, state, moved: news.moved, ...trouble } };
    });
  }

  // --- the list ---------------------------------------------------------------------------------------------------------

  #append(entry: ChatEntry): void {
    this.set({ entries: [...this.state.entries, entry].slice(-ENTRIES_SHOWN) });
    this.#keep(entry);
  }

  #change(id: string, change: (entry: ChatEntry) => ChatEntry): void {
    let changed: ChatEntry | null = null;
    const entries = this.state.entries.map((entry) => (entry.id === id ? (changed = change(entry)) : entry));
    if (!changed) return;
    this.set({ entries });
    this.#keep(changed);
  }

  #keep(entry: ChatEntry): void {
    // What is still on the way is kept when it has arrived.
    if (!this.#keeps || (entry.file && entry.file.state !== 'done')) return;
    void this.#history.keep(this.#roomId, entry);
    const people = [...(this.#room?.members.values() ?? [])].map(({ name }) => name).filter(Boolean);
    const before = this.state.kept.find(({ roomId }) => roomId === this.#roomId);
    const summary: ConversationSummary = {
      roomId: this.#roomId,
      people: people.length > 0 ? people : (before?.people ?? []),
      lastText: entry.file?.name ?? entry.text.slice(0, 200),
      lastMs: Math.max(entry.atMs, before?.lastMs ?? 0),
    };
    this.set({ kept: [summary, ...this.state.kept.filter(({ roomId }) => roomId !== this.#roomId)] });
    void this.#history.summarise(summary);
  }
}

/** Content gets an address of this page: as the picture that it is, or as bytes that nothing runs. */
function withAddress(entry: ChatEntry): ChatEntry {
  const { file } = entry;
  if (!file?.content || file.url) return entry;
  const type = file.pictureType || 'application/octet-stream';
  return { ...entry, file: { ...file, url: URL.createObjectURL(new Blob([file.content], { type })) } };
}

function withoutContent(entry: ChatEntry): ChatEntry {
  if (!entry.file?.content) return entry;
  const { content: _content, url, ...file } = entry.file;
  if (url) URL.revokeObjectURL(url);
  return { ...entry, file };
}

export function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}
