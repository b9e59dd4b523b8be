// The question for a room's password, wherever one enters from.

import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useTranslate } from '../model/language.ts';
import type { Session } from '../model/session.ts';
import { useStore } from '../model/store.ts';
import { errorSentence } from './top_bar.tsx';

export function PasswordForm({ session }: { session: Session }): JSX.Element {
  const say = useTranslate();
  const { endCode, screen } = useStore(session);
  const [password, setPassword] = useState('');
  const checking = screen === 'joining';
  const submit = (event: Event): void => {
    event.preventDefault();
    if (password !== '') void session.join(password);
  };
  return (
    <form class="join password" onSubmit={submit}>
      <div>
        <h1 class="room-title">{say('password_needed_title')}</h1>
        <p class="hint">{say('password_hint')}</p>
      </div>
      {endCode === 'password_wrong' && (
        <p class="note note-bad" role="alert">
          {errorSentence(say, endCode)}
        </p>
      )}
      <label class="field">
        <span class="field-label">{say('password')}</span>
        <input
          name="password"
          type="password"
          autocomplete="off"
          autofocus
          value={password}
          onInput={(event) => setPassword(event.currentTarget.value)}
        />
      </label>
      <button type="submit" class="button primary large" data-action="enter" disabled={checking || password === ''}>
        {say('password_enter')}
      </button>
      {checking && (
        <p class="hint" role="status">
          {say('password_checking')}
        </p>
      )}
    </form>
  );
}
