// For tests of turn::Client: it and the real turn::Server on one virtual clock, with a network
// between them that loses, forges and cuts what a test wants.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "beeline/turn/client.h"
#include "beeline/turn/indication.h"
#include "beeline/turn/server_reply.h"
#include "beeline/turn/test_client.h"

namespace beeline::turn {

class ClientAndServer {
 public:
  using Bytestring = std::vector<std::uint8_t>;
  // True: this packet is lost. May look at it and count.
  using Loses = std::function<bool(Bytes)>;

  ClientAndServer() : ClientAndServer(good_settings()) {}
  explicit ClientAndServer(ClientSettings client_settings)
      : ClientAndServer(std::move(client_settings), TestRelay::default_settings()) {}
  ClientAndServer(const ClientSettings& client_settings, Settings settings)
      : relay(std::move(settings)),
        client(client_settings, Random::from_number(7), relay.packets),
        stream(client_settings.stream) {}

  static ClientSettings good_settings(const std::string& user = "mei",
                                      std::int64_t expires = 2'000'000) {
    ClientSettings settings;
    settings.username = std::to_string(expires) + ":" + user;
    settings.password = password_for(TestRelay::kSecret, settings.username);
    return settings;
  }
  static ClientSettings stream_settings() {
    ClientSettings settings = good_settings();
    settings.stream = true;
    return settings;
  }

  Instant now() const { return relay.now; }

  // Carries packets to and fro until nobody has any.
  void settle() {
    for (bool more = true; more;) {
      drain(client, *this, now());
      more = !to_server.empty();
      for (Packet& packet : std::exchange(to_server, {})) to_relay(std::move(packet));
      for (ToClient& answer : std::exchange(relay.to_clients, {})) {
        more = true;
        to_client(std::move(answer.packet));
      }
    }
  }
  // Lets time pass, with everything that is due on the way.
  void advance(Duration span) {
    const Instant end = now() + span;
    for (;;) {
      const auto next = earliest(client.next_timeout(), relay.server.next_timeout());
      if (!next || *next > end) break;
      step_to(std::max(*next, now()));
    }
    step_to(end);
  }
  void step_to(Instant at) {
    relay.now = at;
    relay.advance({});
    client.handle_timeout(at);
    settle();
  }
  void allocate(RelayFamilies families = RelayFamilies::kV4) {
    client.allocate(families, now());
    settle();
  }
  void permit(const char* ip) {
    client.permit(*IpAddress::parse(ip), now());
    settle();
  }
  void bind(const char* peer) {
    client.bind_channel(at(peer), now());
    settle();
  }
  void send(const char* peer, std::string_view text) {
    client.send(at(peer), relay.packets.make(as_bytes(text)), now());
    settle();
  }
  // What the peer sends to the relayed address.
  void from_peer(const char* peer, std::string_view text) {
    relay.feed(
        PeerDatagram{relay.sockets.front().relay, at(peer), relay.packets.make(as_bytes(text))});
    settle();
  }

  // The server is started anew: it knows nothing.
  void restart_server() {
    relay.server.~Server();
    new (&relay.server)
        Server(TestRelay::default_settings(), Random::from_number(99), relay.packets, relay.log);
    relay.server.set_wall_time({std::chrono::seconds(1'000'000)});
  }
  // Says something to the client that the server did not say, in answer to a request of it.
  template <typename Fill>
  void answer(Bytes request, stun::Class message_class, const stun::LongTermKey* key, Fill fill) {
    const auto message = *stun::Message::parse(request);
    client.handle_input(FromServer{write_message(relay.packets, message_class, message.method(),
                                                 message.transaction_id(), key, fill)},
                        now());
  }
  // Refuses the name in a request, with the challenge that it knows already.
  void refuse_name(Bytes request) {
    answer(request, stun::Class::kError, nullptr, [&](stun::MessageWriter& writer) {
      stun::add_error_code(writer, 401, {});
      for (const auto type : {stun::AttributeType::kRealm, stun::AttributeType::kNonce,
                              stun::AttributeType::kPasswordAlgorithms})
        writer.add(type, stun::Message::parse(request)->find(type)->value);
    });
  }

  // The events of one kind so far, in order.
  template <typename T>
  std::vector<const T*> all() const {
    std::vector<const T*> found;
    for (const Client::Event& event : events)
      if (const T* one = std::get_if<T>(&event)) found.push_back(one);
    return found;
  }
  // The requests of one method that left, lost ones and repeats too.
  std::vector<stun::Message> requests(stun::Method method) const {
    std::vector<stun::Message> found;
    for (const Bytestring& bytes : sent) {
      const auto message = stun::Message::parse(bytes);
      if (message && message->message_class() == stun::Class::kRequest &&
          message->method() == method)
        found.push_back(*message);
    }
    return found;
  }

  void transmit(ToServer transmit) {
    const Bytes bytes = transmit.packet.bytes();
    sent.emplace_back(bytes.begin(), bytes.end());
    to_server.push_back(std::move(transmit.packet));
  }
  void handle_event(Client::Event event) { events.push_back(std::move(event)); }

  TestRelay relay;
  Client client;
  bool stream;
  std::size_t piece = 1;  // of a stream, that arrives at once
  FiveTuple tuple{{0}, at("8.8.8.8:3478"), at("9.9.9.9:1000")};
  Loses loses_to_server;
  Loses loses_to_client;
  std::vector<Packet> to_server;
  std::vector<Bytestring> sent;
  std::vector<Bytestring> received;
  std::vector<Client::Event> events;

 private:
  void to_relay(Packet packet) {
    if (loses_to_server && loses_to_server(packet.bytes())) return;
    if (!stream) return relay.feed(ClientDatagram{tuple, std::move(packet)});
    for (Bytes bytes = packet.bytes(); !bytes.empty();)
      if (server_framer_.read(bytes) == StreamFramer::Result::kFrame)
        relay.feed(ClientDatagram{tuple, server_framer_.take()});
  }
  void to_client(Packet packet) {
    const Bytes bytes = packet.bytes();
    received.emplace_back(bytes.begin(), bytes.end());
    if (loses_to_client && loses_to_client(packet.bytes())) return;
    if (!stream) return client.handle_input(FromServer{std::move(packet)}, now());
    pad_for_stream(packet);
    for (Bytes rest = packet.bytes(); !rest.empty();) {
      const Bytes head = rest.first(std::min(piece, rest.size()));
      rest = rest.subspan(head.size());
      client.handle_input(ServerBytes{head}, now());
    }
  }

  StreamFramer server_framer_{relay.packets};
};

}  // namespace beeline::turn
