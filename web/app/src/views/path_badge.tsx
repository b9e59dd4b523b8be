// The small mark on a tile: shape and colour say direct, relayed, looking or failed; a click opens why.

import type { JSX } from 'preact';
import type { Explanation, PathKind, ReasonCode } from '../../../sdk/src/index.ts';
import type { MessageKey } from '../i18n/en.ts';
import type { Translate } from '../i18n/translate.ts';
import { bitRate, milliseconds } from '../model/format.ts';
import { useTranslate } from '../model/language.ts';

export const MARKS: Record<PathKind, string> = { direct: '●', relayed: '◐', looking: '○', failed: '✕' };

export function sentenceOf(say: Translate, path: Explanation, name: string): string {
  const code: ReasonCode = path.code;
  const key: MessageKey = `reason_${code}`;
  return say(key, { ...path.params, name: name || '@nameless' });
}

export function Mark({ path }: { path: PathKind }): JSX.Element {
  return (
    <span class={`mark mark-${path}`} aria-hidden="true">
      {MARKS[path]}
    </span>
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
