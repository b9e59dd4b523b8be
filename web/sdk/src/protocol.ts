// The signaling protocol, version 1: docs/protocol/signaling.md in types, one to one, and the one parser of what
// a server sends. Nothing here opens a connection.

export const PROTOCOL_VERSIONS: readonly number[] = [1];
export const ROOM_PATTERN = /^[a-z2-7]{26}$/;
export const NAME_CHARACTERS = 64;
export const MESSAGE_BYTES = 8192;
export const RELAY_ITEMS = 64;
/** The negotiated data channel that two Beeline clients share. */
export const CHAT_CHANNEL = { label: 'beeline.chat', id: 0 } as const;
/** Binary pieces of files, beside the chat so that neither waits for the other. */
export const FILE_CHANNEL = { label: 'beeline.files', id: 1 } as const;

export interface Presence {
  mic?: boolean;
  camera?: boolean;
  screen?: boolean;
  /** This member lets nobody see its addresses: it offers relayed candidates only. */
  relayOnly?: boolean;
}

export interface RosterEntry {
  id: string;
  name: string;
  presence: Presence;
  away: boolean;
}

export interface IceServers {
  servers: RTCIceServer[];
  renew_in_s: number;
}

// --- what two clients tell each other through `relay` ---------------------------------------------------------------

export type RelayItem =
  | { kind: 'description'; description: { type: RTCSdpType; sdp: string } }
  | { kind: 'candidate'; candidate: RTCIceCandidateInit | null }
  | { kind: 'reset' }
  | { kind: 'ask' }
  | { kind: 'go' };

// --- what a client sends --------------------------------------------------------------------------------------------

export type ClientMessage =
  | {
      type: 'hello';
      versions: readonly number[];
      room: string;
      name?: string;
      presence?: Presence;
      resume?: { token: string; last_event: number };
      host_key?: string;
      password_proof?: string;
    }
  | { type: 'relay'; to: string; items: RelayItem[]; seen?: number }
  | { type: 'presence'; presence: Presence }
  | { type: 'rename'; name: string }
  | { type: 'message'; text: string }
  | { type: 'renew' }
  | { type: 'ping'; seen?: number }
  | { type: 'leave' }
  | HostCommand;

/** What only a host may say; an `error` about it repeats the `id`. */
export type HostCommand = { id: string } & (
  | { type: 'lock'; locked: boolean }
  | { type: 'set_password'; proof: string | null }
  | { type: 'remove'; member: string }
  | { type: 'hand_over'; to: string }
);

// --- what a server sends --------------------------------------------------------------------------------------------

export type GoneReason = 'left' | 'lost_peer' | 'removed' | 'room_closed';
export type ByeReason = 'left' | 'replaced' | 'removed' | 'room_closed' | 'shutdown';

export interface RoomState {
  locked: boolean;
  password: boolean;
  /** Ids of the members who are host now. */
  hosts: string[];
}

export interface Welcome {
  type: 'welcome';
  version: number;
  you: string;
  room: string;
  resumed: boolean;
  /** The server was restarted and gave us our id back; calls go on. */
  restored: boolean;
  room_state: RoomState;
  members: RosterEntry[];
  ice: IceServers;
  resume: { token: string };
  grace_s: number;
  last_event: number;
}

export type RoomEvent =
  | { type: 'joined'; event: number; member: RosterEntry }
  | { type: 'away'; event: number; member: string }
  | { type: 'back'; event: number; member: string }
  | { type: 'gone'; event: number; member: string; reason: string }
  | { type: 'presence'; event: number; member: string; presence: Presence }
  | { type: 'renamed'; event: number; member: string; name: string }
  | { type: 'relay'; event: number; from: string; items: RelayItem[] }
  | { type: 'message'; event: number; from: string; text: string }
  | { type: 'ice'; event: number; ice: IceServers }
  | { type: 'room'; event: number; room_state: RoomState }
  | { type: 'host_key'; event: number; key: string };

/** `code` is one of the table in section 6, or one that a newer server added. */
export interface ServerError {
  type: 'error';
  code: string;
  message: string;
  fatal: boolean;
  /** The `id` of the message it is about, where that had one. */
  about?: string;
}

export type ServerMessage =
  | Welcome
  | RoomEvent
  | ServerError
  | { type: 'bye'; reason: string }
  | { type: 'pong' };

// --- parsing: a server is trusted to be a server, not to be free of bugs --------------------------------------------

type Json = Record<string, unknown>;

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function text(value: unknown, fallback = ''): string {
  return typeof value === 'string' ? value : fallback;
}

function count(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : 0;
}

export function parsePresence(value: unknown): Presence {
  const presence: Presence = {};
  if (!isObject(value)) return presence;
  for (const key of ['mic', 'camera', 'screen', 'relayOnly'] as const) {
    const flag = value[key];
    if (typeof flag === 'boolean') presence[key] = flag;
  }
  return presence;
}

function parseMember(value: unknown): RosterEntry | null {
  if (!isObject(value) || typeof value['id'] !== 'string') return null;
  return {
    id: value['id'],
    name: text(value['name']),
    presence: parsePresence(value['presence']),
    away: value['away'] === true,
  };
}

