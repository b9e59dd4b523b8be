// The candidate attribute as text (RFC 8839 §5.1, with RFC 6544 §4.5 for TCP), for the lab alone:
// the agent sees no text.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "beeline/ice/candidate.h"

namespace beeline::cli {

// "candidate:1 1 udp 2130706431 192.0.2.1 5000 typ host", as browsers write it.
std::string candidate_line(const ice::Candidate& candidate);

// Takes "a=" and "\r\n" around it, any case of the transport, and whatever pairs of words follow.
// None where it is no candidate, or one of a transport that is not known here.
std::optional<ice::Candidate> parse_candidate_line(std::string_view line);

}  // namespace beeline::cli
