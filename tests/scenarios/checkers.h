// What must be true of every packet and at every end of a simulated call, whatever the world does.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "beeline/sim/world.h"
#include "beeline/stun/message.h"
#include "tests/scenarios/internet.h"

namespace beeline::scenarios {

struct Violation {
  Instant at;
  std::string rule;  // a stable name
  std::string what;  // for people
};

class Checkers {
 public:
  // Observes the world from now on.
  explicit Checkers(Internet& internet);

  void watch(const Caller& caller);
  // Nothing of the other side's data may reach it.
  void distrust(const sim::Node& node) { strangers_.insert(node.index()); }
  // Another ICE generation begins. Callers say so themselves; relayed addresses cannot.
  void expect_restart();
  // Somebody slept until now: what waited for them is read as if it had just come.
  void expect_late_answers() { woke_ = internet_.world.now(); }

  // The end of a call that has been left in peace for a while: both sides must say the same.
  // `ports` too, unless a NAT chooses them by whom one talks to.
  void expect_agreement(const Caller& a, const Caller& b, bool ports);
  // Whether both sides have a path, and the same.
  static bool agree(const Caller& a, const Caller& b, bool ports);
  // Nothing that the other side did not say was passed up.
  void expect_only_the_others_data(const Caller& caller, const Caller& other);
  //= RFC 8863 §4
  // Nobody gave up before they had to.
  void expect_patience(const Caller& caller);
  void expect_no_secrets(const Caller& caller);
  // Both closed, and longer ago than any allocation lives.
  void expect_no_allocations();
  void violated(std::string rule, std::string what);

  const std::vector<Violation>& violations() const { return violations_; }

 private:
  // From where to where, as the sending device sees it.
  struct Flow {
    TransportAddress from;
    TransportAddress to;
    auto operator<=>(const Flow&) const = default;
  };
  void on(const sim::PacketEvent& event);
  void on_sent(const sim::PacketEvent& event);
  void on_delivered(const sim::PacketEvent& event);
  // `sender`: the relayed address, or what stands for the caller with all its addresses.
  void on_check(const TransportAddress& sender, const Flow& flow, const stun::Message& message);
  struct Sender;
  int looks_of(const TransportAddress& address, Sender& sender);
  void on_data(const Flow& flow, Bytes datagram, bool relayed);
  void on_question_to_server(const sim::PacketEvent& event);
  // Whether somebody signed it who takes part in the call.
  bool is_signed(const stun::Message& message);
  void learn_passwords();
  void check_destination(const sim::PacketEvent& event);
  bool is_server(const TransportAddress& address) const;

  Internet& internet_;
  std::map<sim::DeviceIndex, const Caller*> callers_;
  std::set<sim::DeviceIndex> strangers_;
  std::map<stun::TransactionId, Flow> asked_;
  std::map<Flow, Instant> consent_;  // when the last answer came
  struct Unanswered {
    int count = 0;
    int looks_before = 0;
  };
  // Budgets are of one ICE generation: another one begins anew.
  struct Sender {
    std::string ufrag{};
    Instant began{};  // its first check
    int looks{};      // that it had said by then
    std::map<Flow, Unanswered> to_pair{};
    std::map<IpAddress, Unanswered> to_ip{};
  };
  std::map<TransportAddress, Sender> senders_;
  int restarts_ = 0;
  std::optional<Instant> woke_;
  std::map<sim::DeviceIndex, Instant> checked_;  // when each caller sent its last check
  struct Questions {
    std::int64_t second = 0;
    int count = 0;
  };
  std::map<sim::DeviceIndex, Questions> questions_;  // to the TURN server
  std::set<std::string> passwords_;                  // of all generations
  Instant last_{};
  std::vector<Violation> violations_;
};

}  // namespace beeline::scenarios
