// The reason codes: why a path is as it is. One enum for API, command line, web and metrics; it
// grows and is never forked. Sentences for people live with whoever shows them (app/src/i18n).

export const REASON_CODES = [
  'direct_same_network',
  'direct_public',
  'direct_punched',
  'direct_predicted',
  'direct_tcp',
  'relayed_for_now',
  'relayed_both_symmetric',
  'relayed_symmetric_restricted',
  'relayed_udp_blocked',
  'relayed_no_answer',
  'relayed_by_choice',
  'relayed_peer_choice',
  'failed_no_relay',
  'failed_relay_refused',
  'failed_relay_unreachable',
  'failed_identity',
  'failed_incompatible',
  'lost_network',
  'lost_peer',
  'left',
  'removed',
  'room_closed',
  'room_locked',
  // Grown here: what is true before any path is, and while one tries out another network.
  'looking',
  'relayed_what_if',
] as const;

export type ReasonCode = (typeof REASON_CODES)[number];

/** What the four marks ● ◐ ○ ✕ stand for. */
export type PathKind = 'direct' | 'relayed' | 'looking' | 'failed';
