// Four words that are the same on both sides unless somebody stands in the middle.

import type { JSX } from 'preact';
import { useLanguage, useTranslate } from '../model/language.ts';
import type { Person } from '../model/session.ts';
import { wordsOf } from '../model/verification_words.ts';
import { Icon } from './icons.tsx';

export function Verification({ person }: { person: Person }): JSX.Element {
  const say = useTranslate();
  const language = useLanguage();
  return (
    <section class="verification" aria-label={say('verification')}>
      <h3>
        <Icon name="shield" size={18} /> {say('verification')}
      </h3>
      {person.code ? (
        <>
          <ol class="words" data-code={person.code.join(' ')}>
            {wordsOf(person.code, language).map((word) => (
              <li key={word}>{word}</li>
            ))}
          </ol>
          <p class="hint">{say('verification_hint', { name: person.name || '@nameless' })}</p>
          <p class="hint">{say('verification_differ')}</p>
        </>
      ) : (
        <p class="hint">{say('verification_waiting')}</p>
      )}
    </section>
  );
}
