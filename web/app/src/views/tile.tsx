// One person, or one shared screen, in the grid.

import type { ComponentChildren, JSX } from 'preact';
import { initials } from '../model/format.ts';
import { useTranslate } from '../model/language.ts';
import type { Person, Session } from '../model/session.ts';
import { Icon } from './icons.tsx';
import { Sound, Video } from './media_elements.tsx';
import { PathBadge } from './path_badge.tsx';

/** A quiet colour per person, the same on every screen. */
export function toneOf(id: string): string {
  let sum = 0;
  for (const character of id) sum = (sum * 31 + character.charCodeAt(0)) % 6;
  return `tone-${sum}`;
}

interface FrameProps {
  name: string;
  id: string;
  classes?: string;
  children: ComponentChildren;
  marks?: ComponentChildren;
  corner?: ComponentChildren;
}

function Frame({ name, id, classes = '', children, marks, corner }: FrameProps): JSX.Element {
  return (
    <article class={`tile ${classes}`} data-member={id} aria-label={name}>
      {children}
      {corner && <div class="tile-corner">{corner}</div>}
      <div class="tile-plate">
        <span class="tile-name" dir="auto">
          {name}
        </span>
        {marks}
      </div>
    </article>
  );
}

function Avatar({ name, id }: { name: string; id: string }): JSX.Element {
  return (
    <div class="avatar-room">
      <span class={`avatar ${toneOf(id)}`} aria-hidden="true">
        {initials(name) || '·'}
      </span>
    </div>
  );
}

interface PersonProps {
  person: Person;
  session: Session;
  onStage: boolean;
}

export function PersonTile({ person, session, onStage }: PersonProps): JSX.Element {
  const say = useTranslate();
  const name = person.name || say('nameless');
  const camera = person.tracks.get('camera');
  const microphone = person.tracks.get('microphone');
  const screenSound = person.tracks.get('screen_audio');
  const shown = camera && person.presence.camera === true;
  const onBlocked = (): void => session.soundWasBlocked();
  const lost = person.path?.code === 'lost_peer' || person.path?.code === 'lost_network';
  return (
    <Frame
      name={name}
      id={person.id}
      classes={[person.speaking && 'speaking', lost && 'lost', onStage && 'on-stage'].filter(Boolean).join(' ')}
      marks={
        <>
          {person.presence.mic !== true && (
            <span class="tile-muted" role="img" aria-label={say('is_muted')} title={say('is_muted')}>
              <Icon name="mic_off" size={16} />
            </span>
          )}
          {person.isHost && <span class="tile-host">{say('is_host')}</span>}
          {(person.away || lost) && <span class="tile-away">{say('is_away')}</span>}
        </>
      }
      corner={
        person.path && <PathBadge path={person.path} name={person.name} onOpen={() => session.openPath(person.id)} />
      }
    >
      {shown ? <Video track={camera} label={name} /> : <Avatar name={person.name} id={person.id} />}
      {microphone && <Sound track={microphone} onBlocked={onBlocked} />}
      {screenSound && person.presence.screen && <Sound track={screenSound} onBlocked={onBlocked} />}
    </Frame>
  );
}

export function ScreenTile({ person, onStage }: { person: Person; onStage: boolean }): JSX.Element | null {
  const say = useTranslate();
  const track = person.tracks.get('screen');
  if (!track || !person.presence.screen) return null;
  const name = say('screen_of', { name: person.name || '@nameless' });
  return (
    <Frame name={name} id={`${person.id}/screen`} classes={onStage ? 'screen on-stage' : 'screen'}>
      <Video track={track} whole label={name} />
    </Frame>
  );
}

interface SelfProps {
  name: string;
  camera: MediaStreamTrack | null;
  muted: boolean;
  small: boolean;
}

export function SelfTile({ name, camera, muted, small }: SelfProps): JSX.Element {
  const say = useTranslate();
  return (
    <Frame
      name={say('you')}
      id="self"
      classes={small ? 'self small' : 'self'}
      marks={
        muted && (
          <span class="tile-muted" role="img" aria-label={say('is_muted')} title={say('is_muted')}>
            <Icon name="mic_off" size={16} />
          </span>
        )
      }
    >
      {camera ? <Video track={camera} mirrored label={say('you')} /> : <Avatar name={name} id="self" />}
    </Frame>
  );
}
