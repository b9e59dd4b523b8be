// Perfect negotiation as a decision: which descriptions to apply and which to let go. No peer connection in here.
// The lower member id is the polite side: it rolls its own offer back when both offer at once.

export type Judgement = 'apply' | 'ignore' | 'stale';

export class Negotiation {
  readonly polite: boolean;
  /** True from asking for a local offer until it is set. */
  makingOffer = false;
  /** True while an answer is being applied: an offer that arrives then is no collision. */
  applyingAnswer = false;
  /** True after an offer was ignored, until the next one is applied: its candidates may then fail quietly. */
  ignoredOffer = false;

  constructor(self: string, peer: string) {
    this.polite = self < peer;
  }

  judge(type: RTCSdpType, state: RTCSignalingState): Judgement {
    if (type === 'answer' || type === 'pranswer') {
      // An answer to an offer that was rolled back since, or one that came twice.
      return state === 'have-local-offer' || state === 'have-remote-pranswer' ? 'apply' : 'stale';
    }
    if (type !== 'offer') return 'stale';
    const ready = !this.makingOffer && (state === 'stable' || this.applyingAnswer);
    this.ignoredOffer = !this.polite && !ready;
    return this.ignoredOffer ? 'ignore' : 'apply';
  }

  /** Two resets that cross would leave both sides waiting; the impolite side's stands. */
  obeysReset(ownResetUnanswered: boolean): boolean {
    return this.polite || !ownResetUnanswered;
  }
}
