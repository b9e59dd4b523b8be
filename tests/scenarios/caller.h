// One side of a simulated call: an ICE agent on a node that talks in numbered datagrams; and the
// signaling between two of them.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "beeline/ice/agent.h"
#include "beeline/sim/core_node.h"
#include "beeline/sim/world.h"

namespace beeline::scenarios {

// Keeps what a core logs, so that a checker can look for secrets in it.
class KeptLog final : public Log {
 public:
  bool enabled(LogLevel) const override { return true; }
  void write(LogLevel level, std::string_view event, std::span<const LogField> fields) override;
  const std::vector<std::string>& lines() const { return lines_; }

 private:
  std::vector<std::string> lines_;
};

using Command = std::function<void(ice::Agent&, Instant)>;

class Caller {
 public:
  static constexpr Duration kTalk = std::chrono::milliseconds(100);
  // A mark, a number, and the time at which it was said.
  static constexpr std::size_t kDatagramSize = 17;

  Caller(sim::Node& node, ice::Settings settings, ice::Role role);
  Caller(const Caller&) = delete;
  Caller& operator=(const Caller&) = delete;

  // From now on a numbered datagram `every` so often, whether there is a path or not.
  void talk(Duration every = kTalk);
  void stop_talking() { talking_.set(std::nullopt); }
  // A command to the agent, and what it has to say to that.
  void tell(const Command& command);
  void close();

  sim::Node& node() const { return node_; }
  ice::Agent& agent() { return agent_; }
  const ice::Agent& agent() const { return agent_; }
  const KeptLog& log() const { return log_; }

  struct PathSeen {
    Instant at;
    ice::Path path;
  };
  const std::vector<PathSeen>& paths() const { return paths_; }
  // When the state was first kConnected.
  std::optional<Instant> connected_at() const { return connected_at_; }
  std::optional<Instant> direct_at() const;
  std::optional<Instant> heard_at() const { return heard_at_; }
  Duration longest_silence() const { return longest_silence_; }
  std::uint64_t heard() const { return heard_.size(); }
  std::uint64_t sent() const { return sent_; }
  std::uint64_t doubled() const { return doubled_; }
  // From now on only silence that begins now counts.
  void forget_silence();
  // When a datagram of a caller was said, wherever it is seen.
  static std::optional<Instant> said_at(Bytes datagram);
  bool closed() const { return closed_; }
  // When the agent first said that nothing is left to try, if it had never been connected.
  std::optional<Instant> failed_at() const { return failed_at_; }
  // The highest number heard.
  std::optional<std::uint64_t> last_heard() const {
    return heard_.empty() ? std::nullopt : std::optional(*heard_.rbegin());
  }
  const std::vector<ice::Candidate>& candidates() const { return candidates_; }

 private:
  friend class Call;
  void on_event(ice::Agent::Event event);
  void say_number();
  void hear(Bytes bytes);

  sim::Node& node_;
  sim::World& world_;
  KeptLog log_;
  ice::Agent agent_;
  std::unique_ptr<sim::CoreNode<ice::Agent>> host_;
  sim::Alarm talking_;
  Duration talk_every_ = kTalk;
  std::deque<Command> inbox_;                             // of signaling
  std::function<void(const ice::Candidate&)> candidate_;  // to the other side
  std::function<void()> gathered_all_;
  std::vector<PathSeen> paths_;
  std::vector<ice::Candidate> candidates_;
  std::optional<Instant> connected_at_;
  std::optional<Instant> failed_at_;
  std::optional<Instant> heard_at_;
  Duration longest_silence_{};
  std::set<std::uint64_t> heard_;
  std::uint64_t sent_ = 0;
  std::uint64_t doubled_ = 0;
  bool closed_ = false;
};

// Passes parameters and candidates on, as an application does over its server: in order, late by
// `delay`, and later still while the receiver sleeps.
class Call {
 public:
  // Candidates may come still later, by `held_back`.
  Call(sim::World& world, Caller& offerer, Caller& answerer, Duration delay,
       Duration held_back = {});

  void start();
  void restart();
  // What the application's server passes on; all, where nobody says.
  std::function<bool(const ice::Candidate&)> lets_through;

 private:
  void pass(Caller& to, Command command, Duration held_back = {});
  void deliver(Caller& to);
  void connect(Caller& from, Caller& to);
  void offer(const ice::Parameters& offered, bool again);

  sim::World& world_;
  Caller& offerer_;
  Caller& answerer_;
  Duration delay_;
  Duration held_back_;
};

}  // namespace beeline::scenarios
