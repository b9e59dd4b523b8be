// Hides addresses in a report that is handed on: each address becomes one word, the same everywhere in that report, which
// still says of what kind it was. Ports stay: they tell what a router does.

import { reachOf } from './address.ts';

const IPV4 = /(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])/g;
const MDNS = /[0-9a-zA-Z-]+\.local\b/g;
/** Hexadecimal groups between colons, and a port behind them; which of them are addresses is decided one by one. */
const COLONS = /(?<![\w:])[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,5}){2,}(?:\.\d{1,3}){0,3}(?![\w:])/g;

function isIpv6(text: string): boolean {
  const groups = text.split(':');
  // Fingerprints have more groups than an address can have, times fewer and no gap.
  return groups.length <= 9 && (text.includes('::') || groups.length === 8);
}

/** Masks every text inside `value`, however deep. The value itself is not changed. */
export function maskAddresses<Value>(value: Value): Value {
  const words = new Map<string, string>();
  const wordFor = (address: string, kind: string): string => {
    const known = words.get(address);
    if (known) return known;
    const word = `${kind}-address-${words.size + 1}`;
    words.set(address, word);
    return word;
  };
  const maskText = (text: string): string =>
    text
      .replace(COLONS, (found) => (isIpv6(found) ? wordFor(found.toLowerCase(), `${reachOf(found)}-ipv6`) : found))
      .replace(IPV4, (found) => wordFor(found, `${reachOf(found)}-ipv4`))
      .replace(MDNS, (found) => wordFor(found, 'hidden'));
  const mask = (part: unknown): unknown => {
    if (typeof part === 'string') return maskText(part);
    if (Array.isArray(part)) return part.map(mask);
    if (typeof part !== 'object' || part === null) return part;
    return Object.fromEntries(Object.entries(part).map(([key, each]) => [key, mask(each)]));
  };
  return mask(value) as Value;
}
