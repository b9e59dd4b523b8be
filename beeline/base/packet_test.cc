#include "beeline/base/packet.h"

#include <gtest/gtest.h>

namespace beeline {
namespace {

TEST(Packet, grows_and_shrinks_at_the_front_in_place) {
  PacketPool pool;
  Packet packet = pool.make(as_bytes("payload"));
  const std::uint8_t* const start = packet.bytes().data();
  const MutableBytes header = packet.push_front(2);
  header[0] = 'h';
  header[1] = ':';
  EXPECT_EQ(as_text(packet.bytes()), "h:payload");
  packet.trim_front(2);
  EXPECT_EQ(packet.bytes().data(), start) << "no copy";
  EXPECT_EQ(as_text(packet.bytes()), "payload");
}

TEST(PacketPool, reuses_buffers_and_counts_those_in_use) {
  PacketPool pool(1);
  const std::uint8_t* first = nullptr;
  {
    const Packet packet = pool.make(as_bytes("a"));
    first = packet.bytes().data();
    EXPECT_EQ(pool.live(), 1U);
  }
  EXPECT_EQ(pool.live(), 0U);
  EXPECT_EQ(pool.make(as_bytes("b")).bytes().data(), first);
}

TEST(Packet, a_moved_packet_is_one_packet) {
  PacketPool pool;
  Packet a = pool.make(as_bytes("a"));
  Packet b = std::move(a);
  EXPECT_FALSE(a);  // NOLINT(bugprone-use-after-move): that it is empty is the point
  EXPECT_EQ(as_text(b.bytes()), "a");
  EXPECT_EQ(pool.live(), 1U);
  b = pool.make(as_bytes("c"));
  EXPECT_EQ(pool.live(), 1U);
}

TEST(PacketDeathTest, room_is_checked) {
  PacketPool pool;
  Packet packet = pool.make(as_bytes("a"));
  EXPECT_DEATH(packet.trim_front(2), "trim within the packet");
  EXPECT_DEATH(packet.push_front(Packet::kHeadRoom + 1), "head room");
}

}  // namespace
}  // namespace beeline
