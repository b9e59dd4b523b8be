// Whether to look for a path once more. Chromium stops gathering when the first pair works. Where our relay's answer over
// UDP comes late (a lost packet costs a quarter of a second, and its first one is lost when it is written before the socket
// is open), the relay over TCP wins and stays for the whole call, and then each lost packet holds up those behind it. A
// restart finds the relay over UDP, if there is a way to it; media goes on meanwhile.

import type { CandidateFacts } from './explain.ts';

/**
 * After so long on a relay over a stream. By the first one the rest of a call has begun and has time for it; the second is
 * for a restart that lost the same race (about one in ten does); more would only disturb a network without UDP.
 */
export const SECOND_LOOKS_MS: readonly number[] = [5_000, 15_000];

export interface Surroundings {
  nowMs: number;
  /** This side's end of the selected pair. */
  local: CandidateFacts | undefined;
  localCandidates: readonly CandidateFacts[];
  servers: readonly RTCIceServer[];
}

function offersUdp(servers: readonly RTCIceServer[]): boolean {
  return servers.some(({ urls }) => [urls].flat().some((url) => /^turn:/.test(url) && !/[?&]transport=tcp/.test(url)));
}

export class SecondLook {
  #streamSinceMs: number | undefined;
  #taken = 0;

  /** Asked after each reading of the statistics; true once for each of the looks. */
  due({ nowMs, local, localCandidates, servers }: Surroundings): boolean {
    const overStream = local?.relayProtocol === 'tcp' || local?.relayProtocol === 'tls';
    if (!overStream) this.#streamSinceMs = undefined;
    else this.#streamSinceMs ??= nowMs;
    const after = SECOND_LOOKS_MS[this.#taken];
    if (after === undefined || this.#streamSinceMs === undefined || nowMs - this.#streamSinceMs < after) return false;
    if (localCandidates.some(({ relayProtocol }) => relayProtocol === 'udp') || !offersUdp(servers)) return false;
    this.#taken += 1;
    return true;
  }
}
