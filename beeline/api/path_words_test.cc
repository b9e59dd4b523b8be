// What is said of a path, for explanations as an ICE agent gives them.
#include "beeline/api/path_words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace beeline::api {
namespace {

using ice::CandidateType;
using testing::HasSubstr;

const Configuration kNoServers;
const Configuration kTurn{
    .ice_servers = {{.urls = {"turn:a"}, .username = "u", .credential = "c"}}};

ice::Candidate at(const char* address, CandidateType type = CandidateType::kHost) {
  ice::Candidate candidate;
  candidate.type = type;
  candidate.address = *TransportAddress::parse(address);
  return candidate;
}
ice::Explanation with_path(ice::Candidate local, ice::Candidate remote, bool relayed = false) {
  ice::Explanation ice;
  ice.path = ice::Path{std::move(local), std::move(remote), relayed, std::chrono::milliseconds(12)};
  return ice;
}
PathReason reason(const ice::Explanation& ice, const Configuration& configuration = kNoServers) {
  return path_reason(ice, ConnectionState::kConnected, Reason::kNone, configuration);
}
ice::PairReport pair(ice::PairReason why, std::uint16_t code = 0) {
  ice::PairReport report;
  report.reason = why;
  report.error_code = code;
  return report;
}
ice::ServerReport server(ice::ServerResult result) {
  ice::ServerReport report;
  report.result = result;
  return report;
}

TEST(PathReason, of_direct_paths_is_where_the_addresses_are) {
  EXPECT_EQ(reason(with_path(at("192.168.1.2:1"), at("192.168.1.3:1"))),
            PathReason::kDirectSameNetwork);
  EXPECT_EQ(reason(with_path(at("192.0.2.1:1"), at("198.51.100.1:1"))), PathReason::kDirectPublic);
  EXPECT_EQ(
      reason(with_path(at("192.168.1.2:1"), at("198.51.100.1:1", CandidateType::kServerReflexive))),
      PathReason::kDirectPunched);
  auto predicted = at("198.51.100.1:1", CandidateType::kServerReflexive);
  predicted.predicted = 3;
  EXPECT_EQ(reason(with_path(at("192.168.1.2:1"), predicted)), PathReason::kDirectPredicted);
  auto tcp = at("192.168.1.2:1");
  tcp.transport = ice::CandidateTransport::kTcpActive;
  EXPECT_EQ(reason(with_path(tcp, at("192.168.1.3:1"))), PathReason::kDirectTcp);
}

TEST(PathReason, of_relayed_paths_is_why_nothing_direct_is_taken) {
  auto ice = with_path(at("203.0.113.1:1", CandidateType::kRelayed), at("198.51.100.1:1"), true);
  Configuration chosen = kTurn;
  chosen.ice_transport_policy = IceTransportPolicy::kRelay;
  EXPECT_EQ(reason(ice, chosen), PathReason::kRelayedByChoice);
  ice.pairs.push_back(pair(ice::PairReason::kChecking));
  ice.pairs[0].state = ice::PairState::kInProgress;
  EXPECT_EQ(reason(ice, kTurn), PathReason::kRelayedForNow);
  ice.pairs[0].state = ice::PairState::kFailed;
  EXPECT_EQ(reason(ice, kTurn), PathReason::kRelayedNoAnswer);
  ice.servers.push_back(server(ice::ServerResult::kNoAnswer));
  EXPECT_EQ(reason(ice, kTurn), PathReason::kRelayedUdpBlocked);
  ice.servers.push_back(server(ice::ServerResult::kAnswered));
  EXPECT_EQ(reason(ice, kTurn), PathReason::kRelayedNoAnswer);
}

TEST(PathReason, of_failures_says_what_was_missing) {
  const auto failed = [](const ice::Explanation& ice, Reason why, const Configuration& of) {
    return path_reason(ice, ConnectionState::kFailed, why, of);
  };
  ice::Explanation ice;
  EXPECT_EQ(failed(ice, Reason::kNoPath, kNoServers), PathReason::kFailedNoRelay);
  EXPECT_EQ(failed(ice, Reason::kNoPath, kTurn), PathReason::kFailedRelayUnreachable);
  ice.servers.push_back(server(ice::ServerResult::kAllocated));
  EXPECT_EQ(failed(ice, Reason::kNoPath, kTurn), PathReason::kFailed);
  ice.servers[0].result = ice::ServerResult::kRefused;
  EXPECT_EQ(failed(ice, Reason::kNoPath, kTurn), PathReason::kFailedRelayRefused);
  EXPECT_EQ(failed(ice, Reason::kFingerprintMismatch, kTurn), PathReason::kFailedIdentity);
  EXPECT_EQ(path_reason(ice, ConnectionState::kClosed, Reason::kNone, kTurn), PathReason::kLeft);
  EXPECT_EQ(path_reason(ice, ConnectionState::kConnecting, Reason::kNone, kTurn),
            PathReason::kLooking);
}

TEST(PathText, counts_pairs_by_what_became_of_them) {
  ice::Explanation ice;
  for (int i = 0; i < 4; ++i) ice.pairs.push_back(pair(ice::PairReason::kNoAnswer));
  for (int i = 0; i < 2; ++i) ice.pairs.push_back(pair(ice::PairReason::kRelayRefused, 403));
  Explanation told;
  told.state = ConnectionState::kFailed;
  told.failure = {Reason::kNoPath, {}};
  told.ice_servers.push_back({.url = "turn:a", .from = {}, .result = "refused", .error_code = 401});
  const std::string text = path_text(ice, told);
  EXPECT_THAT(text, HasSubstr("Failed, no_path: "));
  EXPECT_THAT(text, HasSubstr("6 pairs of addresses: 4 got no answer, 2 refused by the TURN server "
                              "(403). turn:a: refused (401)."));
}

TEST(PathText, says_what_there_was_to_try_where_that_is_nothing) {
  Explanation told;
  ice::Explanation ice;
  EXPECT_THAT(path_text(ice, told), HasSubstr("no address of this machine"));
  ice.local.push_back(at("192.0.2.1:1"));
  EXPECT_THAT(path_text(ice, told), HasSubstr("the other side has sent no candidate"));
  ice.remote.push_back(at("[2001:db8::1]:1"));
  EXPECT_THAT(path_text(ice, told), HasSubstr("no pair of addresses fits"));
}

TEST(PathText, names_both_ends_and_the_round_trip) {
  const auto ice = with_path(at("192.0.2.1:1"), at("198.51.100.1:2"));
  Explanation told;
  told.state = ConnectionState::kConnected;
  told.round_trip_time = 0.012;
  EXPECT_THAT(
      path_text(ice, told),
      HasSubstr("Connected directly, 192.0.2.1:1 (host, udp) to 198.51.100.1:2 (host, udp), "
                "round trip 12.0 ms."));
}

TEST(Reasons, have_each_a_name_and_a_sentence) {
  for (const PathReason reason :
       {PathReason::kLooking, PathReason::kDirectPunched, PathReason::kLeft})
    EXPECT_FALSE(to_string(reason).empty());
  EXPECT_EQ(to_string(PathReason::kFailedNoRelay), "failed_no_relay");
}

}  // namespace
}  // namespace beeline::api
