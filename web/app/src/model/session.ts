// The app's state and everything a person can do, between the SDK's room and the views. Views read `state` and call
// methods; they never touch the room or the devices. What is said is in conversation.ts.

import {
  InsecurePageError,
  JoinError,
  passwordProof,
  Room,
  RoomError,
  type Member,
  type Presence,
  type RoomState,
  type SignalingPhase,
} from '../../../sdk/src/index.ts';
import type { MessageKey } from '../i18n/en.ts';
import type { Parameters } from '../i18n/translate.ts';
import type { ChatEntry } from './chat_entry.ts';
import { Conversation } from './conversation.ts';
import { forgetHostKey, hostKeyOf, keepHostKey } from './host_keys.ts';
import { LocalMedia, type Device } from './local_media.ts';
import { peopleOf, speakerAmong, type Person } from './person.ts';
import { fragmentOf, newPlace, placeOf, type Place, type PlaceKind } from './place.ts';
import { loadPreferences, savePreferences, type Preferences } from './preferences.ts';
import { Store } from './store.ts';

export type Panel = 'none' | 'messages' | 'people' | 'path';
export type DialogName = 'none' | 'invite' | 'settings' | 'host';
export type { Person } from './person.ts';

export interface Notice {
  id: number;
  key: MessageKey;
  parameters: Parameters;
}

export interface SessionState {
  screen: 'lobby' | 'joining' | 'call' | 'ended';
  place: Place;
  /** Who only watches needs no camera, no name and no lobby; neither does who comes back to a conversation. */
  entry: 'lobby' | 'at_once';
  roomLinkWrong: boolean;
  preferences: Preferences;
  phase: SignalingPhase;
  people: readonly Person[];
  /** Whose voice was heard last; a member id, or empty. */
  speaker: string;
  roomState: RoomState;
  isHost: boolean;
  panel: Panel;
  dialog: DialogName;
  pathOf: string;
  notices: readonly Notice[];
  soundBlocked: boolean;
  /** This device changed its network, and the paths are looked for again. */
  moving: boolean;
  /** Why joining failed or the call ended, as the server's code; empty when the person left. */
  endCode: string;
}

const NOTICE_MS = 5_000;
const NOBODY: RoomState = { locked: false, password: false, hosts: [] };

export class Session extends Store<SessionState> {
  readonly media: LocalMedia;
  readonly conversation: Conversation;
  #room: Room | null = null;
  #notices = 0;
  #frame = false;
  /** Of the room that the lobby made, until it is entered. */
  #freshKey: string | null = null;

