// turn::StreamFramer: frames come out whole, however the stream is cut.
#include "beeline/turn/stream_framer.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "beeline/stun/message.h"
#include "beeline/turn/channel_data.h"

namespace beeline::turn {
namespace {

std::string stun_message(std::size_t attribute_size) {
  std::vector<std::uint8_t> buffer(4096);
  stun::MessageWriter writer(buffer, stun::Class::kRequest, stun::Method::kAllocate, {1, 2, 3});
  if (attribute_size > 0)
    writer.add(stun::AttributeType::kData, std::vector<std::uint8_t>(attribute_size, 'd'));
  return std::string(as_text(writer.bytes()));
}

std::string channel_data(std::size_t size) {
  std::string frame{'\x40', '\x01', static_cast<char>(size >> 8), static_cast<char>(size)};
  frame += std::string(size, 'c');
  return frame + std::string((4 - size % 4) % 4, '\0');
}

struct Read {
  std::vector<std::string> frames;
  std::size_t too_large = 0;
  bool broken = false;
};

// Feeds the pieces one after the other.
Read read_all(const std::vector<std::string>& pieces) {
  PacketPool packets;
  StreamFramer framer(packets);
  Read read;
  for (const std::string& piece : pieces) {
    Bytes bytes = as_bytes(piece);
    for (;;) {
      const auto result = framer.read(bytes);
      if (result == StreamFramer::Result::kMore) break;
      if (result == StreamFramer::Result::kTooLarge) ++read.too_large;
      if (result == StreamFramer::Result::kFrame)
        read.frames.emplace_back(as_text(framer.take().bytes()));
      if (result == StreamFramer::Result::kBroken) {
        read.broken = true;
        return read;
      }
    }
  }
  return read;
}

//= RFC 8489 §6.2.2 test
//= RFC 8656 §12.5 test
TEST(StreamFramer, frames_are_the_same_wherever_the_stream_is_cut) {
  const std::vector<std::string> frames{stun_message(0), channel_data(5), channel_data(0),
                                        stun_message(9), channel_data(4), channel_data(7)};
  std::string stream;
  for (const std::string& frame : frames) stream += frame;
  for (std::size_t cut = 0; cut <= stream.size(); ++cut)
    EXPECT_EQ(read_all({stream.substr(0, cut), stream.substr(cut)}).frames, frames) << cut;
  std::vector<std::string> single_bytes;
  for (const char byte : stream) single_bytes.emplace_back(1, byte);
  EXPECT_EQ(read_all(single_bytes).frames, frames);
}

TEST(StreamFramer, an_unfinished_frame_is_not_given_out) {
  for (const std::string& frame : {stun_message(8), channel_data(9)})
    for (std::size_t size = 0; size < frame.size(); ++size) {
      const Read read = read_all({frame.substr(0, size)});
      EXPECT_TRUE(read.frames.empty()) << size;
      EXPECT_FALSE(read.broken) << size;
    }
}

TEST(StreamFramer, the_largest_frame_fits_and_one_larger_is_skipped_whole) {
  const std::string after = channel_data(3);
  const std::string fits = channel_data(Packet::kMaxPayload - kChannelHeader);
  EXPECT_EQ(read_all({fits + after}).frames, (std::vector{fits, after}));
  for (const std::string& large :
       {channel_data(Packet::kMaxPayload - kChannelHeader + 1), channel_data(65535),
        stun_message(Packet::kMaxPayload - stun::kHeaderSize)}) {
    const Read read = read_all({large.substr(0, 30), large.substr(30) + after});
    EXPECT_EQ(read.frames, std::vector{after});
    EXPECT_EQ(read.too_large, 1U);
  }
}

TEST(StreamFramer, what_is_neither_kind_breaks_the_stream) {
  for (int first = 0; first < 256; ++first) {
    const bool frame = first < 4 || (first >= 0x40 && first < 0x80);
    EXPECT_EQ(read_all({std::string(1, static_cast<char>(first))}).broken, !frame) << first;
  }
  const std::string message = stun_message(4);
  for (std::size_t bit = 16; bit < 64; ++bit) {  // the length and the magic cookie
    std::string flipped = message;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ 1 << bit % 8);
    const Read read = read_all({flipped});
    const bool cookie = bit >= 32;
    const bool odd_length = bit == 24 || bit == 25;
    const bool shortened = bit == 27;  // what is left over is no frame
    EXPECT_EQ(read.broken, cookie || odd_length || shortened) << bit;
    EXPECT_EQ(read.frames.size(), shortened ? 1U : 0U) << bit;
  }
}

TEST(StreamFramer, nothing_is_held_between_frames) {
  PacketPool packets;
  StreamFramer framer(packets);
  const std::string frame = channel_data(5);
  Bytes bytes = as_bytes(frame);
  EXPECT_EQ(framer.read(bytes), StreamFramer::Result::kFrame);
  framer.take();
  EXPECT_EQ(packets.live(), 0U);
}

TEST(StreamFramer, padding_is_zeros_up_to_a_multiple_of_four) {
  PacketPool packets;
  for (std::size_t size = 0; size < 9; ++size) {
    Packet packet = packets.make(as_bytes(std::string(size, 'x')));
    push_channel_header(packet, stun::ChannelNumber{0x4001});
    pad_for_stream(packet);
    EXPECT_EQ(packet.size() % 4, 0U);
    EXPECT_EQ(read_channel_frame(packet.bytes())->length, size);
    const Bytes padding = packet.bytes().subspan(kChannelHeader + size);
    EXPECT_EQ(as_text(padding), std::string_view("\0\0\0", padding.size()));
  }
}

}  // namespace
}  // namespace beeline::turn
