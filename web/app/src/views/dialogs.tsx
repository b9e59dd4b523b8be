// What opens above the page: the invitation and the settings. The browser's own <dialog> keeps focus inside.

import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { encode } from 'uqr';
import { useTranslate } from '../model/language.ts';
import type { Theme } from '../model/preferences.ts';
import { roomName } from '../model/room_name.ts';
import type { Session } from '../model/session.ts';
import { useStore } from '../model/store.ts';
import { Icon } from './icons.tsx';
import { DeviceChoice, Troubles } from './devices.tsx';
import { HostSettings } from './host_settings.tsx';

function Dialog({ title, onClose, children }: { title: string; onClose: () => void; children: ComponentChildren }) {
  const say = useTranslate();
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => element.current?.showModal(), []);
  const onClick = (event: MouseEvent): void => {
    if (event.target === element.current) onClose(); // the backdrop
  };
  return (
    <dialog ref={element} class="dialog" aria-label={title} onClose={onClose} onClick={onClick}>
      <div class="dialog-body">
        <header class="panel-head">
          <h2>{title}</h2>
          <button type="button" class="round plain" aria-label={say('close')} title={say('close')} onClick={onClose}>
            <Icon name="close" />
          </button>
        </header>
        {children}
      </div>
    </dialog>
  );
}

/** One path of squares: black on white in every theme, because that is what cameras read. */
function QrCode({ text, label }: { text: string; label: string }): JSX.Element {
  const { data: rows, size } = encode(text, { ecc: 'M', border: 2 });
  const squares = rows.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ''))).join('');
  return (
    <svg class="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label} shape-rendering="crispEdges">
      <rect width={size} height={size} fill="#fff" />
      <path d={squares} fill="#000" />
    </svg>
  );
}

function InviteDialog({ session }: { session: Session }): JSX.Element {
  const say = useTranslate();
  const { place, roomState } = useStore(session);
  const [copied, setCopied] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const copy = async (): Promise<void> => {
    input.current?.select();
    // On plain HTTP there is no clipboard for pages; the selected link can still be copied by hand.
    await navigator.clipboard?.writeText(session.link).then(
      () => setCopied(true),
      () => undefined,
    );
  };
  return (
    <Dialog title={say('invite_title', { room: roomName(place.roomId) })} onClose={() => session.show('none')}>
      <p class="hint">{say('invite_hint')}</p>
      <QrCode text={session.link} label={say('qr_label')} />
      <div class="copy-row">
        <input ref={input} readOnly value={session.link} aria-label={say('room_link')} onFocus={() => input.current?.select()} />
        <button type="button" class="button primary" onClick={() => void copy()}>
          <span aria-live="polite">{say(copied ? 'link_copied' : 'copy_link')}</span>
        </button>
      </div>
      <p class="hint">{say(roomState.locked ? 'reason_room_locked' : 'lobby_hint')}</p>
    </Dialog>
  );
}

function Choice<Value extends string>(props: {
  label: string;
  value: Value;
  choices: readonly (readonly [Value, string])[];
  onChoose: (value: Value) => void;
}): JSX.Element {
  return (
    <fieldset class="choice">
      <legend class="field-label">{props.label}</legend>
      <div class="choice-row">
        {props.choices.map(([value, text]) => (
          <label key={value}>
            <input
              type="radio"
              name={props.label}
              checked={value === props.value}
              onChange={() => props.onChoose(value)}
            />
            <span>{text}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

function SettingsDialog({ session }: { session: Session }): JSX.Element {
  const say = useTranslate();
  const { preferences, screen, place } = useStore(session);
  const themes: readonly (readonly [Theme, string])[] = [
    ['auto', say('theme_auto')],
    ['light', say('theme_light')],
    ['dark', say('theme_dark')],
  ];
  return (
    <Dialog title={say('settings')} onClose={() => session.show('none')}>
      {screen === 'call' && (
        <>
          <label class="field">
            <span class="field-label">{say('your_name')}</span>
            <input
              type="text"
              maxLength={64}
              value={preferences.name}
              onChange={(event) => session.rename(event.currentTarget.value)}
            />
          </label>
          {place.kind === 'meeting' && (
            <>
              <DeviceChoice session={session} device="camera" />
              <DeviceChoice session={session} device="microphone" />
              <Troubles media={session.media} />
            </>
          )}
        </>
      )}
      <Choice
        label={say('language')}
        value={preferences.language}
        choices={[['en', 'English'], ['zh-TW', '繁體中文']]}
        onChoose={(language) => session.prefer({ language })}
      />
      <Choice label={say('theme')} value={preferences.theme} choices={themes} onChoose={(theme) => session.prefer({ theme })} />
      <label class="switch">
        <input
          type="checkbox"
          checked={preferences.relayOnly}
          onChange={(event) => session.prefer({ relayOnly: event.currentTarget.checked })}
        />
        <span>
          {say('hide_address')}
          <small>{say('hide_address_hint')}</small>
        </span>
      </label>
      {place.kind === 'meeting' && <p class="hint">{say('shortcuts')}</p>}
    </Dialog>
  );
}

export function Dialogs({ session }: { session: Session }): JSX.Element | null {
  const say = useTranslate();
  const { dialog } = useStore(session);
  if (dialog === 'invite') return <InviteDialog session={session} />;
  if (dialog === 'host') {
    return (
      <Dialog title={say('host_controls')} onClose={() => session.show('none')}>
        <HostSettings session={session} />
      </Dialog>
    );
  }
  if (dialog === 'settings') return <SettingsDialog session={session} />;
  return null;
}
