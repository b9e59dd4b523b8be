// A live: one sends, the others watch and write. The stage comes first; a watcher sees it before any question is asked.

import type { JSX } from 'preact';
import { useTranslate } from '../model/language.ts';
import { roomName } from '../model/room_name.ts';
import type { Person, Session } from '../model/session.ts';
import { useStore } from '../model/store.ts';
import { Banners } from './banners.tsx';
import { Control, SendingControls } from './controls.tsx';
import { Brand, Icon } from './icons.tsx';
import { Sound, Video } from './media_elements.tsx';
import { MessagesPanel } from './messages.tsx';
import { PathBadge } from './path_badge.tsx';
import { HostButton, SidePanel } from './side_panel.tsx';

interface Pictures {
  camera: MediaStreamTrack | null;
  screen: MediaStreamTrack | null;
  label: string;
  mirrored: boolean;
}

/** The screen takes the stage where there is one, and the camera a corner of it. */
function LivePictures({ camera, screen, label, mirrored }: Pictures): JSX.Element {
  const say = useTranslate();
  const main = screen ?? camera;
  if (!main) return <p class="live-text">{say('live_paused')}</p>;
  return (
    <>
      <Video track={main} whole mirrored={mirrored && !screen} label={label} />
      {screen && camera && (
        <div class="live-corner">
          <Video track={camera} mirrored={mirrored} label={label} />
        </div>
      )}
    </>
  );
}

function SenderStage({ session }: { session: Session }): JSX.Element {
  const say = useTranslate();
  const { camera, screen } = useStore(session.media);
  return <LivePictures camera={camera.track} screen={screen} label={say('you')} mirrored />;
}

function WatcherStage({ session, sender }: { session: Session; sender: Person | undefined }): JSX.Element {
  const say = useTranslate();
  if (!sender) {
    return (
      <div class="live-text">
        <h2>{say('live_waiting_title')}</h2>
        <p>{say('live_waiting_hint')}</p>
      </div>
    );
  }
  const { tracks, presence, name } = sender;
  const onBlocked = (): void => session.soundWasBlocked();
  const microphone = tracks.get('microphone');
  const screenSound = tracks.get('screen_audio');
  const camera = (presence.camera && tracks.get('camera')) || null;
  const screen = (presence.screen && tracks.get('screen')) || null;
  if (sender.path?.path === 'looking' && !sender.path.local) return <p class="live-text">{say('live_connecting')}</p>;
  return (
    <>
      <LivePictures camera={camera} screen={screen} label={name || say('nameless')} mirrored={false} />
      {microphone && <Sound track={microphone} onBlocked={onBlocked} />}
      {screenSound && presence.screen && <Sound track={screenSound} onBlocked={onBlocked} />}
    </>
  );
}

function LiveHead({ session, sender }: { session: Session; sender: Person | undefined }): JSX.Element {
  const say = useTranslate();
  const { place, people, isHost } = useStore(session);
  const watchers = isHost ? people.length : people.length + (sender ? 0 : 1);
  return (
    <header class="call-head">
      <Brand />
      <h1 class="call-room" dir="auto">
        {sender?.name || roomName(place.roomId)}
      </h1>
      <span class="viewers" role="status" data-viewers={watchers}>
        {(isHost || sender) && <span class="chip live-chip">{say('live_now')}</span>}
        <Icon name="eye" size={18} />
        {say('viewers', { count: watchers })}
      </span>
      <HostButton session={session} />
      <button type="button" class="button quiet" data-action="invite" onClick={() => session.show('invite')}>
        <Icon name="invite" size={18} />
        {say('share_link')}
      </button>
    </header>
  );
}

export function Live({ session }: { session: Session }): JSX.Element {
  const say = useTranslate();
  const { people, isHost, panel, roomState } = useStore(session);
  const sender = people.find(({ id }) => roomState.hosts.includes(id));
  const waiting = isHost && people.length === 0;
  return (
    <div class="live">
      <LiveHead session={session} sender={sender} />
      <Banners session={session} />
      <main class="live-stage" data-live={isHost ? 'sending' : sender ? 'watching' : 'waiting'}>
        {isHost ? <SenderStage session={session} /> : <WatcherStage session={session} sender={sender} />}
        {sender?.path && (
          <div class="tile-corner">
            <PathBadge path={sender.path} name={sender.name} onOpen={() => session.openPath(sender.id)} />
          </div>
        )}
        {waiting && <p class="live-hint">{say('live_alone')}</p>}
      </main>
      {panel === 'path' || panel === 'people' ? (
        <SidePanel session={session} panel={panel} />
      ) : (
        <aside class="panel live-chat" data-panel="messages" aria-label={say('messages')}>
          <MessagesPanel session={session} empty={say('no_messages')} />
        </aside>
      )}
      <nav class="controls" aria-label={say('controls')}>
        {isHost && <SendingControls session={session} />}
        {isHost && <Control name="people" icon="people" label={say('people')} pressed={panel === 'people'} onPress={() => session.open('people')} />}
        <Control name="settings" icon="settings" label={say('settings')} onPress={() => session.show('settings')} />
        <Control name="leave" icon="leave" label={say(isHost ? 'live_end' : 'live_leave')} classes="danger" onPress={() => session.leave()} />
      </nav>
    </div>
  );
}
