// sctp::parse_dcep: what is read is all there is, is text, and is written again as it was read.
#include <string>

#include "beeline/sctp/data_channel/dcep.h"

using namespace beeline;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes input(data, size);
  const auto message = sctp::parse_dcep(input);
  if (!message) return 0;
  const auto* options = std::get_if<sctp::ChannelOptions>(&*message);
  if (options == nullptr) return 0;
  ensure(options->label.size() + options->protocol.size() + 12 == size, "names are all there is");
  ensure(sctp::is_utf8(as_bytes(options->label)) && sctp::is_utf8(as_bytes(options->protocol)),
         "names are text");
  ensure(!options->reliability.lifetime || !options->reliability.retransmissions,
         "one limit at most");
  const auto again = sctp::parse_dcep(sctp::write_open(*options));
  ensure(again && std::get<sctp::ChannelOptions>(*again) == *options, "a round trip");
  return 0;
}
