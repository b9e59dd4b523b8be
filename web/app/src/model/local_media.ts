// The camera, microphone and screen of this side: getting them, losing them, and why one is missing. Everything a
// browser can refuse ends as a trouble code that a sentence belongs to; nothing here stops a person from joining.

import type { MessageKey } from '../i18n/en.ts';
import type { Slot } from '../../../sdk/src/index.ts';
import { Store } from './store.ts';

export type Device = 'camera' | 'microphone';
export type TroubleKey = Extract<MessageKey, `media_${string}` | `screen_${string}`>;

export interface Trouble {
  key: TroubleKey;
  reason: string;
}

export interface DeviceState {
  /** What the person wants; `track` says what there is. */
  wanted: boolean;
  starting: boolean;
  track: MediaStreamTrack | null;
  deviceId: string;
  trouble: Trouble | null;
}

export interface MediaState {
  camera: DeviceState;
  microphone: DeviceState;
  screen: MediaStreamTrack | null;
  screenTrouble: Trouble | null;
  devices: readonly MediaDeviceInfo[];
}

export interface MediaPorts {
  track(slot: Slot, track: MediaStreamTrack | null): void;
  recovered(device: Device, label: string): void;
  screenEnded(): void;
}

/** A device may need a moment to begin, and a page in the background gets nothing on a phone. */
const SILENT_MS = 3_000;

const KIND = { camera: 'videoinput', microphone: 'audioinput' } as const;

function fresh(deviceId: string): DeviceState {
  return { wanted: true, starting: false, track: null, deviceId, trouble: null };
}

export function troubleOf(error: unknown): Trouble {
  const name = error instanceof DOMException ? error.name : '';
  const reason = error instanceof Error ? error.message || error.name : String(error);
  switch (name) {
    case 'NotAllowedError':
    case 'SecurityError':
      return { key: 'media_denied', reason };
    case 'NotFoundError':
    case 'OverconstrainedError':
      return { key: 'media_missing', reason };
    case 'NotReadableError':
    case 'AbortError':
      return { key: 'media_busy', reason };
    default:
      return { key: 'media_failed', reason: name || reason };
  }
}

export class LocalMedia extends Store<MediaState> {
  #ports: MediaPorts | null = null;
  #screenAudio: MediaStreamTrack | null = null;

  constructor(cameraId: string, microphoneId: string) {
    super({
      camera: fresh(cameraId),
      microphone: fresh(microphoneId),
      screen: null,
      screenTrouble: null,
      devices: [],
    });
    navigator.mediaDevices?.addEventListener('devicechange', () => void this.#devicesChanged());
  }

  connect(ports: MediaPorts | null): void {
    this.#ports = ports;
  }

  get tracks(): Partial<Record<Slot, MediaStreamTrack>> {
    const { camera, microphone, screen } = this.state;
    return {
      ...(microphone.track && { microphone: microphone.track }),
      ...(camera.track && { camera: camera.track }),
      ...(screen && { screen }),
      ...(screen && this.#screenAudio && { screen_audio: this.#screenAudio }),
    };
  }

  /** Both at once, so that the browser asks once; each alone where one of them is missing or refused. */
  async start(): Promise<void> {
    const both = (['camera', 'microphone'] as const).filter((device) => this.#needs(device));
    if (both.length === 2 && navigator.mediaDevices) {
      for (const device of both) this.#change(device, { starting: true });
      try {
        const stream = await navigator.mediaDevices.getUserMedia({
          video: this.#constraints('camera'),
          audio: this.#constraints('microphone'),
        });
        this.#keep('camera', stream.getVideoTracks()[0] ?? null);
        this.#keep('microphone', stream.getAudioTracks()[0] ?? null);
        return await this.refreshDevices();
      } catch {
        // Whichever of the two it was, asking one by one tells.
      }
    }
    for (const device of both) await this.#acquire(device);
    await this.refreshDevices();
  }

  async toggle(device: Device): Promise<void> {
    const state = this.state[device];
    if (state.starting) return;
    if (state.track && device === 'microphone') {
      // A muted microphone keeps its track: speaking again must not wait for the device.
      const wanted = !state.wanted;
      state.track.enabled = wanted;
      this.#change(device, { wanted });
      this.#heedSilence(device);
    } else if (state.track) {
      this.#change(device, { wanted: false });
      this.#keep(device, null);
    } else {
      await this.again(device);
    }
  }

  /** Asks the browser for it anew. */
  async again(device: Device): Promise<void> {
    this.#change(device, { wanted: true });
    await this.#acquire(device);
    await this.refreshDevices();
  }

  /** The person has read why a device is off. */
  dismiss(device: Device): void {
    this.#change(device, { trouble: null });
  }

  async choose(device: Device, deviceId: string): Promise<void> {
    this.#change(device, { deviceId });
    if (!this.state[device].wanted && !this.state[device].track) return;
    await this.#acquire(device);
  }

  async shareScreen(): Promise<void> {
    if (!navigator.mediaDevices?.getDisplayMedia) {
      this.set({ screenTrouble: { key: 'screen_unsupported', reason: '' } });
      return;
    }
    try {
      const stream = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: 30 }, audio: true });
      const screen = stream.getVideoTracks()[0] ?? null;
      this.#screenAudio = stream.getAudioTracks()[0] ?? null;
      if (!screen) return;
      screen.contentHint = 'detail';
      screen.onended = () => this.stopScreen();
      this.set({ screen, screenTrouble: null });
      this.#ports?.track('screen', screen);
      if (this.#screenAudio) this.#ports?.track('screen_audio', this.#screenAudio);
    } catch (error) {
      // Closing the browser's own dialog is an answer, not a failure.
      if (error instanceof DOMException && error.name === 'NotAllowedError') return;
      const reason = error instanceof Error ? error.message : String(error);
      this.set({ screenTrouble: { key: 'screen_failed', reason } });
    }
  }

  stopScreen(): void {
    if (!this.state.screen) return;
    this.state.screen.stop();
    this.#screenAudio?.stop();
    this.#screenAudio = null;
    this.set({ screen: null });
    this.#ports?.track('screen', null);
    this.#ports?.track('screen_audio', null);
    this.#ports?.screenEnded();
  }

  /** Lights off: everything is released. */
  stop(): void {
    this.stopScreen();
    for (const device of ['camera', 'microphone'] as const) this.#keep(device, null);
  }

  async refreshDevices(): Promise<void> {
    if (!navigator.mediaDevices?.enumerateDevices) return;
    const devices = await navigator.mediaDevices.enumerateDevices().catch(() => []);
    this.set({ devices: devices.filter(({ deviceId }) => deviceId !== '') });
  }

  #needs(device: Device): boolean {
    return this.state[device].wanted && !this.state[device].track;
  }

