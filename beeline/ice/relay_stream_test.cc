// Relays over a stream whose way to the server closes while the way back, or the stream itself,
// seems to be there: an agent on the server's TCP port, with the real turn::Server behind it.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "beeline/base/protocol_core.h"
#include "beeline/ice/agent.h"
#include "beeline/turn/test_client.h"

namespace beeline::ice {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class StreamRelay {
 public:
  StreamRelay() {
    const std::string user = "2000000:mei";
    settings.servers = {{.kind = ServerKind::kTurn,
                         .transport = ServerTransport::kTcp,
                         .host = "8.8.8.8",
                         .port = Port{3478},
                         .username = user,
                         .password = turn::password_for(turn::TestRelay::kSecret, user)}};
    agent.emplace(settings, Role::kControlling, Random::from_number(3), server.packets, log);
    agent->gather(now());
    settle();
  }

  Instant now() const { return server.now; }
  void run_for(Duration span) {
    const Instant end = now() + span;
    for (;;) {
      const auto next = earliest(agent->next_timeout(), server.server.next_timeout());
      if (!next || *next > end) break;
      step_to(std::max(*next, now()));
    }
    step_to(end);
  }
  // The other side's words, and those of the relay's peers, still get through.
  void hear_something() {
    if (streams.empty()) return;
    const std::uint8_t data[] = {0x40, 0, 0, 0};
    agent->handle_input(StreamBytes{streams.back(), data}, now());
    settle();
  }
  void look_again() {
    agent->restart(now());
    settle();
  }
  std::size_t relayed() const {
    return static_cast<std::size_t>(
        std::ranges::count(agent->explain().local, CandidateType::kRelayed, &Candidate::type));
  }

  // For drain().
  void transmit(HostTransmit transmit) {
    auto* sent = std::get_if<SendStream>(&transmit);
    if (!sent || lost(sent->packet.bytes())) return;
    server.feed(turn::ClientDatagram{{{0}, turn::at("8.8.8.8:3478"), local(sent->stream)},
                                     std::move(sent->packet)});
  }
  void handle_event(AgentEvent event) {
    const auto* request = std::get_if<HostRequest>(&event);
    if (!request) return;
    if (std::holds_alternative<WatchInterfaces>(*request)) {
      agent->handle_input(InterfacesChanged{{{"eth0", *IpAddress::parse("9.9.9.9")}}}, now());
    } else if (const auto* bind = std::get_if<BindUdp>(request)) {
      agent->handle_input(UdpBound{bind->socket, {bind->local.ip, Port{1000}}}, now());
    } else if (const auto* open = std::get_if<OpenStream>(request)) {
      streams.push_back(open->stream);
      agent->handle_input(StreamOpened{open->stream, local(open->stream)}, now());
    } else if (const auto* close = std::get_if<CloseStream>(request)) {
      std::erase(streams, close->stream);
    }
  }

  turn::TestRelay server;
  Settings settings;
  NullLog log;
  std::optional<Agent> agent;
  std::vector<StreamId> streams;  // that are open
  std::function<bool(Bytes)> lost = [](Bytes) { return false; };

 private:
  static TransportAddress local(StreamId stream) {
    return {*IpAddress::parse("9.9.9.9"), Port{static_cast<std::uint16_t>(2000 + stream.value)}};
  }
  void step_to(Instant at) {
    server.now = at;
    server.advance({});
    agent->handle_timeout(at);
    settle();
  }
  void settle() {
    for (bool more = true; more;) {
      drain(*agent, *this, now());
      more = !server.to_clients.empty();
      for (const turn::ToClient& answer : std::exchange(server.to_clients, {}))
        for (const StreamId stream : streams)
          if (local(stream) == answer.client.remote)
            agent->handle_input(StreamBytes{stream, answer.packet.bytes()}, now());
    }
  }
};

// Seed 274053: a NAT was started anew between the server's challenge and its answer; the stream
// was waited for as long as RFC 8489 waits for an answer over TCP.
TEST(RelayStream, one_that_falls_silent_while_an_allocation_is_asked_for_is_given_up) {
  StreamRelay relay;
  int questions = 0;
  relay.lost = [&](Bytes) { return ++questions == 2; };
  relay.run_for(milliseconds(100));
  ASSERT_EQ(relay.streams.size(), 1U);
  ASSERT_EQ(questions, 2);
  ASSERT_EQ(relay.relayed(), 0U);
  relay.run_for(seconds(5));
  EXPECT_EQ(relay.relayed(), 2U);
}

// Seed 86102: after a sleep nothing got to the server any more, and what it relayed to us was taken
// for an answer.
TEST(RelayStream, one_that_is_heard_but_answers_no_question_is_given_up) {
  StreamRelay relay;
  relay.run_for(seconds(20));
  ASSERT_EQ(relay.relayed(), 2U);
  ASSERT_EQ(relay.streams.size(), 1U);
  const StreamId first = relay.streams.front();
  relay.lost = [](Bytes) { return true; };
  relay.look_again();
  for (int i = 0; i < 39; ++i) {
    relay.run_for(milliseconds(100));
    relay.hear_something();
  }
  relay.run_for(milliseconds(100) - Duration(1));
  ASSERT_EQ(relay.streams, std::vector{first});
  relay.run_for(Duration(1));
  EXPECT_TRUE(relay.streams.empty());
  relay.lost = [](Bytes) { return false; };
  relay.run_for(seconds(1));
  EXPECT_EQ(relay.relayed(), 2U);
}

TEST(RelayStream, one_that_answers_is_kept) {
  StreamRelay relay;
  relay.run_for(seconds(20));
  const std::vector<StreamId> first = relay.streams;
  relay.look_again();
  relay.run_for(seconds(60));
  EXPECT_EQ(relay.streams, first);
}

}  // namespace
}  // namespace beeline::ice
