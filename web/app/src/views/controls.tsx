// The row of controls under a call or a live.

import type { JSX } from 'preact';
import { useTranslate } from '../model/language.ts';
import type { Session } from '../model/session.ts';
import { useStore } from '../model/store.ts';
import { DeviceButton } from './devices.tsx';
import { Icon, type IconName } from './icons.tsx';

interface ControlProps {
  icon: IconName;
  label: string;
  onPress: () => void;
  pressed?: boolean;
  count?: number;
  classes?: string;
  name: string;
}

export function Control({ icon, label, onPress, pressed, count = 0, classes = '', name }: ControlProps): JSX.Element {
  return (
    <button
      type="button"
      class={`round ${classes} ${pressed ? 'pressed' : ''}`}
      data-control={name}
      aria-label={label}
      title={label}
      {...(pressed !== undefined && { 'aria-pressed': pressed })}
      onClick={onPress}
    >
      <Icon name={icon} />
      {count > 0 && <span class="count">{count > 99 ? '99+' : count}</span>}
    </button>
  );
}

/** Microphone, camera and screen: what one sends. */
export function SendingControls({ session }: { session: Session }): JSX.Element {
  const say = useTranslate();
  const { screen } = useStore(session.media);
  const share = (): void => (screen ? session.media.stopScreen() : void session.media.shareScreen());
  const canShare = !!navigator.mediaDevices && 'getDisplayMedia' in navigator.mediaDevices;
  return (
    <div class="control-group">
      <DeviceButton session={session} device="microphone" />
      <DeviceButton session={session} device="camera" />
      {canShare && (
        <Control
          name="screen"
          icon={screen ? 'screen_off' : 'screen'}
          label={say(screen ? 'stop_sharing' : 'share_screen')}
          pressed={screen !== null}
          onPress={share}
        />
      )}
    </div>
  );
}

export function Controls({ session }: { session: Session }): JSX.Element {
  const say = useTranslate();
  const { panel, people, preferences } = useStore(session);
  const { unread } = useStore(session.conversation);
  const messages = unread > 0 ? say('messages_unread', { count: unread }) : say('messages');
  const next = preferences.layout === 'grid' ? 'speaker' : 'grid';
  return (
    <nav class="controls" aria-label={say('controls')}>
      <SendingControls session={session} />
      <div class="control-group">
        <Control name="messages" icon="messages" label={messages} pressed={panel === 'messages'} count={unread} onPress={() => session.open('messages')} />
        <Control name="people" icon="people" label={say('people')} pressed={panel === 'people'} onPress={() => session.open('people')} />
        {people.length > 1 && (
          <Control name="layout" icon={next} label={say(`layout_${next}`)} classes="wide-only" onPress={() => session.prefer({ layout: next })} />
        )}
        <Control name="settings" icon="settings" label={say('settings')} onPress={() => session.show('settings')} />
      </div>
      <Control name="leave" icon="leave" label={say('leave')} classes="danger" onPress={() => session.leave()} />
    </nav>
  );
}
