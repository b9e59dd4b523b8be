// The keys of the rooms that this browser is host of, by room id. Whoever has the key is the host, so it stays here.

const KEY = 'beeline.hosts';
const ROOMS_KEPT = 50;

function stored(): [string, string][] {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    if (!Array.isArray(value)) return [];
    return value.filter(
      (entry): entry is [string, string] =>
        Array.isArray(entry) && entry.length === 2 && entry.every((each) => typeof each === 'string'),
    );
  } catch {
    return []; // storage is switched off, or holds something old
  }
}

function store(keys: [string, string][]): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(keys.slice(-ROOMS_KEPT)));
  } catch {
    // Without storage one is host as long as the page lives.
  }
}

export function hostKeyOf(roomId: string): string | null {
  return stored().find(([id]) => id === roomId)?.[1] ?? null;
}

/** The newest key of a room counts; the room used longest ago is forgotten first. */
export function keepHostKey(roomId: string, hostKey: string): void {
  store([...stored().filter(([id]) => id !== roomId), [roomId, hostKey]]);
}

export function forgetHostKey(roomId: string): void {
  store(stored().filter(([id]) => id !== roomId));
}
