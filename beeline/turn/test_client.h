// For tests of turn::Server: a client that authenticates, peers, and a host without sockets, on a
// virtual clock.
#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "beeline/base/protocol_core.h"
#include "beeline/stun/attributes.h"
#include "beeline/stun/integrity.h"
#include "beeline/turn/server.h"

namespace beeline::turn {

inline TransportAddress at(const char* text) {
  return *TransportAddress::parse(text);
}

// One server with a host that binds whatever is asked for.
class TestRelay {
 public:
  static constexpr const char* kSecret = "secret";

  explicit TestRelay(Settings settings = default_settings())
      : server(std::move(settings), Random::from_number(1), packets, log) {
    server.set_wall_time({std::chrono::seconds(1'000'000)});
  }

  static Settings default_settings() {
    Settings settings;
    settings.secret = kSecret;
    settings.families = {{*IpAddress::parse("8.8.8.8"), *IpAddress::parse("8.8.8.8")},
                         {*IpAddress::parse("2606:4700::8"), *IpAddress::parse("2606:4700::8")}};
    settings.policy.own = {*IpAddress::parse("8.8.8.8"), *IpAddress::parse("2606:4700::8")};
    return settings;
  }

  void feed(Server::Input input) {
    server.handle_input(std::move(input), now);
    drain(server, *this, now);
  }
  void advance(Duration span) {
    now = now + span;
    server.handle_timeout(now);
    drain(server, *this, now);
  }
  void transmit(Server::Transmit transmit) {
    if (auto* client = std::get_if<ToClient>(&transmit)) to_clients.push_back(std::move(*client));
    if (auto* peer = std::get_if<ToPeer>(&transmit)) to_peers.push_back(std::move(*peer));
  }
  void handle_event(Server::Event event) {
    if (const auto* bind = std::get_if<BindRelay>(&event)) {
      if (!binds_answered) return unanswered.push_back(*bind);
      if (bind_failures > 0) {
        --bind_failures;
        return server.handle_input(RelayBindFailed{bind->relay}, now);
      }
      sockets.push_back(*bind);
      server.handle_input(RelayBound{bind->relay}, now);
    } else if (const auto* release = std::get_if<ReleaseRelay>(&event)) {
      ++released;
      std::erase_if(sockets,
                    [&](const BindRelay& socket) { return socket.relay == release->relay; });
    } else {
      ended.push_back(std::get<AllocationEnded>(event));
    }
  }

  PacketPool packets;
  NullLog log;
  Server server;
  Instant now{std::chrono::seconds(1000)};
  std::deque<ToClient> to_clients;
  std::deque<ToPeer> to_peers;
  std::vector<BindRelay> sockets;
  std::vector<AllocationEnded> ended;
  std::size_t released = 0;
  int bind_failures = 0;
  bool binds_answered = true;
  std::vector<BindRelay> unanswered;
};

// An answer, kept with the bytes it views.
struct Answer {
  std::vector<std::uint8_t> bytes;
  bool arrived() const { return !bytes.empty(); }
  stun::Message message() const { return *stun::Message::parse(bytes); }
  // 0 for success, -1 where nothing came.
  int code() const {
    if (!arrived()) return -1;
    if (message().message_class() == stun::Class::kSuccess) return 0;
    return stun::read_error_code(message().find(stun::AttributeType::kErrorCode)->value)->code;
  }
  Bytes value(stun::AttributeType type) const { return message().find(type)->value; }
  TransportAddress address(stun::AttributeType type) const {
    return *stun::read_xor_address(value(type), message().transaction_id());
  }
  std::uint32_t u32(stun::AttributeType type) const { return *stun::read_u32(value(type)); }
};

class TestClient {
 public:
  using Fill = std::function<void(stun::MessageWriter&)>;

  TestClient(TestRelay& relay, const char* address = "9.9.9.9:1000",
             const std::string& user = "mei", std::int64_t expires = 2'000'000)
      : relay_(relay), tuple{{0}, at("8.8.8.8:3478"), at(address)} {
    use(user, expires);
  }
  void use(const std::string& user, std::int64_t expires) {
    username = std::to_string(expires) + ":" + user;
    password = password_for(TestRelay::kSecret, username);
  }

