// The sending half of an association: what leaves, when, and what is done about loss.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "beeline/sctp/tx/congestion.h"
#include "beeline/sctp/tx/outstanding.h"
#include "beeline/sctp/tx/pacer.h"
#include "beeline/sctp/tx/path_mtu.h"
#include "beeline/sctp/tx/round_trip.h"
#include "beeline/sctp/tx/send_queue.h"
#include "beeline/sctp/wire/packet_builder.h"

namespace beeline::sctp {

class Sender {
 public:
  struct Settings {
    Tsn first;
    std::uint32_t peer_window = 0;  // bytes
    bool interleaved = false;
    bool partial_reliability = true;
    CongestionModel congestion = CongestionModel::kRate;
    std::size_t packet = 0;          // bytes of a full one
    std::size_t largest_packet = 0;  // that may be tried
    Duration round_trip{};           // a guess
  };
  struct Counters {
    std::uint64_t retransmissions = 0;
    std::uint64_t probes = 0;
    std::uint64_t timeouts = 0;
    std::uint64_t size_probes = 0;
  };

  Sender(const Settings& settings, SendQueue& queue);

  // False where it speaks of what was never sent, which ends the association.
  [[nodiscard]] bool on_sack(const SackChunk& sack, Instant now);
  void handle_timeout(Instant now);
  std::optional<Instant> next_timeout() const;
  // Another path below, `round_trip` a guess, `largest` the packet that may be tried.
  void on_new_path(Duration round_trip, std::size_t largest, Instant now);
  // Everything under way is sent again: it left in a packet that has to be repeated.
  void lose_all() { outstanding_.lose_all(); }

  // Before anything of the other side was heard: it says other things of itself than it did. False
  // where what was sent already would not be understood.
  [[nodiscard]] bool meet(std::uint32_t window, bool interleaved, bool partial_reliability);
  // The other side has everything to this TSN; what a SACK says, without its blocks.
  [[nodiscard]] bool on_cumulative(Tsn tsn, Instant now);

  // Whether write() would write something.
  bool has_something(Instant now) const;
  // Adds what may leave now and fits; true where the packet is to leave and there is more.
  bool write(PacketBuilder& builder, Instant now);
  // Everything was written that may leave now.
  void settle();

  // --- how large packets may be (RFC 8899) ---
  std::size_t packet() const { return path_mtu_.packet(); }
  // Bytes of the packet that is to leave alone, to see whether it arrives; it holds what
  // write_size_probe() writes.
  std::optional<std::size_t> size_probe() const { return path_mtu_.due(); }
  void write_size_probe(PacketBuilder& builder, Instant now);
  void on_heartbeat_ack(const Chunk& chunk, Instant now);

  LongTsn next_tsn() const { return outstanding_.next_tsn(); }
  // Nothing waits to be sent or acknowledged.
  bool is_done() const { return outstanding_.empty() && queue_.empty(); }
  const RoundTrip& round_trip() const { return round_trip_; }
  const CongestionControl& congestion() const { return *congestion_; }
  std::uint64_t in_flight() const { return outstanding_.in_flight(); }
  // Probes and timeouts since something was heard.
  std::uint32_t silences() const { return silences_; }
  const Counters& counters() const { return counters_; }

 private:
  enum class Wrote : std::uint8_t { kChunk, kGaveUp, kNothing, kNoRoom };
  void write_forward_tsn(PacketBuilder& builder, Instant now);
  Wrote write_chunk(PacketBuilder& builder, Instant now);
  Wrote write_lost(PacketBuilder& builder, std::size_t room, Instant now);
  Wrote write_new(PacketBuilder& builder, std::size_t room, Instant now);
  void doubt_size(const SentChunk& again, Instant now);
  void write_data(PacketBuilder& builder, const SentChunk& sent, bool immediate, Instant now);
  bool is_forward_due(Instant now) const;
  bool window_allows() const;
  bool peer_allows() const;
  std::optional<Instant> silence_at() const;

  SendQueue& queue_;
  Outstanding outstanding_;
  RoundTrip round_trip_;
  std::unique_ptr<CongestionControl> congestion_;
  Pacer pacer_;
  PathMtu path_mtu_;
  bool interleaved_;
  std::uint64_t peer_window_;
  // Since when nothing was sent or heard, while something is under way.
  std::optional<Instant> silent_since_;
  std::uint32_t silences_ = 0;
  bool probe_owed_ = false;
  LongTsn forward_told_;
  bool forward_cut_ = false;         // not all of it fitted
  std::uint32_t forward_tries_ = 0;  // since the other side moved
  std::optional<Instant> forward_at_;
  Counters counters_;
};

}  // namespace beeline::sctp
