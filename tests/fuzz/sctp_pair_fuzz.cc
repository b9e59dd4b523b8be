// Two sctp::Associations on a wire that the input drives: it loses, doubles, delays and damages
// packets while messages are sent both ways. Whatever it does, what is reliable arrives whole, once
// and in order; what may be given up does not arrive twice; and what waits is bounded.
#include <array>
#include <map>
#include <set>

#include "beeline/sctp/test_pair.h"

using namespace beeline;

namespace {

constexpr std::size_t kMaxSteps = 250;
constexpr std::size_t kMaxEvents = 200'000;  // deliveries and deadlines of one input
constexpr std::size_t kWindow = 256 * 1024;
constexpr std::size_t kMaxUnsent = 512 * 1024;

sctp::Settings settings(std::uint8_t flags) {
  sctp::Settings made;
  made.max_window = kWindow;
  made.max_message = kWindow / 2;
  made.capabilities.interleaving = (flags & 1) != 0;
  made.capabilities.partial_reliability = (flags & 2) == 0;
  // Damage has to show.
  made.capabilities.zero_checksum = false;
  if ((flags & 4) != 0) made.congestion = sctp::CongestionModel::kCubic;
  return made;
}

// What a message says of itself: who sent it, its number, and a pattern that follows from both.
std::vector<std::uint8_t> content(bool from_a, std::uint32_t number, std::size_t size) {
  std::vector<std::uint8_t> bytes(std::max<std::size_t>(size, 5));
  bytes[0] = from_a ? 1 : 0;
  for (std::size_t i = 1; i < 5; ++i) bytes[i] = static_cast<std::uint8_t>(number >> (8 * (i - 1)));
  for (std::size_t i = 5; i < bytes.size(); ++i)
    bytes[i] = static_cast<std::uint8_t>(number + i * 13);
  return bytes;
}

struct Sent {
  std::uint16_t stream = 0;
  std::size_t size = 0;
  bool reliable = true;
  bool ordered = true;
  bool arrived = false;
};

class World {
 public:
  explicit World(std::uint8_t flags) : pair_({}, settings(flags), settings(flags ^ (flags >> 4))) {
    pair_.wire.censor = [this](bool from_a, Bytes packet) { return meddle(from_a, packet); };
    pair_.a.association.connect(pair_.now);
    if ((flags & 8) != 0) pair_.b.association.connect(pair_.now);
  }

  void step(std::uint8_t what, ByteReader& reader) {
    switch (what & 7) {
      case 0:
      case 1:
        send((what & 1) == 0, what >> 3, reader);
        break;
      case 2:
      case 3:
        fates_.push_back(what >> 3);
        fates_.push_back(reader.u8());
        break;
      case 4:
        run(std::chrono::milliseconds(1 + (what >> 3)));
        break;
      case 5:
        run(std::chrono::milliseconds(50 * (1 + (what >> 3))));
        break;
      case 6:
        drop_ = static_cast<std::size_t>(what >> 3);
        break;
      default:
        (what & 8 ? pair_.a : pair_.b)
            .association.on_new_path(std::chrono::milliseconds(1 + (what >> 4)), pair_.now);
    }
    check();
  }
  // From now on the wire is a good one.
  void finish() {
    fates_.clear();
    drop_ = 0;
    for (int i = 0; i < 600 && !is_done(); ++i) run(std::chrono::seconds(1));
    check();
    for (const auto& [number, sent] : sent_)
      ensure(!sent.reliable || sent.arrived, "what is reliable arrives");
    for (auto* end : {&pair_.a, &pair_.b})
      ensure(end->association.unacknowledged() == 0 && end->association.receiver()->held() == 0,
             "nothing stays behind");
  }

 private:
  bool is_done() const {
    for (const auto* end : {&pair_.a, &pair_.b})
      if (end->connected == 0 || end->association.unacknowledged() != 0) return false;
    return true;
  }
  void run(Duration span) { pair_.run_for(span); }

