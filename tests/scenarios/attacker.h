// A hostile third host: it hears what others say, knows no password, and sends what might confuse:
// replays, forged questions and answers, data, noise; from its own address and in others' names.
#pragma once

#include <vector>

#include "beeline/sim/world.h"
#include "beeline/stun/message.h"
#include "tests/scenarios/internet.h"

namespace beeline::scenarios {

class Attacker {
 public:
  static constexpr Duration kPace = std::chrono::milliseconds(150);
  static constexpr std::size_t kMostHeard = 32;

  explicit Attacker(Internet& internet);

  const sim::Node& node() const { return node_; }
  // Candidates that a hostile application passes on to `caller`: places nobody may be sent to,
  // somebody who never asked for this (on many ports), and the attacker.
  void name_victims(Caller& caller);

 private:
  // What was heard, and between whom, as the one at the end of the way sees it.
  struct Heard {
    TransportAddress source;
    TransportAddress destination;
    std::vector<std::uint8_t> bytes;
  };
  void hear(const sim::PacketEvent& event);
  void attack();
  // An answer to a question that is on its way, sooner than the one who was asked can give it.
  void overtake(const sim::PacketEvent& event);
  void send(const TransportAddress& source, const TransportAddress& destination, Bytes bytes);
  std::vector<std::uint8_t> forged_answer(const Heard& question);
  std::vector<std::uint8_t> forged_question();
  std::vector<std::uint8_t> forged_grant(const stun::Message& question);

  Internet& internet_;
  sim::Node& node_;
  TransportAddress own_;
  Random random_;
  sim::Alarm pace_;
  std::vector<Heard> heard_;
};

}  // namespace beeline::scenarios
