// turn::Client as a whole, beside a real turn::Server. The input is a list of steps: one byte says
// what happens, two how long what follows is, then the bytes. The first byte: over a stream or not.
#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "beeline/base/protocol_core.h"
#include "beeline/stun/integrity.h"
#include "beeline/turn/client.h"
#include "beeline/turn/server.h"
#include "beeline/turn/server_reply.h"

using namespace beeline;

namespace {

constexpr char kSecret[] = "fuzz";
constexpr char kUser[] = "4102444800:fuzz";
const IpAddress kServerIp = *IpAddress::parse("8.8.8.8");
const turn::FiveTuple kClient{
    {0}, {kServerIp, Port{3478}}, {*IpAddress::parse("9.9.9.9"), Port{1000}}};

TransportAddress peer(std::uint8_t number) {
  return {IpAddress::v4(0x07070700U + number % 4U), Port{static_cast<std::uint16_t>(number % 8U)}};
}

turn::Settings server_settings() {
  turn::Settings settings;
  settings.secret = kSecret;
  settings.families = {{kServerIp, kServerIp}};
  settings.policy.own = {kServerIp};
  return settings;
}

turn::ClientSettings client_settings(bool stream) {
  turn::ClientSettings settings;
  settings.username = kUser;
  settings.password = turn::password_for(kSecret, kUser);
  settings.stream = stream;
  return settings;
}

class World {
 public:
  explicit World(bool over_stream)
      : stream(over_stream),
        client(client_settings(over_stream), Random::from_number(1), packets),
        server(server_settings(), Random::from_number(2), packets, log) {}

  // Of the client.
  void transmit(turn::ToServer transmit) {
    ensure(!ended, "nothing is sent after the end");
    const Bytes bytes = transmit.packet.bytes();
    ensure(stun::looks_like_stun(bytes) || (bytes[0] & 0xC0) == 0x40, "STUN or ChannelData");
    ensure(!stream || bytes.size() % 4 == 0, "padded");
    const auto message = stun::Message::parse(bytes);
    if (message && message->message_class() == stun::Class::kRequest)
      last_request.assign(bytes.begin(), bytes.end());
    to_server.push_back(std::move(transmit.packet));
  }
  void handle_event(turn::Client::Event event) {
    ensure(!ended, "nothing is said after the end");
    if (const auto* data = std::get_if<turn::PeerData>(&event))
      ensure(permitted.contains(data->peer.ip), "only those whom we permitted are heard");
    if (std::get_if<turn::Released>(&event) != nullptr) ended = true;
  }
  // Of the server.
  void transmit(turn::Server::Transmit transmit) {
    if (auto* answer = std::get_if<turn::ToClient>(&transmit)) give(std::move(answer->packet));
  }
  void handle_event(turn::Server::Event event) {
    if (const auto* bind = std::get_if<turn::BindRelay>(&event))
      server.handle_input(turn::RelayBound{bind->relay}, now);
  }

  void give(Packet packet) {
    if (!stream) return client.handle_input(turn::FromServer{std::move(packet)}, now);
    turn::pad_for_stream(packet);
    client.handle_input(turn::ServerBytes{packet.bytes()}, now);
  }
  void settle() {
    for (int i = 0; i < 8; ++i) {
      drain(client, *this, now);
      for (Packet& packet : std::exchange(to_server, {}))
        server.handle_input(turn::ClientDatagram{kClient, std::move(packet)}, now);
      drain(server, *this, now);
    }
    drain(client, *this, now);
    to_server.clear();
  }
  // Answers the last request with the fuzzer's attributes, under the right key.
  void answer(bool success, Bytes attributes) {
    const auto request = stun::Message::parse(last_request);
    if (!request) return;
    const auto key = stun::long_term_key(stun::PasswordAlgorithm::kSha256, kUser, "beeline",
                                         turn::password_for(kSecret, kUser));
    give(turn::write_message(
        packets, success ? stun::Class::kSuccess : stun::Class::kError, request->method(),
        request->transaction_id(), &key, [&](stun::MessageWriter& writer) {
          for (ByteReader reader(attributes.first(std::min<std::size_t>(attributes.size(), 1000)));
               !reader.at_end();) {
            const auto type = static_cast<stun::AttributeType>(reader.u16());
            const std::size_t size = reader.u8();
            writer.add(type, reader.take(std::min(size, reader.remaining())));
          }
        }));
  }
  void command(std::uint8_t which, std::uint8_t number, Bytes bytes) {
    switch (which % 5) {
      case 0:
        permitted.insert(peer(number).ip);
        return client.permit(peer(number).ip, now);
      case 1:
        permitted.insert(peer(number).ip);
        return client.bind_channel(peer(number), now);
      case 2:
        return client.send(peer(number), packets.make(bytes), now);
      case 3:
        return client.set_credentials(kUser, turn::password_for(kSecret, kUser), now);
      default:
        return client.close(now);
    }
  }

  bool stream;
  PacketPool packets{16};
  NullLog log;
  Instant now{std::chrono::seconds(1)};
  std::vector<std::uint8_t> last_request;
  std::set<IpAddress> permitted;
  bool ended = false;
  turn::Client client;
  turn::Server server;
  std::vector<Packet> to_server;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ByteReader steps(Bytes(data, size));
  World world((steps.u8() & 1) != 0);
  world.client.allocate(turn::RelayFamilies::kV4, world.now);
  for (int step = 0; step < 200 && !steps.at_end(); ++step) {
    const std::uint8_t kind = steps.u8();
    const Bytes bytes = steps.take(std::min<std::size_t>(steps.u16() % 1500U, steps.remaining()));
    switch (kind % 5) {
      case 0:
        world.give(world.packets.make(bytes));
        break;
      case 1:
        world.answer((kind & 0x80) == 0, bytes);
        break;
      case 2:
        world.now = world.now + std::chrono::seconds(bytes.size());
        world.server.handle_timeout(world.now);
        world.client.handle_timeout(world.now);
        break;
      case 3:
        world.command(kind / 16, bytes.empty() ? 0 : bytes[0], bytes);
        break;
      default:
        world.settle();
    }
    drain(world.client, world, world.now);
    if (world.ended) ensure(!world.client.next_timeout(), "no timer after the end");
  }
  return 0;
}
