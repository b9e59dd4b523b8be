// Before one enters: what kind of place it is, how one looks and sounds, under which name. Nothing here must work to join.

import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { NAME_CHARACTERS } from '../../../sdk/src/index.ts';
import type { MessageKey } from '../i18n/en.ts';
import { useTranslate } from '../model/language.ts';
import { KINDS, type PlaceKind } from '../model/place.ts';
import { roomName } from '../model/room_name.ts';
import type { Session } from '../model/session.ts';
import { useStore } from '../model/store.ts';
import { ConversationList } from './conversation_list.tsx';
import { DeviceButton, DeviceChoice, Troubles } from './devices.tsx';
import { Icon, type IconName } from './icons.tsx';
import { Video } from './media_elements.tsx';
import { PasswordForm } from './password_form.tsx';
import { errorSentence, TopBar } from './top_bar.tsx';

const KIND_ICONS: Record<PlaceKind, IconName> = { meeting: 'people', live: 'live', messages: 'messages' };
const TITLES: Record<PlaceKind, MessageKey> = {
  meeting: 'lobby_title',
  live: 'lobby_title_live',
  messages: 'lobby_title_messages',
};
const JOIN_WORDS: Record<PlaceKind, MessageKey> = { meeting: 'join', live: 'join_live', messages: 'join_messages' };

function Preview({ session }: { session: Session }): JSX.Element {
  const say = useTranslate();
  const { camera } = useStore(session.media);
  return (
    <div class="preview">
      {camera.track ? (
        <Video track={camera.track} mirrored label={say('you')} />
      ) : (
        <p class="preview-text">{say(camera.starting ? 'preview_starting' : 'preview_off')}</p>
      )}
      <div class="preview-controls">
        <DeviceButton session={session} device="microphone" />
        <DeviceButton session={session} device="camera" />
      </div>
    </div>
  );
}

function CopyLink({ session }: { session: Session }): JSX.Element {
  const say = useTranslate();
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    if (!navigator.clipboard) return session.show('invite');
    await navigator.clipboard.writeText(session.link).then(
      () => setCopied(true),
      () => session.show('invite'),
    );
  };
  return (
    <button type="button" class="button quiet" onClick={() => void copy()}>
      <Icon name={copied ? 'check' : 'copy'} size={18} />
      <span aria-live="polite">{say(copied ? 'link_copied' : 'copy_link')}</span>
    </button>
  );
}

/** What may be started. One of them is chosen where nobody is in the place yet; who came by a link starts another one. */
function KindTabs({ session }: { session: Session }): JSX.Element {
  const say = useTranslate();
  const { place } = useStore(session);
  return (
    <div class="kinds" role="group" aria-label={say('kinds')}>
      {KINDS.map((kind) => (
        <button
          key={kind}
          type="button"
          class="kind"
          data-kind={kind}
          aria-pressed={session.isNew ? kind === place.kind : undefined}
          onClick={() => (kind !== place.kind || !session.isNew) && session.newRoom(kind)}
        >
          <Icon name={KIND_ICONS[kind]} size={18} />
          {say(`kind_${kind}`)}
        </button>
      ))}
    </div>
  );
}

function Heading({ session }: { session: Session }): JSX.Element {
  const say = useTranslate();
  const { place, roomLinkWrong, endCode } = useStore(session);
  return (
    <>
      <div>
        <h1 class="room-title">{say(TITLES[place.kind], { room: roomName(place.roomId) })}</h1>
        <p class="hint">{session.isNew ? say(`kind_${place.kind}_hint`) : say('lobby_hint')}</p>
        <div class="room-actions">
          <CopyLink session={session} />
          {session.isNew && (
            <button type="button" class="button quiet" onClick={() => session.newRoom(place.kind)}>
              {say('new_room')}
            </button>
          )}
        </div>
      </div>
      {roomLinkWrong && <p class="note note-warn">{say('room_link_wrong')}</p>}
      {endCode && (
        <p class="note note-bad" role="alert">
          {errorSentence(say, endCode)}
        </p>
      )}
    </>
  );
}

function JoinForm({ session }: { session: Session }): JSX.Element {
  const say = useTranslate();
  const { place, preferences, screen } = useStore(session);
  const joining = screen === 'joining';
  const submit = (event: Event): void => {
    event.preventDefault();
    void session.join();
  };
  return (
    <form class="join" onSubmit={submit}>
      {session.isNew && <KindTabs session={session} />}
      <Heading session={session} />
      <label class="field">
        <span class="field-label">{say('your_name')}</span>
        <input
          name="name"
          type="text"
          autocomplete="nickname"
          enterkeyhint="go"
          maxLength={NAME_CHARACTERS}
          placeholder={say('name_placeholder')}
          value={preferences.name}
          onInput={(event) => session.prefer({ name: event.currentTarget.value })}
        />
      </label>
      {place.kind !== 'messages' && (
        <div class="field-pair">
          <DeviceChoice session={session} device="camera" />
          <DeviceChoice session={session} device="microphone" />
        </div>
      )}
      <label class="switch">
        <input
          type="checkbox"
          checked={preferences.relayOnly}
          onChange={(event) => session.prefer({ relayOnly: event.currentTarget.checked })}
        />
        <span>{say('hide_address')}</span>
      </label>
      <button type="submit" class="button primary large" disabled={joining} data-action="join">
        {say(JOIN_WORDS[place.kind])}
      </button>
      {joining && (
        <p class="hint" role="status">
          {say('joining')}
        </p>
      )}
      {!session.isNew && (
        <div class="own">
          <p class="hint">{say('start_own')}</p>
          <KindTabs session={session} />
        </div>
      )}
    </form>
  );
}

export function Lobby({ session }: { session: Session }): JSX.Element {
  const say = useTranslate();
  const { place, endCode } = useStore(session);
  const hasMedia = place.kind !== 'messages';
  useEffect(() => {
    if (hasMedia) void session.media.start();
    else session.media.stop();
  }, [hasMedia]);
  const asksPassword = endCode === 'password_needed' || endCode === 'password_wrong';
  return (
    <div class="lobby">
      <TopBar session={session} />
      <main class={`lobby-main lobby-${place.kind}`}>
        <div class="lobby-left">
          {hasMedia ? (
            <>
              <Preview session={session} />
              <Troubles media={session.media} beforeJoining />
            </>
          ) : (
            <ConversationList session={session} />
          )}
        </div>
        {asksPassword ? <PasswordForm session={session} /> : <JoinForm session={session} />}
      </main>
      <footer class="lobby-footer">{say(hasMedia ? 'footer' : 'footer_messages')}</footer>
    </div>
  );
}
