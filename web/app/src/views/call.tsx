// The call: people first, one row of controls, and a panel beside them when it is asked for.

import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { useTranslate } from '../model/language.ts';
import { roomName } from '../model/room_name.ts';
import type { Panel, Session } from '../model/session.ts';
import { useStore } from '../model/store.ts';
import { Brand, Icon, type IconName } from './icons.tsx';
import { DeviceButton, Troubles } from './lobby.tsx';
import { playSound } from './media_elements.tsx';
import { MessagesPanel } from './messages.tsx';
import { Mark, sentenceOf } from './path_badge.tsx';
import { PathPanel } from './path_panel.tsx';
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

function Stage({ session }: { session: Session }): JSX.Element {
  const say = useTranslate();
  const { people, preferences } = useStore(session);
  const { camera, microphone } = useStore(session.media);
  const screens = people.filter(({ presence, tracks }) => presence.screen && tracks.has('screen'));
  const alone = people.length === 0;
  const tiles = people.length + screens.length;
  const self = (
    <SelfTile
      name={preferences.name}
      camera={camera.track}
      muted={!(microphone.track && microphone.wanted)}
      small={!alone}
    />
  );
  return (
    <main class="stage" aria-label={say('participants')}>
      {alone ? (
        <div class="alone-stage">
          {self}
          <Alone session={session} />
        </div>
      ) : (
        <>
          <div class={`grid grid-${Math.min(tiles, 9)}`}>
            {screens.map((person) => (
              <ScreenTile key={`${person.id}/screen`} person={person} />
            ))}
            {people.map((person) => (
              <PersonTile key={person.id} person={person} session={session} />
            ))}
          </div>
          {self}
        </>
      )}
    </main>
  );
}

interface ControlProps {
  icon: IconName;
  label: string;
  onPress: () => void;
  pressed?: boolean;
  count?: number;
  classes?: string;
  name: string;
}

function Control({ icon, label, onPress, pressed, count = 0, classes = '', name }: ControlProps): JSX.Element {
  return (
    <button
      type="button"
      class={`round ${classes} ${pressed ? 'pressed' : ''}`}
      data-control={name}
      aria-label={label}
      title={label}
      {...(pressed !== undefined && { 'aria-pressed': pressed })}
      onClick={onPress}
    >
      <Icon name={icon} />
      {count > 0 && <span class="count">{count > 99 ? '99+' : count}</span>}
    </button>
  );
}

function Controls({ session }: { session: Session }): JSX.Element {
  const say = useTranslate();
  const { panel, unread } = useStore(session);
  const { screen } = useStore(session.media);
  const share = (): void => (screen ? session.media.stopScreen() : void session.media.shareScreen());
  const canShare = !!navigator.mediaDevices && 'getDisplayMedia' in navigator.mediaDevices;
  const messages = unread > 0 ? say('messages_unread', { count: unread }) : say('messages');
  return (
    <nav class="controls" aria-label={say('controls')}>
      <div class="control-group">
        <DeviceButton session={session} device="microphone" />
        <DeviceButton session={session} device="camera" />
        {canShare && (
          <Control
            name="screen"
            icon={screen ? 'screen_off' : 'screen'}
            label={say(screen ? 'stop_sharing' : 'share_screen')}
            pressed={screen !== null}
            onPress={share}
          />
        )}
      </div>
      <div class="control-group">
        <Control name="messages" icon="messages" label={messages} pressed={panel === 'messages'} count={unread} onPress={() => session.open('messages')} />
        <Control name="people" icon="people" label={say('people')} pressed={panel === 'people'} onPress={() => session.open('people')} />
        <Control name="settings" icon="settings" label={say('settings')} onPress={() => session.show('settings')} />
      </div>
      <Control name="leave" icon="leave" label={say('leave')} classes="danger" onPress={() => session.leave()} />
    </nav>
  );
}

function PeoplePanel({ session }: { session: Session }): JSX.Element {
  const say = useTranslate();
  const { people, preferences } = useStore(session);
  return (
    <div class="people">
      <ul>
        <li class="person">
          <span class="person-name" dir="auto">
            {preferences.name || say('nameless')} <span class="hint">({say('you')})</span>
          </span>
        </li>
        {people.map((person) => (
          <li key={person.id} class="person">
            <button type="button" class="person-button" onClick={() => session.openPath(person.id)}>
              <span class="person-name" dir="auto">
                {person.name || say('nameless')}
              </span>
              {person.path && (
                <span class="person-path">
                  <Mark path={person.path.path} /> {sentenceOf(say, person.path, person.name)}
                </span>
              )}
            </button>
            {person.presence.mic !== true && <Icon name="mic_off" size={18} />}
          </li>
        ))}
      </ul>
      <button type="button" class="button" onClick={() => session.show('invite')}>
        <Icon name="invite" size={18} />
        {say('invite')}
      </button>
    </div>
  );
}

function SidePanel({ session, panel }: { session: Session; panel: Exclude<Panel, 'none'> }): JSX.Element {
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
      {panel === 'messages' && <MessagesPanel session={session} />}
      {panel === 'people' && <PeoplePanel session={session} />}
      {panel === 'path' && <PathPanel session={session} />}
    </aside>
  );
}

function Banners({ session }: { session: Session }): JSX.Element {
  const say = useTranslate();
  const { phase, soundBlocked } = useStore(session);
  const { screenTrouble } = useStore(session.media);
  const unblock = (): void => {
    session.set({ soundBlocked: false });
    playSound();
  };
  return (
    <div class="banners">
      {phase === 'reconnecting' && (
        <p class="banner" role="status" data-banner="reconnecting">
          <Mark path="looking" /> {say('signaling_lost')}
        </p>
      )}
      {soundBlocked && (
        <p class="banner">
          {say('sound_blocked')}
          <button type="button" class="button primary" onClick={unblock}>
            {say('sound_on')}
          </button>
        </p>
      )}
      {screenTrouble && <p class="banner">{say(screenTrouble.key, { reason: screenTrouble.reason })}</p>}
      <Troubles media={session.media} />
    </div>
  );
}

/** One letter each, only while nobody is typing. */
function useShortcuts(session: Session): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const target = event.target instanceof Element ? event.target : null;
      if (event.key === 'Escape' && session.state.panel !== 'none' && session.state.dialog === 'none') {
        return session.set({ panel: 'none' });
      }
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (target?.closest('input, textarea, select, dialog')) return;
      const actions: Record<string, () => void> = {
        m: () => void session.media.toggle('microphone'),
        v: () => void session.media.toggle('camera'),
        c: () => session.open('messages'),
        p: () => session.open('people'),
      };
      const action = Object.hasOwn(actions, event.key.toLowerCase()) ? actions[event.key.toLowerCase()] : undefined;
      if (!action) return;
      event.preventDefault();
      action();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [session]);
}

export function Call({ session }: { session: Session }): JSX.Element {
  const say = useTranslate();
  const { panel, roomId } = useStore(session);
  useShortcuts(session);
  return (
    <div class={`call ${panel === 'none' ? '' : 'with-panel'}`}>
      <header class="call-head">
        <Brand />
        <h1 class="call-room">{roomName(roomId)}</h1>
        <button type="button" class="button quiet" data-action="invite" onClick={() => session.show('invite')}>
          <Icon name="invite" size={18} />
          {say('invite')}
        </button>
      </header>
      <Banners session={session} />
      <Stage session={session} />
      {panel !== 'none' && <SidePanel session={session} panel={panel} />}
      <Controls session={session} />
    </div>
  );
}
