// The TCP of one node (RFC 9293, with the congestion control of RFC 5681 and the timer of RFC
// 6298): enough that no byte is lost, doubled or out of order, and that it slows down under loss.
// No options, no delayed acknowledgements, no half-open connections for programs.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "beeline/base/host_io.h"
#include "beeline/base/random.h"
#include "beeline/sim/alarm.h"
#include "beeline/sim/ip_packet.h"
#include "beeline/sim/stream.h"

namespace beeline::sim {

class Node;
class TcpStack;

struct TcpPair {
  TransportAddress local;
  TransportAddress remote;
  auto operator<=>(const TcpPair&) const = default;
};

// One connection. Outlives the program's Stream until all is said.
//
//   kSynSent ──┐                      (a FIN of either side does not change the state: fin_queued_
//              ├──> kOpen ──> kDone     and peer_fin_ say what is still missing)
//   kSynReceived ┘
class TcpConnection {
 public:
  static constexpr std::size_t kSegment = 1200;  // fits into IPv6's least MTU
  static constexpr std::size_t kWindow = 64 * 1024;
  static constexpr std::size_t kHighWater = 64 * 1024;  // StreamWritable{false} above
  static constexpr std::size_t kLowWater = 32 * 1024;   // and true again below
  static constexpr int kSynTries = 5;                   // at 0, 1, 3, 7, 15; gives up at 31 s
  static constexpr int kTries = 8;
  static constexpr Duration kFirstTimeout = std::chrono::seconds(1);
  static constexpr Duration kLeastTimeout = std::chrono::milliseconds(200);
  static constexpr Duration kMostTimeout = std::chrono::seconds(60);

  TcpConnection(TcpStack& stack, const TcpPair& pair, std::uint32_t first_sequence);
  TcpConnection(const TcpConnection&) = delete;
  TcpConnection& operator=(const TcpConnection&) = delete;
  ~TcpConnection();

  Node& node() const;
  const TcpPair& pair() const { return pair_; }
  // Whether a SYN cannot be a repetition of the one this connection began with.
  bool is_of_another(const IpPacket& syn) const {
    return state_ != State::kSynSent && syn.tcp.sequence != peer_first_;
  }

  // The program's side.
  void connect(Stream& stream);
  void answer(const IpPacket& syn);
  // Keeps a stream that no program has yet, until release().
  void adopt(std::unique_ptr<Stream> accepted);
  std::unique_ptr<Stream> release() { return std::move(unaccepted_); }
  void send(Bytes bytes);
  // The stream is gone; what was sent still goes on its way.
  void close();
  // The stream is gone, and so is everything, at once.
  void break_off() {
    stream_ = nullptr;
    reset();
  }
  // Gives the program bytes that were read before it had the stream.
  void hear_again(Bytes bytes) {
    if (stream_ != nullptr) stream_->hear(bytes);
  }

  void receive(IpPacket packet);
  // Ends without a word to the other side.
  void finish(StreamEnd reason);

 private:
  enum class State : std::uint8_t { kSynSent, kSynReceived, kOpen, kDone };

  void reset();
  void on_handshake(const IpPacket& packet);
  void on_reset(const IpPacket& packet);
  void on_acknowledgment(const IpPacket& packet);
  void on_new_acknowledgment(std::uint64_t acknowledgment);
  void on_duplicate_acknowledgment();
  void on_content(IpPacket packet);
  void deliver_in_order();
  void on_peer_fin();
  void on_timeout();
  void measure(std::uint64_t acknowledgment);
  void pump();
  void transmit_from(std::uint64_t sequence);
  void transmit(TcpHeader header, Bytes bytes = {});
  void acknowledge() { transmit({.sequence = next_, .ack = true}); }
  void arm();
  void finish_if_all_said();

  std::uint64_t end() const { return oldest_ + unacknowledged_.size(); }
  std::uint64_t in_flight() const { return next_ - oldest_; }

  TcpStack& stack_;
  TcpPair pair_;
  State state_ = State::kSynSent;
  Stream* stream_ = nullptr;            // null: nobody listens (any more)
  std::unique_ptr<Stream> unaccepted_;  // the stream before a program has it

  // Sending; sequences are offsets that never wrap.
  std::vector<std::uint8_t> unacknowledged_;  // from oldest_ on, sent or not
  std::uint64_t oldest_;                      // not yet acknowledged
  std::uint64_t next_;                        // to be sent
  std::uint64_t furthest_;                    // ever sent
  bool fin_queued_ = false;                   // at end()
  bool fin_acknowledged_ = false;
  bool writable_ = true;
  std::uint64_t congestion_window_ = 10 * kSegment;
  std::uint64_t slow_start_until_ = kWindow;
  std::uint64_t recover_ = 0;  // fast retransmission ends when this is acknowledged
  int duplicates_ = 0;
  Alarm retransmission_;
  int tries_ = 0;
  Duration timeout_ = kFirstTimeout;
  std::optional<Duration> smoothed_rtt_;
  Duration rtt_variation_{0};
  std::optional<std::uint64_t> timed_sequence_;
  Instant timed_at_{};

  // Receiving.
  std::uint64_t expected_ = 0;
  std::uint64_t peer_first_ = 0;
  std::map<std::uint64_t, std::vector<std::uint8_t>> early_;  // behind a gap
  std::optional<std::uint64_t> peer_fin_at_;
  bool peer_fin_ = false;
};

class TcpStack {
 public:
  explicit TcpStack(Node& node);

  Node& node() const { return node_; }
  // Null where the address is not the node's.
  std::unique_ptr<Stream> connect(const StreamTarget& target, StreamHandlers handlers);
  // Null where the address is not the node's or taken.
  std::unique_ptr<Listener> listen(TransportAddress local, ListenFor what, ListenHandlers handlers);
  void receive(IpPacket packet);
  void lose_addresses();
  std::size_t connections() const { return connections_.size(); }

  // For connections and listeners.
  void send(IpPacket packet);
  void bury(TcpConnection& connection);
  void forget(Listener& listener);
  // Null where it is gone.
  Listener* listener_for(const TransportAddress& local) const;

 private:
  TcpConnection& make(const TcpPair& pair);
  void accept(const IpPacket& syn, Listener& listener);
  void refuse(const IpPacket& packet);

  Node& node_;
  Random random_;
  std::map<TcpPair, std::unique_ptr<TcpConnection>> connections_;
  std::map<TransportAddress, Listener*> listeners_;
  // Done, but perhaps still on the call stack; gone when the next packet comes.
  std::vector<std::unique_ptr<TcpConnection>> buried_;
};

}  // namespace beeline::sim