  // Sends bytes as they are and returns what came back to this client.
  Answer send(Bytes bytes) {
    relay_.to_clients.clear();
    relay_.feed(ClientDatagram{tuple, relay_.packets.make(bytes)});
    for (const ToClient& answer : relay_.to_clients)
      if (answer.client == tuple) {
        const Bytes received = answer.packet.bytes();
        return {{received.begin(), received.end()}};
      }
    return {};
  }
  std::vector<std::uint8_t> build(stun::Method method, const Fill& fill,
                                  bool authenticated = true) {
    std::array<std::uint8_t, 1500> buffer{};
    stun::TransactionId id{};
    ByteWriter(id).u64(++transactions_);
    stun::MessageWriter writer(buffer, stun::Class::kRequest, method, id);
    fill(writer);
    if (authenticated) {
      writer.add(stun::AttributeType::kUsername, as_bytes(username));
      writer.add(stun::AttributeType::kRealm, as_bytes("beeline"));
      writer.add(stun::AttributeType::kNonce, as_bytes(nonce));
      if (algorithm == stun::PasswordAlgorithm::kSha256) {
        stun::add_password_algorithms(
            writer, {stun::PasswordAlgorithm::kSha256, stun::PasswordAlgorithm::kMd5});
        stun::add_password_algorithm(writer, algorithm);
      }
      add_integrity_with(writer, stun::long_term_key(algorithm, username, "beeline", password));
    }
    return {writer.bytes().begin(), writer.bytes().end()};
  }
  // An authenticated request; fetches a nonce first.
  Answer request(stun::Method method, const Fill& fill) {
    if (nonce.empty()) fetch_nonce();
    return send(build(method, fill));
  }
  void fetch_nonce() {
    const Answer challenge =
        send(build(stun::Method::kAllocate, [](stun::MessageWriter&) {}, false));
    nonce = as_text(challenge.value(stun::AttributeType::kNonce));
  }
  Answer allocate(const Fill& more = [](stun::MessageWriter&) {}) {
    return request(stun::Method::kAllocate, [&](stun::MessageWriter& writer) {
      stun::add_requested_transport(writer, stun::kProtocolUdp);
      more(writer);
    });
  }
  Answer refresh(std::uint32_t seconds) {
    return request(stun::Method::kRefresh, [&](stun::MessageWriter& writer) {
      writer.add_u32(stun::AttributeType::kLifetime, seconds);
    });
  }
  Answer permit(const TransportAddress& peer) {
    return request(stun::Method::kCreatePermission, [&](stun::MessageWriter& writer) {
      stun::add_xor_address(writer, stun::AttributeType::kXorPeerAddress, peer);
    });
  }
  Answer bind(std::uint16_t channel, const TransportAddress& peer) {
    return request(stun::Method::kChannelBind, [&](stun::MessageWriter& writer) {
      stun::add_channel_number(writer, stun::ChannelNumber{channel});
      stun::add_xor_address(writer, stun::AttributeType::kXorPeerAddress, peer);
    });
  }
  Answer send_indication(const TransportAddress& peer, std::string_view text,
                         bool dont_fragment = false) {
    std::array<std::uint8_t, 1500> buffer{};
    stun::MessageWriter writer(buffer, stun::Class::kIndication, stun::Method::kSend, {});
    stun::add_xor_address(writer, stun::AttributeType::kXorPeerAddress, peer);
    if (dont_fragment) writer.add(stun::AttributeType::kDontFragment, {});
    writer.add(stun::AttributeType::kData, as_bytes(text));
    return send(writer.bytes());
  }
  Answer channel_data(std::uint16_t channel, std::string_view text) {
    std::array<std::uint8_t, 1500> buffer{};
    ByteWriter writer(buffer);
    writer.u16(channel);
    writer.u16(static_cast<std::uint16_t>(text.size()));
    writer.append(as_bytes(text));
    return send(writer.written());
  }

 private:
  TestRelay& relay_;
  std::uint64_t transactions_ = 0;

 public:
  FiveTuple tuple;
  std::string username;
  std::string password;
  std::string nonce;
  stun::PasswordAlgorithm algorithm = stun::PasswordAlgorithm::kMd5;
};

}  // namespace beeline::turn
