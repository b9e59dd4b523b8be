// turn::StreamFramer: the same stream, read at once and in pieces of a size that the first byte
// decides, gives the same frames.
#include <algorithm>
#include <string>
#include <vector>

#include "beeline/turn/stream_framer.h"

using namespace beeline;

namespace {

// What came out: the frames, an empty text for each one skipped, and "broken" at the end.
std::vector<std::string> frames_of(Bytes stream, std::size_t piece) {
  PacketPool packets(16);
  turn::StreamFramer framer(packets);
  std::vector<std::string> frames;
  while (!stream.empty()) {
    Bytes bytes = stream.first(std::min(piece, stream.size()));
    stream = stream.subspan(bytes.size());
    for (bool more = true; more;) {
      switch (framer.read(bytes)) {
        case turn::StreamFramer::Result::kMore:
          ensure(bytes.empty(), "everything is read");
          more = false;
          break;
        case turn::StreamFramer::Result::kFrame:
          frames.emplace_back(as_text(framer.take().bytes()));
          ensure(frames.back().size() % 4 == 0, "frames are padded");
          break;
        case turn::StreamFramer::Result::kTooLarge:
          frames.emplace_back();
          break;
        case turn::StreamFramer::Result::kBroken:
          frames.emplace_back("broken");
          return frames;
      }
      ensure(packets.live() <= 1, "one frame at a time");
    }
  }
  return frames;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const Bytes stream = Bytes(data, size).subspan(1);
  const std::size_t piece = 1U + data[0] % 64U;
  ensure(frames_of(stream, std::max<std::size_t>(stream.size(), 1)) == frames_of(stream, piece),
         "cuts change nothing");
  return 0;
}
