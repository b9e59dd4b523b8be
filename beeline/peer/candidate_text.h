// Candidates between their two forms: ICE's addresses and SDP's words (RFC 8839 §5.1, RFC 6544
// §4.5).
#pragma once

#include <optional>
#include <string_view>

#include "beeline/ice/candidate.h"
#include "beeline/sdp/attribute/candidate.h"

namespace beeline::peer {

// "active", "passive", "so" (RFC 6544 §4.5); empty for UDP.
std::string_view tcp_type(ice::CandidateTransport transport);

sdp::Candidate to_sdp(const ice::Candidate& candidate);

// None for what ICE cannot use: another transport, another type, a place that is neither an address
// nor a name, a component beyond 255.
std::optional<ice::Candidate> to_ice(const sdp::Candidate& candidate);

}  // namespace beeline::peer
