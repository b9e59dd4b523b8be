// A room as one member sees it: who is here, one link to each, what is said. Room.join() is where a program starts.

import { Emitter } from './emitter.ts';
import type { LinkStats } from './link_stats.ts';
import type { Explanation } from './link_story.ts';
import type { Slot } from './media_slots.ts';
import { PeerLink } from './peer_link.ts';
import type { IceServers, Presence, RoomEvent, RosterEntry, ServerError, Welcome } from './protocol.ts';
import { Signaling, type SignalingPhase } from './signaling.ts';
import type { Step } from './timeline.ts';

export interface Member {
  readonly id: string;
  name: string;
  presence: Presence;
  /** Its signaling connection broke; the call with it may well go on. */
  away: boolean;
  readonly tracks: Map<Slot, MediaStreamTrack>;
}

export interface Text {
  member: Member;
  id: string;
  text: string;
  sentMs: number;
  via: 'channel' | 'server';
}

export interface RoomEvents {
  phase: SignalingPhase;
  joined: Member;
  left: { member: Member; reason: string };
  /** Name, presence, path or anything else that is shown of a member. */
  changed: Member;
  track: { member: Member; slot: Slot; track: MediaStreamTrack };
  text: Text;
  delivered: { member: Member; id: string };
  error: ServerError;
  /** The membership is over: a bye reason, a fatal error code or `server_unreachable`. */
  ended: string;
}

export interface JoinOptions {
  /** For example `wss://host/api/signal`. */
  url: string;
  /** 26 characters of a-z2-7; makeRoomId() makes one. */
  room: string;
  name?: string;
  presence?: Presence;
  relayOnly?: boolean;
  tracks?: Partial<Record<Slot, MediaStreamTrack>>;
}

/** Thrown by Room.join(); `code` is an error code of the protocol or `server_unreachable`. */
export class JoinError extends Error {
  readonly code: string;
  constructor(code: string) {
    super(`could not join: ${code}`);
    this.code = code;
  }
}

export interface Delivery {
  id: string;
  via: 'channel' | 'server';
  to: string[];
}

const RENEW_WAIT_MS = 3_000;
const POLL_MS = 1_000;

export class Room extends Emitter<RoomEvents> {
  readonly id: string;
  readonly #signaling: Signaling;
  readonly #members = new Map<string, Member>();
  readonly #links = new Map<string, PeerLink>();
  readonly #tracks = new Map<Slot, MediaStreamTrack>();
  readonly #renewWaiters = new Set<() => void>();
  #you = '';
  #presence: Presence;
  #relayOnly: boolean;
  #ice: IceServers = { servers: [], renew_in_s: 0 };
  #pollTimer: ReturnType<typeof setInterval> | undefined;

  /** Joins, or rejects with a JoinError that says why not. */
  static join(options: JoinOptions): Promise<Room> {
    const room = new Room(options);
    return new Promise((resolve, reject) => {
      const stop = room.on('ended', (code) => reject(new JoinError(code)));
      const opened = room.on('phase', (phase) => {
        if (phase !== 'open') return;
        stop();
        opened();
        resolve(room);
      });
      room.#signaling.open();
    });
  }

