// The inspector, in a drawer: why the path to somebody is as it is. The sentence first, the numbers and the verification
// below; on demand how it came about, every pair, both routers, what-if, and a report to hand on.

import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { CandidateFacts, Explanation } from '../../../sdk/src/index.ts';
import type { MessageKey } from '../i18n/en.ts';
import { bitRate, milliseconds } from '../model/format.ts';
import { inspectionOf, reportOf, type Inspection } from '../model/inspection.ts';
import { useTranslate } from '../model/language.ts';
import type { Person, Session } from '../model/session.ts';
import { useStore } from '../model/store.ts';
import { NatCard } from './nat_card.tsx';
import { addressOf, PairMatrix } from './pair_matrix.tsx';
import { Mark, sentenceOf } from './path_badge.tsx';
import { TimelineView } from './timeline.tsx';
import { Verification } from './verification.tsx';
import { WhatIfChoice } from './what_if.tsx';

const CANDIDATE_KEYS: Record<string, MessageKey> = {
  host: 'candidate_host',
  srflx: 'candidate_srflx',
  prflx: 'candidate_prflx',
  relay: 'candidate_relay',
};

function End({ label, candidate }: { label: string; candidate: CandidateFacts }): JSX.Element {
  const say = useTranslate();
  const key = CANDIDATE_KEYS[candidate.type];
  const relay = candidate.relayProtocol?.toUpperCase();
  return (
    <div class="fact wide">
      <dt>{label}</dt>
      <dd>
        {key ? say(key) : candidate.type} · {candidate.protocol.toUpperCase()}
        {relay && ` · ${say('over_relay', { transport: relay })}`}
        <span class="address">{addressOf(say, candidate)}</span>
      </dd>
    </div>
  );
}

function Facts({ path }: { path: Explanation }): JSX.Element {
  const say = useTranslate();
  return (
    <dl class="facts">
      {path.rttMs !== undefined && (
        <div class="fact">
          <dt>{say('round_trip')}</dt>
          <dd>{milliseconds(path.rttMs)}</dd>
        </div>
      )}
      <div class="fact">
        <dt>{say('sending')}</dt>
        <dd>{bitRate(path.bitsPerSecondUp)}</dd>
      </div>
      <div class="fact">
        <dt>{say('receiving')}</dt>
        <dd>{bitRate(path.bitsPerSecondDown)}</dd>
      </div>
      {path.local && <End label={say('your_end')} candidate={path.local} />}
      {path.remote && <End label={say('their_end')} candidate={path.remote} />}
    </dl>
  );
}

function Report({ person, inspection, sentence }: { person: Person; inspection: Inspection; sentence: string }): JSX.Element {
  const say = useTranslate();
  const [withAddresses, setWithAddresses] = useState(false);
  const save = (): void => {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(reportOf(person, inspection, sentence, withAddresses));
    link.download = 'beeline-path.html';
    link.click();
    URL.revokeObjectURL(link.href);
  };
  return (
    <section class="report" aria-label={say('report')}>
      <h3>{say('report')}</h3>
      <p class="hint">{say('report_hint')}</p>
      <label class="switch">
        <input
          type="checkbox"
          name="with-addresses"
          checked={withAddresses}
          onChange={(event) => setWithAddresses(event.currentTarget.checked)}
        />
        <span>{say('report_addresses')}</span>
      </label>
      <button type="button" class="button" data-action="save-report" onClick={save}>
        {say('report_save')}
      </button>
    </section>
  );
}

function How({ session, person, sentence }: { session: Session; person: Person; sentence: string }): JSX.Element | null {
  const say = useTranslate();
  const room = session.room;
  if (!room) return null;
  const inspection = inspectionOf(room, person);
  const name = person.name || say('nameless');
  return (
    <>
      <TimelineView yours={inspection.yours} theirs={inspection.theirs} name={name} />
      <PairMatrix stats={inspection.stats} />
      <section class="nats" aria-label={say('nat')}>
        <h3>{say('nat')}</h3>
        <NatCard title={say('nat_yours')} nat={inspection.yourNat} />
        <NatCard title={say('nat_theirs', { name: person.name || '@nameless' })} nat={inspection.theirNat} />
      </section>
      <WhatIfChoice session={session} memberId={person.id} current={inspection.whatIf} />
      <Report person={person} inspection={inspection} sentence={sentence} />
    </>
  );
}

export function PathPanel({ session }: { session: Session }): JSX.Element | null {
  const say = useTranslate();
  const [how, setHow] = useState(false);
  const { people, pathOf } = useStore(session);
  const person = people.find(({ id }) => id === pathOf);
  const path = person?.path;
  if (!person || !path) return null;
  const word: MessageKey = `path_${path.path}`;
  const sentence = sentenceOf(say, path, person.name);
  return (
    <div class="path">
      <div class={`path-head path-${path.path}`} role="status">
        <span class="path-kind">
          <Mark path={path.path} /> {say(word)}
        </span>
        <p class="path-sentence" data-code={path.code}>
          {sentence}
        </p>
      </div>
      <Facts path={path} />
      <Verification person={person} />
      <button type="button" class="button" aria-expanded={how} data-action="see-how" onClick={() => setHow(!how)}>
        {say(how ? 'hide_how' : 'see_how')}
      </button>
      {how && <How session={session} person={person} sentence={sentence} />}
    </div>
  );
}
