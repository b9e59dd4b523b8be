// The six steps of a connection in two lanes, you and the other, each with its own clock. A step's mark opens the
// raw lines behind it and the section of the RFC that asks for them.

import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { STEPS, type Step, type StepName } from '../../../sdk/src/index.ts';
import type { MessageKey } from '../i18n/en.ts';
import { milliseconds } from '../model/format.ts';
import { useTranslate } from '../model/language.ts';
import { Icon } from './icons.tsx';

const RFC: Record<StepName, { number: number; section: string }> = {
  wants: { number: 8829, section: '3.1' },
  own_addresses: { number: 8445, section: '5.1.1' },
  their_addresses: { number: 8838, section: '11' },
  exchanged: { number: 8829, section: '3.2' },
  path_chosen: { number: 8445, section: '8.1.1' },
  connected: { number: 8827, section: '6.5' },
};

type Lane = 'yours' | 'theirs';

interface MarkProps {
  step: Step | undefined;
  lane: string;
  title: string;
  number: number;
  open: boolean;
  onOpen: () => void;
}

function StepMark({ step, lane, title, number, open, onOpen }: MarkProps): JSX.Element {
  const say = useTranslate();
  return (
    <button
      type="button"
      class={`step-mark ${step ? 'reached' : ''}`}
      disabled={!step}
      aria-expanded={open}
      aria-label={say('step_lines', { number, lane, title })}
      onClick={onOpen}
    >
      <span class="step-dot">{number}</span>
      <span class="step-time">{step ? milliseconds(step.at_ms) : say('step_pending')}</span>
    </button>
  );
}

function StepLines({ step, name }: { step: Step; name: StepName }): JSX.Element {
  const say = useTranslate();
  const { number, section } = RFC[name];
  return (
    <div class="step-lines">
      {step.lines.length > 0 ? (
        <pre tabIndex={0}>{step.lines.join('\n')}</pre>
      ) : (
        <p class="hint">{say('step_no_lines')}</p>
      )}
      <a
        href={`https://www.rfc-editor.org/rfc/rfc${number}#section-${section}`}
        target="_blank"
        rel="noopener noreferrer"
      >
        {say('read_rfc', { rfc: `RFC ${number} §${section}` })}
      </a>
    </div>
  );
}

export function TimelineView({ yours, theirs, name }: { yours: Step[]; theirs: Step[]; name: string }): JSX.Element {
  const say = useTranslate();
  const [open, setOpen] = useState('');
  const lanes: Record<Lane, Step[]> = { yours, theirs };
  const toggle = (key: string): void => setOpen(open === key ? '' : key);
  return (
    <section class="timeline" aria-label={say('timeline')}>
      <h3>{say('timeline')}</h3>
      <div class="lanes-head">
        <span>{say('lane_you')}</span>
        <span class="lane-server" title={say('lane_server')}>
          <Icon name="server" size={16} />
          {say('lane_server')}
        </span>
        <span dir="auto">{name}</span>
      </div>
      <ol class="lanes">
        {STEPS.map((step, index) => {
          const title: MessageKey = `step_${step}`;
          const number = index + 1;
          const mark = (lane: Lane): JSX.Element => (
            <StepMark
              step={lanes[lane].find((each) => each.step === number)}
              lane={lane === 'yours' ? say('lane_you') : name}
              title={say(title)}
              number={number}
              open={open === `${lane}-${number}`}
              onOpen={() => toggle(`${lane}-${number}`)}
            />
          );
          const opened = (['yours', 'theirs'] as const).find((lane) => open === `${lane}-${number}`);
          const shown = opened && lanes[opened].find((each) => each.step === number);
          return (
            <li key={step} class="lane-row">
              {mark('yours')}
              <span class="step-title">{say(title)}</span>
              {mark('theirs')}
              {shown && <StepLines step={shown} name={step} />}
            </li>
          );
        })}
      </ol>
      <p class="hint">{say(theirs.length === 0 ? 'timeline_waiting' : 'timeline_clocks')}</p>
    </section>
  );
}
