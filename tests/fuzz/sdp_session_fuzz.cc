// sdp::parse: what was parsed, written and parsed again is the same, as a description, as a trickle
// fragment and value by value.
#include "beeline/base/bytes.h"
#include "beeline/sdp/parser.h"
#include "beeline/sdp/test_every_attribute.h"
#include "beeline/sdp/writer.h"

using namespace beeline;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = as_text(Bytes(data, size));
  if (const auto session = sdp::parse(text)) {
    const std::string written = sdp::write(*session);
    const auto again = sdp::parse(written);
    ensure(again.has_value(), "what is written can be read");
    ensure(*again == *session, "and is as it was");
    ensure(sdp::write(*again) == written, "in the same words");
    ensure(sdp::read_everything(*session).changed.empty(), "value by value");
  } else {
    ensure(!to_string(session.error()).empty(), "there is a sentence");
  }
  if (const auto fragment = sdp::parse_fragment(text))
    ensure(sdp::parse_fragment(sdp::write_fragment(*fragment)) == fragment, "fragments too");
  const auto candidate = sdp::Candidate::parse(text);
  ensure(!candidate || sdp::Candidate::parse(candidate_string(*candidate)) == candidate,
         "candidates that come alone too");
  return 0;
}
