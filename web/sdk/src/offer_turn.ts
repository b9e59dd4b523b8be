// Whose turn it is to offer once a connection exists. Perfect negotiation lets both sides offer at any time and has
// the polite one roll back; but after a rollback Chromium (seen in 156) never shows video again on lines that the
// other side's offer made. So the polite side asks first, and two offers do not meet. A decision with two timers;
// no peer connection in here.

export interface OfferTurnPorts {
  polite: boolean;
  /** A session was agreed on before: there are lines that a rollback would harm. */
  established(): boolean;
  /** Nothing is being negotiated at this moment. */
  quiet(): boolean;
  offer(): void;
  send(kind: 'ask' | 'go'): void;
}

/** Whoever gets no `go` offers all the same: the other side may not know the question. */
export const GO_WAIT_MS = 4_000;
/** How long a side that said `go` holds its own offers back. */
export const PROMISE_MS = 4_000;

//  polite:    idle ──want──▶ asking ──go, or 4 s──▶ (offer) idle
//  impolite:  idle ──ask──▶ promised ──offer, or 4 s──▶ (offer, if one is wanted) idle
export class OfferTurn {
  readonly #ports: OfferTurnPorts;
  #asking: ReturnType<typeof setTimeout> | undefined;
  #promised: ReturnType<typeof setTimeout> | undefined;
  #heldBack = false;
  #toGrant = false;

  constructor(ports: OfferTurnPorts) {
    this.#ports = ports;
  }

  /** Something is to be negotiated. */
  want(): void {
    if (this.#promised !== undefined) {
      this.#heldBack = true;
    } else if (!this.#ports.polite || !this.#ports.established()) {
      this.#ports.offer();
    } else if (this.#asking === undefined) {
      this.#asking = setTimeout(() => this.granted(), GO_WAIT_MS);
      this.#ports.send('ask');
    }
  }

  /** The other side said `go`, or said nothing for too long. */
  granted(): void {
    if (this.#asking === undefined) return;
    clearTimeout(this.#asking);
    this.#asking = undefined;
    this.#ports.offer();
  }

  /** The other side wants to offer. */
  asked(): void {
    if (this.#ports.polite) return;
    this.#toGrant = true;
    this.settled();
  }

  /** A negotiation came to its end, perhaps the one that the other side was given. */
  settled(): void {
    if (!this.#ports.quiet()) return;
    if (this.#toGrant) {
      this.#toGrant = false;
      clearTimeout(this.#promised);
      this.#promised = setTimeout(() => this.#release(), PROMISE_MS);
      this.#ports.send('go');
    } else if (this.#promised !== undefined) {
      this.#release();
    }
  }

  reset(): void {
    clearTimeout(this.#asking);
    clearTimeout(this.#promised);
    this.#asking = this.#promised = undefined;
    this.#heldBack = this.#toGrant = false;
  }

  #release(): void {
    clearTimeout(this.#promised);
    this.#promised = undefined;
    if (!this.#heldBack) return;
    this.#heldBack = false;
    this.#ports.offer();
  }
}
