// A report about a NAT as people and programs get it: the lines and the picture of beeline nat, its
// JSON, and whom somebody behind that NAT reaches directly.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "apps/beeline/nat/words.h"

namespace beeline::cli {

// The other sides of the row, best first: kOpen, the three cones, kSymmetric.
inline constexpr std::array kOtherSides{stun::NatKind::kOpen, stun::NatKind::kFullCone,
                                        stun::NatKind::kAddressRestricted,
                                        stun::NatKind::kPortRestricted, stun::NatKind::kSymmetric};

// Whether a call with somebody behind a NAT of that kind (one of kOtherSides) needs no relay; none
// where what is not known of the report decides.
std::optional<bool> reaches_directly(const stun::NatReport& report, stun::NatKind other);

// Many lines. `server` is what the user called it.
std::string nat_text(const stun::NatReport& report, std::string_view server, const NatWords& words,
                     bool colour);

// Codes and numbers; the verdict's name in the language of `words` beside its code.
boost::json::object nat_json(const stun::NatReport& report, std::string_view server,
                             const NatWords& words);

// Whether everything that was asked for is known.
bool is_complete(const stun::NatReport& report);

}  // namespace beeline::cli
