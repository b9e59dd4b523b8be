// Once packets are relayed, neither client nor server allocates.
#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "beeline/base/test_allocations.h"
#include "beeline/turn/test_pair.h"

namespace beeline::turn {
namespace {

using namespace std::chrono_literals;

constexpr const char* kOfChannel = "9.9.9.1:5000";
constexpr const char* kOfIndications = "9.9.9.2:5000";
constexpr std::size_t kBatch = 24;

// A client and its server after everything was asked for; from here on only packets pass.
class Relaying {
 public:
  Relaying() : pair_(ClientAndServer::good_settings(), unlimited()) {
    pair_.allocate();
    relay_ = pair_.relay.sockets.front().relay;
    pair_.permit("9.9.9.1");
    pair_.permit("9.9.9.2");
    pair_.bind(kOfChannel);
  }

  // Allocations while `batches` go to each peer and come from each.
  std::uint64_t carry(int batches) {
    const std::uint64_t before = allocations_so_far();
    for (int i = 0; i < batches; ++i) batch();
    return allocations_so_far() - before;
  }
  std::uint64_t at_peers() const { return at_peers_; }
  std::uint64_t at_client() const { return at_client_; }

  void transmit(ToServer transmit) { to_server_.push_back(std::move(transmit.packet)); }
  void transmit(Server::Transmit transmit) {
    if (auto* client = std::get_if<ToClient>(&transmit))
      to_client_.push_back(std::move(client->packet));
    else
      ++at_peers_;
  }
  void handle_event(const Client::Event& event) {
    if (std::holds_alternative<PeerData>(event)) ++at_client_;
  }
  void handle_event(const Server::Event&) { ADD_FAILURE() << "nothing was asked of the host"; }

 private:
  static Settings unlimited() {
    Settings settings = TestRelay::default_settings();
    settings.limits = Limits::lab();
    return settings;
  }
  void batch() {
    const Instant now = pair_.relay.now = pair_.now() + 1ms;
    for (const TransportAddress& peer : peers_)
      for (std::size_t i = 0; i < kBatch; ++i) {
        pair_.client.send(peer, packet(), now);
        pair_.relay.server.handle_input(PeerDatagram{relay_, peer, packet()}, now);
      }
    drain(pair_.client, *this, now);
    for (Packet& one : to_server_)
      pair_.relay.server.handle_input(ClientDatagram{pair_.tuple, std::move(one)}, now);
    to_server_.clear();
    drain(pair_.relay.server, *this, now);
    for (Packet& one : to_client_) pair_.client.handle_input(FromServer{std::move(one)}, now);
    to_client_.clear();
    drain(pair_.client, *this, now);
    pair_.client.handle_timeout(now);
    pair_.relay.server.handle_timeout(now);
  }
  Packet packet() {
    Packet made = pair_.relay.packets.make();
    made.resize(1200);
    return made;
  }

  ClientAndServer pair_;
  std::array<TransportAddress, 2> peers_{at(kOfChannel), at(kOfIndications)};
  RelayId relay_{};
  std::vector<Packet> to_server_;
  std::vector<Packet> to_client_;
  std::uint64_t at_peers_ = 0;
  std::uint64_t at_client_ = 0;
};

TEST(Allocations, what_is_relayed_makes_none) {
  Relaying relaying;
  EXPECT_GT(relaying.carry(10), 0U) << "memory comes from somewhere";
  EXPECT_EQ(relaying.carry(1000), 0U);
  EXPECT_EQ(relaying.at_peers(), 1010 * 2 * kBatch);
  EXPECT_EQ(relaying.at_client(), 1010 * 2 * kBatch);
}

}  // namespace
}  // namespace beeline::turn
