// Before the call: how one looks and sounds, under which name, into which room. Nothing here must work to join.

import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { NAME_CHARACTERS } from '../../../sdk/src/index.ts';
import { useTranslate } from '../model/language.ts';
import { devicesFor, type Device, type DeviceState, type LocalMedia, type Trouble } from '../model/local_media.ts';
import { roomName } from '../model/room_name.ts';
import type { Session } from '../model/session.ts';
import { useStore } from '../model/store.ts';
import { Icon } from './icons.tsx';
import { Video } from './media_elements.tsx';
import { errorSentence, TopBar } from './top_bar.tsx';

export function DeviceChoice({ session, device }: { session: Session; device: Device }): JSX.Element {
  const say = useTranslate();
  const { devices, ...states } = useStore(session.media);
  const choices = devicesFor(devices, device);
  const current = states[device].track?.getSettings().deviceId ?? states[device].deviceId;
  const shown = choices.some(({ deviceId }) => deviceId === current) ? current : (choices[0]?.deviceId ?? '');
  return (
    <label class="field">
      <span class="field-label">{say(device)}</span>
      <select
        value={shown}
        disabled={choices.length === 0}
        onChange={(event) => void session.chooseDevice(device, event.currentTarget.value)}
      >
        {choices.length === 0 && <option value="">{say('default_device')}</option>}
        {choices.map(({ deviceId, label }, index) => (
          <option key={deviceId} value={deviceId}>
            {label || say('device_number', { kind: say(device), number: index + 1 })}
          </option>
        ))}
      </select>
    </label>
  );
}

interface NoteProps {
  media: LocalMedia;
  trouble: Trouble;
  devices: readonly Device[];
}

function TroubleNote({ media, trouble, devices }: NoteProps): JSX.Element {
  const say = useTranslate();
  const hopeless = trouble.key === 'media_insecure' || trouble.key === 'media_unsupported';
  const device = devices.length > 1 ? say('both_devices') : say(devices[0] ?? 'camera');
  const again = async (): Promise<void> => {
    for (const each of devices) await media.toggle(each);
  };
  return (
    <div class="note note-warn" data-trouble={trouble.key} data-devices={devices.join(' ')}>
      <p>
        {say(trouble.key, { device, reason: trouble.reason })}
        {!hopeless && ` ${say('join_without')}`}
      </p>
      {!hopeless && (
        <button type="button" class="button quiet" onClick={() => void again()}>
          {say('try_again')}
        </button>
      )}
    </div>
  );
}

/** Why a device is off. What is true of both is said once. */
export function Troubles({ media }: { media: LocalMedia }): JSX.Element {
  const { camera, microphone } = useStore(media);
  if (camera.trouble && camera.trouble.key === microphone.trouble?.key) {
    return <TroubleNote media={media} trouble={camera.trouble} devices={['camera', 'microphone']} />;
  }
  return (
    <>
      {camera.trouble && <TroubleNote media={media} trouble={camera.trouble} devices={['camera']} />}
      {microphone.trouble && <TroubleNote media={media} trouble={microphone.trouble} devices={['microphone']} />}
    </>
  );
}

export function DeviceButton({ session, device }: { session: Session; device: Device }): JSX.Element {
  const say = useTranslate();
  const state: DeviceState = useStore(session.media)[device];
  const on = state.track !== null && state.wanted;
  const label =
    device === 'microphone' ? say(on ? 'mute' : 'unmute') : say(on ? 'camera_off' : 'camera_on');
  return (
    <button
      type="button"
      class={`round ${on ? '' : 'off'}`}
      data-control={device}
      aria-label={label}
      aria-pressed={!on}
      title={label}
      disabled={state.starting}
      onClick={() => void session.media.toggle(device)}
    >
      <Icon name={device === 'microphone' ? (on ? 'mic' : 'mic_off') : on ? 'camera' : 'camera_off'} />
    </button>
  );
}

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

function JoinForm({ session }: { session: Session }): JSX.Element {
  const say = useTranslate();
  const { roomId, preferences, screen, endCode, roomLinkWrong } = useStore(session);
  const joining = screen === 'joining';
  const submit = (event: Event): void => {
    event.preventDefault();
    void session.join();
  };
  return (
    <form class="join" onSubmit={submit}>
      <div>
        <h1 class="room-title">{say('lobby_title', { room: roomName(roomId) })}</h1>
        <p class="hint">{say('lobby_hint')}</p>
        <div class="room-actions">
          <CopyLink session={session} />
          <button type="button" class="button quiet" onClick={() => session.newRoom()}>
            {say('new_room')}
          </button>
        </div>
      </div>
      {roomLinkWrong && <p class="note note-warn">{say('room_link_wrong')}</p>}
      {endCode && (
        <p class="note note-bad" role="alert">
          {errorSentence(say, endCode)}
        </p>
      )}
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
      <div class="field-pair">
        <DeviceChoice session={session} device="camera" />
        <DeviceChoice session={session} device="microphone" />
      </div>
      <label class="switch">
        <input
          type="checkbox"
          checked={preferences.relayOnly}
          onChange={(event) => session.prefer({ relayOnly: event.currentTarget.checked })}
        />
        <span>{say('hide_address')}</span>
      </label>
      <button type="submit" class="button primary large" disabled={joining} data-action="join">
        {say('join')}
      </button>
      {joining && (
        <p class="hint" role="status">
          {say('joining')}
        </p>
      )}
    </form>
  );
}

export function Lobby({ session }: { session: Session }): JSX.Element {
  const say = useTranslate();
  useEffect(() => void session.media.start(), []);
  return (
    <div class="lobby">
      <TopBar session={session} />
      <main class="lobby-main">
        <div class="lobby-left">
          <Preview session={session} />
          <Troubles media={session.media} />
        </div>
        <JoinForm session={session} />
      </main>
      <footer class="lobby-footer">{say('footer')}</footer>
    </div>
  );
}
