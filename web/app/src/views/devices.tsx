// Cameras and microphones: switches, choices, and why one of them is off. Used before and during a call.

import type { JSX } from 'preact';
import { useTranslate } from '../model/language.ts';
import { devicesFor, type Device, type DeviceState, type LocalMedia, type Trouble } from '../model/local_media.ts';
import type { Session } from '../model/session.ts';
import { useStore } from '../model/store.ts';
import { Icon } from './icons.tsx';

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
  beforeJoining: boolean;
}

function TroubleNote({ media, trouble, devices, beforeJoining }: NoteProps): JSX.Element {
  const say = useTranslate();
  const hopeless = trouble.key === 'media_insecure' || trouble.key === 'media_unsupported';
  const device = devices.length > 1 ? say('both_devices') : say(devices[0] ?? 'camera');
  const again = async (): Promise<void> => {
    for (const each of devices) await media.again(each);
  };
  return (
    <div class="note note-warn" data-trouble={trouble.key} data-devices={devices.join(' ')}>
      <p>
        {say(trouble.key, { device, reason: trouble.reason })}
        {beforeJoining && !hopeless && ` ${say('join_without')}`}
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
export function Troubles({ media, beforeJoining = false }: { media: LocalMedia; beforeJoining?: boolean }): JSX.Element {
  const { camera, microphone } = useStore(media);
  if (camera.trouble && camera.trouble.key === microphone.trouble?.key) {
    return <TroubleNote {...{ media, beforeJoining }} trouble={camera.trouble} devices={['camera', 'microphone']} />;
  }
  return (
    <>
      {camera.trouble && <TroubleNote {...{ media, beforeJoining }} trouble={camera.trouble} devices={['camera']} />}
      {microphone.trouble && <TroubleNote {...{ media, beforeJoining }} trouble={microphone.trouble} devices={['microphone']} />}
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
