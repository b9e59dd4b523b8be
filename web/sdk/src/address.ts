// What an address says about where it can be reached from. Text in, a word out; used only to explain, never to decide.

export type AddressReach = 'private' | 'public' | 'hidden';

function ipv4Parts(address: string): number[] | null {
  const parts = address.split('.');
  if (parts.length !== 4) return null;
  const numbers = parts.map((part) => (/^\d{1,3}$/.test(part) ? Number(part) : 256));
  return numbers.every((number) => number < 256) ? numbers : null;
}

/** Not globally reachable, says IANA's special-purpose registry; documentation ranges included, labs do use them. */
function ipv4IsPrivate([a = 0, b = 0, c = 0]: number[]): boolean {
  return (
    a === 0 ||
    a === 10 ||
    a === 127 ||
    (a === 100 && b >= 64 && b < 128) ||
    (a === 169 && b === 254) ||
    (a === 172 && b >= 16 && b < 32) ||
    (a === 192 && b === 0 && (c === 0 || c === 2)) ||
    (a === 192 && b === 168) ||
    (a === 198 && (b === 18 || b === 19)) ||
    (a === 198 && b === 51 && c === 100) ||
    (a === 203 && b === 0 && c === 113) ||
    a >= 224
  );
}

/** `hidden` is an mDNS name or an address that the browser does not show. */
export function reachOf(address: string | undefined): AddressReach {
  if (!address || address.endsWith('.local')) return 'hidden';
  const bare = address.replace(/^\[|\]$/g, '').toLowerCase();
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(bare);
  const parts = ipv4Parts(mapped?.[1] ?? bare);
  if (parts) return ipv4IsPrivate(parts) ? 'private' : 'public';
  if (!bare.includes(':')) return 'hidden';
  if (bare === '::1' || bare === '::') return 'private';
  const [head = '', second = ''] = bare.split(':');
  const first = parseInt(head || '0', 16);
  const uniqueLocal = (first & 0xfe00) === 0xfc00;
  const linkLocal = (first & 0xffc0) === 0xfe80;
  const documentation = first === 0x2001 && parseInt(second || '0', 16) === 0xdb8;
  return uniqueLocal || linkLocal || documentation ? 'private' : 'public';
}

/** Address and port as one text, an IPv6 address in brackets (RFC 3986 §3.2.2). */
export function endpointText(address: string, port: number | undefined): string {
  const host = address.includes(':') ? `[${address.replace(/^\[|\]$/g, '')}]` : address;
  return port === undefined ? host : `${host}:${port}`;
}
