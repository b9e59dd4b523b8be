// Numbers with units, short enough for a badge.

export function bitRate(bitsPerSecond: number): string {
  if (bitsPerSecond < 1_000) return `${Math.round(bitsPerSecond)} bit/s`;
  if (bitsPerSecond < 1_000_000) return `${Math.round(bitsPerSecond / 1_000)} kbit/s`;
  return `${(bitsPerSecond / 1_000_000).toFixed(1)} Mbit/s`;
}

export function milliseconds(ms: number): string {
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  if (ms < 10_000) return `${Math.round(ms)} ms`;
  return `${(ms / 1000).toFixed(1)} s`;
}

export function clockTime(ms: number, language: string): string {
  return new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(ms);
}

export function byteSize(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${Math.round(bytes / 1_000)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** The day of something said, as a heading. */
export function daySaid(ms: number, nowMs: number, language: string): string {
  const sameYear = new Date(ms).getFullYear() === new Date(nowMs).getFullYear();
  const year = sameYear ? {} : ({ year: 'numeric' } as const);
  return new Intl.DateTimeFormat(language, { month: 'long', day: 'numeric', ...year }).format(ms);
}

/** For a list: the time of today, the day of everything older. */
export function whenSaid(ms: number, nowMs: number, language: string): string {
  const today = new Date(ms).toDateString() === new Date(nowMs).toDateString();
  if (today) return clockTime(ms, language);
  return new Intl.DateTimeFormat(language, { month: 'numeric', day: 'numeric' }).format(ms);
}

export function initials(name: string): string {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const first = [...(words[0] ?? '')][0] ?? '';
  const last = words.length > 1 ? ([...(words[words.length - 1] ?? '')][0] ?? '') : '';
  return (first + last).toUpperCase();
}
