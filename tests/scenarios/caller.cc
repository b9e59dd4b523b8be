#include "tests/scenarios/caller.h"

#include <algorithm>
#include <utility>

namespace beeline::scenarios {
namespace {

constexpr std::uint8_t kNumbered = 0x80;  // what RTP would look like: no STUN, no ChannelData

}  // namespace

void KeptLog::write(LogLevel, std::string_view event, std::span<const LogField> fields) {
  std::string line(event);
  for (const LogField& field : fields) line += " " + std::string(field.key) + "=" + field.value;
  lines_.push_back(std::move(line));
}

Caller::Caller(sim::Node& node, ice::Settings settings, ice::Role role)
    : node_(node),
      world_(node.world()),
      agent_(std::move(settings), role, world_.random(node.name() + "/ice"), world_.packets(),
             log_),
      host_(std::make_unique<sim::CoreNode<ice::Agent>>(
          node, agent_, [this](ice::Agent::Event event) { on_event(std::move(event)); })),
      talking_(node, [this] { say_number(); }) {}

void Caller::tell(const Command& command) {
  if (closed_) return;
  command(agent_, world_.now());
  host_->settle();
}

void Caller::close() {
  stop_talking();
  tell([](ice::Agent& agent, Instant now) { agent.close(now); });
  closed_ = true;
}

void Caller::talk(Duration every) {
  talk_every_ = every;
  talking_.set(world_.now());
}

void Caller::say_number() {
  talking_.set(world_.now() + talk_every_);
  Packet packet = world_.packets().make();
  packet.resize(kDatagramSize);
  packet.mutable_bytes()[0] = kNumbered;
  ByteWriter writer(packet.mutable_bytes().subspan(1));
  writer.u64(sent_);
  writer.u64(static_cast<std::uint64_t>(world_.now().since_start.count()));
  if (agent_.send(std::move(packet), world_.now())) ++sent_;
  host_->settle();
}

void Caller::forget_silence() {
  longest_silence_ = {};
  if (heard_at_) heard_at_ = world_.now();
}

std::optional<Instant> Caller::said_at(Bytes bytes) {
  if (bytes.size() != kDatagramSize || bytes[0] != kNumbered) return std::nullopt;
  ByteReader reader(bytes.subspan(9));
  return Instant{std::chrono::microseconds(static_cast<std::int64_t>(reader.u64()))};
}

void Caller::hear(Bytes bytes) {
  ByteReader reader(bytes);
  if (reader.u8() != kNumbered) return;
  const std::uint64_t number = reader.u64();
  if (!reader.ok()) return;
  if (!heard_.insert(number).second) ++doubled_;
  if (heard_at_) longest_silence_ = std::max(longest_silence_, world_.now() - *heard_at_);
  heard_at_ = world_.now();
}

void Caller::on_event(ice::Agent::Event event) {
  if (const auto* received = std::get_if<ice::Received>(&event)) {
    hear(received->packet.bytes());
  } else if (const auto* gathered = std::get_if<ice::CandidateGathered>(&event)) {
    candidates_.push_back(gathered->candidate);
    if (candidate_) candidate_(gathered->candidate);
  } else if (std::holds_alternative<ice::GatheringDone>(event)) {
    if (gathered_all_) gathered_all_();
  } else if (const auto* changed = std::get_if<ice::StateChanged>(&event)) {
    if (changed->state == ice::State::kConnected && !connected_at_) connected_at_ = world_.now();
    if (changed->state == ice::State::kFailed && !connected_at_ && !failed_at_)
      failed_at_ = world_.now();
  } else if (const auto* path = std::get_if<ice::PathChanged>(&event)) {
    paths_.push_back({world_.now(), path->path});
  }
}

std::optional<Instant> Caller::direct_at() const {
  for (const PathSeen& seen : paths_)
    if (!seen.path.relayed) return seen.at;
  return std::nullopt;
}

Call::Call(sim::World& world, Caller& offerer, Caller& answerer, Duration delay, Duration held_back)
    : world_(world), offerer_(offerer), answerer_(answerer), delay_(delay), held_back_(held_back) {
  connect(offerer, answerer);
  connect(answerer, offerer);
}

// A candidate belongs to a generation; one that comes late for another is not passed on to it.
void Call::connect(Caller& from, Caller& to) {
  from.candidate_ = [this, &from, &to](const ice::Candidate& candidate) {
    if (lets_through && !lets_through(candidate)) return;
    const std::string ufrag = from.agent().local_parameters().ufrag;
    pass(
        to,
        [candidate, ufrag](ice::Agent& agent, Instant now) {
          const auto& remote = agent.remote_parameters();
          if (remote && remote->ufrag == ufrag) agent.add_remote(candidate, now);
        },
        held_back_);
  };
  from.gathered_all_ = [this, &to] {
    pass(
        to, [](ice::Agent& agent, Instant now) { agent.end_of_remote_candidates(now); },
        held_back_);
  };
}

void Call::pass(Caller& to, Command command, Duration held_back) {
  world_.after(delay_ + held_back, [this, &to, command = std::move(command)]() mutable {
    to.inbox_.push_back(std::move(command));
    if (to.inbox_.size() == 1) deliver(to);
  });
}

// In order, also to a receiver that sleeps: it reads its messages when it wakes.
void Call::deliver(Caller& to) {
  if (to.node().suspended())
    return world_.after(std::chrono::milliseconds(50), [this, &to] { deliver(to); });
  while (!to.inbox_.empty()) {
    to.tell(to.inbox_.front());
    to.inbox_.pop_front();
  }
}

// Offer and answer. Parameters are said inside the command, so that they leave before the
// candidates that the command makes.
void Call::start() {
  offerer_.tell([this](ice::Agent& agent, Instant now) {
    offer(agent.local_parameters(), false);
    agent.gather(now);
  });
}

void Call::restart() {
  offerer_.tell([this](ice::Agent& agent, Instant now) {
    agent.restart(now);
    offer(agent.local_parameters(), true);
  });
}

void Call::offer(const ice::Parameters& offered, bool again) {
  pass(answerer_, [this, offered, again](ice::Agent& agent, Instant now) {
    if (again) agent.restart(now);
    agent.set_remote(offered, now);
    const ice::Parameters answered = agent.local_parameters();
    pass(offerer_, [answered](ice::Agent& own, Instant then) { own.set_remote(answered, then); });
    agent.gather(now);
  });
}

}  // namespace beeline::scenarios
