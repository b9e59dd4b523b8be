#include "beeline/ice/tcp_framer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace beeline::ice {
namespace {

using testing::ElementsAre;
using Result = TcpFramer::Result;

std::string framed(std::string_view text) {
  PacketPool packets;
  Packet packet = packets.make(as_bytes(text));
  push_tcp_frame_header(packet);
  return std::string(as_text(packet.bytes()));
}

// What comes out of `stream` when it arrives in pieces: frames, and "too large" for skipped ones.
std::vector<std::string> frames_of(std::string_view stream, std::size_t piece) {
  PacketPool packets;
  TcpFramer framer(packets);
  std::vector<std::string> frames;
  for (Bytes rest = as_bytes(stream); !rest.empty();) {
    Bytes bytes = rest.first(std::min(piece, rest.size()));
    rest = rest.subspan(bytes.size());
    for (Result result = framer.read(bytes); result != Result::kMore; result = framer.read(bytes))
      frames.push_back(result == Result::kFrame ? std::string(as_text(framer.take().bytes()))
                                                : "too large");
    EXPECT_TRUE(bytes.empty());
    EXPECT_LE(packets.live(), 1U);
  }
  return frames;
}

//= RFC 4571 §2 test
TEST(TcpFramer, the_length_stands_before_the_packet_in_network_order) {
  EXPECT_EQ(framed("abc"), std::string("\0\3abc", 5));
  EXPECT_EQ(framed(std::string(0x0102, 'x')).substr(0, 2), "\1\2");
}

TEST(TcpFramer, frames_come_out_whole_wherever_the_stream_is_cut) {
  const std::string stream = framed("one") + framed("") + framed("two") +
                             framed(std::string(300, 'x')) + framed("") + framed("last");
  for (std::size_t piece = 1; piece <= stream.size(); ++piece)
    EXPECT_THAT(frames_of(stream, piece), ElementsAre("one", "two", std::string(300, 'x'), "last"));
}

TEST(TcpFramer, a_frame_that_is_cut_short_never_comes_out) {
  const std::string stream = framed("one") + framed("two");
  for (std::size_t size = 0; size < stream.size(); ++size)
    EXPECT_EQ(frames_of(stream.substr(0, size), 100).size(), size < 5 ? 0U : 1U) << size;
}

TEST(TcpFramer, the_largest_packet_is_taken_and_a_larger_one_skipped) {
  const std::string largest(Packet::kMaxPayload, 'x');
  const std::string too_large = std::string("\x08\x01", 2) + std::string(2049, 'x');
  for (const std::size_t piece : {1U, 2U, 1000U, 10000U})
    EXPECT_THAT(frames_of(framed(largest) + too_large + framed("next"), piece),
                ElementsAre(largest, "too large", "next"));
  const std::string huge = "\xFF\xFF" + std::string(0xFFFF, 'x');
  EXPECT_THAT(frames_of(huge + framed("next"), 4096), ElementsAre("too large", "next"));
}

TEST(TcpFramer, any_bytes_are_frames_of_some_kind) {
  for (int bit = 0; bit < 16; ++bit) {
    std::string stream = framed("abc") + framed("def");
    stream[static_cast<std::size_t>(bit / 8)] =
        static_cast<char>(stream[static_cast<std::size_t>(bit / 8)] ^ 1 << bit % 8);
    EXPECT_LE(frames_of(stream, 1).size(), 6U);
  }
}

}  // namespace
}  // namespace beeline::ice
