// Keeps what a DTLS client says before there is a session to say it to: an answerer may send its
// ClientHello before its answer arrives (RFC 5763 §5), and dropping it costs a retransmission
// timer.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <utility>

#include "beeline/base/packet.h"
#include "beeline/dtls/record.h"

namespace beeline::dtls {

// Holds at most kMax datagrams, the first ones: a ClientHello may be two (Firefox's first is 1408
// bytes), and its repetitions say nothing new. Only what begins with a ClientHello is kept, and
// nothing of it is believed or answered; it costs the pool at most kMax packets. The caller keeps
// one for each remote address that an authenticated check came from, and gives what it holds to the
// session as soon as there is one.
class EarlyDatagrams {
 public:
  static constexpr std::size_t kMax = 4;

  // Whether it was kept.
  bool keep(Packet datagram) {
    if (kept_ == kMax || !begins_with_client_hello(datagram.bytes())) {
      ++dropped_;
      return false;
    }
    datagrams_[kept_++] = std::move(datagram);
    return true;
  }
  // In the order in which they came; none when all were taken.
  std::optional<Packet> take() {
    if (taken_ == kept_) {
      taken_ = kept_ = 0;
      return std::nullopt;
    }
    return std::move(datagrams_[taken_++]);
  }
  std::size_t size() const { return kept_ - taken_; }
  std::uint64_t dropped() const { return dropped_; }

 private:
  std::array<Packet, kMax> datagrams_;
  std::size_t kept_ = 0;
  std::size_t taken_ = 0;
  std::uint64_t dropped_ = 0;
};

}  // namespace beeline::dtls
