// Tells that this device is on another network: it came back online, or changed from one kind of network to another.
// What a browser only estimates anew, its speed for example, is no change.

const SETTLE_MS = 400;

interface NetworkConnection extends EventTarget {
  type?: string;
}

export class NetworkWatch {
  readonly #moved: () => void;
  readonly #connection: NetworkConnection | undefined;
  #type: string | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(moved: () => void) {
    this.#moved = moved;
    const here = globalThis.navigator as (Navigator & { connection?: NetworkConnection }) | undefined;
    this.#connection = here?.connection;
    this.#type = this.#connection?.type;
    if (typeof addEventListener === 'function') addEventListener('online', this.#soon);
    this.#connection?.addEventListener('change', this.#changed);
  }

  stop(): void {
    clearTimeout(this.#timer);
    if (typeof removeEventListener === 'function') removeEventListener('online', this.#soon);
    this.#connection?.removeEventListener('change', this.#changed);
  }

  readonly #changed = (): void => {
    const type = this.#connection?.type;
    if (type === this.#type) return;
    this.#type = type;
    if (type !== 'none') this.#soon();
  };

  /** Both events often come together. */
  readonly #soon = (): void => {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#moved, SETTLE_MS);
  };
}
