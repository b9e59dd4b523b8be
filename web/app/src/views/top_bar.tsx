// The line above the lobby and the goodbye page: whose page this is, its language and its light.

import type { JSX } from 'preact';
import { en, type MessageKey } from '../i18n/en.ts';
import type { Translate } from '../i18n/translate.ts';
import { useTranslate } from '../model/language.ts';
import type { Session } from '../model/session.ts';
import { useStore } from '../model/store.ts';
import { Brand, Icon } from './icons.tsx';

/** A server's error code as a sentence; a code that a newer server invented is shown as it is. */
export function errorSentence(say: Translate, code: string): string {
  for (const key of [`error_${code}`, `ended_${code}`]) {
    if (Object.hasOwn(en, key)) return say(key as MessageKey);
  }
  return say('error_unknown', { code });
}

export function TopBar({ session }: { session: Session }): JSX.Element {
  const say = useTranslate();
  const { preferences } = useStore(session);
  const chinese = preferences.language === 'zh-TW';
  return (
    <header class="top-bar">
      <Brand />
      <div class="top-actions">
        <button
          type="button"
          class="button quiet"
          lang={chinese ? 'en' : 'zh-TW'}
          data-action="language"
          onClick={() => session.prefer({ language: chinese ? 'en' : 'zh-TW' })}
        >
          {chinese ? 'English' : '中文'}
        </button>
        <button
          type="button"
          class="round plain"
          aria-label={say('settings')}
          title={say('settings')}
          data-action="settings"
          onClick={() => session.show('settings')}
        >
          <Icon name="settings" />
        </button>
      </div>
    </header>
  );
}
