// A room as one member sees it: who is here, one link to each, what is said. Room.join() is where a program starts.

import { Emitter } from './emitter.ts';
import { HostCommands } from './host_commands.ts';
import { makeId, passwordProof } from './identifiers.ts';
import type { TalkPorts } from './link_channels.ts';
import type { LinkStats } from './link_stats.ts';
import type { Explanation } from './link_story.ts';
import type { Slot } from './media_slots.ts';
import { NetworkWatch } from './network_watch.ts';
import { PeerLink } from './peer_link.ts';
import type { IceServers, Presence, RoomEvent, RoomState, RosterEntry, Welcome } from './protocol.ts';
import { JoinError, type Delivery, type JoinOptions, type Member, type RoomEvents } from './room_events.ts';
import { Signaling, type SignalingPhase } from './signaling.ts';
import type { Step } from './timeline.ts';
import { serversUnder, type WhatIf } from './what_if.ts';

const RENEW_WAIT_MS = 3_000;
const POLL_MS = 1_000;
/** After a change of network "moving" lasts until every link has settled, within these bounds: not a flash, not for ever. */
const MOVING_MS = { least: 2_000, most: 20_000 } as const;

export class Room extends Emitter<RoomEvents> {
  readonly id: string;
  readonly #signaling: Signaling;
  readonly #members = new Map<string, Member>();
  readonly #links = new Map<string, PeerLink>();
  readonly #tracks = new Map<Slot, MediaStreamTrack>();
  readonly #whatIfs = new Map<string, WhatIf>();
  readonly #renewWaiters = new Set<() => void>();
  readonly #commands: HostCommands;
  readonly #network = new NetworkWatch(() => this.#moved());
  readonly #remembered: JoinOptions['remembered'];
  #state: RoomState = { locked: false, password: false, hosts: [] };
  #you = '';
  #presence: Presence;
  #relayOnly: boolean;
  #ice: IceServers = { servers: [], renew_in_s: 0 };
  #pollTimer: ReturnType<typeof setInterval> | undefined;
  #absentTimer: ReturnType<typeof setTimeout> | undefined;
  #movedAtMs: number | null = null;
  #restartDue = false;

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
      ...(options.hostKey !== undefined && { hostKey: options.hostKey }),
      ...(options.passwordProof !== undefined && { passwordProof: options.passwordProof }),
    });
    this.#remembered = options.remembered;
    this.#commands = new HostCommands({
      reachable: () => this.#signaling.phase === 'open',
      send: (message) => this.#signaling.send(message),
      ping: () => this.#signaling.ping(),
    });
    this.#signaling.on('pong', (number) => this.#commands.pong(number));
    this.#signaling.on('welcome', (welcome) => this.#welcomed(welcome));
    this.#signaling.on('event', (event) => this.#happened(event));
    this.#signaling.on('phase', (phase) => {
      if (phase !== 'open') this.#commands.interrupted();
      this.emit('phase', phase);
    });
    this.#signaling.on('error', (error) => {
      this.#commands.failed(error);
      this.emit('error', error);
    });
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

  /** Lock, password and hosts, as the server says. */
  get state(): RoomState {
    return this.#state;
  }

  get isHost(): boolean {
    return this.#state.hosts.includes(this.#you);
  }

  get relayOnly(): boolean {
    return this.#relayOnly;
  }

  // --- for hosts: each rejects with a RoomError when the server refuses -------------------------------------------------

  lock(locked: boolean): Promise<void> {
    return this.#commands.ask({ type: 'lock', locked });
  }

  /** From now on whoever enters must know `password`; null asks for none any more. */
  async setPassword(password: string | null): Promise<void> {
    const proof = password === null ? null : await passwordProof(this.id, password);
    await this.#commands.ask({ type: 'set_password', proof });
    this.#signaling.enterWith(proof);
  }

  /** Puts a member out. Who knows the link can come again as somebody else: lock the room as well. */
  remove(memberId: string): Promise<void> {
    return this.#commands.ask({ type: 'remove', member: memberId });
  }

  /** Makes that member the host; our own key opens nothing any more. */
  handOver(memberId: string): Promise<void> {
    return this.#commands.ask({ type: 'hand_over', to: memberId });
  }

  // --- what a member does -----------------------------------------------------------------------------------------------

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
   * that nobody gets it twice. Channel deliveries are confirmed by `delivered`. `directOnly` leaves the server out:
   * whoever has no open channel does not get it.
   */
  say(text: string, { directOnly = false } = {}): Delivery {
    const id = makeId();
    const links = [...this.#links.entries()];
    if (directOnly || links.every(([, link]) => link.chatOpen)) {
      const sentMs = Date.now();
      const said = links.filter(([, link]) => link.channels?.chat.sendText(id, text, sentMs));
      const to = said.map(([member]) => member);
      return { id, via: 'channel', to };
    }
    this.#signaling.send({ type: 'message', text });
    return { id, via: 'server', to: links.map(([member]) => member) };
  }

  /** Tells everybody that we are typing; say it again every few seconds while it is so. */
  typing(): void {
    for (const link of this.#links.values()) link.channels?.chat.sendTyping();
  }

  /** Asks this member what was said before we came; the answer is a `history` event. */
  askHistory(memberId: string): void {
    this.#links.get(memberId)?.channels?.chat.askHistory();
  }

  /** Tells a member that we have this text of its history now. */
  acknowledge(memberId: string, id: string): void {
    this.#links.get(memberId)?.channels?.chat.acknowledge(id);
  }

  /** Sends a file to everybody whose channels are open; returns its id and to whom it goes. News come as `file`. */
  sendFile(content: Blob, name: string): { id: string; to: string[] } {
    const id = makeId();
    const open = [...this.#links.entries()].filter(([, link]) => link.chatOpen);
    for (const [, link] of open) link.channels?.files.send(id, content, name);
    return { id, to: open.map(([member]) => member) };
  }

  cancelFile(id: string): void {
    for (const link of this.#links.values()) link.channels?.files.cancel(id);
  }

  /** Four numbers from 0 to 255 that both sides compare, or null while they are not known. */
  verificationCode(memberId: string): readonly number[] | null {
    return this.#links.get(memberId)?.channels?.verification.code ?? null;
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
      whatIf: this.whatIf(memberId) !== 'as_it_is',
      relayOffered: this.#serversFor(memberId).some(({ urls }) => [urls].flat().some((url) => /^turns?:/.test(url))),
    });
  }

  /** What this link tries out now. */
  whatIf(memberId: string): WhatIf {
    return this.#whatIfs.get(memberId) ?? 'as_it_is';
  }

  /** Begins the link to this member anew, as if our network allowed only that much. */
  tryOut(memberId: string, whatIf: WhatIf): void {
    if (whatIf === this.whatIf(memberId)) return;
    this.#whatIfs.set(memberId, whatIf);
    this.#links.get(memberId)?.reset();
  }

  #serversFor(memberId: string): RTCIceServer[] {
    return serversUnder(this.whatIf(memberId), this.#ice.servers);
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
    this.#setState(welcome.room_state);
    if (welcome.resumed) for (const link of this.#links.values()) link.resumed();
    else if (welcome.restored && welcome.you === this.#you) this.#restored(welcome);
    else this.#enter(welcome);
    if (this.#restartDue) this.#restartAll();
  }

  /** A new membership: our id is new, so every link belongs to somebody the others no longer know. */
  #enter(welcome: Welcome): void {
    this.#you = welcome.you;
    for (const link of this.#links.values()) link.close();
    this.#links.clear();
    const here = new Set(welcome.members.map(({ id }) => id));
    for (const id of [...this.#members.keys()]) if (!here.has(id)) this.#drop(id, 'lost_peer');
    for (const entry of welcome.members) this.#add(entry, true);
  }

  /** The same membership on a server that was restarted: who is not back within the grace has gone. */
  #restored(welcome: Welcome): void {
    const here = new Set(welcome.members.map(({ id }) => id));
    for (const [id, member] of this.#members) {
      if (here.has(id)) continue;
      member.away = true;
      this.emit('changed', member);
    }
    for (const entry of welcome.members) this.#add(entry, true);
    clearTimeout(this.#absentTimer);
    this.#absentTimer = setTimeout(() => {
      for (const [id, { away }] of [...this.#members]) if (away && !here.has(id)) this.#drop(id, 'lost_peer');
    }, welcome.grace_s * 1_000);
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
        return;
      case 'room':
        return this.#setState(event.room_state);
      case 'host_key':
        return this.emit('hostKey', event.key);
    }
  }

  #setState(state: RoomState): void {
    this.#state = state;
    this.emit('state', state);
  }

  #add(entry: RosterEntry, offersFirst: boolean): void {
    if (entry.id === this.#you) return;
    const known = this.#members.get(entry.id);
    const member: Member = known ?? { ...entry, tracks: new Map() };
    Object.assign(member, { name: entry.name, presence: entry.presence, away: entry.away });
    this.#members.set(entry.id, member);
    const link = this.#links.get(entry.id);
    // An id that we know belongs to the same membership, given back by a server that was restarted: the call goes on.
    if (link) link.restored();
    else this.#links.set(entry.id, this.#makeLink(member, offersFirst));
    this.#shareUplink();
    this.emit(known ? 'changed' : 'joined', member);
  }

  #drop(id: string, reason: string): void {
    this.#links.get(id)?.close();
    this.#links.delete(id);
    const member = this.#members.get(id);
    if (!member) return;
    this.#members.delete(id);
    this.#whatIfs.delete(id);
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
    clearTimeout(this.#absentTimer);
    this.#network.stop();
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
      servers: () => this.#serversFor(member.id),
      renew: () => this.#renew(),
      explain: () => this.explain(member.id),
      relayOnly: () => this.#relayOnly || this.whatIf(member.id) !== 'as_it_is',
      reachable: () => this.#signaling.phase === 'open' && !member.away,
      changed: () => this.emit('changed', member),
      track: (slot, track) => {
        if (member.tracks.get(slot) === track) return;
        member.tracks.set(slot, track);
        this.emit('track', { member, slot, track });
      },
      channelsOpen: () => this.emit('channels', member),
      talk: this.#talkOf(member),
    });
  }

  #talkOf(member: Member): TalkPorts {
    return {
      text: (id, text, sentMs) => this.emit('text', { member, id, text, sentMs, via: 'channel' }),
      acknowledged: (id) => this.emit('delivered', { member, id }),
      typing: () => this.emit('typing', member),
      remembered: () => this.#remembered?.(member) ?? [],
      history: (entries) => this.emit('history', { member, entries }),
      file: (news) => this.emit('file', { member, news }),
    };
  }

  // --- another network --------------------------------------------------------------------------------------------------

  #moved(): void {
    if (this.#links.size > 0) {
      this.#movedAtMs = performance.now();
      this.emit('moving', true);
    }
    this.#restartDue = true;
    this.#signaling.moved();
    if (this.#signaling.phase === 'open') this.#restartAll();
  }

  #restartAll(): void {
    this.#restartDue = false;
    for (const link of this.#links.values()) void link.restart();
  }

  #checkMoving(): void {
    if (this.#movedAtMs === null) return;
    const movingMs = performance.now() - this.#movedAtMs;
    const settled = !this.#restartDue && [...this.#links.values()].every((link) => link.settled);
    if (movingMs < MOVING_MS.least || (!settled && movingMs < MOVING_MS.most)) return;
    this.#movedAtMs = null;
    this.emit('moving', false);
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
    this.#checkMoving();
    for (const member of this.#members.values()) this.emit('changed', member);
  }
}
