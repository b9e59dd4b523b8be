// What a browser can know about the router before one side, from that side's candidates alone. RFC 4787's words: mapping
// is which outside address a socket gets, filtering is who may answer to it. Nothing is guessed: what was not measured
// is said to be so.

import { endpointText, reachOf } from './address.ts';
import type { CandidateFacts } from './explain.ts';

export interface NatView {
  /** Addresses inside; empty where the browser hides them. */
  inside: string[];
  /** Some inside addresses are there and not shown. */
  hidden: boolean;
  /** Addresses that others see, with ports. */
  outside: string[];
  router: 'none' | 'translates' | 'unknown';
  mapping: 'no_router' | 'one_for_all' | 'one_for_each' | 'not_measured';
  /** A browser sends from what is let in, and never learns what was not. */
  filtering: 'no_router' | 'not_measured';
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}

/** Of one socket (one port inside), the ports that different askers saw. */
function mappingOf(reflexive: readonly CandidateFacts[], peerSawTheSame: boolean): NatView['mapping'] {
  const seen = new Map<number, Set<string>>();
  for (const { relatedPort, address, port } of reflexive) {
    if (relatedPort === undefined || port === undefined) continue;
    seen.set(relatedPort, (seen.get(relatedPort) ?? new Set()).add(`${address}:${port}`));
  }
  if ([...seen.values()].some((outside) => outside.size > 1)) return 'one_for_each';
  return peerSawTheSame ? 'one_for_all' : 'not_measured';
}

/** `used` is the candidate of this side that the path in use begins at, where there is one. */
export function natOf(candidates: readonly CandidateFacts[], used?: CandidateFacts): NatView {
  const udp = candidates.filter(({ protocol }) => protocol === 'udp');
  const hosts = udp.filter(({ type }) => type === 'host');
  const reflexive = udp.filter(({ type }) => type === 'srflx' || type === 'prflx');
  const inside = unique(hosts.flatMap(({ address }) => (address && reachOf(address) !== 'hidden' ? [address] : [])));
  const outside = unique(reflexive.flatMap(({ address, port }) => (address ? [endpointText(address, port)] : [])));
  const outsideAddresses = reflexive.flatMap(({ address }) => (address ? [address] : []));
  const hidden = hosts.some(({ address }) => reachOf(address) === 'hidden');
  const common = { inside, hidden, outside };
  const untranslated = inside.some((address) => reachOf(address) === 'public' || outsideAddresses.includes(address));
  if (untranslated) return { ...common, router: 'none', mapping: 'no_router', filtering: 'no_router' };
  if (outside.length === 0) return { ...common, router: 'unknown', mapping: 'not_measured', filtering: 'not_measured' };
  // The path in use begins at the address that the STUN server saw: the other side sees the same one.
  const mapping = mappingOf(reflexive, used?.type === 'srflx');
  return { ...common, router: 'translates', mapping, filtering: 'not_measured' };
}
