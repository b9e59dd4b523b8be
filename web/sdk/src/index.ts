// The Beeline web SDK: everything a program may use, from one place.

export { explainPath, isTheirRelay, ridesOurRelay, STILL_LOOKING_MS } from './explain.ts';
export type { CandidateFacts, PathFacts, RelayTrouble, Verdict } from './explain.ts';
export type { LinkStats, PairFacts } from './link_stats.ts';
export type { Explanation } from './link_story.ts';
export { SLOTS, type Slot } from './media_slots.ts';
export type { PeerLink } from './peer_link.ts';
export { MESSAGE_BYTES, NAME_CHARACTERS, ROOM_PATTERN } from './protocol.ts';
export type { Presence, ServerError } from './protocol.ts';
export { REASON_CODES, type PathKind, type ReasonCode } from './reason.ts';
export { JoinError, makeRoomId, Room } from './room.ts';
export type { Delivery, JoinOptions, Member, RoomEvents, Text } from './room.ts';
export type { SignalingPhase } from './signaling.ts';
export { STEPS, type Step, type StepName } from './timeline.ts';
