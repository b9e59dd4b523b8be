// The Beeline web SDK: everything a program may use, from one place.

export { endpointText, reachOf, type AddressReach } from './address.ts';
export { HISTORY_ENTRIES, type Remembered } from './chat_channel.ts';
export { explainPath, isTheirRelay, ridesOurRelay, STILL_LOOKING_MS } from './explain.ts';
export type { CandidateFacts, PathFacts, RelayTrouble, Verdict } from './explain.ts';
export { FILE_BYTES, FILE_NAME_CHARACTERS, type FileNews, type FileTrouble } from './file_channel.ts';
export { RoomError } from './host_commands.ts';
export { InsecurePageError, makeHostKey, makeId, makeRoomId, passwordProof, roomIdOf } from './identifiers.ts';
export type { LinkStats, PairFacts } from './link_stats.ts';
export type { Explanation } from './link_story.ts';
export { maskAddresses } from './masking.ts';
export { SLOTS, type Slot } from './media_slots.ts';
export { natOf, type NatView } from './nat_view.ts';
export { cellOf, pairMark, type MatrixCell, type PairReason } from './pair_matrix.ts';
export type { PeerLink } from './peer_link.ts';
export { MESSAGE_BYTES, NAME_CHARACTERS, ROOM_PATTERN } from './protocol.ts';
export type { Presence, RoomState, ServerError } from './protocol.ts';
export { REASON_CODES, type PathKind, type ReasonCode } from './reason.ts';
export { Room } from './room.ts';
export { JoinError } from './room_events.ts';
export type { Delivery, JoinOptions, Member, RoomEvents, Text } from './room_events.ts';
export type { SignalingPhase } from './signaling.ts';
export { STEPS, type Step, type StepName } from './timeline.ts';
export { WHAT_IFS, type WhatIf } from './what_if.ts';
