// Whether to look for a path once more. A browser looks hardest in the first moment, and in that moment packets are lost: the
// first one over UDP where it is written before its socket is open, the first ones to a NAT that does not know of them yet. Chromium
// stops gathering when the first pair works and hardly checks the others from then on, so a relay that only came first carries
// the whole call. A restart gives the better paths a second moment; media goes on meanwhile.

import type { CandidateFacts } from './explain.ts';
import type { ReasonCode } from './reason.ts';
import { offersRelayOverUdp } from './what_if.ts';

/**
 * After so long on the worse path. By the first one the rest of a call has begun and has time for it; the second is for a
 * restart that lost the same race; more would only disturb a network that has no better one.
 */
export const SECOND_LOOKS_MS: readonly number[] = [5_000, 15_000];

export interface Surroundings {
  nowMs: number;
  /** Why the path is as it is. */
  code: ReasonCode | undefined;
  /** This side's end of the selected pair. */
  local: CandidateFacts | undefined;
  localCandidates: readonly CandidateFacts[];
  servers: readonly RTCIceServer[];
}

const NOBODY_WANTED_A_RELAY: readonly (ReasonCode | undefined)[] = ['relayed_for_now', 'relayed_no_answer', 'relayed_udp_blocked'];

/** A relay that holds up every packet behind a lost one, while the one that does not was offered and never seen. */
function streamWithoutNeed({ local, localCandidates, servers }: Surroundings): boolean {
  const overStream = local?.relayProtocol === 'tcp' || local?.relayProtocol === 'tls';
  return overStream && !localCandidates.some(({ relayProtocol }) => relayProtocol === 'udp') && offersRelayOverUdp(servers);
}

export class SecondLook {
  readonly #polite: boolean;
  #worseSinceMs: number | undefined;
  #taken = 0;

  constructor(polite: boolean) {
    this.#polite = polite;
  }

  /** Asked after each reading of the statistics; true once for each of the looks. */
  due(now: Surroundings): boolean {
    // That a path is relayed both sides see, and one restart is enough; how it is relayed each side knows for itself.
    const worse = streamWithoutNeed(now) || (!this.#polite && NOBODY_WANTED_A_RELAY.includes(now.code));
    if (!worse) this.#worseSinceMs = undefined;
    else this.#worseSinceMs ??= now.nowMs;
    const after = SECOND_LOOKS_MS[this.#taken];
    if (after === undefined || this.#worseSinceMs === undefined || now.nowMs - this.#worseSinceMs < after) return false;
    this.#taken += 1;
    return true;
  }
}
