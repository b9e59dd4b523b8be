// One other member as the views show it, and who is speaking.

import type { Explanation, Presence, Room, Slot } from '../../../sdk/src/index.ts';

export interface Person {
  id: string;
  name: string;
  presence: Presence;
  away: boolean;
  tracks: ReadonlyMap<Slot, MediaStreamTrack>;
  path: Explanation | null;
  speaking: boolean;
  loudness: number;
  isHost: boolean;
  /** Four numbers from 0 to 255, the same on both sides; null while they are not known. */
  code: readonly number[] | null;
}

const SPEAKING_LEVEL = 0.02;

export function peopleOf(room: Room): Person[] {
  return [...room.members.values()].map((member): Person => {
    const loudness = member.presence.mic === false ? 0 : (room.stats(member.id)?.audioLevel ?? 0);
    return {
      id: member.id,
      name: member.name,
      presence: member.presence,
      away: member.away,
      tracks: new Map(member.tracks),
      path: room.explain(member.id),
      speaking: loudness > SPEAKING_LEVEL,
      loudness,
      isHost: room.state.hosts.includes(member.id),
      code: room.verificationCode(member.id),
    };
  });
}

/** The loudest of those who speak; while nobody does, whoever spoke last and is still here. */
export function speakerAmong(people: readonly Pick<Person, 'id' | 'speaking' | 'loudness'>[], before: string): string {
  const loudest = people.filter(({ speaking }) => speaking).sort((a, b) => b.loudness - a.loudness)[0];
  const current = people.find(({ id }) => id === before);
  // Two who talk at once do not make the picture jump: who has it keeps it while speaking.
  if (current?.speaking) return before;
  return loudest?.id ?? current?.id ?? '';
}