  #change(device: Device, change: Partial<DeviceState>): void {
    const next = { ...this.state[device], ...change };
    this.set(device === 'camera' ? { camera: next } : { microphone: next });
  }

  #constraints(device: Device): MediaTrackConstraints {
    const { deviceId } = this.state[device];
    // Not `exact`: a remembered device that is gone must not keep a person from being seen.
    const chosen: MediaTrackConstraints = deviceId ? { deviceId } : {};
    if (device === 'microphone') return { ...chosen, echoCancellation: true, noiseSuppression: true };
    return { ...chosen, width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30, max: 30 } };
  }

  async #acquire(device: Device): Promise<void> {
    if (!navigator.mediaDevices?.getUserMedia) {
      const key = window.isSecureContext ? 'media_unsupported' : 'media_insecure';
      this.#change(device, { starting: false, trouble: { key, reason: '' } });
      return;
    }
    this.#change(device, { starting: true, trouble: null });
    try {
      const constraints = this.#constraints(device);
      const stream = await navigator.mediaDevices.getUserMedia(
        device === 'camera' ? { video: constraints } : { audio: constraints },
      );
      this.#keep(device, stream.getTracks()[0] ?? null);
    } catch (error) {
      this.#keep(device, null);
      this.#change(device, { trouble: troubleOf(error) });
    }
  }

  #keep(device: Device, track: MediaStreamTrack | null): void {
    const before = this.state[device].track;
    if (before && before !== track) {
      before.onended = before.onmute = before.onunmute = null;
      before.stop();
    }
    if (track) {
      track.enabled = this.state[device].wanted;
      track.onended = () => void this.#recover(device, track);
      track.onmute = () => void setTimeout(() => this.#heedSilence(device), SILENT_MS);
      track.onunmute = () => this.#heedSilence(device);
      if (track.muted) track.onmute(new Event('mute'));
      if (device === 'camera') track.contentHint = 'motion';
    }
    this.#change(device, { track, starting: false, ...(track && { trouble: null }) });
    if (!track) this.#heedSilence(device);
    // Told here and nowhere else: a permission may be granted long after the room was joined.
    if (before !== track) this.#ports?.track(device, track);
  }

  /** A browser mutes a track whose device is there and gives nothing: a switch on it, a setting of the system, another program. */
  #heedSilence(device: Device): void {
    const { track, wanted, trouble } = this.state[device];
    const silent = wanted && track?.muted === true;
    if (silent && !trouble) this.#change(device, { trouble: { key: 'media_silent', reason: '' } });
    if (!silent && trouble?.key === 'media_silent') this.#change(device, { trouble: null });
  }

  /** A track ends by itself when its device is unplugged or its permission is taken back: take the next device. */
  async #recover(device: Device, ended: MediaStreamTrack): Promise<void> {
    if (this.state[device].track !== ended) return;
    await this.#acquire(device);
    const { track, trouble } = this.state[device];
    if (track) this.#ports?.recovered(device, track.label);
    else if (trouble?.key === 'media_missing') this.#change(device, { trouble: { ...trouble, key: 'media_unplugged' } });
    await this.refreshDevices();
  }

  async #devicesChanged(): Promise<void> {
    await this.refreshDevices();
    for (const device of ['camera', 'microphone'] as const) {
      const { trouble } = this.state[device];
      const missing = !trouble || trouble.key === 'media_missing' || trouble.key === 'media_unplugged';
      const present = this.state.devices.some(({ kind }) => kind === KIND[device]);
      if (missing && present && this.#needs(device) && !this.state[device].starting) await this.#acquire(device);
    }
  }
}

export function devicesFor(devices: readonly MediaDeviceInfo[], device: Device): MediaDeviceInfo[] {
  return devices.filter(({ kind }) => kind === KIND[device]);
}
