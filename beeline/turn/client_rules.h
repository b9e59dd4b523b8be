// The pure decisions of the TURN client: every number and every yes or no of RFC 8656 and RFC 8489
// that could be wrong without anything else being wrong. They stand in a file of their own so that
// tests can replace one when linking and see that the simulator's checkers notice.
#pragma once

#include <cstddef>
#include <optional>

#include "beeline/base/instant.h"
#include "beeline/stun/credentials.h"
#include "beeline/turn/client_error.h"

namespace beeline::turn::rules {

// --- how long things live; `asked` is when the request was first sent, so that our clock is never
// later than the server's ---
Instant allocation_expires(Instant asked, Duration lifetime);
Instant refresh_allocation_at(Instant asked, Duration lifetime);
Instant permission_expires(Instant asked);
Instant refresh_permission_at(Instant asked);
Instant channel_expires(Instant asked);
Instant refresh_channel_at(Instant asked);
// Whether a permission goes along in a refresh that another one needs now.
bool joins_refresh(Instant refresh_at, Instant now);

// --- trying again ---
// The wait before what failed `failures` times in a row (from 1) is asked again.
Duration retry_after(int failures);
// How long a server that refused an allocation is left alone.
Duration retry_allocation_after(ClientError reason);
// Whether a request that was answered with a challenge `challenges` times (from 1) is said anew.
bool may_answer_challenge(int challenges);
// Whether a refusal of several permissions at once may be one peer's fault, so that each is asked
// for alone.
bool may_be_one_peer(int code);

// Whether what is already granted ends with this failure; 0 is silence. Else it is asked again
// until it runs out, because anybody can be silent or ask who we are.
bool is_final(int code);

// --- whom to believe ---
// Whether this code says that the request has to be said anew, with what the answer brings.
bool is_challenge(int code);
// Whether the answer to a request needs the integrity that the request had.
bool needs_integrity(int code);
// Whether a challenge may ask for `wanted` when the one before asked for `before`.
bool accepts_algorithm(std::optional<stun::PasswordAlgorithm> before,
                       stun::PasswordAlgorithm wanted);
// Whether a code, given to a request that named us, is about name or password.
bool refuses_credentials(int code);

// --- data ---
// `wanted`: permit() was said, and the server has not refused.
bool may_send(bool wanted);
bool may_receive(bool wanted);
bool may_use_channel(bool ready, Instant expires, Instant now);

ClientError error_of(int code);

}  // namespace beeline::turn::rules
