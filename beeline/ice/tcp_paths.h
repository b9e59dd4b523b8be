// TCP candidates (RFC 6544).
#pragma once

#include <optional>

#include "beeline/ice/gatherer.h"

namespace beeline::ice {

class TcpPaths {
 public:
  enum class Readiness : std::uint8_t { kReady, kOpening, kFailed };
  TcpPaths(const Settings&, PacketPool&, Outbox&) {}
  bool handle_input(HostInput&, Instant) { return false; }
  void handle_timeout(Instant) {}
  std::optional<Instant> next_timeout() const { return std::nullopt; }
  std::optional<Gatherer::Notice> poll_notice() { return std::nullopt; }
  Readiness stream_to(const Base&, const TransportAddress&, Instant) { return Readiness::kFailed; }
  void send(const Base&, const TransportAddress&, Packet) {}
  void close() {}
};

}  // namespace beeline::ice
