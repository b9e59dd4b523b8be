// What a room shows and tells, in types.

import type { Remembered } from './chat_channel.ts';
import type { FileNews } from './file_channel.ts';
import type { Slot } from './media_slots.ts';
import type { Presence, RoomState, ServerError } from './protocol.ts';
import type { SignalingPhase } from './signaling.ts';

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
  typing: Member;
  /** What was said before we came, as `member` remembers it. */
  history: { member: Member; entries: Remembered[] };
  file: { member: Member; news: FileNews };
  /** Everything may be said to this member now. */
  channels: Member;
  /** Lock, password or hosts changed. */
  state: RoomState;
  /** We are host; keep this key instead of any older one. */
  hostKey: string;
  /** This device changed its network and looks for paths again; false when it is done. */
  moving: boolean;
  error: ServerError;
  /** The membership is over: a bye reason, a fatal error code or `server_unreachable`. */
  ended: string;
}

export interface JoinOptions {
  /** For example `wss://host/api/signal`. */
  url: string;
  /** 26 characters of a-z2-7; makeRoomId() makes one, or roomIdOf(makeHostKey()) one with a host. */
  room: string;
  name?: string;
  presence?: Presence;
  relayOnly?: boolean;
  tracks?: Partial<Record<Slot, MediaStreamTrack>>;
  /** Makes us host, where it is this room's. */
  hostKey?: string;
  /** From passwordProof(), where the room has a password. */
  passwordProof?: string;
  /** What to tell whoever comes later and asks; oldest first. Without it nothing is told. */
  remembered?: (askedBy: Member) => readonly Remembered[];
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
