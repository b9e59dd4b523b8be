// For places that one enters at once, as the audience of a live does: nothing to fill in, unless the room asks for a
// password or says no.

import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { useTranslate } from '../model/language.ts';
import type { Session } from '../model/session.ts';
import { useStore } from '../model/store.ts';
import { PasswordForm } from './password_form.tsx';
import { errorSentence, TopBar } from './top_bar.tsx';

export function Door({ session }: { session: Session }): JSX.Element {
  const say = useTranslate();
  const { screen, endCode, place } = useStore(session);
  useEffect(() => {
    if (screen === 'lobby' && endCode === '') void session.join();
  }, [screen, endCode, place.roomId]);
  const asksPassword = endCode === 'password_needed' || endCode === 'password_wrong';
  return (
    <div class="lobby">
      <TopBar session={session} />
      <main class="ended">
        {asksPassword ? (
          <PasswordForm session={session} />
        ) : endCode ? (
          <>
            <p class="note note-bad" role="alert">
              {errorSentence(say, endCode)}
            </p>
            <button type="button" class="button primary large" data-action="join" onClick={() => void session.join()}>
              {say('try_again')}
            </button>
          </>
        ) : (
          <p class="hint" role="status">
            {say(place.kind === 'live' ? 'live_connecting' : 'joining')}
          </p>
        )}
      </main>
    </div>
  );
}
