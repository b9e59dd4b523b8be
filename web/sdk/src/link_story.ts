// What happened on one link and how it is now: the timeline of the six steps, the latest statistics, and from both
// the explanation. It watches and never acts.

import { endpointText } from './address.ts';
import { explainPath, ridesOurRelay, type CandidateFacts, type PathFacts, type RelayTrouble } from './explain.ts';
import { readStats, type LinkStats } from './link_stats.ts';
import type { PathKind, ReasonCode } from './reason.ts';
import { Timeline, type Step } from './timeline.ts';

/** Everything that explain() has to say about the path to one member. */
export interface Explanation {
  code: ReasonCode;
  path: PathKind;
  /** For the sentence that belongs to `code`: {name}, {seconds}, {transport}, … */
  params: Record<string, string | number>;
  local?: CandidateFacts;
  remote?: CandidateFacts;
  rttMs?: number;
  bitsPerSecondUp: number;
  bitsPerSecondDown: number;
}

export interface Circumstances {
  name: string;
  relayOnly: boolean;
  peerRelayOnly: boolean;
  whatIf: boolean;
  relayOffered: boolean;
}

const ORIGINS = {
  welcome: (peer: string) => `<- welcome: ${peer} is here`,
  joined: (peer: string) => `<- joined: ${peer}`,
  reset: (peer: string) => `reset: beginning anew with ${peer}`,
} as const;

const TELLING_LINES = /^(m=|a=ice-ufrag:|a=ice-options:|a=setup:|a=fingerprint:|a=sctp-port:)/;

/** The lines of a description that decide a connection, without the password and without the codec lists. */
export function tellingLines(prefix: string, sdp: string): string[] {
  const lines = sdp
    .split(/\r?\n/)
    .filter((line) => TELLING_LINES.test(line))
    .map((line) => `${prefix} ${line.startsWith('m=') ? line.split(' ').slice(0, 3).join(' ') : line}`);
  return [...new Set(lines)];
}

function endOf(candidate: CandidateFacts | undefined): string {
  if (!candidate) return '?';
  const address = candidate.address ? endpointText(candidate.address, candidate.port) : 'hidden by the browser';
  const relay = candidate.relayProtocol ? ` over ${candidate.relayProtocol}` : '';
  return `${candidate.type} ${candidate.protocol} ${address}${relay}`;
}

export class LinkStory {
  /** The other side's lane, as it told it over the data channel. */
  theirSteps: Step[] = [];
  /** Set when no common session could be agreed on: what was missing. */
  incompatible: string | undefined;
  stats: LinkStats | undefined;

  readonly #timeline = new Timeline(() => performance.now());
  readonly #trouble: RelayTrouble[] = [];
  #connection: RTCPeerConnectionState = 'new';
  #iceConnected = false;
  #everConnected = false;
  #heardAt = performance.now();
  #relayedSince: number | undefined;
  #pairShown = '';
  readonly #pairStates = new Map<string, string>();
  readonly #checkLines: string[] = [];
  #described = false;
  readonly #descriptionLines: string[] = [];
  #sharedLines = -1;

  constructor(origin: keyof typeof ORIGINS, peer: string) {
    this.#timeline.mark('wants', ORIGINS[origin](peer));
  }

  get steps(): Step[] {
    return this.#timeline.steps;
  }

  get stepsToShare(): boolean {
    return this.#lineCount() !== this.#sharedLines;
  }

  shared(): void {
    this.#sharedLines = this.#lineCount();
  }

  localCandidate(line: string): void {
    this.#timeline.mark('own_addresses', `a=${line}`);
    this.#markExchanged();
  }

  remoteCandidate(line: string): void {
    if (!line) return;
    this.#timeline.mark('their_addresses', `a=${line}`);
    this.#markExchanged();
  }

