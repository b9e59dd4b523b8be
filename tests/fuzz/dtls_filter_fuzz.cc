// dtls::RecordFilter and dtls::Session. The input is one datagram, and then its records one by one:
// to a server that waits, to a client that has said hello, and to two that are connected, between
// whom nothing may change.
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "beeline/base/protocol_core.h"
#include "beeline/crypto/seeded_generator.h"
#include "beeline/dtls/session.h"

using namespace beeline;

namespace {

using Datagram = std::vector<std::uint8_t>;

constexpr Instant kStart{std::chrono::seconds(1)};
constexpr std::size_t kMaxDatagrams = 30;  // of one input
constexpr int kInputsOfOnePair = 1000;

crypto::Identity identity() {
  return crypto::make_identity({std::chrono::seconds(1'790'000'000)}, std::chrono::days(30));
}

struct Side {
  Side(dtls::Role role, const crypto::Identity& own, const crypto::Identity& other,
       PacketPool& packets)
      : session(
            {.role = role, .identity = own, .remote_fingerprints = {dtls::fingerprint_of(other)}},
            packets, log) {}

  void transmit(Packet packet) { sent.emplace_back(packet.bytes().begin(), packet.bytes().end()); }
  void handle_event(dtls::Session::Event event) {
    if (const auto* one = std::get_if<dtls::Received>(&event))
      received.emplace_back(as_text(one->packet.bytes()));
    connected = connected || std::holds_alternative<dtls::Connected>(event);
    ended = ended || std::holds_alternative<dtls::Closed>(event) ||
            std::holds_alternative<dtls::Failed>(event);
  }

  NullLog log;
  dtls::Session session;
  std::vector<Datagram> sent;
  std::vector<std::string> received;
  bool connected = false;
  bool ended = false;
};

class Target {
 public:
  void run(Bytes input) {
    if (pair_inputs_++ % kInputsOfOnePair == 0) connect();
    const std::vector<Datagram> datagrams = cut(input);
    for (const auto role : {dtls::Role::kClient, dtls::Role::kServer}) filter(role, datagrams);
    for (const Datagram& one : datagrams) {
      give(*client_, one);
      give(*server_, one);
      ensure(!client_->ended && !server_->ended, "nobody ends what is not theirs");
      say(*client_, *server_, "to the server");
      say(*server_, *client_, "to the client");
    }
    handshake(dtls::Role::kServer, datagrams);
    handshake(dtls::Role::kClient, datagrams);
  }

 private:
  // The whole, and each of its records.
  static std::vector<Datagram> cut(Bytes input) {
    input = input.first(std::min(input.size(), Packet::kMaxPayload));
    std::vector<Datagram> datagrams{Datagram(input.begin(), input.end())};
    ByteReader reader(input);
    for (std::size_t begin = 0; datagrams.size() < kMaxDatagrams;) {
      if (!dtls::read_record(reader)) break;
      const std::size_t end = input.size() - reader.remaining();
      datagrams.emplace_back(input.begin() + static_cast<std::ptrdiff_t>(begin),
                             input.begin() + static_cast<std::ptrdiff_t>(end));
      begin = end;
    }
    return datagrams;
  }
  // Whether anything of it passes.
  static bool filter(dtls::Role role, const std::vector<Datagram>& datagrams) {
    dtls::RecordFilter filter(role);
    bool passes = false;
    for (Datagram datagram : datagrams) {
      const std::size_t kept = filter.filter(datagram);
      ensure(kept <= datagram.size(), "it only takes away");
      ByteReader reader(Bytes(datagram).first(kept));
      while (!reader.at_end()) ensure(dtls::read_record(reader).has_value(), "whole records");
      passes = passes || kept > 0;
    }
    return passes;
  }
  void give(Side& side, const Datagram& datagram) {
    side.session.handle_input(packets_.make(datagram), kStart);
    drain(side.session, side, kStart);
    ensure(side.sent.size() <= 8, "a flight for a datagram, not more");
    side.sent.clear();
  }
  void say(Side& from, Side& to, std::string_view text) {
    ensure(from.session.send(packets_.make(as_bytes(text)), kStart).has_value(), "it may send");
    drain(from.session, from, kStart);
    for (const Datagram& one : std::exchange(from.sent, {}))
      to.session.handle_input(packets_.make(one), kStart);
    drain(to.session, to, kStart);
    ensure(to.received == std::vector{std::string(text)}, "the good one arrives, and it alone");
    to.received.clear();
  }
  // One that is in the middle of it.
  void handshake(dtls::Role role, const std::vector<Datagram>& datagrams) {
    if (!filter(role, datagrams)) return;
    Side side(role, own_, other_, packets_);
    if (role == dtls::Role::kClient) side.session.start(kStart);
    for (const Datagram& one : datagrams) give(side, one);
    Instant now = kStart;
    for (int i = 0; i < 5; ++i) {
      const auto next = side.session.next_timeout();
      if (!next) break;
      now = *next;
      side.session.handle_timeout(now);
      drain(side.session, side, now);
      side.sent.clear();
    }
    ensure(!side.connected && side.received.empty(), "nobody there");
  }
  void connect() {
    client_ = std::make_unique<Side>(dtls::Role::kClient, own_, other_, packets_);
    server_ = std::make_unique<Side>(dtls::Role::kServer, other_, own_, packets_);
    client_->session.start(kStart);
    while (!client_->connected) {
      drain(client_->session, *client_, kStart);
      for (const Datagram& one : std::exchange(client_->sent, {}))
        server_->session.handle_input(packets_.make(one), kStart);
      drain(server_->session, *server_, kStart);
      for (const Datagram& one : std::exchange(server_->sent, {}))
        client_->session.handle_input(packets_.make(one), kStart);
      drain(client_->session, *client_, kStart);
    }
    ensure(server_->connected, "both");
  }

  PacketPool packets_{16};
  crypto::SeededGenerator generator_{Random::from_number(1)};
  crypto::Identity own_ = identity();
  crypto::Identity other_ = identity();
  std::unique_ptr<Side> client_;
  std::unique_ptr<Side> server_;
  int pair_inputs_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Target target;
  target.run({data, size});
  return 0;
}
