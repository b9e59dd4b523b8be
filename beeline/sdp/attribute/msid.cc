#include "beeline/sdp/attribute/msid.h"

#include "beeline/sdp/text.h"

namespace beeline::sdp {

//= RFC 8830 §2
std::expected<Msid, ValueError> Msid::parse(std::string_view text) {
  Msid msid;
  msid.stream = take_word(text);
  msid.track = take_word(text);
  if (msid.stream.empty()) return std::unexpected(ValueError::kMalformed);
  return msid;
}

std::string Msid::text() const {
  return track.empty() ? stream : stream + ' ' + track;
}

}  // namespace beeline::sdp
