// The small mark on a tile: shape and colour say direct, relayed, looking or failed; a click opens why.

import type { JSX } from 'preact';
import type { Explanation, PathKind, ReasonCode } from '../../../sdk/src/index.ts';
import type { MessageKey } from '../i18n/en.ts';
import type { Translate } from '../i18n/translate.ts';
import { bitRate, milliseconds } from '../model/format.ts';
import { useTranslate } from '../model/language.ts';

export function sentenceOf(say: Translate, path: Explanation, name: string): string {
  const code: ReasonCode = path.code;
  const key: MessageKey = `reason_${code}`;
  return say(key, { ...path.params, name: name || '@nameless' });
}

/** ● ◐ ○ ✕, drawn, because fonts disagree about how big they are. */
export function Mark({ path }: { path: PathKind }): JSX.Element {
  return (
    <svg class={`mark mark-${path}`} viewBox="0 0 12 12" width="12" height="12" aria-hidden="true" focusable="false">
      {path === 'failed' ? (
        <path d="M2 2l8 8M10 2l-8 8" class="mark-line" />
      ) : (
        <circle cx="6" cy="6" r="5" class="mark-line" />
      )}
      {path === 'direct' && <circle cx="6" cy="6" r="5" class="mark-fill" />}
      {path === 'relayed' && <path d="M6 1a5 5 0 0 0 0 10Z" class="mark-fill" />}
    </svg>
  );
}

interface BadgeProps {
  path: Explanation;
  name: string;
  onOpen: () => void;
}

export function PathBadge({ path, name, onOpen }: BadgeProps): JSX.Element {
  const say = useTranslate();
  const live = path.path === 'direct' || path.path === 'relayed';
  const word: MessageKey = `path_${path.path}`;
  const sentence = sentenceOf(say, path, name);
  return (
    <button
      type="button"
      class="badge"
      data-path={path.path}
      data-code={path.code}
      title={sentence}
      aria-label={say('path_button', { sentence })}
      onClick={onOpen}
    >
      <Mark path={path.path} />
      <span class="badge-word">{live && path.rttMs !== undefined ? milliseconds(path.rttMs) : say(word)}</span>
      {live && <span class="badge-rate">{bitRate(path.bitsPerSecondDown)}</span>}
    </button>
  );
}