  private constructor(options: JoinOptions) {
    super();
    this.id = options.room;
    this.#relayOnly = options.relayOnly ?? false;
    this.#presence = { ...options.presence, ...(this.#relayOnly && { relayOnly: true }) };
    for (const [slot, track] of Object.entries(options.tracks ?? {})) this.#tracks.set(slot as Slot, track);
    this.#signaling = new Signaling({
      url: options.url,
      room: options.room,
      name: options.name ?? '',
      presence: this.#presence,
    });
    this.#signaling.on('welcome', (welcome) => this.#welcomed(welcome));
    this.#signaling.on('event', (event) => this.#happened(event));
    this.#signaling.on('phase', (phase) => this.emit('phase', phase));
    this.#signaling.on('error', (error) => this.emit('error', error));
    this.#signaling.on('ended', (reason) => this.#ended(reason));
    this.#pollTimer = setInterval(() => void this.#poll(), POLL_MS);
  }

  get you(): string {
    return this.#you;
  }

  get phase(): SignalingPhase {
    return this.#signaling.phase;
  }

  get members(): ReadonlyMap<string, Member> {
    return this.#members;
  }

  get relayOnly(): boolean {
    return this.#relayOnly;
  }

  /** Sends `track` to everybody in that slot, or nothing. */
  async setTrack(slot: Slot, track: MediaStreamTrack | null): Promise<void> {
    if (track) this.#tracks.set(slot, track);
    else this.#tracks.delete(slot);
    await Promise.all([...this.#links.values()].map((link) => link.refreshTrack(slot)));
  }

  setPresence(presence: Presence): void {
    this.#presence = { ...presence, ...(this.#relayOnly && { relayOnly: true }) };
    this.#signaling.send({ type: 'presence', presence: this.#presence });
  }

  rename(name: string): void {
    this.#signaling.send({ type: 'rename', name });
  }

  /**
   * Hides or shows our addresses from now on. Hiding begins every connection anew, because a browser keeps a direct
   * pair that works through an ICE restart; showing only looks for better paths beside the relayed one.
   */
  setRelayOnly(relayOnly: boolean): void {
    if (relayOnly === this.#relayOnly) return;
    this.#relayOnly = relayOnly;
    const { relayOnly: _before, ...presence } = this.#presence;
    this.setPresence(presence);
    for (const link of this.#links.values()) {
      if (relayOnly) link.reset();
      else void link.restart();
    }
  }

  /**
   * Says something to everybody: over the data channels when all are open, otherwise once through the server, so
   * that nobody gets it twice. Channel deliveries are confirmed by `delivered`.
   */
  say(text: string): Delivery {
    const id = makeId();
    const links = [...this.#links.entries()];
    if (links.every(([, link]) => link.chatOpen)) {
      const sentMs = Date.now();
      const to = links.filter(([, link]) => link.sendText(id, text, sentMs)).map(([member]) => member);
      return { id, via: 'channel', to };
    }
    this.#signaling.send({ type: 'message', text });
    return { id, via: 'server', to: links.map(([member]) => member) };
  }

  /** Why the path to this member is as it is. */
  explain(memberId: string): Explanation | null {
    const member = this.#members.get(memberId);
    const link = this.#links.get(memberId);
    if (!member || !link) return null;
    return link.story.explain({
      name: member.name,
      relayOnly: this.#relayOnly,
      peerRelayOnly: member.presence.relayOnly === true,
      relayOffered: this.#ice.servers.some(({ urls }) => [urls].flat().some((url) => /^turns?:/.test(url))),
    });
  }

  /** The six steps in two lanes; each lane's times count from that side's own start. */
  timeline(memberId: string): { yours: Step[]; theirs: Step[] } {
    const story = this.#links.get(memberId)?.story;
    return { yours: story?.steps ?? [], theirs: story?.theirSteps ?? [] };
  }

  stats(memberId: string): LinkStats | undefined {
    return this.#links.get(memberId)?.story.stats;
  }

  /** The link itself, for those who need the RTCPeerConnection under it. */
  link(memberId: string): PeerLink | undefined {
    return this.#links.get(memberId);
  }

  leave(): void {
    this.#signaling.leave();
  }

  /** Breaks the signaling connection as a network failure would. */
  interrupt(): void {
    this.#signaling.interrupt();
  }

  // --- what the server says -------------------------------------------------------------------------------------------

  #welcomed(welcome: Welcome): void {
    this.#ice = welcome.ice;
    this.#reconfigure();
    if (welcome.resumed) {
      for (const link of this.#links.values()) link.resumed();
      return;
    }
    // A new membership: our id is new, so every link belongs to somebody the others no longer know.
    this.#you = welcome.you;
    for (const link of this.#links.values()) link.close();
    this.#links.clear();
    const here = new Set(welcome.members.map(({ id }) => id));
    for (const id of [...this.#members.keys()]) if (!here.has(id)) this.#drop(id, 'lost_peer');
    for (const entry of welcome.members) this.#add(entry, true);
  }

  #happened(event: RoomEvent): void {
    switch (event.type) {
      case 'joined':
        return this.#add(event.member, false);
      case 'gone':
        return this.#drop(event.member, event.reason);
      case 'away':
      case 'back':
        return this.#change(event.member, (member) => (member.away = event.type === 'away'));
      case 'presence':
        return this.#change(event.member, (member) => (member.presence = event.presence));
      case 'renamed':
        return this.#change(event.member, (member) => (member.name = event.name));
      case 'relay':
        return this.#links.get(event.from)?.receive(event.items);
      case 'message':
        return this.#heard(event.from, event.text, event.event);
      case 'ice':
        this.#ice = event.ice;
        this.#reconfigure();
        for (const waiter of [...this.#renewWaiters]) waiter();
    }
  }

  #add(entry: RosterEntry, offersFirst: boolean): void {
    if (entry.id === this.#you) return;
    const known = this.#members.get(entry.id);
    const member: Member = known ?? { ...entry, tracks: new Map() };
    Object.assign(member, { name: entry.name, presence: entry.presence, away: entry.away });
    this.#members.set(entry.id, member);
    this.#links.get(entry.id)?.close();
    this.#links.set(entry.id, this.#makeLink(member, offersFirst));
    this.#shareUplink();
    this.emit(known ? 'changed' : 'joined', member);
  }

  #drop(id: string, reason: string): void {
    this.#links.get(id)?.close();
    this.#links.delete(id);
    const member = this.#members.get(id);
    if (!member) return;
    this.#members.delete(id);
    this.#shareUplink();
    this.emit('left', { member, reason });
  }

  #change(id: string, apply: (member: Member) => void): void {
    const member = this.#members.get(id);
    if (!member) return;
    apply(member);
    this.emit('changed', member);
  }

  #heard(from: string, text: string, event: number): void {
    const member = this.#members.get(from);
    if (member) this.emit('text', { member, id: `event-${event}`, text, sentMs: Date.now(), via: 'server' });
  }

  #ended(reason: string): void {
    clearInterval(this.#pollTimer);
    for (const link of this.#links.values()) link.close();
    this.#links.clear();
    this.#members.clear();
    this.emit('ended', reason);
    this.removeAllListeners();
  }

  // --- links ----------------------------------------------------------------------------------------------------------

  #makeLink(member: Member, offersFirst: boolean): PeerLink {
    return new PeerLink({
      self: this.#you,
      peer: member.id,
      offersFirst,
      tracks: this.#tracks,
      send: (items) => this.#signaling.send({ type: 'relay', to: member.id, items }),
      servers: () => this.#ice.servers,
      renew: () => this.#renew(),
      relayOnly: () => this.#relayOnly,
      reachable: () => this.#signaling.phase === 'open' && !member.away,
      changed: () => this.emit('changed', member),
      track: (slot, track) => {
        if (member.tracks.get(slot) === track) return;
        member.tracks.set(slot, track);
        this.emit('track', { member, slot, track });
      },
      text: (id, text, sentMs) => this.emit('text', { member, id, text, sentMs, via: 'channel' }),
      acknowledged: (id) => this.emit('delivered', { member, id }),
    });
  }

  #reconfigure(): void {
    for (const link of this.#links.values()) link.reconfigure();
  }

  /** A mesh sends one copy to each member, so each copy gets its share. */
  #shareUplink(): void {
    const others = this.#links.size;
    const bits = others <= 1 ? 2_500_000 : others <= 3 ? 1_200_000 : 600_000;
    for (const link of this.#links.values()) void link.limitVideo(bits);
  }

  #renew(): Promise<void> {
    if (this.#signaling.phase !== 'open') return Promise.resolve();
    this.#signaling.send({ type: 'renew' });
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#renewWaiters.delete(done);
        resolve();
      };
      const timer = setTimeout(done, RENEW_WAIT_MS);
      this.#renewWaiters.add(done);
    });
  }

  async #poll(): Promise<void> {
    await Promise.all([...this.#links.values()].map((link) => link.poll().catch(() => undefined)));
    for (const member of this.#members.values()) this.emit('changed', member);
  }
}

function randomText(characters: number): string {
  const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';
  const bytes = crypto.getRandomValues(new Uint8Array(characters));
  // 32 divides 256, so every letter is equally likely.
  return [...bytes].map((byte) => alphabet[byte % 32]).join('');
}

/** 130 random bits: whoever knows the id may enter, so nobody must be able to guess it. */
export function makeRoomId(): string {
  return randomText(26);
}

export function makeId(): string {
  return randomText(16);
}
