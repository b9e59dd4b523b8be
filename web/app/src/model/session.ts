// The app's state and everything a person can do, between the SDK's room and the views. Views read `state` and call
// methods; they never touch the room or the devices.

import {
  JoinError,
  makeRoomId,
  MESSAGE_BYTES,
  Room,
  type Explanation,
  type LinkStats,
  type Member,
  type Presence,
  type SignalingPhase,
  type Slot,
  type Step,
  type Text,
} from '../../../sdk/src/index.ts';
import type { MessageKey } from '../i18n/en.ts';
import type { Parameters } from '../i18n/translate.ts';
import { LocalMedia, type Device } from './local_media.ts';
import { loadPreferences, savePreferences, type Preferences } from './preferences.ts';
import { roomFromFragment } from './room_name.ts';
import { Store } from './store.ts';

export type Panel = 'none' | 'messages' | 'people' | 'path';
export type DialogName = 'none' | 'invite' | 'settings';

export interface Notice {
  id: number;
  key: MessageKey;
  parameters: Parameters;
}

export interface Person {
  id: string;
  name: string;
  presence: Presence;
  away: boolean;
  tracks: ReadonlyMap<Slot, MediaStreamTrack>;
  path: Explanation | null;
  speaking: boolean;
}

export interface ChatEntry {
  id: string;
  mine: boolean;
  name: string;
  text: string;
  atMs: number;
  via: 'channel' | 'server';
  to: number;
  delivered: ReadonlySet<string>;
}

export interface SessionState {
  screen: 'lobby' | 'joining' | 'call' | 'ended';
  roomId: string;
  roomLinkWrong: boolean;
  preferences: Preferences;
  phase: SignalingPhase;
  people: readonly Person[];
  chat: readonly ChatEntry[];
  unread: number;
  panel: Panel;
  dialog: DialogName;
  pathOf: string;
  notices: readonly Notice[];
  soundBlocked: boolean;
  /** Why joining failed or the call ended, as the server's code; empty when the person left. */
  endCode: string;
}

const NOTICE_MS = 5_000;
const CHAT_KEPT = 500;
const SPEAKING_LEVEL = 0.02;

export class Session extends Store<SessionState> {
  readonly media: LocalMedia;
  #room: Room | null = null;
  #notices = 0;
  #frame = false;

