// What-if: begins the path to one person anew, as if this side's network allowed less, and lets one watch what happens.

import type { JSX } from 'preact';
import { WHAT_IFS, type WhatIf } from '../../../sdk/src/index.ts';
import { useTranslate } from '../model/language.ts';
import type { Session } from '../model/session.ts';

export function WhatIfChoice({ session, memberId, current }: { session: Session; memberId: string; current: WhatIf }): JSX.Element {
  const say = useTranslate();
  return (
    <section class="what-if" aria-label={say('what_if')}>
      <h3>{say('what_if')}</h3>
      <p class="hint">{say('what_if_hint')}</p>
      <div class="what-if-row" role="group">
        {WHAT_IFS.map((whatIf) => (
          <button
            key={whatIf}
            type="button"
            class={`button ${whatIf === current ? 'chosen' : ''}`}
            data-what-if={whatIf}
            aria-pressed={whatIf === current}
            onClick={() => session.room?.tryOut(memberId, whatIf)}
          >
            {say(`what_if_${whatIf}`)}
          </button>
        ))}
      </div>
    </section>
  );
}
