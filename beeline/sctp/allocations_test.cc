// Once a flow runs, it allocates nothing. A program of its own, which counts.
#include <gtest/gtest.h>

#include <vector>

#include "beeline/base/test_allocations.h"
#include "beeline/sctp/association/association.h"

namespace beeline::sctp {
namespace {

using namespace std::chrono_literals;

// A wire of 10 ms and 20 MB/s that carries the packets themselves, in places made beforehand.
class Line {
 public:
  void launch(Packet packet, Instant now) {
    free_at_ = std::max(free_at_, now) + Duration(static_cast<std::int64_t>(packet.size() / 20));
    places_[last_++ % places_.size()] = {free_at_ + 10ms, std::move(packet)};
  }
  std::optional<Instant> next_time() const {
    if (first_ == last_) return std::nullopt;
    return places_[first_ % places_.size()].arrives;
  }
  Packet arrival() { return std::move(places_[first_++ % places_.size()].packet); }

 private:
  struct Place {
    Instant arrives;
    Packet packet;
  };
  std::vector<Place> places_ = std::vector<Place>(8192);
  std::uint64_t first_ = 0, last_ = 0;
  Instant free_at_;
};

struct End {
  End(const Settings& settings, std::uint64_t seed, PacketPool& packets)
      : association(settings, Random::from_number(seed), packets, log) {}
  void transmit(Packet packet) { line.launch(std::move(packet), now); }
  void handle_event(AssociationEvent event) {
    auto* message = std::get_if<MessageReceived>(&event);
    if (message == nullptr) return;
    received += message->message.bytes.size();
    association.release(message->message.bytes.size());
    association.give_back(std::move(message->message.bytes));
  }

  NullLog log;
  Association association;
  Line line;  // to the other
  Instant now;
  std::uint64_t received = 0;
};

class Flow {
 public:
  Flow(const Settings& settings, std::size_t message)
      : a_(settings, 1, packets_), b_(settings, 2, packets_), message_(message) {
    a_.association.connect(now_);
  }

  // Allocations while so many bytes arrive.
  std::uint64_t carry(std::uint64_t bytes) {
    const std::uint64_t before = allocations_so_far();
    for (const std::uint64_t until = b_.received + bytes; b_.received < until;) step();
    return allocations_so_far() - before;
  }

 private:
  void step() {
    while (a_.association.is_connected() && a_.association.unsent() < 1024 * 1024) {
      std::vector<std::uint8_t> content = a_.association.spare();
      content.resize(message_);
      EXPECT_TRUE(a_.association.send({{1}, {53}, false, std::move(content)}, {}, now_));
    }
    settle();
    const auto next =
        earliest(earliest(a_.line.next_time(), b_.line.next_time()),
                 earliest(a_.association.next_timeout(), b_.association.next_timeout()));
    now_ = std::max(now_, *next);
    hear(a_, b_);
    hear(b_, a_);
    a_.association.handle_timeout(now_);
    b_.association.handle_timeout(now_);
    settle();
  }
  void hear(End& from, End& to) {
    while (from.line.next_time() && *from.line.next_time() <= now_)
      to.association.handle_input(from.line.arrival(), now_);
  }
  void settle() {
    a_.now = b_.now = now_;
    drain(a_.association, a_, now_);
    drain(b_.association, b_, now_);
  }

  PacketPool packets_;
  Instant now_{1s};
  End a_, b_;
  std::size_t message_;
};

TEST(Allocations, a_flow_that_runs_makes_none) {
  for (const bool interleaving : {false, true})
    for (const std::size_t message : {1024U, 65536U, 262144U}) {
      Settings settings;
      settings.capabilities.interleaving = interleaving;
      Flow flow(settings, message);
      EXPECT_GT(flow.carry(40'000'000), 0U) << "memory comes from somewhere";
      EXPECT_EQ(flow.carry(20'000'000), 0U)
          << message << " bytes" << (interleaving ? ", interleaved" : "");
    }
}

}  // namespace
}  // namespace beeline::sctp
