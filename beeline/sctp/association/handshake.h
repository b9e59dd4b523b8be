// How two ends become associated (RFC 9260 §5): INIT, INIT ACK, COOKIE ECHO, COOKIE ACK, also when
// both begin at once, or at once altogether where the descriptions carried the INITs (SNAP).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "beeline/base/instant.h"
#include "beeline/base/random.h"
#include "beeline/sctp/settings.h"
#include "beeline/sctp/wire/packet_builder.h"

namespace beeline::sctp {

// What the other side said of itself.
struct Peer {
  VerificationTag tag;
  Tsn first_tsn;
  std::uint32_t window = 0;  // bytes
  std::uint16_t outbound_streams = 0;
  std::uint16_t inbound_streams = 0;
  Capabilities capabilities;
};

//   closed ──begin()──▶ cookie wait ──INIT ACK──▶ cookie echoed ──COOKIE ACK──▶ established
//      └──COOKIE ECHO of a cookie of ours, in any state before──────────────────────▲
class Handshake {
 public:
  enum class State : std::uint8_t { kClosed, kCookieWait, kCookieEchoed, kEstablished };

  Handshake(const Settings& settings, Random random);

  State state() const { return state_; }
  bool is_established() const { return state_ == State::kEstablished; }
  VerificationTag local_tag() const { return tag_; }
  Tsn local_first_tsn() const { return first_tsn_; }
  const Peer& peer() const { return peer_; }
  // The INIT chunk, whole, for a description's a=sctp-init.
  std::vector<std::uint8_t> local_init() const;

  void begin(Instant now);
  // Both INITs went by another way: established.
  bool begin_with(const Chunk& remote_init);

  // Each tells whether the chunk was taken. What is owed then is written by write().
  bool on_init(const Chunk& chunk);
  bool on_init_ack(const Chunk& chunk, Instant now);
  bool on_cookie_echo(const Chunk& chunk, VerificationTag packet_tag);
  bool on_cookie_ack();
  // The cookie was too old to the other side: from the beginning.
  void on_stale_cookie(Instant now);
  // Data that only one who knows our tag and is established can send: its COOKIE ACK got lost.
  void on_implied_cookie_ack();

  bool owes() const { return answer_.has_value() || owes_init_ || owes_echo_ || owes_ack_; }
  // INIT and INIT ACK leave alone and with a tag of their own; see write_alone().
  std::optional<Packet> write_alone(PacketPool& packets);
  // COOKIE ECHO, COOKIE ACK: first in the packet, data may follow. True if it was an echo: then
  // nothing follows this packet before the answer.
  bool write(PacketBuilder& builder);

  void set_remote_port(std::uint16_t port) { settings_.remote_port = port; }

  void handle_timeout(Instant now);
  // How often it has repeated itself since it was answered last.
  std::uint32_t silences() const { return silences_; }
  std::optional<Instant> next_timeout() const { return again_at_; }

 private:
  struct InitAnswer {
    VerificationTag tag;
    std::vector<std::uint8_t> value;
  };

  std::vector<std::uint8_t> init_value(bool tell_zero_checksum,
                                       const std::vector<std::uint8_t>& more) const;
  std::vector<std::uint8_t> make_cookie(const Peer& peer) const;
  std::optional<Peer> open_cookie(Bytes cookie) const;
  static std::optional<Peer> read_peer(const InitChunk& init, const InitParameters& parameters);
  void establish();
  void wait(Instant now);

  Settings settings_;
  std::array<std::uint8_t, 32> secret_{};
  VerificationTag tag_;
  Tsn first_tsn_;
  State state_ = State::kClosed;
  Peer peer_;
  std::vector<std::uint8_t> cookie_;  // to be echoed
  std::optional<InitAnswer> answer_;
  bool owes_init_ = false;
  bool owes_echo_ = false;
  bool owes_ack_ = false;
  std::optional<Instant> again_at_;
  Duration wait_{};
  std::uint32_t silences_ = 0;
};

}  // namespace beeline::sctp
