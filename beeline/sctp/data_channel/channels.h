// Data channels (RFC 8831, RFC 8832) on an association: opened by either side or agreed on
// elsewhere, closed by either, each a pair of streams with one number.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "beeline/base/fifo.h"
#include "beeline/sctp/association/association.h"
#include "beeline/sctp/data_channel/dcep.h"

namespace beeline::sctp {

// Names a channel of ours; never used twice.
struct ChannelId {
  std::uint32_t value = 0;
  auto operator<=>(const ChannelId&) const = default;
};

enum class OpenError : std::uint8_t {
  kEnded,
  kTooLong,     // label or protocol: at most 65535 bytes
  kBadLimit,    // a lifetime and a number of retransmissions, or more than the protocol can say
  kNumberUsed,  // the number that was asked for
  kTooMany,     // channels, or no number is left
};
enum class ChannelSendError : std::uint8_t {
  kNotOpen,  // not yet, not any more, or no such channel
  kTooLong,  // more than the other side takes
};

// --- events ---
// The other side opened it. It is open.
struct ChannelAccepted {
  ChannelId channel;
  ChannelOptions options;
};
// One of ours is open.
struct ChannelOpened {
  ChannelId channel;
};
// `bytes` count against the receive window until release().
struct ChannelMessage {
  ChannelId channel;
  bool text = false;
  std::vector<std::uint8_t> bytes;
};
// What waits to be sent fell to the channel's mark, or below.
struct ChannelBufferedLow {
  ChannelId channel;
};
// Gone. `refused`: the other side would not open it, or what it said was no proper opening.
struct ChannelClosed {
  ChannelId channel;
  bool refused = false;
};

using ChannelEvent = std::variant<ChannelAccepted, ChannelOpened, ChannelMessage,
                                  ChannelBufferedLow, ChannelClosed, Connected, Ended>;

class Channels {
 public:
  using Input = Packet;
  using Transmit = Packet;
  using Event = ChannelEvent;

  // Open at once, both sides' together.
  static constexpr std::size_t kMostChannels = 1024;

  Channels(const Settings& settings, const Random& random, PacketPool& packets, Log& log)
      : association_(settings, random, packets, log) {}
  Channels(const Channels&) = delete;
  Channels& operator=(const Channels&) = delete;

  void handle_input(Input packet, Instant now) {
    association_.handle_input(std::move(packet), now);
  }
  void handle_timeout(Instant now) { association_.handle_timeout(now); }
  void flush(Instant now);
  std::optional<Transmit> poll_transmit() { return association_.poll_transmit(); }
  std::optional<Event> poll_event() { return events_.pop(); }
  std::optional<Instant> next_timeout() const { return association_.next_timeout(); }

  //= RFC 8832 §6
  // Who is the DTLS client takes even numbers. Said once, before being connected; channels opened
  // before get their numbers then.
  void set_dtls_client(bool client);

  // A new channel. Messages may be sent once ChannelOpened or, at the latest, Connected came.
  // `number`: agreed on elsewhere (negotiated): nothing is said to the other side, which opens the
  // same.
  std::expected<ChannelId, OpenError> open(ChannelOptions options, std::optional<StreamId> number,
                                           Instant now);
  // An empty message is one, too. The buffer is owned from then on.
  std::expected<void, ChannelSendError> send(ChannelId channel, bool text,
                                             std::vector<std::uint8_t> bytes, Instant now);
  // What was sent is delivered still; ChannelClosed follows.
  void close(ChannelId channel);
  void release(std::size_t bytes) { association_.release(bytes); }

  // None before it is known.
  std::optional<StreamId> number(ChannelId channel) const;
  // Bytes that wait to be sent (W3C bufferedAmount).
  std::size_t buffered(ChannelId channel) const;
  // At which fill ChannelBufferedLow comes, bytes (W3C bufferedAmountLowThreshold).
  void set_low_mark(ChannelId channel, std::size_t bytes);
  std::size_t open_channels() const { return channels_.size(); }

  Association& association() { return association_; }
  const Association& association() const { return association_; }

 private:
  //   waiting ──connected──▶ open ──close()──▶ draining ──▶ resetting ──▶ gone
  //                           └──the other side resets──────────▲
  enum class State : std::uint8_t { kWaiting, kOpen, kDraining, kResetting };
  struct Channel {
    ChannelOptions options;
    std::optional<StreamId> number;
    State state = State::kWaiting;
    bool negotiated = false;
    bool acknowledged = false;  // the other side knows: unordered messages may pass the opening
    bool ours_reset = false;
    bool theirs_reset = false;
    bool above_mark = false;
    std::size_t texts = 0;  // bytes of what the other side called it
    std::size_t low_mark = 0;
  };

  void on(Connected& event, Instant now);
  void on(MessageReceived& event, Instant now);
  void on(StreamsReset& event, Instant now);
  void on(StreamsResetDone& event, Instant now);
  void on(Ended& event, Instant now);
  void on_dcep(const Message& message, Instant now);
  void accept(StreamId number, ChannelOptions options, Instant now);
  void refuse(StreamId number);
  bool assign_number(Channel& channel);
  void start(ChannelId id, Channel& channel, Instant now);
  void drain_closing();
  void finish_if_both_reset(ChannelId id);
  void our_stream_was_reset(StreamId number, bool refused);
  void notice_reuse(StreamId number);
  void erase(ChannelId id);
  void tell_low_marks();
  Channel* at(StreamId number);
  bool is_ours_to_give(StreamId number) const;

  Association association_;
  std::map<ChannelId, Channel> channels_;
  std::map<StreamId, ChannelId> by_number_;
  // Streams of channels the other side tried to open and we refused, until they are reset.
  std::set<StreamId> refused_;
  std::vector<ChannelId> draining_;
  std::vector<ChannelId> above_mark_;
  std::optional<bool> client_;
  bool connected_ = false;
  std::uint16_t outbound_streams_ = 65535;
  std::uint32_t next_channel_ = 1;
  std::size_t texts_ = 0;  // of all channels
  Fifo<ChannelEvent> events_;
};

}  // namespace beeline::sctp
