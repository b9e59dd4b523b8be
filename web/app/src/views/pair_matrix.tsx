// Our candidates in rows, theirs in columns, and in each cell the mark of the pair: what became of it. A cell opens the
// reason in words.

import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { cellOf, endpointText, type CandidateFacts, type LinkStats, type MatrixCell } from '../../../sdk/src/index.ts';
import type { MessageKey } from '../i18n/en.ts';
import type { Translate } from '../i18n/translate.ts';
import { milliseconds } from '../model/format.ts';
import { useTranslate } from '../model/language.ts';
import { Mark } from './path_badge.tsx';

/** More than a person can read at once; the report has them all. */
const SHOWN = 8;

export function addressOf(say: Translate, candidate: CandidateFacts): string {
  return candidate.address ? endpointText(candidate.address, candidate.port) : say('hidden_address');
}

function labelOf(candidate: CandidateFacts): string {
  const relay = candidate.relayProtocol ? `/${candidate.relayProtocol}` : '';
  return `${candidate.type} ${candidate.protocol}${relay}`;
}

/** What one can use first: candidates in the pair in use, then host, reflexive, relayed. */
function shownOf(candidates: readonly CandidateFacts[], used: string | undefined): CandidateFacts[] {
  const order = ['host', 'srflx', 'prflx', 'relay'];
  const rank = ({ id, type }: CandidateFacts): number => (id === used ? -1 : order.indexOf(type));
  return [...candidates].sort((a, b) => rank(a) - rank(b)).slice(0, SHOWN);
}

function Legend({ side, candidates }: { side: string; candidates: readonly CandidateFacts[] }): JSX.Element {
  const say = useTranslate();
  return (
    <ol class="legend">
      {candidates.map((candidate, index) => (
        <li key={candidate.id}>
          <b>{`${side}${index + 1}`}</b> {labelOf(candidate)} <span class="address">{addressOf(say, candidate)}</span>
        </li>
      ))}
    </ol>
  );
}

interface CellProps {
  cell: MatrixCell;
  name: string;
  open: boolean;
  onOpen: () => void;
}

function Cell({ cell, name, open, onOpen }: CellProps): JSX.Element {
  const say = useTranslate();
  const reason: MessageKey = `pair_${cell.reason}`;
  return (
    <td class={cell.reason === 'in_use' ? 'cell used' : 'cell'}>
      <button type="button" aria-expanded={open} aria-label={`${name}: ${say(reason)}`} data-reason={cell.reason} title={say(reason)} onClick={onOpen}>
        {cell.mark ? <Mark path={cell.mark} /> : <span aria-hidden="true">–</span>}
      </button>
    </td>
  );
}

export function PairMatrix({ stats }: { stats: LinkStats | undefined }): JSX.Element {
  const say = useTranslate();
  const [open, setOpen] = useState('');
  if (!stats || stats.localCandidates.length === 0) return <p class="hint">{say('no_pairs')}</p>;
  const rows = shownOf(stats.localCandidates, stats.selected?.localId);
  const columns = shownOf(stats.remoteCandidates, stats.selected?.remoteId);
  const [row, column] = open.split(' ').map((id) => [...rows, ...columns].find((each) => each.id === id));
  const opened = row && column ? cellOf(stats, row, column) : null;
  return (
    <section class="matrix" aria-label={say('pairs')}>
      <h3>
        {say('pairs')} <span class="hint">{say('pair_count', { count: stats.pairs.length })}</span>
      </h3>
      <div class="matrix-scroll">
        <table>
          <thead>
            <tr>
              <td />
              {columns.map(({ id }, index) => (
                <th key={id} scope="col">{`B${index + 1}`}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((local, index) => (
              <tr key={local.id}>
                <th scope="row">{`A${index + 1}`}</th>
                {columns.map((remote, place) => {
                  const key = `${local.id} ${remote.id}`;
                  return (
                    <Cell
                      key={key}
                      cell={cellOf(stats, local, remote)}
                      name={`A${index + 1} B${place + 1}`}
                      open={open === key}
                      onOpen={() => setOpen(open === key ? '' : key)}
                    />
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {row && column && opened && (
        <p class="matrix-reason" role="status">
          <b>{`A${rows.indexOf(row) + 1} · B${columns.indexOf(column) + 1}`}</b> {say(`pair_${opened.reason}`)}
          {opened.rttMs !== undefined && ` ${milliseconds(opened.rttMs)}`}
        </p>
      )}
      <div class="legends">
        <Legend side="A" candidates={rows} />
        <Legend side="B" candidates={columns} />
      </div>
    </section>
  );
}