  constructor() {
    const preferences = loadPreferences();
    const named = placeOf(location.hash);
    const { hostKey, ...fresh } = newPlace('meeting');
    super({
      screen: 'lobby',
      place: named ?? fresh,
      entry: named ? entryOf(named, preferences) : 'lobby',
      roomLinkWrong: !named && location.hash.length > 1,
      preferences,
      phase: 'connecting',
      people: [],
      speaker: '',
      roomState: NOBODY,
      isHost: false,
      panel: 'none',
      dialog: 'none',
      pathOf: '',
      notices: [],
      soundBlocked: false,
      moving: false,
      endCode: '',
    });
    if (!named) this.#freshKey = hostKey;
    this.media = new LocalMedia(preferences.cameraId, preferences.microphoneId);
    this.media.watch(() => this.#tellPresence());
    this.conversation = new Conversation({ watched: () => this.#watchesConversation(), heard: (entry) => this.#tellHidden(entry) });
    this.#showAddress();
    addEventListener('hashchange', () => this.#addressChanged());
    addEventListener('pageshow', (event) => {
      // Back from the browser's page cache: the room was left on the way out.
      if (event.persisted && this.state.screen === 'ended') void this.join();
    });
    document.addEventListener('visibilitychange', () => {
      if (this.#watchesConversation()) this.conversation.read();
    });
  }

  get room(): Room | null {
    return this.#room;
  }

  get link(): string {
    return `${location.origin}${location.pathname}${fragmentOf(this.state.place)}`;
  }

  /** Whether this browser holds the room's key; before entering only it can know. */
  get holdsKey(): boolean {
    return this.#freshKey !== null || hostKeyOf(this.state.place.roomId) !== null;
  }

  /** Whether the lobby made this room just now, and nobody can be in it yet. */
  get isNew(): boolean {
    return this.#freshKey !== null;
  }

  prefer(change: Partial<Preferences>): void {
    const preferences = { ...this.state.preferences, ...change };
    savePreferences(preferences);
    this.set({ preferences });
    if (change.relayOnly !== undefined) this.#room?.setRelayOnly(change.relayOnly);
  }

  newRoom(kind: PlaceKind): void {
    const { hostKey, ...place } = newPlace(kind);
    this.#freshKey = hostKey;
    this.set({ place, entry: 'lobby', roomLinkWrong: false, endCode: '' });
    this.#showAddress();
  }

  /** Goes to another room of this browser, for example another conversation. */
  goTo(place: Place): void {
    location.hash = fragmentOf(place);
  }

  startConversation(): void {
    this.toConversations();
    void this.join();
  }

  /** Out of the open conversation, to the list of all. */
  toConversations(): void {
    this.#room?.leave();
    this.newRoom('messages');
    this.set({ screen: 'lobby' });
  }

  /** Enters; `password` where the room asked for one. */
  async join(password = ''): Promise<void> {
    if (this.state.screen === 'joining' || this.#room) return;
    const wasOut = this.state.screen === 'ended';
    const { place, preferences } = this.state;
    // The question for a password stays on the screen while an answer is tried.
    this.set({ screen: 'joining', endCode: password ? this.state.endCode : '', phase: 'connecting', roomLinkWrong: false });
    await this.conversation.open(place.roomId, place.kind === 'messages');
    // Leaving released the devices; the lobby, which would take them again, may be skipped.
    if (wasOut && this.#showsMedia()) await this.media.start();
    const url = new URL('/api/signal', location.href);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    url.hash = '';
    const hostKey = this.#freshKey ?? hostKeyOf(place.roomId);
    try {
      const room = await Room.join({
        url: url.href,
        room: place.roomId,
        name: preferences.name.trim(),
        presence: this.#presence(),
        relayOnly: preferences.relayOnly,
        tracks: this.media.tracks,
        ...(hostKey && { hostKey }),
        ...(password && { passwordProof: await passwordProof(place.roomId, password) }),
        remembered: (askedBy) => this.conversation.remembered(askedBy, this.state.preferences.name),
      });
      this.#entered(room, hostKey);
    } catch (error) {
      this.set({ screen: 'lobby', endCode: codeOf(error) });
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

  // --- what a host does -------------------------------------------------------------------------------------------------

  lock(locked: boolean): Promise<boolean> {
    return this.#ask((room) => room.lock(locked));
  }

  setPassword(password: string | null): Promise<boolean> {
    return this.#ask((room) => room.setPassword(password));
  }

  remove(memberId: string): Promise<boolean> {
    return this.#ask((room) => room.remove(memberId));
  }

  async handOver(memberId: string): Promise<boolean> {
    const done = await this.#ask((room) => room.handOver(memberId));
    if (done) forgetHostKey(this.state.place.roomId);
    return done;
  }

  /** False when the server refused; a notice has said why. */
  async #ask(command: (room: Room) => Promise<void>): Promise<boolean> {
    if (!this.#room) return false;
    try {
      await command(this.#room);
      return true;
    } catch (error) {
      const code = codeOf(error);
      if (code === 'insecure_page') this.notice('error_insecure_page');
      else this.notice(code === 'interrupted' ? 'host_unreachable' : 'host_refused', { code });
      return false;
    }
  }

  // --- what is shown ----------------------------------------------------------------------------------------------------

  open(panel: Panel): void {
    const next = this.state.panel === panel ? 'none' : panel;
    this.set({ panel: next });
    if (next === 'messages') this.conversation.read();
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

  // --- the room says ----------------------------------------------------------------------------------------------------

  #entered(room: Room, hostKey: string | null): void {
    const { roomId } = this.state.place;
    this.#room = room;
    this.#freshKey = null;
    // A key that made us no host was handed over, here or elsewhere.
    if (hostKey && room.isHost) keepHostKey(roomId, hostKey);
    else if (hostKey) forgetHostKey(roomId);
    this.conversation.connect(room);
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
    room.on('state', (state) => this.#stateChanged(state));
    room.on('hostKey', (key) => {
      keepHostKey(roomId, key);
      this.notice('host_now');
    });
    room.on('moving', (moving) => this.set({ moving }));
    room.on('ended', (reason) => this.#ended(reason));
    // Joining took a moment in which a device may have come or gone.
    for (const slot of ['microphone', 'camera'] as const) void room.setTrack(slot, this.media.tracks[slot] ?? null);
    // The lobby has said what is missing; in the call it would only be in the way.
    for (const device of ['microphone', 'camera'] as const) this.media.dismiss(device);
    this.set({ screen: 'call', endCode: '', phase: room.phase, panel: 'none', roomState: room.state, isHost: room.isHost });
    this.#refresh();
  }

  #deviceKey(device: Device): string {
    return `@${device}`; // named in the person's language when it is shown
  }

  #arrived(member: Member): void {
    this.#refresh();
    if (this.state.place.kind === 'meeting') this.notice('joined_notice', { name: nameOf(member) });
  }

  #departed(member: Member, reason: string): void {
    this.#refresh();
    const key = reason === 'lost_peer' ? 'lost_notice' : reason === 'removed' ? 'removed_notice' : 'left_notice';
    if (this.state.place.kind === 'meeting' || reason === 'removed') this.notice(key, { name: nameOf(member) });
    if (this.state.panel === 'path' && this.state.pathOf === member.id) this.set({ panel: 'none' });
  }

  #phaseChanged(phase: SignalingPhase): void {
    if (phase === 'open' && this.state.phase === 'reconnecting') this.notice('signaling_back');
    this.set({ phase });
  }

  #stateChanged(roomState: RoomState): void {
    if (roomState.locked !== this.state.roomState.locked) this.notice(roomState.locked ? 'locked_notice' : 'unlocked_notice');
    this.set({ roomState, isHost: this.#room?.isHost ?? false });
    this.#refresh();
  }

  #ended(reason: string): void {
    this.#room = null;
    this.media.connect(null);
    this.media.stop();
    this.set({
      screen: 'ended',
      endCode: reason === 'left' ? '' : reason,
      people: [],
      roomState: NOBODY,
      isHost: false,
      panel: 'none',
      dialog: 'none',
      soundBlocked: false,
      moving: false,
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
    if (!this.#room) return;
    const people = peopleOf(this.#room);
    this.set({ people, speaker: speakerAmong(people, this.state.speaker) });
  }

  // --- this side --------------------------------------------------------------------------------------------------------

  #showsMedia(): boolean {
    return this.state.place.kind === 'meeting' || (this.state.place.kind === 'live' && this.holdsKey);
  }

  #watchesConversation(): boolean {
    if (document.hidden || this.state.screen !== 'call') return false;
    return this.state.place.kind !== 'meeting' || this.state.panel === 'messages';
  }

  /** Somebody wrote while the page is not looked at: the browser says so, where the person allowed it. */
  #tellHidden({ name, text, file }: ChatEntry): void {
    const allowed = typeof Notification === 'function' && Notification.permission === 'granted';
    if (!document.hidden || !allowed || this.state.place.kind !== 'messages') return;
    const notification = new Notification(name || 'Beeline', { body: text || file?.name || '', tag: this.state.place.roomId });
    notification.onclick = () => {
      window.focus();
      notification.close();
    };
  }

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
    history.replaceState(null, '', fragmentOf(this.state.place));
  }

  #addressChanged(): void {
    const named = placeOf(location.hash);
    const { place } = this.state;
    if (named && fragmentOf(named) === fragmentOf(place)) return;
    this.#room?.leave();
    this.#freshKey = null;
    if (named) {
      const entry = entryOf(named, this.state.preferences);
      this.set({ place: named, entry, roomLinkWrong: false, screen: 'lobby', endCode: '' });
    } else {
      this.newRoom('meeting');
      this.set({ roomLinkWrong: true, screen: 'lobby' });
    }
    this.#showAddress();
  }
}

function entryOf({ kind, roomId }: Place, { name }: Preferences): SessionState['entry'] {
  if (kind === 'live') return hostKeyOf(roomId) === null ? 'at_once' : 'lobby';
  return kind === 'messages' && name !== '' ? 'at_once' : 'lobby';
}

function codeOf(error: unknown): string {
  if (error instanceof JoinError || error instanceof RoomError) return error.code;
  return error instanceof InsecurePageError ? 'insecure_page' : 'unknown';
}

/** A nameless member is named in the reader's language when shown. */
export function nameOf({ name }: { name: string }): string {
  return name || '@nameless';
}
