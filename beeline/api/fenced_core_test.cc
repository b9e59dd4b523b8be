// A bug in the core ends one connection and is heard of once.
#include "beeline/api/fenced_core.h"

#include <gtest/gtest.h>

#include "beeline/crypto/identity.h"

namespace beeline::api {
namespace {

TEST(FencedCore, is_silent_once_it_is_broken) {
  PacketPool packets;
  NullLog log;
  int flushed = 0;
  std::vector<std::string> broken;
  const WallTime today{std::chrono::days(20'000)};
  FencedCore core(
      {.ice = {}, .sctp = {}, .identity = crypto::make_identity(today, std::chrono::days(1))},
      Random::from_number(1), packets, log, [&] { ++flushed; },
      [&](std::string what) { broken.push_back(std::move(what)); });
  const Instant now{std::chrono::seconds(1)};
  EXPECT_EQ(core.fenced(0, [](peer::PeerConnection&) { return 7; }), 7);
  core.fenced([&](peer::PeerConnection& one) { one.restart_ice(); });
  core.flush(now);
  EXPECT_EQ(flushed, 1);
  EXPECT_EQ(core.fenced(0, [](peer::PeerConnection&) -> int { throw EnsureFailed("a bug"); }), 0);
  EXPECT_EQ(broken, std::vector<std::string>{"a bug"});
  EXPECT_EQ(core.fenced(0, [](peer::PeerConnection&) -> int { throw EnsureFailed("again"); }), 0);
  core.handle_timeout(now);
  core.flush(now);
  EXPECT_FALSE(core.poll_event()) << "also of what it had to say before";
  EXPECT_FALSE(core.poll_transmit());
  EXPECT_FALSE(core.next_timeout());
  EXPECT_EQ(flushed, 1);
  EXPECT_EQ(broken.size(), 1U);
}

TEST(FencedCore, lets_through_what_is_not_a_bug_of_ours) {
  PacketPool packets;
  NullLog log;
  const WallTime today{std::chrono::days(20'000)};
  FencedCore core(
      {.ice = {}, .sctp = {}, .identity = crypto::make_identity(today, std::chrono::days(1))},
      Random::from_number(1), packets, log, [] {}, [](const std::string&) { FAIL(); });
  EXPECT_THROW(core.fenced([](peer::PeerConnection&) { throw std::bad_alloc(); }), std::bad_alloc);
  EXPECT_FALSE(core.is_broken());
}

}  // namespace
}  // namespace beeline::api
