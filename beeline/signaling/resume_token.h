// What a member shows to come back: signed, so that it also works after a restart of the server,
// which then knows nothing else of the member.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "beeline/base/instant.h"
#include "beeline/crypto/digest.h"

namespace beeline::signaling {

struct ResumeToken {
  std::string member;
  std::string epoch;  // the run of the server that signed it
  WallTime issued;
  std::uint64_t serial = 0;  // grows with each token of a membership; the newest alone counts

  // "<member>.<epoch>.<issued>.<serial>.<MAC>"; the MAC covers the room too.
  std::string sign(const crypto::Sha256& key, std::string_view room) const;
  // None where the text is not what sign() returned for this key and room.
  static std::optional<ResumeToken> check(const crypto::Sha256& key, std::string_view room,
                                          std::string_view text);
};

}  // namespace beeline::signaling
