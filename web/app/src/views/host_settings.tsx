// What a host sets for the whole room: whether anybody new may come in, and with which password.

import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useTranslate } from '../model/language.ts';
import type { Session } from '../model/session.ts';
import { useStore } from '../model/store.ts';

function PasswordSetting({ session }: { session: Session }): JSX.Element {
  const say = useTranslate();
  const { roomState } = useStore(session);
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState(false);
  const change = async (next: string | null): Promise<void> => {
    setBusy(true);
    if (await session.setPassword(next)) setPassword('');
    setBusy(false);
  };
  return (
    <form
      class="field"
      onSubmit={(event) => {
        event.preventDefault();
        void change(password);
      }}
    >
      <label class="field">
        <span class="field-label">{say('host_password')}</span>
        <input
          name="room-password"
          type="text"
          autocomplete="off"
          spellcheck={false}
          value={password}
          onInput={(event) => setPassword(event.currentTarget.value)}
        />
      </label>
      <p class="hint" role="status" data-password={roomState.password}>
        {roomState.password ? say('host_password_on') : say('host_password_hint')}
      </p>
      <div class="button-row">
        <button type="submit" class="button primary" data-action="set-password" disabled={busy || password === ''}>
          {say('host_password_set')}
        </button>
        {roomState.password && (
          <button type="button" class="button" data-action="clear-password" disabled={busy} onClick={() => void change(null)}>
            {say('host_password_clear')}
          </button>
        )}
      </div>
    </form>
  );
}

export function HostSettings({ session }: { session: Session }): JSX.Element {
  const say = useTranslate();
  const { roomState } = useStore(session);
  return (
    <>
      <label class="switch">
        <input
          type="checkbox"
          name="locked"
          checked={roomState.locked}
          onChange={(event) => void session.lock(event.currentTarget.checked)}
        />
        <span>
          {say('host_lock')}
          <small>{say('host_lock_hint')}</small>
        </span>
      </label>
      <PasswordSetting session={session} />
    </>
  );
}