function parseIceServer(value: unknown): RTCIceServer | null {
  if (!isObject(value)) return null;
  const urls = (Array.isArray(value['urls']) ? value['urls'] : [value['urls']]).filter(
    (url): url is string => typeof url === 'string',
  );
  if (urls.length === 0) return null;
  const server: RTCIceServer = { urls };
  if (typeof value['username'] === 'string') server.username = value['username'];
  if (typeof value['credential'] === 'string') server.credential = value['credential'];
  return server;
}

function parseIce(value: unknown): IceServers {
  if (!isObject(value) || !Array.isArray(value['servers'])) return { servers: [], renew_in_s: 0 };
  const servers = value['servers'].map(parseIceServer).filter((server) => server !== null);
  return { servers, renew_in_s: count(value['renew_in_s']) };
}

function parseCandidate(value: unknown): RTCIceCandidateInit | null {
  if (!isObject(value)) return null;
  const candidate: RTCIceCandidateInit = { candidate: text(value['candidate']) };
  if (typeof value['sdpMid'] === 'string') candidate.sdpMid = value['sdpMid'];
  if (typeof value['sdpMLineIndex'] === 'number') candidate.sdpMLineIndex = value['sdpMLineIndex'];
  if (typeof value['usernameFragment'] === 'string') candidate.usernameFragment = value['usernameFragment'];
  return candidate;
}

/** Kinds we do not know become nothing, as section 9 asks. */
export function parseItem(value: unknown): RelayItem | null {
  if (!isObject(value)) return null;
  switch (value['kind']) {
    case 'description': {
      const description = value['description'];
      if (!isObject(description) || typeof description['sdp'] !== 'string') return null;
      const type = description['type'];
      if (type !== 'offer' && type !== 'answer' && type !== 'pranswer' && type !== 'rollback') return null;
      return { kind: 'description', description: { type, sdp: description['sdp'] } };
    }
    case 'candidate':
      return { kind: 'candidate', candidate: parseCandidate(value['candidate']) };
    case 'reset':
    case 'ask':
    case 'go':
      return { kind: value['kind'] };
    default:
      return null;
  }
}

function parseRoomState(value: unknown): RoomState {
  const state = isObject(value) ? value : {};
  const hosts = Array.isArray(state['hosts']) ? state['hosts'] : [];
  return {
    locked: state['locked'] === true,
    password: state['password'] === true,
    hosts: hosts.filter((id): id is string => typeof id === 'string'),
  };
}

function parseError(value: Json): ServerError {
  const about = isObject(value['about']) ? value['about']['id'] : undefined;
  return {
    type: 'error',
    code: text(value['code'], 'unknown'),
    message: text(value['message']),
    fatal: value['fatal'] === true,
    ...(typeof about === 'string' && { about }),
  };
}

function parseWelcome(value: Json): Welcome | null {
  if (typeof value['you'] !== 'string') return null;
  const members = Array.isArray(value['members']) ? value['members'] : [];
  const resume = isObject(value['resume']) ? value['resume'] : {};
  return {
    type: 'welcome',
    version: count(value['version']),
    you: value['you'],
    room: text(value['room']),
    resumed: value['resumed'] === true,
    restored: value['restored'] === true,
    room_state: parseRoomState(value['room_state']),
    members: members.map(parseMember).filter((member) => member !== null),
    ice: parseIce(value['ice']),
    resume: { token: text(resume['token']) },
    grace_s: count(value['grace_s']),
    last_event: count(value['last_event']),
  };
}

function parseEvent(type: string, value: Json): RoomEvent | null {
  const event = count(value['event']);
  const member = value['member'];
  const from = text(value['from']);
  switch (type) {
    case 'joined': {
      const entry = parseMember(member);
      return entry && { type, event, member: entry };
    }
    case 'relay': {
      const items = Array.isArray(value['items']) ? value['items'] : [];
      return { type, event, from, items: items.map(parseItem).filter((item) => item !== null) };
    }
    case 'message':
      return { type, event, from, text: text(value['text']) };
    case 'ice':
      return { type, event, ice: parseIce(value['ice']) };
    case 'room':
      return { type, event, room_state: parseRoomState(value['room_state']) };
    case 'host_key':
      return typeof value['key'] === 'string' ? { type, event, key: value['key'] } : null;
  }
  if (typeof member !== 'string') return null;
  switch (type) {
    case 'away':
    case 'back':
      return { type, event, member };
    case 'gone':
      return { type, event, member, reason: text(value['reason'], 'left') };
    case 'presence':
      return { type, event, member, presence: parsePresence(value['presence']) };
    case 'renamed':
      return { type, event, member, name: text(value['name']) };
    default:
      return null;
  }
}

/** One frame from the server, or null for what this version does not know (which is ignored, never an error). */
export function parseServerMessage(frame: string): ServerMessage | null {
  let value: unknown;
  try {
    value = JSON.parse(frame);
  } catch {
    return null;
  }
  if (!isObject(value) || typeof value['type'] !== 'string') return null;
  switch (value['type']) {
    case 'welcome':
      return parseWelcome(value);
    case 'error':
      return parseError(value);
    case 'bye':
      return { type: 'bye', reason: text(value['reason'], 'shutdown') };
    case 'pong':
      return { type: 'pong' };
    default:
      return parseEvent(value['type'], value);
  }
}
