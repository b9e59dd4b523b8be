// Which page is shown, in which language and light, and the one place that speaks to screen readers.

import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { LanguageProvider, useTranslate } from '../model/language.ts';
import { roomName } from '../model/room_name.ts';
import type { Session } from '../model/session.ts';
import { useStore } from '../model/store.ts';
import { Call } from './call.tsx';
import { ConversationPage } from './conversation_page.tsx';
import { Dialogs } from './dialogs.tsx';
import { Door } from './door.tsx';
import { Live } from './live.tsx';
import { Lobby } from './lobby.tsx';
import { errorSentence, TopBar } from './top_bar.tsx';

const PAGES = { meeting: Call, live: Live, messages: ConversationPage } as const;

function Ended({ session }: { session: Session }): JSX.Element {
  const say = useTranslate();
  const { endCode, place } = useStore(session);
  return (
    <div class="lobby">
      <TopBar session={session} />
      <main class="ended">
        <h1>{say('ended_title')}</h1>
        {endCode && <p role="alert">{errorSentence(say, endCode)}</p>}
        <button type="button" class="button primary large" data-action="rejoin" onClick={() => void session.join()}>
          {say('rejoin')}
        </button>
        <button type="button" class="button quiet" onClick={() => (session.newRoom(place.kind), session.backToLobby())}>
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

function Page({ session }: { session: Session }): JSX.Element {
  const { screen, place, entry } = useStore(session);
  const Inside = PAGES[place.kind];
  if (screen === 'call') return <Inside session={session} />;
  if (screen === 'ended') return <Ended session={session} />;
  return entry === 'at_once' ? <Door session={session} /> : <Lobby session={session} />;
}

export function App({ session }: { session: Session }): JSX.Element {
  const { preferences, place } = useStore(session);
  const { unread } = useStore(session.conversation);
  const { language, theme } = preferences;
  useEffect(() => {
    document.documentElement.lang = language;
    document.documentElement.dataset['theme'] = theme;
    document.title = `${unread > 0 ? `(${unread}) ` : ''}${roomName(place.roomId)} · Beeline`;
  }, [language, theme, place.roomId, unread]);
  return (
    <LanguageProvider value={language}>
      <Page session={session} />
      <Dialogs session={session} />
      <Notices session={session} />
    </LanguageProvider>
  );
}