  relayTrouble(url: string, code: number): void {
    if (this.#trouble.length < 64) this.#trouble.push({ url, code });
  }

  description(side: 'local' | 'remote', { type, sdp }: { type: RTCSdpType; sdp: string }): void {
    if (side === 'remote') {
      for (const line of sdp.match(/^a=(candidate:.*)$/gm) ?? []) this.remoteCandidate(line.trim().slice(2));
    }
    this.#descriptionLines.push(...tellingLines(`${side === 'local' ? '->' : '<-'} ${type}:`, sdp));
  }

  /** A description of each side may be in place now. */
  exchanged(connection: RTCPeerConnection): void {
    if (connection.signalingState === 'stable') this.#described = true;
    this.#markExchanged();
  }

  iceState(connection: RTCPeerConnection): void {
    const state = connection.iceConnectionState;
    this.#iceConnected = state === 'connected' || state === 'completed';
    if (this.#iceConnected) this.#choosePath(`iceConnectionState: ${state}`);
  }

  connectionState(state: RTCPeerConnectionState): void {
    if (this.#connection === 'connected') this.#heardAt = performance.now();
    this.#connection = state;
    if (state !== 'connected') return;
    this.#everConnected = true;
    this.incompatible = undefined;
    this.#choosePath('connectionState: connected');
    this.#timeline.mark('connected', 'connectionState: connected');
  }

  read(report: RTCStatsReport): void {
    const before = this.stats;
    this.stats = readStats(report, before);
    const { tlsVersion, srtpCipher } = this.stats;
    if (this.#connection === 'connected') {
      this.#heardAt = performance.now();
      if (tlsVersion) this.#timeline.mark('connected', `DTLS version ${tlsVersion}`);
      if (srtpCipher) this.#timeline.mark('connected', `SRTP ${srtpCipher}`);
    }
    this.#noteChecks(this.stats);
    this.#showPair();
  }

  /** Browsers tell no check by itself; what became of each pair since the last reading is as near as one gets. */
  #noteChecks({ pairs, localCandidates, remoteCandidates }: LinkStats): void {
    for (const { id, localId, remoteId, state } of pairs) {
      if (this.#pairStates.get(id) === state || state === 'frozen' || state === 'waiting') continue;
      this.#pairStates.set(id, state);
      const local = localCandidates.find((each) => each.id === localId);
      const remote = remoteCandidates.find((each) => each.id === remoteId);
      this.#checkLines.push(`check ${endOf(local)} <-> ${endOf(remote)}: ${state}`);
    }
    if (this.#timeline.reached('path_chosen')) this.#timeline.mark('path_chosen', ...this.#checkLines.splice(0));
  }

  explain(circumstances: Circumstances): Explanation {
    const { local, remote } = this.#ends();
    const now = performance.now();
    const facts: PathFacts = {
      connection: this.#connection,
      iceConnected: this.#iceConnected,
      everConnected: this.#everConnected,
      online: typeof navigator === 'undefined' || navigator.onLine !== false,
      relayOnly: circumstances.relayOnly,
      peerRelayOnly: circumstances.peerRelayOnly,
      whatIf: circumstances.whatIf,
      peerName: circumstances.name,
      silentForMs: now - this.#heardAt,
      relayedForMs: this.#relayedSince === undefined ? 0 : now - this.#relayedSince,
      relayOffered: circumstances.relayOffered,
      relayTrouble: this.#trouble,
      localCandidates: this.stats?.localCandidates ?? [],
      remoteCandidates: this.stats?.remoteCandidates ?? [],
      ...(local && { local }),
      ...(remote && { remote }),
      ...(this.incompatible !== undefined && { incompatible: this.incompatible }),
    };
    return {
      ...explainPath(facts),
      ...(local && { local }),
      ...(remote && { remote }),
      ...(this.stats?.rttMs !== undefined && { rttMs: this.stats.rttMs }),
      bitsPerSecondUp: this.stats?.bitsPerSecondUp ?? 0,
      bitsPerSecondDown: this.stats?.bitsPerSecondDown ?? 0,
    };
  }

  /** Exchanged means all of it: both descriptions, and candidates from both sides. */
  #markExchanged(): void {
    const candidates = this.#timeline.reached('own_addresses') && this.#timeline.reached('their_addresses');
    if (!this.#described || !candidates) return;
    this.#timeline.mark('exchanged', ...this.#descriptionLines.splice(0));
  }

  /** A path can be found before the other side's candidates arrive; then its checks told us the address. */
  #choosePath(line: string): void {
    this.#timeline.mark('their_addresses');
    this.#timeline.mark('exchanged', ...this.#descriptionLines.splice(0));
    this.#timeline.mark('path_chosen', line);
  }

  #ends(): { local: CandidateFacts | undefined; remote: CandidateFacts | undefined } {
    const stats = this.stats;
    const pair = stats?.selected;
    return {
      local: stats?.localCandidates.find(({ id }) => id === pair?.localId),
      remote: stats?.remoteCandidates.find(({ id }) => id === pair?.remoteId),
    };
  }

  #showPair(): void {
    const { local, remote } = this.#ends();
    if (!local || !this.#timeline.reached('path_chosen')) return;
    const relayed = ridesOurRelay(local) || remote?.type === 'relay';
    if (!relayed) this.#relayedSince = undefined;
    else this.#relayedSince ??= performance.now();
    const line = `selected pair: ${endOf(local)} <-> ${endOf(remote)}`;
    if (line === this.#pairShown) return;
    this.#pairShown = line;
    this.#timeline.mark('path_chosen', line);
  }

  #lineCount(): number {
    return this.#timeline.steps.reduce((total, step) => total + 1 + step.lines.length, 0);
  }
}
