// Everything that is known about the path to one person, gathered for the inspector and for its report.

import {
  maskAddresses,
  natOf,
  type CandidateFacts,
  type LinkStats,
  type NatView,
  type Room,
  type Step,
  type WhatIf,
} from '../../../sdk/src/index.ts';
import { reportPage } from './report_page.ts';
import type { Person } from './person.ts';

export interface Inspection {
  yours: Step[];
  theirs: Step[];
  stats: LinkStats | undefined;
  yourNat: NatView;
  theirNat: NatView;
  whatIf: WhatIf;
}

export function inspectionOf(room: Room, { id, path }: Person): Inspection {
  const stats = room.stats(id);
  const locals: readonly CandidateFacts[] = stats?.localCandidates ?? [];
  const remotes: readonly CandidateFacts[] = stats?.remoteCandidates ?? [];
  return {
    ...room.timeline(id),
    stats,
    yourNat: natOf(locals, path?.local),
    theirNat: natOf(remotes, path?.remote),
    whatIf: room.whatIf(id),
  };
}

/** The report as one HTML file, with addresses masked unless they are asked for. Names stay out of it either way. */
export function reportOf(person: Person, inspection: Inspection, sentence: string, withAddresses: boolean): Blob {
  const { yours, theirs, stats, yourNat, theirNat, whatIf } = inspection;
  const facts = {
    beeline_report: 1,
    made_at: new Date().toISOString(),
    sentence,
    path: person.path,
    what_if: whatIf,
    timeline: { yours, theirs },
    candidates: { local: stats?.localCandidates ?? [], remote: stats?.remoteCandidates ?? [] },
    pairs: stats?.pairs ?? [],
    nat: { yours: yourNat, theirs: theirNat },
    dtls: { version: stats?.tlsVersion ?? null, srtp: stats?.srtpCipher ?? null },
    browser: navigator.userAgent,
  };
  const { params: _names, ...path } = person.path ?? { params: {} };
  const nameless = { ...facts, path };
  const shown = withAddresses ? nameless : maskAddresses(nameless);
  return new Blob([reportPage('Beeline: a path', shown.sentence, shown)], { type: 'text/html' });
}
