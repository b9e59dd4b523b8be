// For tests: two connections of one program, signaling between them by function calls, and a loop
// that runs until what is waited for has come.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "beeline/api/peer_connection.h"

namespace beeline::api {

class Peers : public testing::Test {
 protected:
  // On loopback alone, so that a test does not depend on the machine's networks.
  static Configuration here() { return {.loopback = true}; }

  // Runs until `done`; false, and a failed test, where that takes 10 s.
  bool run_until(const std::function<bool()>& done) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    io.restart();
    while (!done()) {
      if (std::chrono::steady_clock::now() > end || io.run_one_until(end) == 0) {
        ADD_FAILURE() << "it did not happen";
        return false;
      }
    }
    return true;
  }
  // Everything that is to be done now.
  void run_ready() {
    io.restart();
    io.poll();
  }

  void signal() {
    alice->on_ice_candidate([this](const IceCandidate& candidate) {
      if (!bob) return;
      EXPECT_TRUE(bob->add_ice_candidate(candidate));
    });
    bob->on_ice_candidate([this](const IceCandidate& candidate) {
      if (!alice) return;
      EXPECT_TRUE(alice->add_ice_candidate(candidate));
    });
    alice->on_negotiation_needed([this] { negotiate(); });
  }
  void negotiate() {
    const auto offer = alice->set_local_description();
    ASSERT_TRUE(offer) << offer.error().message();
    ASSERT_TRUE(bob->set_remote_description(*offer));
    const auto answer = bob->set_local_description();
    ASSERT_TRUE(answer) << answer.error().message();
    ASSERT_TRUE(alice->set_remote_description(*answer));
  }
  // A channel of alice's and what bob has of it.
  void connect(const DataChannelInit& init = {}) {
    signal();
    bob->on_data_channel([this](DataChannel channel) { theirs = std::move(channel); });
    ours = alice->create_data_channel("test", init).value();
    run_until([this] { return bool(theirs) && ours.ready_state() == DataChannelState::kOpen; });
  }

  boost::asio::io_context io;
  std::optional<PeerConnection> alice{std::in_place, io, here()};
  std::optional<PeerConnection> bob{std::in_place, io, here()};
  DataChannel ours;
  DataChannel theirs;
};

}  // namespace beeline::api
