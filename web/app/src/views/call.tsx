// The call: people first, one row of controls, and a panel beside them when it is asked for.

import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { useTranslate } from '../model/language.ts';
import { roomName } from '../model/room_name.ts';
import type { Session } from '../model/session.ts';
import { useStore } from '../model/store.ts';
import { Banners } from './banners.tsx';
import { Controls } from './controls.tsx';
import { Brand, Icon } from './icons.tsx';
import { HostButton, SidePanel } from './side_panel.tsx';
import { Stage } from './stage.tsx';

/** One letter each, only while nobody is typing. */
function useShortcuts(session: Session): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const target = event.target instanceof Element ? event.target : null;
      if (event.key === 'Escape' && session.state.panel !== 'none' && session.state.dialog === 'none') {
        return session.set({ panel: 'none' });
      }
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (target?.closest('input, textarea, select, dialog')) return;
      const actions: Record<string, () => void> = {
        m: () => void session.media.toggle('microphone'),
        v: () => void session.media.toggle('camera'),
        c: () => session.open('messages'),
        p: () => session.open('people'),
      };
      const action = Object.hasOwn(actions, event.key.toLowerCase()) ? actions[event.key.toLowerCase()] : undefined;
      if (!action) return;
      event.preventDefault();
      action();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [session]);
}

export function Call({ session }: { session: Session }): JSX.Element {
  const say = useTranslate();
  const { panel, place, roomState } = useStore(session);
  useShortcuts(session);
  return (
    <div class={`call ${panel === 'none' ? '' : 'with-panel'}`}>
      <header class="call-head">
        <Brand />
        <h1 class="call-room">
          {roomName(place.roomId)}
          {roomState.locked && <span class="chip">{say('is_locked')}</span>}
        </h1>
        <HostButton session={session} />
        <button type="button" class="button quiet" data-action="invite" onClick={() => session.show('invite')}>
          <Icon name="invite" size={18} />
          {say('invite')}
        </button>
      </header>
      <Banners session={session} />
      <Stage session={session} />
      {panel !== 'none' && <SidePanel session={session} panel={panel} />}
      <Controls session={session} />
    </div>
  );
}
