// Candidates between their two forms: ICE's addresses and SDP's words (RFC 8839 §5.1, RFC 6544
// §4.5).
#pragma once

#include <optional>

#include "beeline/ice/candidate.h"
#include "beeline/sdp/attribute/candidate.h"

namespace beeline::peer {

sdp::Candidate to_sdp(const ice::Candidate& candidate);

// None for what ICE cannot use: another transport, another type, a place that is neither an address
// nor a name, a component beyond 255.
std::optional<ice::Candidate> to_ice(const sdp::Candidate& candidate);

}  // namespace beeline::peer
