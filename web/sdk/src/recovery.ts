// When to try again: which remedy a broken or stuck connection gets, and after how long. It owns one timer and no
// connection. The polite side waits a little longer, so that mostly one side restarts and not both.

export type Remedy = 'restart' | 'reset';

/** For a connection to come about; longer each time, since a busy device needs longer and starting over costs it most. */
const CONNECT_MS = 15_000;
const DISCONNECTED_MS = 2_500;
const FAILED_MS = 100;
const POLITE_EXTRA_MS = 1_500;
const RESTARTS_BEFORE_RESET = 2;
const SLOWEST_MS = 30_000;
const SLOWEST_CONNECT_MS = 60_000;

export function connectWaitMs(attempt: number): number {
  return Math.min(SLOWEST_CONNECT_MS, CONNECT_MS * 1.5 ** attempt);
}

export function remedyFor(attempt: number): Remedy {
  return attempt % (RESTARTS_BEFORE_RESET + 1) === RESTARTS_BEFORE_RESET ? 'reset' : 'restart';
}

export class Recovery {
  readonly #polite: boolean;
  readonly #apply: (remedy: Remedy) => void;
  #attempt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(polite: boolean, apply: (remedy: Remedy) => void) {
    this.#polite = polite;
    this.#apply = apply;
  }

  /** Called on every change of the connection's state, and once with `connecting` when it is made. */
  observe(state: RTCPeerConnectionState): void {
    switch (state) {
      case 'connected':
        this.#attempt = 0;
        this.stop();
        return;
      case 'closed':
        this.stop();
        return;
      case 'disconnected':
        this.#arm(DISCONNECTED_MS);
        return;
      case 'failed':
        // The first time at once; then slower and slower, for a side that is simply gone.
        this.#arm(this.#attempt === 0 ? FAILED_MS : Math.min(SLOWEST_MS, 2_000 * 2 ** this.#attempt));
        return;
      default:
        this.#arm(connectWaitMs(this.#attempt));
    }
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #arm(delay: number): void {
    this.stop();
    this.#timer = setTimeout(
      () => {
        const remedy = remedyFor(this.#attempt);
        this.#attempt += 1;
        this.#arm(connectWaitMs(this.#attempt));
        this.#apply(remedy);
      },
      delay + (this.#polite ? POLITE_EXTRA_MS : 0),
    );
  }
}
