// What is wrong right now, in one line each, above what it concerns.

import type { JSX } from 'preact';
import { useTranslate } from '../model/language.ts';
import type { Session } from '../model/session.ts';
import { useStore } from '../model/store.ts';
import { Troubles } from './devices.tsx';
import { playSound } from './media_elements.tsx';
import { Mark } from './path_badge.tsx';

export function Banners({ session }: { session: Session }): JSX.Element {
  const say = useTranslate();
  const { phase, soundBlocked, moving } = useStore(session);
  const { screenTrouble } = useStore(session.media);
  const unblock = (): void => {
    session.set({ soundBlocked: false });
    playSound();
  };
  return (
    <div class="banners">
      {moving ? (
        <p class="banner" role="status" data-banner="moving">
          <Mark path="looking" /> {say('moving_network')}
        </p>
      ) : (
        phase === 'reconnecting' && (
          <p class="banner" role="status" data-banner="reconnecting">
            <Mark path="looking" /> {say('signaling_lost')}
          </p>
        )
      )}
      {soundBlocked && (
        <p class="banner">
          {say('sound_blocked')}
          <button type="button" class="button primary" onClick={unblock}>
            {say('sound_on')}
          </button>
        </p>
      )}
      {screenTrouble && <p class="banner">{say(screenTrouble.key, { reason: screenTrouble.reason })}</p>}
      <Troubles media={session.media} />
    </div>
  );
}
