// Our candidates against theirs: what became of each pair, and why it is not the one in use. Pure; from statistics alone,
// so it says what they show and no more.

import { isTheirRelay, ridesOurRelay, type CandidateFacts } from './explain.ts';
import type { LinkStats, PairFacts } from './link_stats.ts';
import type { PathKind } from './reason.ts';

export type PairReason =
  | 'in_use'
  | 'slower_path' // answered; the one in use has the higher priority or came first
  | 'no_answer'
  | 'waiting'
  | 'other_family' // IPv4 and IPv6 do not meet
  | 'other_protocol' // UDP and TCP do not meet
  | 'both_active' // browsers only call over TCP, they never listen
  | 'same_base' // RFC 8445 §6.1.2.4: checked from the host candidate it belongs to
  | 'not_formed';

export interface MatrixCell {
  /** Null where no pair was made. */
  mark: PathKind | null;
  reason: PairReason;
  rttMs?: number;
}

export function pairMark(pair: PairFacts, local: CandidateFacts, remote: CandidateFacts, stats: LinkStats): PathKind {
  if (pair.state === 'failed') return 'failed';
  if (pair.state !== 'succeeded') return 'looking';
  return ridesOurRelay(local) || isTheirRelay(remote, stats.remoteCandidates) ? 'relayed' : 'direct';
}

function familyOf({ address }: CandidateFacts): 4 | 6 | null {
  if (!address || address.endsWith('.local')) return null;
  return address.includes(':') ? 6 : 4;
}

function whyNotFormed(local: CandidateFacts, remote: CandidateFacts): PairReason {
  if (local.protocol !== remote.protocol) return 'other_protocol';
  if (local.protocol === 'tcp') return 'both_active';
  const [ours, theirs] = [familyOf(local), familyOf(remote)];
  if (ours && theirs && ours !== theirs) return 'other_family';
  return local.type === 'srflx' ? 'same_base' : 'not_formed';
}

export function cellOf(stats: LinkStats, local: CandidateFacts, remote: CandidateFacts): MatrixCell {
  const pair = stats.pairs.find(({ localId, remoteId }) => localId === local.id && remoteId === remote.id);
  if (!pair) return { mark: null, reason: whyNotFormed(local, remote) };
  const reason: PairReason = pair.selected
    ? 'in_use'
    : pair.state === 'succeeded'
      ? 'slower_path'
      : pair.state === 'failed'
        ? 'no_answer'
        : 'waiting';
  return { mark: pairMark(pair, local, remote, stats), reason, ...(pair.rttMs !== undefined && { rttMs: pair.rttMs }) };
}
