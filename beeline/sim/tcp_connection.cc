// One TCP connection: what it sends, hears and waits for.
#include <algorithm>
#include <utility>

#include "beeline/sim/tcp.h"
#include "beeline/sim/world.h"

namespace beeline::sim {
namespace {

// After our FIN is acknowledged: how long the other side's may take.
constexpr Duration kFinWait = std::chrono::seconds(60);

}  // namespace

TcpConnection::TcpConnection(TcpStack& stack, const TcpPair& pair, std::uint32_t first_sequence)
    : stack_(stack),
      pair_(pair),
      oldest_(first_sequence),
      next_(first_sequence),
      furthest_(first_sequence),
      retransmission_(stack.node(), [this] { on_timeout(); }) {}

TcpConnection::~TcpConnection() {
  if (stream_ != nullptr) stream_->lose_connection();
}

Node& TcpConnection::node() const {
  return stack_.node();
}

// --- opening -------------------------------------------------------------------------------------

void TcpConnection::connect(Stream& stream) {
  stream_ = &stream;
  transmit({.sequence = oldest_, .syn = true});
  arm();
}

void TcpConnection::answer(const IpPacket& syn) {
  state_ = State::kSynReceived;
  peer_first_ = syn.tcp.sequence;
  expected_ = peer_first_ + 1;
  transmit({.sequence = oldest_, .syn = true, .ack = true});
  arm();
}

void TcpConnection::on_handshake(const IpPacket& packet) {
  const TcpHeader& tcp = packet.tcp;
  if (state_ == State::kSynSent) {
    if (!tcp.syn || !tcp.ack || tcp.acknowledgment != oldest_ + 1) return;
    peer_first_ = tcp.sequence;
    expected_ = peer_first_ + 1;
  } else {
    if (tcp.syn && !tcp.ack && tcp.sequence == peer_first_)
      return transmit({.sequence = oldest_, .syn = true, .ack = true});
    if (!tcp.ack || tcp.acknowledgment != oldest_ + 1 || tcp.syn) return;
  }
  const bool called = state_ == State::kSynSent;
  state_ = State::kOpen;
  next_ = furthest_ = ++oldest_;
  tries_ = 0;
  timeout_ = kFirstTimeout;
  if (called) {
    acknowledge();
    if (stream_ != nullptr) stream_->connected();
  } else if (Listener* const listener = stack_.listener_for(pair_.local)) {
    listener->arrive(*this);
  } else {
    return reset();
  }
  pump();
}

// --- the program's side --------------------------------------------------------------------------

void TcpConnection::adopt(std::unique_ptr<Stream> accepted) {
  stream_ = accepted.get();
  unaccepted_ = std::move(accepted);
}

void TcpConnection::send(Bytes bytes) {
  if (state_ == State::kDone || fin_queued_) return;
  unacknowledged_.insert(unacknowledged_.end(), bytes.begin(), bytes.end());
  pump();
  if (writable_ && unacknowledged_.size() >= kHighWater) {
    writable_ = false;
    if (stream_ != nullptr) stream_->set_writable(false);
  }
}

void TcpConnection::close() {
  stream_ = nullptr;
  if (state_ == State::kDone) return;
  if (state_ != State::kOpen) return reset();
  fin_queued_ = true;
  pump();
  finish_if_all_said();
}

void TcpConnection::reset() {
  if (state_ == State::kDone) return;
  if (state_ != State::kSynSent) transmit({.sequence = next_, .ack = true, .rst = true});
  finish(StreamEnd::kByPeer);
}

void TcpConnection::finish(StreamEnd reason) {
  if (state_ == State::kDone) return;
  state_ = State::kDone;
  retransmission_.set({});
  // Buried first: what the program does on hearing of the end finds the address free.
  stack_.bury(*this);
  if (Stream* const stream = std::exchange(stream_, nullptr)) stream->end(reason);
}

void TcpConnection::finish_if_all_said() {
  if (!fin_acknowledged_ || state_ != State::kOpen) return;
  if (peer_fin_) return finish(StreamEnd::kByPeer);
  retransmission_.set(node().world().now() + kFinWait);
}

// --- receiving -----------------------------------------------------------------------------------

void TcpConnection::receive(IpPacket packet) {
  if (packet.tcp.rst) return on_reset(packet);
  if (state_ != State::kOpen) {
    on_handshake(packet);
    // The last packet of the handshake may be lost and the first bytes come in its place.
    if (state_ != State::kOpen || packet.tcp.syn) return;
  }
  if (packet.tcp.syn) return acknowledge();  // ours of the handshake was lost
  if (packet.tcp.ack) on_acknowledgment(packet);
  if (state_ == State::kOpen) on_content(std::move(packet));
}

void TcpConnection::on_reset(const IpPacket& packet) {
  if (state_ == State::kSynSent) {
    if (packet.tcp.ack && packet.tcp.acknowledgment == oldest_ + 1) finish(StreamEnd::kRefused);
    return;
  }
  if (packet.tcp.sequence >= expected_ && packet.tcp.sequence < expected_ + kWindow)
    finish(StreamEnd::kByPeer);
}

void TcpConnection::on_acknowledgment(const IpPacket& packet) {
  const std::uint64_t acknowledgment = packet.tcp.acknowledgment;
  if (acknowledgment > furthest_) return;
  if (acknowledgment > oldest_) return on_new_acknowledgment(acknowledgment);
  const bool says_nothing_else = packet.payload.size() == 0 && !packet.tcp.fin;
  if (acknowledgment == oldest_ && in_flight() > 0 && says_nothing_else)
    on_duplicate_acknowledgment();
}

void TcpConnection::on_new_acknowledgment(std::uint64_t acknowledgment) {
  measure(acknowledgment);
  const std::uint64_t acknowledged = acknowledgment - oldest_;
  const auto bytes = std::min<std::uint64_t>(acknowledged, unacknowledged_.size());
  unacknowledged_.erase(unacknowledged_.begin(),
                        unacknowledged_.begin() + static_cast<std::ptrdiff_t>(bytes));
  fin_acknowledged_ = fin_acknowledged_ || acknowledged > bytes;
  oldest_ = acknowledgment;
  next_ = std::max(next_, oldest_);
  duplicates_ = 0;
  tries_ = 0;
  //= RFC 5681 §3.1
  if (oldest_ < recover_) {
    transmit_from(oldest_);  // the next hole of the same loss
  } else if (congestion_window_ < slow_start_until_) {
    congestion_window_ += std::min<std::uint64_t>(acknowledged, kSegment);
  } else {
    congestion_window_ += std::max<std::uint64_t>(1, kSegment * kSegment / congestion_window_);
  }
  pump();
  arm();
  if (!writable_ && unacknowledged_.size() <= kLowWater) {
    writable_ = true;
    if (stream_ != nullptr) stream_->set_writable(true);
  }
  finish_if_all_said();
}

//= RFC 5681 §3.2
void TcpConnection::on_duplicate_acknowledgment() {
  if (++duplicates_ != 3 || oldest_ < recover_) return;
  slow_start_until_ = std::max<std::uint64_t>(in_flight() / 2, 2 * kSegment);
  congestion_window_ = slow_start_until_;
  recover_ = next_;
  timed_sequence_.reset();
  transmit_from(oldest_);
}

void TcpConnection::on_content(IpPacket packet) {
  const std::uint64_t begin = packet.tcp.sequence;
  const Bytes bytes = packet.payload.bytes();
  if (bytes.empty() && !packet.tcp.fin) return;
  if (begin + bytes.size() > expected_ + kWindow) return acknowledge();
  if (packet.tcp.fin) peer_fin_at_ = begin + bytes.size();
  if (!bytes.empty() && begin + bytes.size() > expected_) {
    auto& kept = early_[begin];
    if (kept.size() < bytes.size()) kept.assign(bytes.begin(), bytes.end());
  }
  deliver_in_order();
  if (state_ == State::kOpen) acknowledge();
  if (state_ == State::kOpen && peer_fin_at_ == expected_ && !peer_fin_) on_peer_fin();
}

void TcpConnection::deliver_in_order() {
  while (!early_.empty() && early_.begin()->first <= expected_ && state_ == State::kOpen) {
    const auto segment = early_.extract(early_.begin());
    const std::uint64_t known = expected_ - segment.key();
    if (known >= segment.mapped().size()) continue;
    expected_ = segment.key() + segment.mapped().size();
    if (stream_ != nullptr) stream_->hear(Bytes(segment.mapped()).subspan(known));
  }
}

void TcpConnection::on_peer_fin() {
  peer_fin_ = true;
  ++expected_;
  acknowledge();
  fin_queued_ = true;
  // For the program the connection is over; what it had sent before goes on its way.
  if (Stream* const stream = std::exchange(stream_, nullptr)) stream->end(StreamEnd::kByPeer);
  if (state_ != State::kOpen) return;
  pump();
  finish_if_all_said();
}

// --- sending -------------------------------------------------------------------------------------

void TcpConnection::pump() {
  if (state_ != State::kOpen) return;
  const std::uint64_t window = std::min<std::uint64_t>(congestion_window_, kWindow);
  while (next_ < end() && in_flight() < window) transmit_from(next_);
  if (fin_queued_ && !fin_acknowledged_ && next_ == end()) transmit_from(next_);
  if (in_flight() > 0 && !retransmission_.at()) arm();
}

// One segment; at end() the FIN.
void TcpConnection::transmit_from(std::uint64_t sequence) {
  const auto offset = static_cast<std::size_t>(sequence - oldest_);
  const std::size_t size = std::min(unacknowledged_.size() - offset, kSegment);
  const bool fin = fin_queued_ && !fin_acknowledged_ && sequence + size == end();
  if (size == 0 && !fin) return;
  const std::uint64_t after = sequence + size + (fin ? 1 : 0);
  if (!timed_sequence_ && sequence == furthest_) {
    timed_sequence_ = after;
    timed_at_ = node().world().now();
  }
  next_ = std::max(next_, after);
  furthest_ = std::max(furthest_, next_);
  transmit({.sequence = sequence, .ack = true, .fin = fin},
           Bytes(unacknowledged_).subspan(offset, size));
}

void TcpConnection::transmit(TcpHeader header, Bytes bytes) {
  if (header.ack) header.acknowledgment = expected_;
  if (header.syn) furthest_ = next_ = oldest_ + 1;
  PacketPool& pool = node().world().packets();
  stack_.send({.protocol = Protocol::kTcp,
               .source = pair_.local,
               .destination = pair_.remote,
               .tcp = header,
               .origin = node().index(),
               .payload = bytes.empty() ? Packet() : pool.make(bytes)});
}

//= RFC 6298 §2
void TcpConnection::measure(std::uint64_t acknowledgment) {
  if (!timed_sequence_ || acknowledgment < *timed_sequence_) return;
  timed_sequence_.reset();
  const Duration rtt = node().world().now() - timed_at_;
  if (!smoothed_rtt_) {
    smoothed_rtt_ = rtt;
    rtt_variation_ = rtt / 2;
  } else {
    const Duration error = rtt > *smoothed_rtt_ ? rtt - *smoothed_rtt_ : *smoothed_rtt_ - rtt;
    rtt_variation_ = (3 * rtt_variation_ + error) / 4;
    smoothed_rtt_ = (7 * *smoothed_rtt_ + rtt) / 8;
  }
  timeout_ = std::clamp(*smoothed_rtt_ + 4 * rtt_variation_, kLeastTimeout, kMostTimeout);
}

void TcpConnection::arm() {
  if (in_flight() == 0) return retransmission_.set({});
  retransmission_.set(node().world().now() + timeout_);
}

//= RFC 6298 §5
void TcpConnection::on_timeout() {
  if (state_ == State::kDone) return;
  if (fin_acknowledged_ && in_flight() == 0) return finish(StreamEnd::kByPeer);
  if (++tries_ >= (state_ == State::kOpen ? kTries : kSynTries))
    return finish(StreamEnd::kNoAnswer);
  timeout_ = std::min(2 * timeout_, kMostTimeout);
  timed_sequence_.reset();
  if (state_ == State::kOpen) {
    slow_start_until_ = std::max<std::uint64_t>(in_flight() / 2, 2 * kSegment);
    congestion_window_ = kSegment;
    recover_ = 0;
    duplicates_ = 0;
    next_ = oldest_;  // from the oldest hole on, all again
    pump();
  } else {
    transmit({.sequence = oldest_, .syn = true, .ack = state_ == State::kSynReceived});
  }
  arm();
}

}  // namespace beeline::sim
