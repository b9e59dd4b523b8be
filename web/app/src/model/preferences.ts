// What this browser remembers of a person: name, language, appearance, devices. Never a token; rooms' keys are in
// host_keys.ts, conversations in history_store.ts.

import { languageOf, type Language } from '../i18n/translate.ts';

export type Theme = 'auto' | 'light' | 'dark';
export type Layout = 'grid' | 'speaker';

export interface Preferences {
  name: string;
  language: Language;
  theme: Theme;
  relayOnly: boolean;
  layout: Layout;
  cameraId: string;
  microphoneId: string;
}

const KEY = 'beeline.preferences';

function stored(): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {}; // storage is switched off, or holds something old
  }
}

function oneOf<Choice extends string>(value: unknown, choices: readonly Choice[], otherwise: Choice): Choice {
  return choices.find((choice) => choice === value) ?? otherwise;
}

export function loadPreferences(): Preferences {
  const value = stored();
  const text = (key: string): string => (typeof value[key] === 'string' ? value[key].slice(0, 256) : '');
  return {
    name: text('name'),
    language: oneOf(value['language'], ['en', 'zh-TW'], languageOf(navigator.languages)),
    theme: oneOf(value['theme'], ['auto', 'light', 'dark'], 'auto'),
    relayOnly: value['relayOnly'] === true,
    layout: oneOf(value['layout'], ['grid', 'speaker'], 'grid'),
    cameraId: text('cameraId'),
    microphoneId: text('microphoneId'),
  };
}

export function savePreferences(preferences: Preferences): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(preferences));
  } catch {
    // Without storage they last as long as the page.
  }
}
