#include "beeline/sim/world.h"

namespace beeline::sim {

World::World(std::uint64_t seed) : random_(Random::from_number(seed)) {}

World::~World() {
  // What waits may hold sockets, whose nodes must still be there.
  events_.clear();
}

Random World::random(std::string_view name) const {
  const auto other = reseeded_.find(name);
  return other == reseeded_.end() ? random_.fork(name) : Random::from_number(other->second);
}

void World::claim(const std::string& name) {
  ensure(names_taken_.insert(name).second, "names in a world are unique");
}

Segment& World::segment(const std::string& name, std::vector<Prefix> prefixes) {
  claim(name);
  segments_.push_back(std::make_unique<Segment>(*this, name, std::move(prefixes)));
  return *segments_.back();
}

Node& World::node(const std::string& name) {
  claim(name);
  auto node = std::make_unique<Node>(*this, name, next_index());
  Node& made = *node;
  devices_.push_back(std::move(node));
  return made;
}

Router& World::router(const std::string& name, const RouterProfile& profile, Segment& inside,
                      Segment& outside, std::vector<IpAddress> outside_addresses) {
  claim(name);
  auto router = std::make_unique<Router>(*this, name, next_index(), profile, inside, outside);
  Router& made = *router;
  devices_.push_back(std::move(router));
  made.inside().set_addresses(inside.take_addresses());
  if (outside_addresses.empty()) outside_addresses = outside.take_addresses();
  made.outside().set_addresses(std::move(outside_addresses));
  return made;
}

Link& World::link(Device& device, Segment& segment, const std::string& name,
                  const LinkProfile& profile) {
  links_.push_back(std::make_unique<Link>(device, segment, name, profile));
  segment.attach(*links_.back());
  return *links_.back();
}

bool World::step(Instant end) {
  if (is_stuck()) return false;
  const auto next = events_.next();
  if (!next || *next > end) {
    now_ = std::max(now_, end);
    return false;
  }
  at_once_ = *next == now_ ? at_once_ + 1 : 1;
  if (is_stuck()) return false;
  now_ = *next;
  events_.run_next();
  return true;
}

void World::run_until(Instant end) {
  while (step(end)) {
  }
}

void World::add_name(const std::string& name, std::vector<IpAddress> addresses) {
  names_[name] = std::move(addresses);
}

//= RFC 6762 §3
std::vector<IpAddress> World::resolve_local(const Node& asking, const std::string& name) {
  std::vector<IpAddress> answers;
  for (const Link* link : asking.links()) {
    if (!link->is_up()) continue;
    const auto some = link->segment().ask_all(*link, name);
    answers.insert(answers.end(), some.begin(), some.end());
  }
  return answers;
}

//= RFC 6147 §5.1
std::vector<IpAddress> World::resolve(const Node& asking, const std::string& name) const {
  if (name.ends_with(".local")) return resolve_local(asking, name);
  bool has_dns64 = false;
  for (const Link* link : asking.links()) {
    if (!link->is_up()) continue;
    const Router* const gateway = link->segment().gateway();
    if (gateway != nullptr && gateway->does_nat64()) has_dns64 = true;
  }
  const auto known = names_.find(name);
  if (known == names_.end()) return {};
  const auto& all = known->second;
  const bool all_v4 = std::all_of(all.begin(), all.end(), [](auto& ip) { return ip.is_v4(); });
  std::vector<IpAddress> answer;
  for (const IpAddress& ip : all) {
    answer.push_back(ip);
    if (has_dns64 && all_v4) answer.push_back(Nat::to_nat64(ip));
  }
  return answer;
}

}  // namespace beeline::sim
