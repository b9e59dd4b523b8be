// Where the address says one is: which kind of place, and which room. The fragment is all of it, because no proxy logs it:
// `#ROOM` is a meeting, `#live/ROOM` a live, `#messages/ROOM` a conversation.

import { makeHostKey, ROOM_PATTERN, roomIdOf } from '../../../sdk/src/index.ts';

export const KINDS = ['meeting', 'live', 'messages'] as const;
export type PlaceKind = (typeof KINDS)[number];

export interface Place {
  kind: PlaceKind;
  roomId: string;
}

export function fragmentOf({ kind, roomId }: Place): string {
  return kind === 'meeting' ? `#${roomId}` : `#${kind}/${roomId}`;
}

/** The place that a fragment names, or null where it names none. Case does not matter: people type these. */
export function placeOf(fragment: string): Place | null {
  const [first = '', second, ...rest] = fragment.replace(/^#/, '').trim().toLowerCase().split('/');
  const kind = second === undefined ? 'meeting' : KINDS.find((each) => each === first);
  const roomId = second ?? first;
  return kind && rest.length === 0 && ROOM_PATTERN.test(roomId) ? { kind, roomId } : null;
}

/** A room of one's own, and the key that makes one its host. */
export function newPlace(kind: PlaceKind): Place & { hostKey: string } {
  const hostKey = makeHostKey();
  return { kind, roomId: roomIdOf(hostKey), hostKey };
}
