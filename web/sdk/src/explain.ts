// Why a path is as it is: facts in, one reason code out. Pure, so that every row of the table can be tested; it
// claims only what the facts show.

import { reachOf } from './address.ts';
import type { PathKind, ReasonCode } from './reason.ts';

export interface CandidateFacts {
  id: string;
  type: string;
  protocol: string;
  address?: string;
  port?: number;
  /** The port on this side of the NAT that a reflexive candidate belongs to. */
  relatedPort?: number;
  /** Only candidates that go through our own TURN server have one: udp, tcp or tls. */
  relayProtocol?: string;
  url?: string;
}

export interface RelayTrouble {
  url: string;
  /** A STUN error code, or 701 when the server could not be reached. */
  code: number;
}

export interface PathFacts {
  connection: RTCPeerConnectionState;
  /** ICE found a path; with a failed connection that means the other side's certificate was refused. */
  iceConnected: boolean;
  everConnected: boolean;
  online: boolean;
  relayOnly: boolean;
  peerRelayOnly: boolean;
  /** One tries out a network that allows less than this one. */
  whatIf: boolean;
  peerName: string;
  silentForMs: number;
  /** How long the selected pair has been a relayed one. */
  relayedForMs: number;
  relayOffered: boolean;
  relayTrouble: readonly RelayTrouble[];
  local?: CandidateFacts;
  remote?: CandidateFacts;
  localCandidates: readonly CandidateFacts[];
  remoteCandidates: readonly CandidateFacts[];
  incompatible?: string;
}

export interface Verdict {
  code: ReasonCode;
  path: PathKind;
  params: Record<string, string | number>;
}

/** For this long after a relayed path was chosen the browser still tries the direct ones. */
export const STILL_LOOKING_MS = 20_000;

/**
 * A local candidate rides our relay when it says so, whatever its type: a peer-reflexive one found behind a relay
 * keeps the relay's protocol and server address.
 */
export function ridesOurRelay(candidate: CandidateFacts): boolean {
  return candidate.type === 'relay' || !!candidate.relayProtocol || /^turns?:/.test(candidate.url ?? '');
}

/** The remote end is a relay when it says so, or when it is one of the relayed addresses that it announced. */
export function isTheirRelay(remote: CandidateFacts, announced: readonly CandidateFacts[]): boolean {
  if (remote.type === 'relay') return true;
  if (!remote.address) return false;
  return announced.some(
    (candidate) =>
      candidate.type === 'relay' && candidate.address === remote.address && candidate.port === remote.port,
  );
}

function verdict(code: ReasonCode, path: PathKind, params: Verdict['params'] = {}): Verdict {
  return { code, path, params };
}

function directVerdict(local: CandidateFacts, remote: CandidateFacts): Verdict {
  if (local.protocol === 'tcp' || remote.protocol === 'tcp') return verdict('direct_tcp', 'direct');
  const localHost = local.type === 'host';
  const remoteHost = remote.type === 'host';
  const hostIsPublic =
    (localHost && reachOf(local.address) === 'public') || (remoteHost && reachOf(remote.address) === 'public');
  if (hostIsPublic) return verdict('direct_public', 'direct');
  if (localHost && remoteHost) return verdict('direct_same_network', 'direct');
  // The other side saw our own, untranslated address: no router stands between us. (A host candidate whose answer
  // names another address becomes a reflexive one.) The same holds the other way round.
  const otherIsNear = (end: CandidateFacts): boolean => end.type === 'prflx' && reachOf(end.address) !== 'public';
  if ((localHost && otherIsNear(remote)) || (remoteHost && otherIsNear(local))) {
    return verdict('direct_same_network', 'direct');
  }
  return verdict('direct_punched', 'direct');
}

function udpWorked(candidates: readonly CandidateFacts[]): boolean {
  return candidates.some(
    (candidate) => (candidate.type === 'srflx' && candidate.protocol === 'udp') || candidate.relayProtocol === 'udp',
  );
}

function relayedVerdict(facts: PathFacts, ours: boolean): Verdict {
  if (facts.whatIf) return verdict('relayed_what_if', 'relayed');
  if (facts.relayOnly) return verdict('relayed_by_choice', 'relayed');
  if (facts.peerRelayOnly) return verdict('relayed_peer_choice', 'relayed');
  if (facts.relayedForMs < STILL_LOOKING_MS) return verdict('relayed_for_now', 'relayed');
  const transport = facts.local?.relayProtocol;
  if (ours && (transport === 'tcp' || transport === 'tls') && !udpWorked(facts.localCandidates)) {
    return verdict('relayed_udp_blocked', 'relayed', { transport: transport.toUpperCase() });
  }
  return verdict('relayed_no_answer', 'relayed');
}

function portsOf(troubles: readonly RelayTrouble[]): string {
  const ports = troubles.map(({ url }) => {
    const port = /:(\d+)(?:\?|$)/.exec(url)?.[1] ?? (url.startsWith('turns:') ? '5349' : '3478');
    return `${port}/${/transport=tcp|^turns:/.test(url) ? 'tcp' : 'udp'}`;
  });
  return [...new Set(ports)].join(', ');
}

function failedVerdict(facts: PathFacts): Verdict {
  if (facts.iceConnected) return verdict('failed_identity', 'failed');
  const gone = verdict('lost_peer', 'failed', {
    name: facts.peerName,
    seconds: Math.round(facts.silentForMs / 1000),
  });
  if (facts.everConnected) return gone;
  if (!facts.relayOffered) return verdict('failed_no_relay', 'failed');
  if (facts.localCandidates.some((candidate) => candidate.type === 'relay')) return gone;
  const trouble = facts.relayTrouble.filter(({ url }) => /^turns?:/.test(url));
  const refused = trouble.find(({ code }) => code >= 300 && code < 700);
  if (refused) return verdict('failed_relay_refused', 'failed', { code: refused.code });
  if (trouble.length > 0) return verdict('failed_relay_unreachable', 'failed', { ports: portsOf(trouble) });
  return gone;
}

export function explainPath(facts: PathFacts): Verdict {
  if (facts.incompatible) return verdict('failed_incompatible', 'failed', { what: facts.incompatible });
  if (facts.connection === 'failed') {
    return facts.online ? failedVerdict(facts) : verdict('lost_network', 'failed');
  }
  if (facts.connection === 'disconnected') {
    if (!facts.online) return verdict('lost_network', 'looking');
    const seconds = Math.round(facts.silentForMs / 1000);
    return verdict('lost_peer', 'looking', { name: facts.peerName, seconds });
  }
  if (facts.connection !== 'connected' || !facts.local || !facts.remote) {
    return verdict('looking', 'looking', { name: facts.peerName });
  }
  const ours = ridesOurRelay(facts.local);
  if (ours || isTheirRelay(facts.remote, facts.remoteCandidates)) return relayedVerdict(facts, ours);
  return directVerdict(facts.local, facts.remote);
}
