// The six steps of a connection, seen from one side, each with the moment it was reached and the raw lines behind
// it. Times count from this side's own first step: two computers' clocks are never compared.

import { isObject } from './protocol.ts';

export const STEPS = ['wants', 'own_addresses', 'their_addresses', 'exchanged', 'path_chosen', 'connected'] as const;
export type StepName = (typeof STEPS)[number];

export interface Step {
  /** 1 to 6, in the order of STEPS. */
  step: number;
  /** Milliseconds since this side's step 1. */
  at_ms: number;
  lines: string[];
}

const LINES_KEPT = 24;
const LINE_CHARACTERS = 300;

export class Timeline {
  readonly #now: () => number;
  #start: number | undefined;
  readonly #steps = new Map<StepName, Step>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Records the first time a step is reached; later calls only add lines. Returns whether the step is new. */
  mark(name: StepName, ...lines: string[]): boolean {
    const known = this.#steps.get(name);
    this.#start ??= this.#now();
    const step = known ?? {
      step: STEPS.indexOf(name) + 1,
      at_ms: Math.round((this.#now() - this.#start) * 10) / 10,
      lines: [],
    };
    for (const line of lines) {
      if (step.lines.length < LINES_KEPT && !step.lines.includes(line)) {
        step.lines.push(line.slice(0, LINE_CHARACTERS));
      }
    }
    if (!known) this.#steps.set(name, step);
    return !known;
  }

  reached(name: StepName): boolean {
    return this.#steps.has(name);
  }

  get steps(): Step[] {
    return [...this.#steps.values()].sort((a, b) => a.step - b.step);
  }
}

/** The other side's lane as it told it: it is shown, so it is bounded and checked first. */
export function parseSteps(value: unknown): Step[] {
  if (!Array.isArray(value)) return [];
  const steps = new Map<number, Step>();
  for (const entry of value.slice(0, STEPS.length)) {
    if (!isObject(entry)) continue;
    const { step, at_ms, lines } = entry;
    if (typeof step !== 'number' || !Number.isInteger(step) || step < 1 || step > STEPS.length) continue;
    if (typeof at_ms !== 'number' || !Number.isFinite(at_ms) || at_ms < 0) continue;
    const kept = (Array.isArray(lines) ? lines : []).filter((line): line is string => typeof line === 'string');
    steps.set(step, {
      step,
      at_ms,
      lines: kept.slice(0, LINES_KEPT).map((line) => line.slice(0, LINE_CHARACTERS)),
    });
  }
  return [...steps.values()].sort((a, b) => a.step - b.step);
}
