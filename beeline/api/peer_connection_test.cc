// Connections from offer to goodbye, on real sockets of the loopback interface.
#include "beeline/api/peer_connection.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <boost/asio/strand.hpp>
#include <boost/system/system_error.hpp>
#include <future>
#include <thread>
#include <vector>

#include "beeline/api/test_peers.h"

namespace beeline::api {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

TEST_F(Peers, messages_of_all_kinds_go_both_ways) {
  connect();
  std::vector<std::string> heard;
  std::size_t sizes = 0;
  theirs.on_message([&](Message message) {
    heard.push_back((message.is_text() ? "text " : "bytes ") + std::string(message.text()));
    theirs.send(message.take());
  });
  ours.on_message([&](const Message& message) {
    EXPECT_FALSE(message.is_text());
    sizes += message.size();
  });
  ours.send("text");
  ours.send(std::vector<std::uint8_t>{'a', 'b'});
  const std::vector<std::uint8_t> kept{'c'};
  ours.send(std::span(kept));
  ours.send("");
  run_until([&] { return heard.size() == 4 && sizes == 7; });
  EXPECT_THAT(heard, ElementsAre("text text", "bytes ab", "bytes c", "text "));
}

TEST_F(Peers, both_sides_know_what_the_channel_is) {
  connect(
      {.ordered = false, .max_retransmits = 3, .protocol = "chess", .priority = Priority::kHigh});
  EXPECT_EQ(theirs.label(), "test");
  EXPECT_EQ(theirs.protocol(), "chess");
  EXPECT_FALSE(theirs.ordered());
  EXPECT_EQ(theirs.max_retransmits(), 3U);
  EXPECT_FALSE(theirs.max_packet_life_time());
  EXPECT_FALSE(theirs.negotiated());
  EXPECT_EQ(theirs.id(), ours.id());
  EXPECT_TRUE(theirs.id().has_value());
  EXPECT_EQ(theirs.ready_state(), DataChannelState::kOpen);
}

TEST_F(Peers, a_negotiated_channel_is_created_by_both) {
  signal();
  ours = alice->create_data_channel("agreed", {.negotiated = true, .id = 7}).value();
  theirs = bob->create_data_channel("agreed", {.negotiated = true, .id = 7}).value();
  std::string heard;
  theirs.on_message([&](const Message& message) { heard = message.text(); });
  ours.on_open([&] { ours.send("hello"); });
  run_until([&] { return heard == "hello"; });
  EXPECT_EQ(ours.id(), 7);
}

TEST_F(Peers, what_came_before_somebody_asked_is_told_then) {
  ours = alice->create_data_channel("test").value();
  negotiate();
  run_ready();
  int candidates = 0;
  bob->on_ice_candidate([&](const IceCandidate& candidate) {
    ++candidates;
    EXPECT_TRUE(alice->add_ice_candidate(candidate));
  });
  alice->on_ice_candidate(
      [&](const IceCandidate& candidate) { EXPECT_TRUE(bob->add_ice_candidate(candidate)); });
  run_until([&] { return ours.ready_state() == DataChannelState::kOpen; });
  EXPECT_GE(candidates, 1);
  ours.send("early");
  ours.close();
  run_until([&] { return ours.ready_state() == DataChannelState::kClosed; });
  std::vector<std::string> told;
  bob->on_data_channel([&](const DataChannel& channel) {
    channel.on_open([&] { told.emplace_back("open"); });
    channel.on_message([&](const Message& message) { told.emplace_back(message.text()); });
    channel.on_close([&](const Error& why) { told.emplace_back(to_string(why.reason)); });
  });
  run_until([&] { return told.size() == 3; });
  EXPECT_THAT(told, ElementsAre("open", "early", "channel_closed"));
}

TEST_F(Peers, states_are_told_in_order_and_so_is_the_other_sides_goodbye) {
  std::vector<std::string> states;
  bob->on_connection_state_change(
      [&](ConnectionState state) { states.emplace_back(to_string(state)); });
  std::vector<std::string> signaling;
  bob->on_signaling_state_change(
      [&](SignalingState state) { signaling.emplace_back(to_string(state)); });
  connect();
  Reason why = Reason::kNone;
  theirs.on_close([&](const Error& error) { why = error.reason; });
  alice->close();
  EXPECT_EQ(alice->connection_state(), ConnectionState::kClosed);
  EXPECT_EQ(alice->signaling_state(), SignalingState::kClosed);
  EXPECT_EQ(ours.ready_state(), DataChannelState::kClosed);
  run_until(
      [&] { return why != Reason::kNone && bob->connection_state() == ConnectionState::kClosed; });
  EXPECT_THAT(states, ElementsAre("connecting", "connected", "closed"));
  EXPECT_THAT(signaling, ElementsAre("have-remote-offer", "stable"));
  EXPECT_EQ(bob->failure().reason, Reason::kClosedByPeer);
  EXPECT_EQ(bob->explain().reason, PathReason::kLeft);
  io.run();  // nothing is left to wait for
}

TEST_F(Peers, an_impostor_is_found_out_and_named) {
  ours = alice->create_data_channel("test").value();
  auto offer = alice->set_local_description().value();
  ASSERT_TRUE(bob->set_remote_description(offer));
  auto answer = bob->set_local_description().value();
  const std::size_t at = answer.sdp.find("a=fingerprint:sha-256 ") + 22;
  answer.sdp[at] = answer.sdp[at] == '0' ? '1' : '0';
  ASSERT_TRUE(alice->set_remote_description(answer));
  alice->on_ice_candidate(
      [&](const IceCandidate& one) { std::ignore = bob->add_ice_candidate(one); });
  bob->on_ice_candidate(
      [&](const IceCandidate& one) { std::ignore = alice->add_ice_candidate(one); });
  Reason why = Reason::kNone;
  ours.on_close([&](const Error& error) { why = error.reason; });
  boost::system::error_code waited;
  alice->connected([&](boost::system::error_code error) { waited = error; });
  run_until([&] { return why != Reason::kNone && waited; });
  EXPECT_EQ(alice->connection_state(), ConnectionState::kFailed);
  EXPECT_EQ(why, Reason::kFingerprintMismatch);
  EXPECT_EQ(waited, Reason::kFingerprintMismatch);
  EXPECT_EQ(alice->explain().reason, PathReason::kFailedIdentity);
  EXPECT_THAT(alice->explain().text, HasSubstr("not who signaling announced"));
}

TEST_F(Peers, commands_that_cannot_be_obeyed_say_why_and_what_to_do) {
  const auto reason = [](const auto& result) {
    return result ? Reason::kNone : result.error().reason;
  };
  EXPECT_EQ(reason(alice->create_answer()), Reason::kWrongState);
  EXPECT_EQ(reason(alice->add_ice_candidate({})), Reason::kNoRemoteDescription);
  const auto bad = alice->set_remote_description({SdpType::kOffer, "v=0\r\nnonsense\r\n"});
  EXPECT_EQ(reason(bad), Reason::kUnreadableDescription);
  EXPECT_THAT(bad.error().message(), HasSubstr("unreadable_description: "));
  EXPECT_EQ(reason(alice->create_data_channel(std::string(65536, 'a'))), Reason::kLabelTooLong);
  EXPECT_EQ(reason(alice->create_data_channel("a", {.negotiated = true})), Reason::kBadChannelInit);
  EXPECT_EQ(reason(alice->create_data_channel("a", {.id = 3})), Reason::kBadChannelInit);
  EXPECT_EQ(reason(alice->create_data_channel(
                "a", {.max_packet_life_time = std::chrono::milliseconds(1), .max_retransmits = 1})),
            Reason::kBadChannelInit);
  ours = alice->create_data_channel("a", {.negotiated = true, .id = 3}).value();
  EXPECT_EQ(reason(alice->create_data_channel("a", {.negotiated = true, .id = 3})),
            Reason::kChannelIdUsed);
  EXPECT_EQ(reason(alice->set_ice_servers({{.urls = {"http://example.org"}}})),
            Reason::kBadIceServer);
  auto offer = alice->create_offer().value();
  offer.sdp += "a=x\r\n";
  EXPECT_EQ(reason(alice->set_local_description(offer)), Reason::kModifiedDescription);
  negotiate();
  EXPECT_EQ(reason(alice->add_ice_candidate({.candidate = "candidate:nonsense"})),
            Reason::kUnreadableCandidate);
  alice->close();
  EXPECT_EQ(reason(alice->create_offer()), Reason::kClosed);
  EXPECT_EQ(reason(alice->create_data_channel("a")), Reason::kClosed);
  EXPECT_EQ(reason(alice->set_ice_servers({})), Reason::kClosed);
}

TEST_F(Peers, a_configuration_that_cannot_be_used_is_refused_at_once) {
  try {
    PeerConnection(io, {.ice_servers = {{.urls = {"turn:example.org"}}}});
    FAIL() << "TURN without a credential";
  } catch (const boost::system::system_error& error) {
    EXPECT_EQ(reason_of(error.code()), Reason::kBadIceServer);
    EXPECT_THAT(error.what(), HasSubstr("a username and a credential are missing"));
  }
}

TEST_F(Peers, ice_is_restarted_while_data_flows) {
  connect();
  const std::string before = alice->get_stats().transport.ice_local_username_fragment;
  int heard = 0;
  theirs.on_message([&](const Message&) { ++heard; });
  alice->restart_ice();
  run_until([&] {
    ours.send("still there");
    return alice->get_stats().transport.ice_local_username_fragment != before && heard > 10;
  });
  EXPECT_EQ(alice->connection_state(), ConnectionState::kConnected);
}

TEST_F(Peers, statistics_have_the_names_of_w3c_and_add_up) {
  connect();
  std::size_t heard = 0;
  theirs.on_message([&](const Message& message) { heard += message.size(); });
  ours.send("12345");
  run_until([&] { return heard == 5; });
  const StatsReport mine = alice->get_stats();
  const StatsReport other = bob->get_stats();
  EXPECT_EQ(mine.transport.dtls_state, "connected");
  EXPECT_EQ(mine.transport.ice_state, "connected");
  EXPECT_EQ(mine.transport.ice_role, "controlling");
  EXPECT_EQ(other.transport.ice_role, "controlled");
  EXPECT_NE(mine.transport.dtls_role, other.transport.dtls_role);
  EXPECT_GT(mine.transport.bytes_sent, 500U);  // a handshake at least
  EXPECT_GT(mine.transport.packets_received, 3U);
  EXPECT_FALSE(mine.transport.dtls_cipher.empty());
  ASSERT_EQ(mine.data_channels.size(), 1U);
  EXPECT_EQ(mine.data_channels[0].messages_sent, 1U);
  EXPECT_EQ(mine.data_channels[0].bytes_sent, 5U);
  ASSERT_EQ(other.data_channels.size(), 1U);
  EXPECT_EQ(other.data_channels[0].messages_received, 1U);
  EXPECT_EQ(other.data_channels[0].bytes_received, 5U);
  EXPECT_EQ(other.peer_connection.data_channels_opened, 1U);
  ASSERT_FALSE(mine.candidate_pairs.empty());
  const CandidatePairStats& selected = mine.candidate_pairs[0];
  EXPECT_TRUE(selected.nominated);
  EXPECT_EQ(selected.id, mine.transport.selected_candidate_pair_id);
  const auto has = [](const std::vector<CandidateStats>& all, const std::string& id) {
    return std::ranges::find(all, id, &CandidateStats::id) != all.end();
  };
  EXPECT_TRUE(has(mine.local_candidates, selected.local_candidate_id));
  EXPECT_TRUE(has(mine.remote_candidates, selected.remote_candidate_id));
  const Explanation why = alice->explain();
  EXPECT_EQ(why.state, ConnectionState::kConnected);
  EXPECT_FALSE(why.relayed);
  EXPECT_THAT(why.text, HasSubstr("Connected directly"));
  EXPECT_THAT(why.text, HasSubstr("1 in use"));
}

TEST_F(Peers, a_moved_connection_is_the_same_one) {
  connect();
  PeerConnection moved = std::move(*alice);
  alice.reset();
  int heard = 0;
  theirs.on_message([&](const Message&) { ++heard; });
  ours.send("hello");
  run_until([&] { return heard == 1; });
  moved = PeerConnection(io, here());  // the one that was there says goodbye
  run_until([&] { return bob->connection_state() == ConnectionState::kClosed; });
}

TEST(PeerConnection, strands_of_one_pool_of_threads_do_not_meet) {
  boost::asio::io_context io;
  std::promise<void> done;
  const auto one = boost::asio::make_strand(io);
  // Everything of a connection is done on its strand, signaling between the two by posting.
  const auto two = boost::asio::make_strand(io);
  std::optional<PeerConnection> alice(std::in_place, one, Configuration{.loopback = true});
  std::optional<PeerConnection> bob(std::in_place, two, Configuration{.loopback = true});
  DataChannel channel;
  alice->on_ice_candidate([&](const IceCandidate& candidate) {
    post(two, [&, candidate] { std::ignore = bob->add_ice_candidate(candidate); });
  });
  bob->on_ice_candidate([&](const IceCandidate& candidate) {
    post(one, [&, candidate] { std::ignore = alice->add_ice_candidate(candidate); });
  });
  int left = 1000;
  bob->on_data_channel([](const DataChannel& theirs) {
    theirs.on_message([theirs](const Message& message) { theirs.send(message.text()); });
  });
  post(one, [&] {
    channel = alice->create_data_channel("test").value();
    channel.on_open([&] { channel.send("ping"); });
    channel.on_message([&](const Message&) {
      if (--left == 0) return done.set_value();
      channel.send("ping");
    });
    const auto offer = alice->set_local_description().value();
    post(two, [&, offer] {
      bob->set_remote_description(offer).value();
      const auto answer = bob->set_local_description().value();
      post(one, [&, answer] { alice->set_remote_description(answer).value(); });
    });
  });
  std::vector<std::jthread> threads;
  for (int i = 0; i < 3; ++i) threads.emplace_back([&] { io.run(); });
  const auto finished = done.get_future().wait_for(std::chrono::seconds(20));
  post(one, [&] {
    channel = {};
    alice.reset();
  });
  post(two, [&] { bob.reset(); });
  threads.clear();  // nothing is left to do, so they end
  EXPECT_EQ(finished, std::future_status::ready);
}

}  // namespace
}  // namespace beeline::api
