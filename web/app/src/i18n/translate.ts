// Which language is spoken, and the one function that turns a key into a sentence. Text only, never markup.

import { en, type MessageKey, type Messages } from './en.ts';
import { zhTW } from './zh-TW.ts';

export type Language = 'en' | 'zh-TW';
export type Parameters = Record<string, string | number>;
export type Translate = (key: MessageKey, parameters?: Parameters) => string;

export const LANGUAGES: Record<Language, Messages> = { en, 'zh-TW': zhTW };

export function languageOf(preferred: readonly string[]): Language {
  const first = preferred.find((tag) => /^(zh|en)\b/i.test(tag)) ?? 'en';
  return /^zh/i.test(first) ? 'zh-TW' : 'en';
}

export function fill(sentence: string, parameters: Parameters): string {
  return sentence.replace(/\{(\w+)\}/g, (whole, key: string) => {
    const value = Object.hasOwn(parameters, key) ? parameters[key] : undefined;
    return value === undefined ? whole : String(value);
  });
}

export function placeholdersOf(sentence: string): string[] {
  return [...sentence.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '').sort();
}

export function translator(language: Language): Translate {
  return (key, parameters = {}) => fill(LANGUAGES[language][key], parameters);
}
