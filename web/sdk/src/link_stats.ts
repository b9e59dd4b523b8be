// One reading of getStats() per second, boiled down to what a tile, an explanation and a test need. W3C names stay
// recognisable; rates come from the difference to the reading before.

import type { CandidateFacts } from './explain.ts';
import { isObject } from './protocol.ts';

export interface PairFacts {
  id: string;
  localId: string;
  remoteId: string;
  /** frozen, waiting, in-progress, failed or succeeded */
  state: string;
  selected: boolean;
  rttMs?: number;
  bytesSent: number;
  bytesReceived: number;
}

export interface LinkStats {
  atMs: number;
  rttMs?: number;
  bitsPerSecondUp: number;
  bitsPerSecondDown: number;
  bytesSent: number;
  bytesReceived: number;
  pairs: PairFacts[];
  localCandidates: CandidateFacts[];
  remoteCandidates: CandidateFacts[];
  selected?: PairFacts;
  framesDecoded: number;
  totalAudioEnergy: number;
  /** 0 to 1, of what the other side says. */
  audioLevel: number;
  /** For example `FEFD` (DTLS 1.2) or `FEFC` (1.3), as the browser reports it. */
  tlsVersion?: string;
  srtpCipher?: string;
}

type Row = Record<string, unknown>;

function number(row: Row, key: string): number {
  const value = row[key];
  return typeof value === 'number' ? value : 0;
}

function text(row: Row, key: string): string | undefined {
  const value = row[key];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function candidate(row: Row): CandidateFacts {
  const facts: CandidateFacts = {
    id: text(row, 'id') ?? '',
    type: text(row, 'candidateType') ?? '',
    protocol: (text(row, 'protocol') ?? '').toLowerCase(),
  };
  const address = text(row, 'address') ?? text(row, 'ip');
  const relayProtocol = text(row, 'relayProtocol');
  const url = text(row, 'url');
  if (address) facts.address = address;
  if (typeof row['port'] === 'number') facts.port = row['port'];
  if (typeof row['relatedPort'] === 'number') facts.relatedPort = row['relatedPort'];
  if (relayProtocol) facts.relayProtocol = relayProtocol.toLowerCase();
  if (url) facts.url = url;
  return facts;
}

function pair(row: Row, selectedId: string | undefined): PairFacts {
  const id = text(row, 'id') ?? '';
  const facts: PairFacts = {
    id,
    localId: text(row, 'localCandidateId') ?? '',
    remoteId: text(row, 'remoteCandidateId') ?? '',
    state: text(row, 'state') ?? 'waiting',
    // Firefox has no transport row with the selected pair; it marks the pair itself.
    selected: selectedId === undefined ? row['selected'] === true : selectedId === id,
    bytesSent: number(row, 'bytesSent'),
    bytesReceived: number(row, 'bytesReceived'),
  };
  if (typeof row['currentRoundTripTime'] === 'number') facts.rttMs = row['currentRoundTripTime'] * 1000;
  return facts;
}

function rowsOf(report: RTCStatsReport): Row[] {
  const rows: Row[] = [];
  report.forEach((row: unknown) => {
    if (isObject(row)) rows.push(row);
  });
  return rows;
}

export function readStats(report: RTCStatsReport, previous: LinkStats | undefined): LinkStats {
  const rows = rowsOf(report);
  const ofType = (type: string): Row[] => rows.filter((row) => row['type'] === type);
  const sum = (list: Row[], key: string): number => list.reduce((total, row) => total + number(row, key), 0);
  const transport = ofType('transport')[0];
  const inbound = ofType('inbound-rtp');
  const pairs = ofType('candidate-pair').map((row) => pair(row, transport && text(transport, 'selectedCandidatePairId')));
  const selected = pairs.find((each) => each.selected);
  const stats: LinkStats = {
    atMs: number(transport ?? rows[0] ?? {}, 'timestamp'),
    bitsPerSecondUp: 0,
    bitsPerSecondDown: 0,
    bytesSent: transport ? number(transport, 'bytesSent') : (selected?.bytesSent ?? 0),
    bytesReceived: transport ? number(transport, 'bytesReceived') : (selected?.bytesReceived ?? 0),
    pairs,
    localCandidates: ofType('local-candidate').map(candidate),
    remoteCandidates: ofType('remote-candidate').map(candidate),
    framesDecoded: sum(inbound, 'framesDecoded'),
    totalAudioEnergy: sum(inbound, 'totalAudioEnergy'),
    audioLevel: Math.max(0, ...inbound.map((row) => number(row, 'audioLevel'))),
  };
  if (selected) stats.selected = selected;
  if (selected?.rttMs !== undefined) stats.rttMs = selected.rttMs;
  const tlsVersion = transport && text(transport, 'tlsVersion');
  const srtpCipher = transport && text(transport, 'srtpCipher');
  if (tlsVersion) stats.tlsVersion = tlsVersion;
  if (srtpCipher) stats.srtpCipher = srtpCipher;
  addRates(stats, previous);
  return stats;
}

function addRates(stats: LinkStats, previous: LinkStats | undefined): void {
  const seconds = previous ? (stats.atMs - previous.atMs) / 1000 : 0;
  if (!previous || seconds <= 0) return;
  stats.bitsPerSecondUp = Math.max(0, ((stats.bytesSent - previous.bytesSent) * 8) / seconds);
  stats.bitsPerSecondDown = Math.max(0, ((stats.bytesReceived - previous.bytesReceived) * 8) / seconds);
}
