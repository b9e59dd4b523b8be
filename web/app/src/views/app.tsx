// Which page is shown, in which language and light, and the one place that speaks to screen readers.

import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { LanguageProvider, useTranslate } from '../model/language.ts';
import { roomName } from '../model/room_name.ts';
import type { Session } from '../model/session.ts';
import { useStore } from '../model/store.ts';
import { Call } from './call.tsx';
import { Dialogs } from './dialogs.tsx';
import { Lobby } from './lobby.tsx';
import { errorSentence, TopBar } from './top_bar.tsx';

function Ended({ session }: { session: Session }): JSX.Element {
  const say = useTranslate();
  const { endCode } = useStore(session);
  return (
    <div class="lobby">
      <TopBar session={session} />
      <main class="ended">
        <h1>{say('ended_title')}</h1>
        {endCode && <p role="alert">{errorSentence(say, endCode)}</p>}
        <button type="button" class="button primary large" data-action="rejoin" onClick={() => void session.join()}>
          {say('rejoin')}
        </button>
        <button type="button" class="button quiet" onClick={() => (session.newRoom(), session.backToLobby())}>
          {say('new_room')}
        </button>
      </main>
    </div>
  );
}

function Notices({ session }: { session: Session }): JSX.Element {
  const say = useTranslate();
  const { notices } = useStore(session);
  return (
    <div class="notices" role="status" aria-live="polite">
      {notices.map(({ id, key, parameters }) => (
        <p key={id} class="notice">
          {say(key, parameters)}
        </p>
      ))}
    </div>
  );
}

export function App({ session }: { session: Session }): JSX.Element {
  const { screen, preferences, roomId } = useStore(session);
  const { language, theme } = preferences;
  useEffect(() => {
    document.documentElement.lang = language;
    document.documentElement.dataset['theme'] = theme;
    document.title = `${roomName(roomId)} · Beeline`;
  }, [language, theme, roomId]);
  return (
    <LanguageProvider value={language}>
      {screen === 'call' ? (
        <Call session={session} />
      ) : screen === 'ended' ? (
        <Ended session={session} />
      ) : (
        <Lobby session={session} />
      )}
      <Dialogs session={session} />
      <Notices session={session} />
    </LanguageProvider>
  );
}
