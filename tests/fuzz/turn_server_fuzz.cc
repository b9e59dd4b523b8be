// turn::Server as a whole. The input is a list of steps: one byte says what arrives, two how long
// it is, then the bytes.
#include <algorithm>

#include "beeline/base/protocol_core.h"
#include "beeline/stun/attributes.h"
#include "beeline/turn/server.h"

using namespace beeline;

namespace {

constexpr char kSecret[] = "fuzz";
const IpAddress kServerIp = *IpAddress::parse("8.8.8.8");
const turn::FiveTuple kClient{
    {0}, {kServerIp, Port{3478}}, {*IpAddress::parse("9.9.9.9"), Port{1000}}};
const TransportAddress kPeer{*IpAddress::parse("7.7.7.7"), Port{2000}};

// Answers the core's wishes and checks what it sends.
struct Host {
  turn::Server& server;
  Instant now;
  std::string nonce;
  std::vector<turn::RelayId> relays;
  bool bind_fails = false;

  void transmit(turn::Server::Transmit transmit) {
    if (const auto* to_peer = std::get_if<turn::ToPeer>(&transmit)) {
      ensure(!turn::is_special_purpose(to_peer->peer.address().ip),
             "only ordinary addresses are reached");
      ensure(std::ranges::find(relays, to_peer->relay) != relays.end(),
             "through a socket that is open");
    } else if (const auto* answer = std::get_if<turn::ToClient>(&transmit)) {
      const auto message = stun::Message::parse(answer->packet.bytes());
      const auto found = message ? message->find(stun::AttributeType::kNonce) : std::nullopt;
      if (found) nonce = as_text(found->value);
    }
  }
  void handle_event(turn::Server::Event event) {
    if (const auto* bind = std::get_if<turn::BindRelay>(&event)) {
      if (bind_fails) return server.handle_input(turn::RelayBindFailed{bind->relay}, now);
      relays.push_back(bind->relay);
      server.handle_input(turn::RelayBound{bind->relay}, now);
    } else if (const auto* release = std::get_if<turn::ReleaseRelay>(&event)) {
      std::erase(relays, release->relay);
    }
  }
};

// Makes a valid request of the fuzzer's attributes, so that what lies behind authentication is
// reached.
Packet authenticated(PacketPool& packets, std::uint16_t method, Bytes attributes,
                     const std::string& nonce) {
  Packet packet = packets.make();
  packet.resize(Packet::kMaxPayload);
  stun::MessageWriter writer(packet.mutable_bytes(), stun::Class::kRequest,
                             static_cast<stun::Method>(method), {});
  for (ByteReader reader(attributes.first(std::min<std::size_t>(attributes.size(), 1000)));
       !reader.at_end();) {
    const auto type = static_cast<stun::AttributeType>(reader.u16());
    const std::size_t size = reader.u8();
    writer.add(type, reader.take(std::min(size, reader.remaining())));
  }
  const std::string username = "4102444800:fuzz";
  const auto key = stun::long_term_key(stun::PasswordAlgorithm::kMd5, username, "beeline",
                                       turn::password_for(kSecret, username));
  writer.add(stun::AttributeType::kUsername, as_bytes(username));
  writer.add(stun::AttributeType::kRealm, as_bytes("beeline"));
  writer.add(stun::AttributeType::kNonce, as_bytes(nonce));
  turn::add_integrity_with(writer, key);
  packet.resize(writer.ok() ? writer.bytes().size() : 0);
  return packet;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  PacketPool packets(16);
  NullLog log;
  turn::Settings settings;
  settings.secret = kSecret;
  settings.families = {{kServerIp, kServerIp}};
  settings.policy.own = {kServerIp};
  turn::Server server(settings, Random::from_number(1), packets, log);
  Host host{server, Instant{std::chrono::seconds(1)}, {}, {}, false};
  ByteReader steps(Bytes(data, size));
  for (int step = 0; step < 200 && !steps.at_end(); ++step) {
    const std::uint8_t kind = steps.u8();
    const Bytes bytes = steps.take(std::min<std::size_t>(steps.u16() % 1500U, steps.remaining()));
    host.bind_fails = (kind & 0x80) != 0;
    switch (kind % 6) {
      case 0:
        server.handle_input(turn::ClientDatagram{kClient, packets.make(bytes)}, host.now);
        break;
      case 1:
        if (!host.relays.empty())
          server.handle_input(turn::PeerDatagram{host.relays.front(), kPeer, packets.make(bytes)},
                              host.now);
        break;
      case 2:
        host.now = host.now + std::chrono::seconds(bytes.size());
        server.handle_timeout(host.now);
        break;
      case 3:
        server.handle_input(
            turn::ClientDatagram{kClient, authenticated(packets, 1 + kind / 16, bytes, host.nonce)},
            host.now);
        break;
      case 4:
        server.handle_input(turn::ClientStreamClosed{kClient}, host.now);
        ensure(server.allocations() == 0, "its allocation went with it");
        break;
      default:
        if (!host.relays.empty())
          server.handle_input(turn::PeerUnreachable{host.relays.front(), kPeer, {3, 4, 1200}},
                              host.now);
    }
    drain(server, host, host.now);
    ensure(server.allocations() <= 1, "one client, one allocation");
  }
  return 0;
}
