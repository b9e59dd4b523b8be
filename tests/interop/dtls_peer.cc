// One end of a DTLS association on a UDP socket of this machine, for foreign programs to talk to:
// dtls_peer client|server PORT FINGERPRINT TEXT. Prints what happens, a line each; sends TEXT once
// it is connected; ends well when it has heard something, and badly after ten seconds.
#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "beeline/base/protocol_core.h"
#include "beeline/dtls/session.h"

using namespace beeline;

namespace {

constexpr std::chrono::seconds kPatience{10};

Instant now() {
  return {
      std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch())};
}

class Peer {
 public:
  Peer(dtls::Role role, std::uint16_t port, const dtls::Fingerprint& fingerprint, std::string text)
      : text_(std::move(text)),
        session_({.role = role,
                  .identity = crypto::make_identity(today(), std::chrono::days(1)),
                  .remote_fingerprints = {fingerprint}},
                 packets_, log_),
        socket_(socket(AF_INET, SOCK_DGRAM, 0)) {
    other_.sin_family = AF_INET;
    other_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    other_.sin_port = htons(port);
    if (role == dtls::Role::kServer) {
      ensure(bind(socket_, address(), sizeof other_) == 0, "the port is free");
      std::puts("listening");
      std::fflush(stdout);
    }
  }
  ~Peer() { ::close(socket_); }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  int run() {
    const Instant end = now() + kPatience;
    session_.start(now());
    drain(session_, *this, now());
    while (!result_ && now() < end) {
      wait(std::min(end, session_.next_timeout().value_or(end)));
      session_.handle_timeout(now());
      drain(session_, *this, now());
    }
    session_.close(now());
    drain(session_, *this, now());
    return result_.value_or(1);
  }

  void transmit(const Packet& packet) {
    sendto(socket_, packet.bytes().data(), packet.size(), 0, address(), sizeof other_);
  }
  void handle_event(dtls::Session::Event event) {
    if (const auto* connected = std::get_if<dtls::Connected>(&event)) {
      std::printf("connected %s\n", connected->cipher.c_str());
      ensure(session_.send(packets_.make(as_bytes(text_)), now()).has_value(), "connected");
    } else if (const auto* received = std::get_if<dtls::Received>(&event)) {
      const std::string_view text = as_text(received->packet.bytes());
      std::printf("received %.*s\n", static_cast<int>(text.size()), text.data());
      result_ = 0;
    } else if (const auto* failed = std::get_if<dtls::Failed>(&event)) {
      std::printf("failed %s %d\n", std::string(dtls::to_text(failed->reason)).c_str(),
                  failed->alert.value_or(0));
      result_ = 1;
    } else {
      std::puts("closed");
      result_ = result_.value_or(1);
    }
    std::fflush(stdout);
  }

 private:
  static WallTime today() {
    return {std::chrono::duration_cast<std::chrono::seconds>(
        std::chrono::system_clock::now().time_since_epoch())};
  }
  sockaddr* address() { return reinterpret_cast<sockaddr*>(&other_); }
  void wait(Instant until) {
    pollfd ready{.fd = socket_, .events = POLLIN, .revents = 0};
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - now());
    if (poll(&ready, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0))) <= 0) return;
    Packet packet = packets_.make();
    packet.resize(Packet::kMaxPayload);
    socklen_t size = sizeof other_;
    const ssize_t got =
        recvfrom(socket_, packet.mutable_bytes().data(), packet.size(), 0, address(), &size);
    if (got <= 0) return;
    packet.resize(static_cast<std::size_t>(got));
    session_.handle_input(std::move(packet), now());
  }

  std::string text_;
  PacketPool packets_;
  NullLog log_;
  dtls::Session session_;
  int socket_;
  sockaddr_in other_{};
  std::optional<int> result_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) return 2;
  const auto fingerprint = dtls::parse_fingerprint("sha-256", argv[3]);
  if (!fingerprint) return 2;
  const dtls::Role role =
      std::string_view(argv[1]) == "client" ? dtls::Role::kClient : dtls::Role::kServer;
  Peer peer(role, static_cast<std::uint16_t>(std::atoi(argv[2])), *fingerprint, argv[4]);
  return peer.run();
}
