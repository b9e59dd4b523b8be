// Link: what a cable may do to packets, each limit from both sides.
#include "beeline/sim/link.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <set>

#include "beeline/sim/test_wire.h"

namespace beeline::sim {
namespace {

using namespace std::chrono_literals;

std::vector<std::string> texts(const std::vector<Heard>& heard) {
  std::vector<std::string> all;
  for (const Heard& one : heard) all.push_back(one.text);
  return all;
}

// Sends `count` numbered packets, one each `pace`.
void send_many(TestWire& wire, int count, Duration pace) {
  for (int i = 0; i < count; ++i) {
    wire.send(std::to_string(10'000 + i));
    wire.world.run_for(pace);
  }
  wire.world.run_for(10s);
}

TEST(Link, delivers_after_its_delay_and_not_a_microsecond_before) {
  TestWire wire({.delay = 3ms});
  wire.send("hello");
  wire.world.run_for(2999us);
  EXPECT_TRUE(wire.ben.heard.empty());
  wire.world.run_for(1us);
  ASSERT_EQ(wire.ben.heard.size(), 1U);
  EXPECT_EQ(wire.ben.heard[0].text, "hello");
  EXPECT_EQ(wire.ben.heard[0].source, "192.0.2.1:5000"_at);
}

TEST(Link, has_a_profile_for_each_direction) {
  TestWire wire;
  wire.link.set_profiles({.delay = 1ms}, {.delay = 20ms});
  wire.send("there");
  wire.ben.socket->send(wire.ana.socket->local(), as_bytes("back"));
  wire.world.run_for(1s);
  EXPECT_EQ(wire.ben.heard.at(0).at, 1ms);
  EXPECT_EQ(wire.ana.heard.at(0).at, 20ms);
}

TEST(Link, jitter_stays_within_its_bounds_and_keeps_the_order) {
  TestWire wire({.delay = 10ms, .jitter = 5ms});
  for (int i = 0; i < 500; ++i) wire.send(std::to_string(1000 + i));
  wire.world.run_for(1s);
  ASSERT_EQ(wire.ben.heard.size(), 500U);
  EXPECT_TRUE(std::is_sorted(wire.ben.heard.begin(), wire.ben.heard.end(),
                             [](const Heard& a, const Heard& b) {
                               return std::pair(a.at, a.text) < std::pair(b.at, b.text);
                             }));
  EXPECT_GE(wire.ben.heard.front().at, 10ms);
  EXPECT_LE(wire.ben.heard.back().at, 15ms);
  EXPECT_GT(wire.ben.heard.back().at, wire.ben.heard.front().at);
}

TEST(Link, loses_the_share_it_is_told_to) {
  for (const std::uint32_t percent : {0U, 10U, 50U, 100U}) {
    TestWire wire({.loss = Chance::percent(percent)});
    send_many(wire, 2000, 1ms);
    const auto lost = static_cast<double>(2000 - wire.ben.heard.size()) / 20;
    EXPECT_NEAR(lost, percent, percent % 100 == 0 ? 0 : 3);
  }
}

TEST(Link, loses_in_bursts) {
  TestWire wire({.bursts = {.start = Chance::percent(2), .end = Chance::percent(20)}});
  send_many(wire, 5000, 1ms);
  const auto arrived = texts(wire.ben.heard);
  int bursts = 0;
  for (int i = 1; i < 5000; ++i) {
    const auto here = [&](int n) {
      return std::binary_search(arrived.begin(), arrived.end(), std::to_string(10'000 + n));
    };
    bursts += here(i - 1) && !here(i);
  }
  const auto lost = 5000 - static_cast<int>(arrived.size());
  // On average a burst is 1 / 20 % = 5 packets long and takes 2 / (2 + 20) = 9 % of all.
  EXPECT_NEAR(lost, 455, 150);
  EXPECT_NEAR(static_cast<double>(lost) / bursts, 5, 1.5);
}

TEST(Link, duplicates) {
  TestWire wire({.duplication = Chance::always()});
  send_many(wire, 3, 1ms);
  EXPECT_EQ(texts(wire.ben.heard),
            (std::vector<std::string>{"10000", "10000", "10001", "10001", "10002", "10002"}));
}

TEST(Link, flips_one_bit_of_what_it_damages) {
  TestWire wire({.damage = Chance::always()});
  wire.send("all is well");
  wire.world.run_for(1s);
  const auto heard = texts(wire.ben.heard);
  ASSERT_EQ(heard.size(), 1U);
  int flipped = 0;
  for (std::size_t i = 0; i < heard[0].size(); ++i)
    flipped += std::popcount(static_cast<unsigned char>(heard[0][i] ^ "all is well"[i]));
  EXPECT_EQ(flipped, 1);
}

TEST(Link, lets_reordered_packets_be_overtaken_and_loses_none) {
  TestWire wire({.reordering = Chance::percent(20), .reordering_delay = 10ms});
  send_many(wire, 500, 1ms);
  auto arrived = texts(wire.ben.heard);
  EXPECT_FALSE(std::is_sorted(arrived.begin(), arrived.end()));
  EXPECT_EQ(std::set(arrived.begin(), arrived.end()).size(), 500U);
  EXPECT_EQ(arrived.size(), 500U);
}

TEST(Link, has_a_rate_that_counts_headers) {
  TestWire wire({.bits_per_second = 1'000'000});
  const std::string kilobyte(972, 'x');  // 1,000 bytes with IPv4 and UDP headers: 8 ms
  wire.send(kilobyte);
  wire.send(kilobyte);
  wire.world.run_for(1s);
  EXPECT_EQ(wire.ben.heard.at(0).at, 8ms);
  EXPECT_EQ(wire.ben.heard.at(1).at, 16ms);
}

TEST(Link, queues_for_its_rate_up_to_its_limit) {
  const std::string kilobyte(972, 'x');
  for (const std::size_t limit : {4000U, 3999U}) {
    TestWire wire({.bits_per_second = 1'000'000, .queue_bytes = limit});
    for (int i = 0; i < 10; ++i) wire.send(kilobyte);
    wire.world.run_for(1s);
    EXPECT_EQ(wire.ben.heard.size(), limit / 1000);
  }
}

TEST(Link, swallows_what_is_larger_than_its_mtu_and_says_nothing) {
  TestWire wire({.mtu = 1280});
  wire.send(std::string(1280 - 28, 'a'));
  wire.send(std::string(1280 - 27, 'b'));
  wire.world.run_for(1s);
  ASSERT_EQ(wire.ben.heard.size(), 1U);
  EXPECT_EQ(wire.ben.heard[0].text[0], 'a');
  EXPECT_TRUE(wire.ana.heard.empty());
}

TEST(Link, that_is_down_loses_also_what_is_on_its_way) {
  TestWire wire({.delay = 10ms});
  wire.send("too late");
  wire.world.run_for(5ms);
  wire.link.set_up(false);
  wire.send("nowhere");
  wire.world.run_for(1s);
  wire.link.set_up(true);
  wire.send("back again");
  wire.world.run_for(1s);
  EXPECT_EQ(texts(wire.ben.heard), std::vector<std::string>{"back again"});
  EXPECT_FALSE(wire.ana.closed) << "a cut cable tells nobody";
}

TEST(Link, partitions_part_and_heal) {
  TestWire wire;
  wire.lan.partition({&wire.link});
  wire.send("lost");
  wire.world.run_for(1s);
  wire.lan.heal();
  wire.send("found");
  wire.world.run_for(1s);
  EXPECT_EQ(texts(wire.ben.heard), std::vector<std::string>{"found"});
}

}  // namespace
}  // namespace beeline::sim
