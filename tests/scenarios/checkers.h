// What must be true of every packet and at every end of a simulated call, whatever the world does.
#pragma once

#include <cstdint>
#include <map>
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

  void watch(const Caller& caller) { callers_[caller.node().index()] = &caller; }
  // Nothing of the other side's data may reach it.
  void distrust(const sim::Node& node) { strangers_.insert(node.index()); }
  // Another ICE generation begins. Callers say so themselves; relayed addresses cannot.
  void expect_restart() { ++restarts_; }

  // The end of a call that has been left in peace for a while: both sides must say the same.
  // `ports` too, unless a NAT chooses them by whom one talks to.
  void expect_agreement(const Caller& a, const Caller& b, bool ports);
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
  void on_data(const Flow& flow);
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
    Instant began{};
    std::map<Flow, Unanswered> to_pair{};
    std::map<IpAddress, Unanswered> to_ip{};
  };
  std::map<TransportAddress, Sender> senders_;
  int restarts_ = 0;
  Instant last_{};
  std::vector<Violation> violations_;
};

}  // namespace beeline::scenarios