  void send(bool from_a, std::uint8_t how, ByteReader& reader) {
    sctp::TestEnd& from = from_a ? pair_.a : pair_.b;
    if (from.association.unsent() > kMaxUnsent) return;
    Sent sent;
    sctp::Reliability limit;
    const std::uint8_t kind = how & 7;
    sent.stream = static_cast<std::uint16_t>(kind);
    sent.ordered = kind != 3 && kind != 5;
    if (kind >= 4) {
      // Only where it is agreed on is anything given up.
      sent.reliable = false;
      if (kind == 6) limit.retransmissions = reader.u8() & 3;
      if (kind != 6) limit.lifetime = std::chrono::milliseconds(reader.u8());
    }
    const std::uint8_t size = reader.u8();
    sent.size = size < 200 ? size * 20u : (size - 190u) * 1500u;
    const std::uint32_t number = next_++;
    auto bytes = content(from_a, number, sent.size);
    sent.size = bytes.size();
    const sctp::Message message{{sent.stream}, {53}, !sent.ordered, std::move(bytes)};
    if (from.association.send(message, limit, pair_.now)) sent_[number] = sent;
    run(Duration(0));
  }
  // Two bits each say what becomes of the next packets.
  bool meddle(bool from_a, Bytes packet) {
    if (meddling_) return false;
    ensure(++events_ < kMaxEvents, "no storm of packets");
    if (drop_ > 0) return --drop_, true;
    if (fates_.empty()) return false;
    const std::uint8_t fate = fates_.front() & 3;
    fates_.front() = static_cast<std::uint8_t>(fates_.front() >> 2);
    if (++of_fate_ % 4 == 0) fates_.pop_front();
    if (fate == 0) return false;
    if (fate == 1) return true;
    meddling_ = true;
    if (fate == 2) {
      // Again, and later than what follows.
      pair_.wire.launch(from_a, packet, pair_.now);
      pair_.wire.launch(from_a, packet, pair_.now + std::chrono::milliseconds(35));
    } else {
      std::vector<std::uint8_t> damaged(packet.begin(), packet.end());
      const std::size_t bit = (of_fate_ * 977) % (damaged.size() * 8);
      damaged[bit / 8] ^= static_cast<std::uint8_t>(1 << (bit % 8));
      pair_.wire.launch(from_a, damaged, pair_.now);
    }
    meddling_ = false;
    return true;
  }
  void check() {
    for (auto* end : {&pair_.a, &pair_.b}) {
      ensure(!end->ended, "nobody breaks the protocol");
      const auto* receiver = end->association.receiver();
      ensure(receiver == nullptr || receiver->held() <= 3 * kWindow, "what waits is bounded");
      for (const sctp::Message& message : end->received) arrive(end == &pair_.b, message);
      end->received.clear();
    }
  }
  void arrive(bool from_a, const sctp::Message& message) {
    ensure(message.bytes.size() >= 5, "no message of ours is shorter");
    std::uint32_t number = 0;
    for (std::size_t i = 0; i < 4; ++i)
      number |= static_cast<std::uint32_t>(message.bytes[1 + i]) << (8 * i);
    const auto sent = sent_.find(number);
    ensure(sent != sent_.end() && !sent->second.arrived, "what arrives was sent, and comes once");
    sent->second.arrived = true;
    ensure(message.stream.value == sent->second.stream, "on its stream");
    ensure(message.bytes == content(from_a, number, sent->second.size), "whole");
    if (!sent->second.ordered) return;
    std::uint32_t& last = last_[{from_a, message.stream.value}];
    ensure(number >= last, "in order");
    last = number + 1;
  }

  sctp::TestPair pair_;
  std::map<std::uint32_t, Sent> sent_;
  std::uint32_t next_ = 0;
  std::map<std::pair<bool, std::uint16_t>, std::uint32_t> last_;
  std::deque<std::uint8_t> fates_;
  std::size_t of_fate_ = 0;
  std::size_t drop_ = 0;
  std::size_t events_ = 0;
  bool meddling_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ByteReader reader(Bytes(data, size));
  World world(reader.u8());
  for (std::size_t i = 0; i < kMaxSteps && !reader.at_end(); ++i) {
    const std::uint8_t what = reader.u8();
    world.step(what, reader);
  }
  world.finish();
  return 0;
}
