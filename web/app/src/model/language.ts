// Gives views the person's language. Names that have none of their own travel as `@key` and become words here.

import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { en, type MessageKey } from '../i18n/en.ts';
import { translator, type Language, type Parameters, type Translate } from '../i18n/translate.ts';

const LanguageScope = createContext<Language>('en');
export const LanguageProvider = LanguageScope.Provider;

export function useLanguage(): Language {
  return useContext(LanguageScope);
}

export function useTranslate(): Translate {
  const say = translator(useContext(LanguageScope));
  return (key, parameters = {}) => say(key, named(parameters, say));
}

function isKey(key: string): key is MessageKey {
  return Object.hasOwn(en, key);
}

function named(parameters: Parameters, say: Translate): Parameters {
  const words: Parameters = {};
  for (const [key, value] of Object.entries(parameters)) {
    const inner = typeof value === 'string' && value.startsWith('@') ? value.slice(1) : '';
    words[key] = isKey(inner) ? say(inner) : value;
  }
  return words;
}
