// The pure decisions of the agent, each one a function of what it is told: every number and every
// yes or no of RFC 8445 and RFC 7675 that could be wrong without anything else being wrong. They
// stand in a file of their own so that tests can replace one when linking and see that the
// simulator's checkers notice.
#pragma once

#include <cstdint>
#include <optional>

#include "beeline/base/address.h"
#include "beeline/base/instant.h"
#include "beeline/base/random.h"

namespace beeline::ice {

enum class Role : std::uint8_t { kControlling, kControlled };

namespace rules {

inline constexpr Duration kLookInterval = std::chrono::seconds(10);
inline constexpr Duration kConsentLifetime = std::chrono::seconds(30);

// --- order ---
// RFC 8445 §6.1.2.3, from the priorities of the controlling and of the controlled side's candidate.
std::uint64_t pair_priority(std::uint32_t controlling, std::uint32_t controlled);

// --- pace ---
// The wait between two checks of one agent, when `sent` have gone out in this look around.
Duration check_spacing(std::size_t sent);
// The wait for an answer before the check is repeated; `sends` so far (from 1).
Duration repeat_after(int sends, std::optional<Duration> round_trip);
// The wait for an answer to the last one.
Duration last_wait();

// --- what may be sent to whom ---
// Whether a host may have the address `remote` of the family of `local`.
bool may_be_a_host(const IpAddress& local, const TransportAddress& remote);
// Whether `remote` can be meant when somebody at `local` is told of it (RFC 8445 §19.5.1).
bool may_check(const IpAddress& local, const TransportAddress& remote);
// Whether one more check may go to an address that has not answered: `sent_on_pair` on this pair
// and `unanswered_at_address` to its IP address in this look around. `urgent`: it was just heard
// from, or nothing works at all; some are kept back for that.
bool may_send_check(int sent_on_pair, int unanswered_at_address, bool urgent);
// Whether another look around may begin; `last` is when the one before began.
bool may_look_again(Instant last, Instant now);

// --- answers ---
//= RFC 8445 §7.2.5.2.1
// Whether an answer came from where the check went, to where it left.
bool is_symmetric(const TransportAddress& checked, const TransportAddress& answered_from,
                  bool same_base);
// Whether a request's credentials entitle it to an answer and to change anything.
bool admits_request(bool username_is_ours, bool integrity_is_right);
bool admits_response(bool integrity_is_right);
// Whether a request makes us check back (RFC 8445 §7.3.1.4): where we could not send on that pair.
bool triggers_check(bool usable);

// --- roles ---
enum class Conflict : std::uint8_t { kNone, kSwitchRole, kRefuse };
//= RFC 8445 §7.3.1.1
Conflict role_conflict(Role own, std::uint64_t own_tie_breaker, Role theirs,
                       std::uint64_t their_tie_breaker);
// What a 487 makes of the role that the refused check was sent in.
Role role_after_487(Role sent_as);

// --- consent (RFC 7675) ---
Duration consent_interval(Random& random);
// True where nothing may be sent any more: the last valid answer was at `answered`.
bool consent_expired(Instant answered, Instant now);
// Whether a pair is given up: its consent is gone, and it was asked `since_answer` times.
bool is_lost(bool consent_expired, int since_answer);
// Whether data may leave on a pair.
bool may_send_on(bool succeeded, Instant answered, Instant now);
// Whether data that came from there is passed up.
bool may_receive_from(bool succeeded, bool request_was_authentic);

// --- paths ---
// How often a path that is not in use is asked whether it still works.
Duration backup_interval();
// The wait before a path that works, and that the controlling side should prefer, is asked again.
Duration nudge_after(std::uint64_t answers);
// Silence of a path in use, while we speak, after which it is asked.
Duration silence_to_ask();
// Whether a path is doubted: `unanswered` checks in a row with nothing heard since the first.
bool is_doubted(int unanswered);
// What is known of a path that worked once, worst first.
enum class Standing : std::uint8_t {
  kDoubted,   // it is asked and does not answer
  kUnproven,  // not heard from since the path in use fell silent, which may be true of all
  kProven,
};
Standing standing(bool doubted, Instant heard, Instant silent_since);
// Whether the controlling side moves from `current` to `other`.
bool prefers(std::uint64_t other_priority, Standing other, std::uint64_t current_priority,
             Standing current);
// Whether a nomination replaces the one that is followed; `counter` is 0 where the other side does
// not count them, then the better pair wins.
bool follows_nomination(std::uint32_t counter, std::uint64_t priority,
                        std::uint32_t current_counter, std::uint64_t current_priority);

// How long the controlling side waits for something better before its first nomination, where the
// other side follows only one.
Duration wait_before_nomination();
// When our own servers are asked anew while nothing works: first, and then ever more rarely.
Duration first_wait_for_servers();
Duration next_wait_for_servers(Duration last);
// How soon an allocation that was lost or not given is asked for again where there is no other.
Duration first_wait_for_relay();
Duration next_wait_for_relay(Duration last);
// How long the stream to a relay may take to open and answer.
Duration stream_patience();
// How long relays over UDP have before those over streams are asked.
Duration wait_before_streams();

// --- the end ---
//= RFC 8863 §4
Duration patience();
// Whether a session that was never connected is given up.
bool has_failed(bool nothing_left_to_try, Instant began, Instant now);

}  // namespace rules
}  // namespace beeline::ice
