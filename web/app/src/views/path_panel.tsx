// Why the path to somebody is as it is: the sentence first, the numbers below, and on demand how it came about.

import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { ridesOurRelay, type CandidateFacts, type LinkStats, type PairFacts, type PathKind } from '../../../sdk/src/index.ts';
import type { MessageKey } from '../i18n/en.ts';
import type { Translate } from '../i18n/translate.ts';
import { bitRate, milliseconds } from '../model/format.ts';
import { useTranslate } from '../model/language.ts';
import type { Session } from '../model/session.ts';
import { useStore } from '../model/store.ts';
import { Mark, sentenceOf } from './path_badge.tsx';
import { TimelineView } from './timeline.tsx';

const CANDIDATE_KEYS: Record<string, MessageKey> = {
  host: 'candidate_host',
  srflx: 'candidate_srflx',
  prflx: 'candidate_prflx',
  relay: 'candidate_relay',
};

function addressOf(say: Translate, candidate: CandidateFacts): string {
  if (!candidate.address) return say('hidden_address');
  const address = candidate.address.includes(':') ? `[${candidate.address}]` : candidate.address;
  return candidate.port === undefined ? address : `${address}:${candidate.port}`;
}

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

function pairMark(pair: PairFacts, local: CandidateFacts | undefined, remote: CandidateFacts | undefined): PathKind {
  if (pair.state === 'failed') return 'failed';
  if (pair.state !== 'succeeded') return 'looking';
  return (local && ridesOurRelay(local)) || remote?.type === 'relay' ? 'relayed' : 'direct';
}

function pairWord(pair: PairFacts): MessageKey {
  if (pair.selected) return 'pair_selected';
  if (pair.state === 'succeeded') return 'pair_working';
  return pair.state === 'failed' ? 'pair_failed' : 'pair_waiting';
}

function Pairs({ stats }: { stats: LinkStats | undefined }): JSX.Element {
  const say = useTranslate();
  const pairs = [...(stats?.pairs ?? [])].sort((a, b) => Number(b.selected) - Number(a.selected));
  const find = (list: CandidateFacts[] | undefined, id: string): CandidateFacts | undefined =>
    list?.find((candidate) => candidate.id === id);
  return (
    <section class="pairs" aria-label={say('pairs')}>
      <h3>
        {say('pairs')} <span class="hint">{say('pair_count', { count: pairs.length })}</span>
      </h3>
      {pairs.length === 0 && <p class="hint">{say('no_pairs')}</p>}
      <ul>
        {pairs.map((pair) => {
          const local = find(stats?.localCandidates, pair.localId);
          const remote = find(stats?.remoteCandidates, pair.remoteId);
          return (
            <li key={pair.id} class={pair.selected ? 'pair selected' : 'pair'}>
              <Mark path={pairMark(pair, local, remote)} />
              <span class="pair-ends">
                <span>{local ? `${local.type} ${addressOf(say, local)}` : '?'}</span>
                <span>{remote ? `${remote.type} ${addressOf(say, remote)}` : '?'}</span>
              </span>
              <span class="pair-word">
                {say(pairWord(pair))}
                {pair.rttMs !== undefined && <span>{milliseconds(pair.rttMs)}</span>}
              </span>
            </li>
          );
        })}
      </ul>
    </section>
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
  return (
    <div class="path">
      <div class={`path-head path-${path.path}`} role="status">
        <span class="path-kind">
          <Mark path={path.path} /> {say(word)}
        </span>
        <p class="path-sentence" data-code={path.code}>
          {sentenceOf(say, path, person.name)}
        </p>
      </div>
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
      <button type="button" class="button" aria-expanded={how} data-action="see-how" onClick={() => setHow(!how)}>
        {say(how ? 'hide_how' : 'see_how')}
      </button>
      {how && (
        <>
          <TimelineView {...session.timeline(person.id)} name={person.name || say('nameless')} />
          <Pairs stats={session.stats(person.id)} />
        </>
      )}
    </div>
  );
}
