#include "beeline/sctp/rules.h"

#include <algorithm>

namespace beeline::sctp::rules {

using std::chrono::milliseconds;
using std::chrono::seconds;

bool skips_checksum(std::uint32_t stored, bool zero_is_fine) {
  //= RFC 9653 §5.3
  return zero_is_fine && stored == 0;
}

bool admits_checksum(std::uint32_t stored, std::uint32_t computed) {
  //= RFC 9260 §6.8
  return stored == computed;
}

bool admits_tag(TagUse use, VerificationTag seen, VerificationTag ours,
                std::optional<VerificationTag> theirs) {
  //= RFC 9260 §8.5
  if (use == TagUse::kNone) return seen.value == 0;
  if (use == TagUse::kReflected) return theirs && seen == *theirs;
  return seen == ours;
}

bool admits_cookie(bool seal_is_right, VerificationTag made_for, VerificationTag ours) {
  //= RFC 9260 §5.1.5
  return seal_is_right && made_for == ours;
}

bool takes_restart() {
  // Below DTLS the other side cannot have started anew without a new DTLS association, which has an
  // SCTP association of its own.
  return false;
}

Duration first_handshake_wait(Duration round_trip) {
  return std::max<Duration>(2 * round_trip, milliseconds(50));
}

Duration next_handshake_wait(Duration last) {
  return std::min<Duration>(2 * last, seconds(2));
}

bool gives_up(std::uint32_t) {
  // RFC 9260 §8.1 counts to ten; here ICE says when there is no path, and nobody before it.
  return false;
}

bool already_have(LongTsn tsn, LongTsn cumulative, bool beyond) {
  return tsn <= cumulative || beyond;
}

bool is_too_far_ahead(std::uint64_t ahead) {
  // What a gap block can say.
  return ahead > 0xFFFF;
}

bool has_too_many_gaps(std::size_t gaps) {
  // Sixteen times what a SACK tells of; each costs a move of all behind it.
  return gaps >= 4096;
}

bool has_room(std::size_t held, std::size_t window, bool is_next) {
  //= RFC 9260 §6.2
  // Without room only what everything else waits for is taken, and not without end either.
  return held <= (is_next ? 2 : 1) * window;
}

bool is_too_long(std::size_t bytes, std::size_t most) {
  return bytes > most;
}

Turn turn(std::uint64_t number, std::uint64_t next) {
  //= RFC 9260 §6.6
  if (number < next) return Turn::kPast;
  return number == next ? Turn::kNow : Turn::kLater;
}

std::uint32_t window_to_tell(std::size_t window, std::size_t held) {
  //= RFC 9260 §6.2
  return static_cast<std::uint32_t>(window > held ? window - held : 0);
}

bool window_grows(std::size_t arrived, std::size_t window) {
  return arrived * 2 >= window;
}

bool tells_of_room(std::size_t told, std::size_t open, std::size_t window) {
  //= RFC 9260 §6.2
  // Not each time a little is read: that would be a silly window.
  return told < window / 4 && open > window / 2;
}

bool acknowledges_at_once(bool asked, bool gaps, std::size_t packets) {
  //= RFC 9260 §6.2
  //= RFC 9260 §6.7
  return asked || gaps || packets >= 2;
}

Duration acknowledgement_delay() {
  //= RFC 9260 §6.2
  // Far below the 200 ms that are allowed: a sender that paces by what it hears hears often.
  return milliseconds(20);
}

Fragmenting fragmenting(std::size_t size, std::size_t base, std::size_t path) {
  if (size <= base) return Fragmenting::kAny;
  // A chunk that was cut for a path that took more goes in pieces rather than never.
  return size <= path ? Fragmenting::kForbidden : Fragmenting::kAllowed;
}

bool suspects_size(std::uint32_t transmissions) {
  // Chance alone gets there once in three thousand where a fifth of all packets is lost.
  return transmissions >= 6;
}

bool congestion_allows(std::uint64_t in_flight, std::uint64_t packet, std::uint64_t window) {
  return in_flight == 0 || in_flight + packet <= window;
}

std::uint64_t leaves_at_once(std::uint64_t rate, std::uint64_t packet) {
  //= RFC 9260 §6.1
  // A millisecond's worth. The most fits a default socket buffer twice, with all that the kernel
  // counts, and one segmented send.
  constexpr std::uint64_t kMost = 48 * 1024;
  return std::clamp<std::uint64_t>(rate / 1000, 2 * packet, kMost);
}

bool peer_allows(std::uint64_t in_flight, std::uint64_t packet, std::uint64_t window) {
  //= RFC 9260 §6.1
  return in_flight == 0 || in_flight + packet <= window;
}

bool tells_round_trip(bool is_retransmission) {
  //= RFC 9260 §6.3.1
  return !is_retransmission;
}

bool is_old_sack(LongTsn cumulative, LongTsn known) {
  //= RFC 9260 §6.2.1
  return cumulative < known;
}

Duration retransmission_timeout(Duration smoothed, Duration variance) {
  //= RFC 9260 §6.3.1
  // RFC 9260 §16 has one second at least, which stems from paths that had no other timer (see
  // docs/decisions/0009).
  return std::clamp<Duration>(smoothed + 4 * variance, milliseconds(100), seconds(10));
}

Duration backed_off(Duration timeout, std::uint32_t silences) {
  //= RFC 9260 §6.3.3
  // The first of them was a probe.
  const std::uint32_t doublings = silences == 0 ? 0 : std::min<std::uint32_t>(silences - 1, 10);
  return std::min<Duration>(timeout * (1 << doublings), seconds(10));
}

Duration probe_after(Duration smoothed) {
  //= RFC 8985 §7.2
  // Two round trips, and what an acknowledgement that waits for company takes.
  return std::max<Duration>(2 * smoothed, milliseconds(10)) + milliseconds(25);
}

bool sends_tail_probe(std::uint32_t silences) {
  //= RFC 8985 §7.3
  return silences == 0;
}

Duration reordering_window(bool reordering_seen, std::uint32_t steps, Duration shortest,
                           Duration smoothed) {
  //= RFC 8985 §6.2
  // Even where nothing was ever seen out of order a batch may be.
  if (!reordering_seen) return std::min<Duration>(shortest / 8, milliseconds(1));
  return std::min(shortest * steps / 4, smoothed);
}

bool is_lost(Instant sent, Duration round_trip, Duration reordering, Instant now) {
  return sent + round_trip + reordering <= now;
}

bool may_abandon(bool both_can) {
  //= RFC 3758 §3.3.1
  return both_can;
}

bool is_too_old(std::optional<Instant> expires, Instant now) {
  // Not at the deadline: a lifetime of nothing is one transmission, and none is none.
  return expires && *expires < now;
}

bool is_sent_too_often(std::uint32_t transmissions, std::optional<std::uint32_t> retransmissions) {
  return retransmissions && transmissions > *retransmissions;
}

bool forward_tsn_is_due(LongTsn advanced, LongTsn cumulative, LongTsn told,
                        std::optional<Instant> again, Instant now) {
  //= RFC 3758 §3.5
  if (advanced <= cumulative) return false;
  return advanced > told || !again || *again <= now;
}

bool reset_waits(LongTsn cumulative, LongTsn last) {
  //= RFC 6525 §5.2.2
  return cumulative < last;
}

bool may_reset_again(int done_in_second) {
  return done_in_second < 16;
}

bool is_ours_to_give(StreamId number, bool dtls_client) {
  return (number.value % 2 == 0) == dtls_client;
}

bool may_overtake(bool ordered, bool opening_acknowledged) {
  //= RFC 8832 §6
  return !ordered && opening_acknowledged;
}

bool may_reset_ours(std::size_t unsent, std::size_t unsettled_limited) {
  //= RFC 8831 §6.7
  return unsent == 0 && unsettled_limited == 0;
}

bool is_gone(bool ours_reset, bool theirs_reset) {
  return ours_reset && theirs_reset;
}

bool may_accept(std::size_t channels, std::size_t texts) {
  return channels < 1024 && texts <= 1024 * 1024;
}

}  // namespace beeline::sctp::rules