  constructor() {
    const preferences = loadPreferences();
    const room = roomFromFragment(location.hash);
    super({
      screen: 'lobby',
      roomId: room.id,
      roomLinkWrong: room.wrong,
      preferences,
      phase: 'connecting',
      people: [],
      chat: [],
      unread: 0,
      panel: 'none',
      dialog: 'none',
      pathOf: '',
      notices: [],
      soundBlocked: false,
      endCode: '',
    });
    this.media = new LocalMedia(preferences.cameraId, preferences.microphoneId);
    this.media.watch(() => this.#tellPresence());
    this.#showAddress();
    addEventListener('hashchange', () => this.#addressChanged());
    addEventListener('pageshow', (event) => {
      // Back from the browser's page cache: the room was left on the way out.
      if (event.persisted && this.state.screen === 'ended') void this.join();
    });
  }

  get room(): Room | null {
    return this.#room;
  }

  get link(): string {
    return `${location.origin}${location.pathname}#${this.state.roomId}`;
  }

  prefer(change: Partial<Preferences>): void {
    const preferences = { ...this.state.preferences, ...change };
    savePreferences(preferences);
    this.set({ preferences });
    if (change.relayOnly !== undefined) this.#room?.setRelayOnly(change.relayOnly);
  }

  newRoom(): void {
    this.set({ roomId: makeRoomId(), roomLinkWrong: false });
    this.#showAddress();
  }

  async join(): Promise<void> {
    if (this.state.screen === 'joining' || this.#room) return;
    const wasOut = this.state.screen === 'ended';
    this.set({ screen: 'joining', endCode: '', phase: 'connecting', chat: [], unread: 0, roomLinkWrong: false });
    // Leaving released the devices; the lobby, which would take them again, may be skipped.
    if (wasOut) await this.media.start();
    const { roomId, preferences } = this.state;
    const url = new URL('/api/signal', location.href);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    url.hash = '';
    try {
      const room = await Room.join({
        url: url.href,
        room: roomId,
        name: preferences.name.trim(),
        presence: this.#presence(),
        relayOnly: preferences.relayOnly,
        tracks: this.media.tracks,
      });
      this.#entered(room);
    } catch (error) {
      this.set({ screen: 'lobby', endCode: error instanceof JoinError ? error.code : 'unknown' });
    }
  }

  leave(): void {
    this.#room?.leave();
  }

  backToLobby(): void {
    this.set({ screen: 'lobby', endCode: '' });
  }

  rename(name: string): void {
    this.prefer({ name });
    this.#room?.rename(name.trim());
  }

  async chooseDevice(device: Device, deviceId: string): Promise<void> {
    this.prefer(device === 'camera' ? { cameraId: deviceId } : { microphoneId: deviceId });
    await this.media.choose(device, deviceId);
  }

  /** Says it to everybody. False when it is empty or too long. */
  say(text: string): boolean {
    const trimmed = text.trim();
    if (!this.#room || trimmed === '' || bytesOf(trimmed) > MESSAGE_BYTES) return false;
    const delivery = this.#room.say(trimmed);
    this.#append({
      id: delivery.id,
      mine: true,
      name: '',
      text: trimmed,
      atMs: Date.now(),
      via: delivery.via,
      to: delivery.to.length,
      delivered: new Set(),
    });
    return true;
  }

  open(panel: Panel): void {
    const next = this.state.panel === panel ? 'none' : panel;
    this.set({ panel: next, ...(next === 'messages' && { unread: 0 }) });
  }

  openPath(memberId: string): void {
    const same = this.state.panel === 'path' && this.state.pathOf === memberId;
    this.set({ panel: same ? 'none' : 'path', pathOf: memberId });
  }

  show(dialog: DialogName): void {
    this.set({ dialog });
  }

  notice(key: MessageKey, parameters: Parameters = {}): void {
    const id = ++this.#notices;
    this.set({ notices: [...this.state.notices, { id, key, parameters }].slice(-4) });
    setTimeout(() => this.set({ notices: this.state.notices.filter((notice) => notice.id !== id) }), NOTICE_MS);
  }

  soundWasBlocked(): void {
    if (!this.state.soundBlocked) this.set({ soundBlocked: true });
  }

  timeline(memberId: string): { yours: Step[]; theirs: Step[] } {
    return this.#room?.timeline(memberId) ?? { yours: [], theirs: [] };
  }

  stats(memberId: string): LinkStats | undefined {
    return this.#room?.stats(memberId);
  }

  // --- the room says --------------------------------------------------------------------------------------------------

  #entered(room: Room): void {
    this.#room = room;
    this.media.connect({
      track: (slot, track) => void room.setTrack(slot, track),
      recovered: (device, label) => this.notice('device_recovered', { device: this.#deviceKey(device), label }),
      screenEnded: () => this.notice('screen_stopped'),
    });
    room.on('changed', () => this.#refreshSoon());
    room.on('track', () => this.#refreshSoon());
    room.on('phase', (phase) => this.#phaseChanged(phase));
    room.on('joined', (member) => this.#arrived(member));
    room.on('left', ({ member, reason }) => this.#departed(member, reason));
    room.on('text', (text) => this.#heard(text));
    room.on('delivered', ({ member, id }) => this.#delivered(member, id));
    room.on('ended', (reason) => this.#ended(reason));
    // Joining took a moment in which a device may have come or gone.
    for (const slot of ['microphone', 'camera'] as const) void room.setTrack(slot, this.media.tracks[slot] ?? null);
    // The lobby has said what is missing; in the call it would only be in the way.
    for (const device of ['microphone', 'camera'] as const) this.media.dismiss(device);
    this.set({ screen: 'call', phase: room.phase, panel: 'none' });
    this.#refresh();
  }

  #deviceKey(device: Device): string {
    return `@${device}`; // named in the person's language when it is shown
  }

  #arrived(member: Member): void {
    this.#refresh();
    this.notice('joined_notice', { name: nameOf(member) });
  }

  #departed(member: Member, reason: string): void {
    this.#refresh();
    const key = reason === 'lost_peer' ? 'lost_notice' : reason === 'removed' ? 'removed_notice' : 'left_notice';
    this.notice(key, { name: nameOf(member) });
    if (this.state.panel === 'path' && this.state.pathOf === member.id) this.set({ panel: 'none' });
  }

  #phaseChanged(phase: SignalingPhase): void {
    if (phase === 'open' && this.state.phase === 'reconnecting') this.notice('signaling_back');
    this.set({ phase });
  }

  #heard({ member, id, text, via }: Text): void {
    this.#append({
      id: `${member.id}/${id}`,
      mine: false,
      name: member.name,
      text,
      atMs: Date.now(),
      via,
      to: 0,
      delivered: new Set(),
    });
    if (this.state.panel !== 'messages') this.set({ unread: this.state.unread + 1 });
  }

  #delivered(member: Member, id: string): void {
    const chat = this.state.chat.map((entry) =>
      entry.id === id ? { ...entry, delivered: new Set([...entry.delivered, member.id]) } : entry,
    );
    this.set({ chat });
  }

  #append(entry: ChatEntry): void {
    this.set({ chat: [...this.state.chat, entry].slice(-CHAT_KEPT) });
  }

  #ended(reason: string): void {
    this.#room = null;
    this.media.connect(null);
    this.media.stop();
    this.set({
      screen: 'ended',
      endCode: reason === 'left' ? '' : reason,
      people: [],
      panel: 'none',
      dialog: 'none',
      soundBlocked: false,
    });
  }

  /** Changes come in bursts; one picture per frame is enough. A hidden tab has no frames, so a timer stands behind. */
  #refreshSoon(): void {
    if (this.#frame) return;
    this.#frame = true;
    setTimeout(() => this.#refresh(), 16);
  }

  #refresh(): void {
    this.#frame = false;
    const room = this.#room;
    if (!room) return;
    const people = [...room.members.values()].map(
      (member): Person => ({
        id: member.id,
        name: member.name,
        presence: member.presence,
        away: member.away,
        tracks: new Map(member.tracks),
        path: room.explain(member.id),
        speaking: (room.stats(member.id)?.audioLevel ?? 0) > SPEAKING_LEVEL && member.presence.mic !== false,
      }),
    );
    this.set({ people });
  }

  // --- this side ------------------------------------------------------------------------------------------------------

  #presence(): Presence {
    const { camera, microphone, screen } = this.media.state;
    return {
      mic: microphone.track !== null && microphone.wanted,
      camera: camera.track !== null,
      screen: screen !== null,
    };
  }

  #told = '';
  #tellPresence(): void {
    const presence = this.#presence();
    const text = JSON.stringify(presence);
    if (!this.#room || text === this.#told) return;
    this.#told = text;
    this.#room.setPresence(presence);
  }

  #showAddress(): void {
    // replaceState fires no hashchange and leaves no history entry behind.
    history.replaceState(null, '', `#${this.state.roomId}`);
  }

  #addressChanged(): void {
    const { id, wrong } = roomFromFragment(location.hash);
    if (id === this.state.roomId) return;
    this.#room?.leave();
    this.set({ roomId: id, roomLinkWrong: wrong, screen: 'lobby' });
    this.#showAddress();
  }
}

export function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** A nameless member is named in the reader's language when shown. */
export function nameOf({ name }: { name: string }): string {
  return name || '@nameless';
}
