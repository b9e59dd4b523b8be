// The receiving half of an association: what came, what is told of it, what is delivered.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "beeline/sctp/rx/reassembly.h"
#include "beeline/sctp/rx/receive_window.h"
#include "beeline/sctp/rx/received_tsns.h"

namespace beeline::sctp {

class Receiver {
 public:
  struct Counters {
    std::uint64_t duplicates = 0;
    std::uint64_t beyond_window = 0;  // chunks dropped because there was no room for them
  };

  // `first`: of the other side. `max_window`, `max_message` in bytes.
  Receiver(Tsn first, std::size_t max_window, std::size_t max_message)
      : tsns_(first), reassembly_(max_message), window_(max_window) {}

  // False where it breaks the protocol, which ends the association.
  [[nodiscard]] bool on_data(const DataChunk& data, Duration round_trip, Instant now);
  void on_forward_tsn(const ForwardTsnChunk& chunk);
  // A chunk that is acknowledged and nothing else; false where it was there before or is unwanted.
  bool discard(Tsn tsn);
  // A packet with data ends; `immediate`: a chunk of it asked for an answer at once.
  void packet_ends(bool immediate, Instant now) { tsns_.packet_ends(immediate, now); }
  std::optional<Message> next_message();
  void reset_streams(std::span<const StreamId> streams) { reassembly_.reset(streams); }
  // The application has done with this many bytes of what it was given.
  void release(std::size_t bytes);
  void give_back(std::vector<std::uint8_t> buffer) { reassembly_.give_back(std::move(buffer)); }

  LongTsn cumulative() const { return tsns_.cumulative(); }
  LongTsn lengthen(Tsn tsn) const { return tsns_.lengthen(tsn); }
  bool is_ack_due(Instant now) const { return tsns_.is_ack_due(now); }
  bool is_ack_owed() const { return tsns_.is_ack_owed(); }
  std::optional<Instant> ack_at() const { return tsns_.ack_at(); }
  void write_sack(PacketBuilder& builder);
  // Bytes that wait here or with the application.
  std::size_t held() const { return reassembly_.held() + with_application_; }
  std::size_t window() const { return window_.size(); }
  const Counters& counters() const { return counters_; }

 private:
  ReceivedTsns tsns_;
  Reassembly reassembly_;
  ReceiveWindow window_;
  std::size_t with_application_ = 0;
  std::uint32_t told_ = ReceiveWindow::kFirst;  // the window, in the last SACK
  Counters counters_;
};

}  // namespace beeline::sctp
