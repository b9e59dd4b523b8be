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

interface StageProps {
  session: Session;
  people: readonly Person[];
  self: JSX.Element;
}

function Focused({ session, people, self, on }: StageProps & { on: Person | null }): JSX.Element {
  const screens = people.filter(({ presence, tracks }) => presence.screen && tracks.has('screen'));
  return (
    <div class="focused">
      <div class={`grid grid-${Math.max(1, screens.length)}`}>
        {screens.map((person) => (
          <ScreenTile key={`${person.id}/screen`} person={person} />
        ))}
        {on && <PersonTile key={on.id} person={on} session={session} />}
      </div>
      <div class="strip">
        {people
          .filter((person) => person !== on)
          .map((person) => (
            <PersonTile key={person.id} person={person} session={session} />
          ))}
        {self}
      </div>
    </div>
  );
}

function Arranged({ session, people, self }: StageProps): JSX.Element {
  const { preferences, speaker } = useStore(session);
  const screenShared = people.some(({ presence, tracks }) => presence.screen && tracks.has('screen'));
  if (screenShared) return <Focused session={session} people={people} self={self} on={null} />;
  if (preferences.layout === 'speaker' && people.length > 1) {
    const on = people.find(({ id }) => id === speaker) ?? people[0] ?? null;
    return <Focused session={session} people={people} self={self} on={on} />;
  }
  const tiles = people.map((person) => <PersonTile key={person.id} person={person} session={session} />);
  if (people.length === 1) {
    return (
      <>
        <div class="grid grid-1">{tiles}</div>
        {self}
      </>
    );
  }
  return (
    <div class={`grid grid-${Math.min(people.length + 1, 9)}`}>
      {tiles}
      {self}
    </div>
  );
}

export function Stage({ session }: { session: Session }): JSX.Element {
  const say = useTranslate();
  const { people, preferences } = useStore(session);
  const { camera, microphone } = useStore(session.media);
  const alone = people.length === 0;
  const self = (
    <SelfTile
      name={preferences.name}
      camera={camera.track}
      muted={!(microphone.track && microphone.wanted)}
      small={people.length === 1}
    />
  );
  return (
    <main class="stage" aria-label={say('participants')} data-people={people.length}>
      {alone ? (
        <div class="alone-stage">
          {self}
          <Alone session={session} />
        </div>
      ) : (
        <Arranged session={session} people={people} self={self} />
      )}
    </main>
  );
}
