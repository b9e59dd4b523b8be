// The people of a meeting. Two face each other, with oneself small in the corner; from three on everybody has a tile of
// the same size. A shared screen, or the speaker where that view was chosen, takes the stage and the others a strip.

import type { JSX } from 'preact';
import { useTranslate } from '../model/language.ts';
import type { Person, Session } from '../model/session.ts';
import { useStore } from '../model/store.ts';
import { Icon } from './icons.tsx';
import { PersonTile, ScreenTile, SelfTile } from './tile.tsx';

function Alone({ session }: { session: Session }): JSX.Element {
  const say = useTranslate();
  return (
    <div class="alone">
      <h2>{say('alone_title')}</h2>
      <p>{say('alone_hint')}</p>
      <button type="button" class="button primary" onClick={() => session.show('invite')}>
        <Icon name="invite" size={18} />
        {say('invite')}
      </button>
    </div>
  );
}

function Self({ session, small }: { session: Session; small: boolean }): JSX.Element {
  const { preferences } = useStore(session);
  const { camera, microphone } = useStore(session.media);
  const muted = !(microphone.track && microphone.wanted);
  return <SelfTile name={preferences.name} camera={camera.track} muted={muted} small={small} />;
}

/** Who or what takes the stage: a shared screen, or in speaker view whoever spoke last. Empty: all are alike. */
function onStage(people: readonly Person[], speaker: string, wantsSpeaker: boolean): string {
  const sharing = people.find(({ presence, tracks }) => presence.screen && tracks.has('screen'));
  if (sharing) return `${sharing.id}/screen`;
  if (!wantsSpeaker || people.length < 2) return '';
  return people.find(({ id }) => id === speaker)?.id ?? people[0]?.id ?? '';
}

/** One container for every arrangement: a tile that moved to another would have to start its picture anew. */
function Tiles({ session, people }: { session: Session; people: readonly Person[] }): JSX.Element {
  const { preferences, speaker } = useStore(session);
  const screens = people.filter(({ presence, tracks }) => presence.screen && tracks.has('screen'));
  const stage = onStage(people, speaker, preferences.layout === 'speaker');
  // Facing one person, oneself is a corner of the picture and no tile of the grid.
  const small = !stage && people.length === 1;
  const count = screens.length + people.length + (small ? 0 : 1);
  return (
    <div class={stage ? 'grid focused' : `grid grid-${Math.min(count, 9)}`} style={{ '--others': Math.max(1, count - 1) }}>
      {screens.map((person) => (
        <ScreenTile key={`${person.id}/screen`} person={person} onStage={stage === `${person.id}/screen`} />
      ))}
      {people.map((person) => (
        <PersonTile key={person.id} person={person} session={session} onStage={stage === person.id} />
      ))}
      <Self session={session} small={small} />
    </div>
  );
}

export function Stage({ session }: { session: Session }): JSX.Element {
  const say = useTranslate();
  const { people } = useStore(session);
  return (
    <main class="stage" aria-label={say('participants')} data-people={people.length}>
      {people.length === 0 ? (
        <div class="alone-stage">
          <Self session={session} small={false} />
          <Alone session={session} />
        </div>
      ) : (
        <Tiles session={session} people={people} />
      )}
    </main>
  );
}
