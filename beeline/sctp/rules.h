// The pure decisions of an association and of the channels on it, each one a function of what it is
// told: every number and every yes or no of RFC 9260, 3758, 6525, 8831 and 8985 that could be wrong
// without anything else being wrong. They stand in a file of their own, never inline, so that tests
// can replace one when linking and see that somebody notices.
#pragma once

#include <cstdint>
#include <optional>

#include "beeline/base/instant.h"
#include "beeline/base/packet.h"
#include "beeline/sctp/numbers.h"

namespace beeline::sctp::rules {

// --- what is heard at all (RFC 9260 §6.8, §8.5) ---
// Whether a packet needs no checksum: DTLS has one (RFC 9653 §5.3).
bool skips_checksum(std::uint32_t stored, bool zero_is_fine);
bool admits_checksum(std::uint32_t stored, std::uint32_t computed);
// What the first chunk of a packet says about the tag in its header.
enum class TagUse : std::uint8_t {
  kNone,       // INIT: there is none yet
  kReflected,  // ABORT or SHUTDOWN COMPLETE with the T bit: the sender has none of its own
  kOurs,
};
// `theirs`: none before it is known.
bool admits_tag(TagUse use, VerificationTag seen, VerificationTag ours,
                std::optional<VerificationTag> theirs);

// --- the handshake (RFC 9260 §5) ---
bool admits_cookie(bool seal_is_right, VerificationTag made_for, VerificationTag ours);
// Whether another side that claims to have begun anew is believed, when we are established.
bool takes_restart();
// The wait before INIT or COOKIE ECHO is repeated: the first, and each after the last.
Duration first_handshake_wait(Duration round_trip);
Duration next_handshake_wait(Duration last);
// Whether silence ends an association, `silences` timeouts long.
bool gives_up(std::uint32_t silences);

// --- what arrives (RFC 9260 §6.2, §6.5, §6.6) ---
// Whether a TSN was there before: at or below the cumulative one, or in a block `beyond` it.
bool already_have(LongTsn tsn, LongTsn cumulative, bool beyond);
// How far ahead of the cumulative TSN one may be.
bool is_too_far_ahead(std::uint64_t ahead);
// Whether there are so many gaps that one more is not worth keeping track of.
bool has_too_many_gaps(std::size_t gaps);
// Whether there is room for a fragment with which `held` bytes would wait here; `is_next`:
// everything else waits for it.
bool has_room(std::size_t held, std::size_t window, bool is_next);
// Whether a message of so many bytes is longer than we said we take.
bool is_too_long(std::size_t bytes, std::size_t most);
// Whose turn it is in an ordered stream, by long SSN or MID.
enum class Turn : std::uint8_t { kPast, kNow, kLater };
Turn turn(std::uint64_t number, std::uint64_t next);
// The window to advertise, bytes.
std::uint32_t window_to_tell(std::size_t window, std::size_t held);
// Whether the window doubles: `arrived` bytes of it within a round trip.
bool window_grows(std::size_t arrived, std::size_t window);
// Whether the other side is to learn at once that there is room again; `told` is what it knows.
bool tells_of_room(std::size_t told, std::size_t open, std::size_t window);
// Whether a SACK leaves now: the sender asked, something is missing or was until this packet, or
// `packets` wait for one.
bool acknowledges_at_once(bool asked, bool gaps, std::size_t packets);
Duration acknowledgement_delay();

// --- how large packets are (RFC 9260 §7.3, RFC 8899) ---
// What the network may do to a packet of `size` bytes, where `base` passes everywhere and `path` is
// what the path was seen to take.
Fragmenting fragmenting(std::size_t size, std::size_t base, std::size_t path);
// Whether a chunk too large for every path is suspected to vanish for its size, sent so often.
bool suspects_size(std::uint32_t transmissions);

// --- what leaves (RFC 9260 §6.1, §6.3, §7; RFC 8985) ---
bool congestion_allows(std::uint64_t in_flight, std::uint64_t packet, std::uint64_t window);
// How much leaves at one moment, bytes, of a flow of `rate` bytes a second.
std::uint64_t leaves_at_once(std::uint64_t rate, std::uint64_t packet);
// A closed window is probed, with nothing under way, by one chunk.
bool peer_allows(std::uint64_t in_flight, std::uint64_t packet, std::uint64_t window);
// Whether an acknowledgement tells the round trip (Karn).
bool tells_round_trip(bool is_retransmission);
// Whether a SACK with this cumulative TSN is older than one that came before.
bool is_old_sack(LongTsn cumulative, LongTsn known);
Duration retransmission_timeout(Duration smoothed, Duration variance);
// The same after `silences` in a row, the tail probe with them.
Duration backed_off(Duration timeout, std::uint32_t silences);
// Silence after which a tail probe is sent, and whether the first silence is answered by one.
Duration probe_after(Duration smoothed);
bool sends_tail_probe(std::uint32_t silences);
// How long a chunk may stay out of order: `steps` quarters of the `shortest` round trip once any
// was.
Duration reordering_window(bool reordering_seen, std::uint32_t steps, Duration shortest,
                           Duration smoothed);
// Whether a chunk sent then is lost, after the acknowledgement of one that was sent later.
bool is_lost(Instant sent, Duration round_trip, Duration reordering, Instant now);

// --- partial reliability (RFC 3758, RFC 7496) ---
// Whether a message may be given up at all.
bool may_abandon(bool both_can);
bool is_too_old(std::optional<Instant> expires, Instant now);
bool is_sent_too_often(std::uint32_t transmissions, std::optional<std::uint32_t> retransmissions);
// Whether giving up has to be told: `advanced` is the TSN to which nothing is owed, `told` the last
// that was told, to be repeated at `again`.
bool forward_tsn_is_due(LongTsn advanced, LongTsn cumulative, LongTsn told,
                        std::optional<Instant> again, Instant now);

// --- streams that begin anew (RFC 6525) ---
// Whether one waits for data that was sent before it.
bool reset_waits(LongTsn cumulative, LongTsn last);
bool may_reset_again(int done_in_second);

// --- data channels (RFC 8831, RFC 8832) ---
//= RFC 8832 §6
bool is_ours_to_give(StreamId number, bool dtls_client);
// Whether a message may pass those before it: until the other side is known to know the channel,
// nothing may overtake its opening.
bool may_overtake(bool ordered, bool opening_acknowledged);
// Whether our stream may be reset while this many bytes of it wait to be sent, and this many
// messages may have to be given up, of which a FORWARD TSN would speak by numbers that began anew.
bool may_reset_ours(std::size_t unsent, std::size_t unsettled_limited);
bool is_gone(bool ours_reset, bool theirs_reset);
// Whether one more channel may be opened by the other side; `texts`: bytes of the labels and
// protocols of all, with its own.
bool may_accept(std::size_t channels, std::size_t texts);

}  // namespace beeline::sctp::rules
