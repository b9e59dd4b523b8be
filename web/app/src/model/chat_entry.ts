// One thing that was said, or one file, as the views show it; and what changes it. Pure, so that it can be tested.

import type { FileNews, FileTrouble } from '../../../sdk/src/index.ts';

export interface FileEntry {
  name: string;
  size: number;
  moved: number;
  state: FileNews['state'];
  trouble?: FileTrouble;
  /** A type that browsers show as a picture and never run; empty for everything else. */
  pictureType: string;
  content?: Blob;
  /** An address of `content` for this page. */
  url?: string;
}

export interface ChatEntry {
  id: string;
  mine: boolean;
  name: string;
  text: string;
  atMs: number;
  /** `memory`: somebody who was here told us. */
  via: 'channel' | 'server' | 'memory';
  to: number;
  delivered: ReadonlySet<string>;
  file?: FileEntry;
}

/** What is shown as a picture. SVG is not among them: opened by itself it runs scripts. */
const PICTURE_TYPES = ['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif'];

export function pictureTypeOf(type: string): string {
  return PICTURE_TYPES.find((each) => each === type.toLowerCase()) ?? '';
}

export function fileEntryOf(news: FileNews): FileEntry {
  const { name, size, moved, state, trouble } = news;
  return { name, size, moved, state, pictureType: pictureTypeOf(news.type), ...(trouble && { trouble }) };
}

/** Older and newer together, each once, in the order of their times. */
export function merged(known: readonly ChatEntry[], more: readonly ChatEntry[]): ChatEntry[] {
  const ids = new Set(known.map(({ id }) => id));
  const fresh = more.filter(({ id }) => !ids.has(id) && ids.add(id));
  return [...known, ...fresh].sort((a, b) => a.atMs - b.atMs);
}
