// What opens beside a call: messages, people with what a host may do to them, the path to one of them.

import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useTranslate } from '../model/language.ts';
import type { Panel, Person, Session } from '../model/session.ts';
import { useStore } from '../model/store.ts';
import { Icon } from './icons.tsx';
import { MessagesPanel } from './messages.tsx';
import { Mark, sentenceOf } from './path_badge.tsx';
import { PathPanel } from './path_panel.tsx';

/** Opens the room's settings; only a host has it. */
export function HostButton({ session }: { session: Session }): JSX.Element | null {
  const say = useTranslate();
  const { isHost, roomState } = useStore(session);
  if (!isHost) return null;
  const closed = roomState.locked || roomState.password;
  return (
    <button
      type="button"
      class={`round plain ${closed ? 'pressed' : ''}`}
      aria-label={say('host_controls')}
      title={say('host_controls')}
      data-control="host"
      onClick={() => session.show('host')}
    >
      <Icon name={closed ? 'lock' : 'unlock'} />
    </button>
  );
}

/** Asks once more in its own place before it does what cannot be undone. */
function SureButton({ label, name, onSure }: { label: string; name: string; onSure: () => void }): JSX.Element {
  const say = useTranslate();
  const [asking, setAsking] = useState(false);
  return (
    <button
      type="button"
      class={`button ${asking ? 'primary' : ''}`}
      data-action={name}
      aria-label={asking ? `${label} ${say('host_sure')}` : label}
      onClick={() => (asking ? onSure() : setAsking(true))}
      onBlur={() => setAsking(false)}
    >
      {asking ? say('host_sure') : say(name === 'remove' ? 'host_remove' : 'host_hand_over')}
    </button>
  );
}

function PersonRow({ session, person }: { session: Session; person: Person }): JSX.Element {
  const say = useTranslate();
  const { isHost } = useStore(session);
  const name = person.name || say('nameless');
  return (
    <li class="person">
      <button type="button" class="person-button" onClick={() => session.openPath(person.id)}>
        <span class="person-name" dir="auto">
          {name}
          {person.isHost && <span class="hint"> ({say('is_host')})</span>}
        </span>
        {person.path && (
          <span class="person-path">
            <Mark path={person.path.path} /> {sentenceOf(say, person.path, person.name)}
          </span>
        )}
      </button>
      {person.presence.mic !== true && <Icon name="mic_off" size={18} />}
      {isHost && (
        <div class="person-actions">
          <SureButton name="hand-over" label={say('host_hand_over_named', { name })} onSure={() => void session.handOver(person.id)} />
          <SureButton name="remove" label={say('host_remove_named', { name })} onSure={() => void session.remove(person.id)} />
        </div>
      )}
    </li>
  );
}

function PeoplePanel({ session }: { session: Session }): JSX.Element {
  const say = useTranslate();
  const { people, preferences, isHost } = useStore(session);
  return (
    <div class="people">
      <ul>
        <li class="person">
          <span class="person-name" dir="auto">
            {preferences.name || say('nameless')}{' '}
            <span class="hint">
              ({say('you')}
              {isHost && `, ${say('is_host')}`})
            </span>
          </span>
        </li>
        {people.map((person) => (
          <PersonRow key={person.id} session={session} person={person} />
        ))}
      </ul>
      <button type="button" class="button" onClick={() => session.show('invite')}>
        <Icon name="invite" size={18} />
        {say('invite')}
      </button>
    </div>
  );
}

export function SidePanel({ session, panel }: { session: Session; panel: Exclude<Panel, 'none'> }): JSX.Element {
  const say = useTranslate();
  const { people, pathOf } = useStore(session);
  const name = people.find(({ id }) => id === pathOf)?.name || '@nameless';
  const title = panel === 'path' ? say('path', { name }) : say(panel);
  return (
    <aside class="panel" data-panel={panel} aria-label={title}>
      <header class="panel-head">
        <h2 dir="auto">{title}</h2>
        <button type="button" class="round plain" aria-label={say('close')} title={say('close')} onClick={() => session.open(panel)}>
          <Icon name="close" />
        </button>
      </header>
      {panel === 'messages' && <MessagesPanel session={session} empty={say('no_messages')} />}
      {panel === 'people' && <PeoplePanel session={session} />}
      {panel === 'path' && <PathPanel session={session} />}
    </aside>
  );
}
