#include "apps/beeline/room/ping.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <csignal>
#include <cstdio>

#include "apps/beeline/command.h"

namespace beeline::cli {
namespace {

// For an answer; another ping waits so long.
constexpr Duration kPatience = std::chrono::seconds(2);

double milliseconds(Duration span) {
  return static_cast<double>(span.count()) / 1000;
}

}  // namespace

Pinger::Pinger(PingSettings settings)
    : settings_(std::move(settings)),
      words_(*settings_.words),
      signals_(loop_.io(), SIGTERM, SIGINT),
      alarm_(loop_, [this] { tick(); }),
      room_(loop_, settings_.room, *this) {
  signals_.async_wait([this](const boost::system::error_code& error, int) {
    if (!error) leave();
  });
}

int Pinger::run() {
  room_.enter();
  loop_.run([](const std::string& what) { fmt::print(stderr, "beeline ping: {}\n", what); });
  return sum_up();
}

void Pinger::on_entered() {
  // The first members come after this.
  loop_.defer([this] {
    if (std::exchange(entered_, true) || leaving_) return;
    const std::string link = settings_.room.address.link();
    if (room_.members().empty())
      tell(fmt::format(fmt::runtime(words_.waiting), link), {{"type", "waiting"}, {"link", link}});
    tick();
  });
}

void Pinger::on_phase(signaling::Phase phase, std::string_view why) {
  if (phase == signaling::Phase::kReconnecting)
    tell(fmt::format(fmt::runtime(words_.reconnecting), why_text(why, words_)),
         {{"type", "reconnecting"}, {"why", why}});
}

void Pinger::on_joined(const signaling::Roommate& member) {
  targets_[member.id].name = display_name(member, words_);
}

void Pinger::on_left(const signaling::Roommate& member, std::string_view reason) {
  const auto at = targets_.find(member.id);
  if (at == targets_.end()) return;
  tell(
      fmt::format(fmt::runtime(reason == "lost_peer" ? words_.lost : words_.left), at->second.name),
      {{"type", "left"}, {"member", member.id}, {"name", member.name}, {"reason", reason}});
  gone_.push_back(std::move(at->second));
  targets_.erase(at);
  leave_if_done();
}

// One line for each state; with the round trip of the first answer, where it works.
void Pinger::on_path(const signaling::Roommate& member) {
  const MemberPath path = room_.path(member.id);
  Target& target = targets_[member.id];
  if (target.path == path_code(path.kind)) return;
  target.path = path_code(path.kind);
  const bool works = path.kind == PathKind::kDirect || path.kind == PathKind::kRelayed;
  if (works && !settings_.json) return;
  boost::json::object event{
      {"type", "path"}, {"member", member.id}, {"name", member.name}, {"path", target.path}};
  tell(fmt::format("{}  {}", path_text(path, words_), target.name), std::move(event));
}

void Pinger::on_open(const signaling::Roommate& member) {
  ping(member.id, targets_[member.id]);
}

void Pinger::tick() {
  if (leaving_) return;
  alarm_.set(loop_.now() + settings_.interval);
  for (auto& [id, target] : targets_) {
    if (target.open != 0 && loop_.now() < target.sent_at + kPatience) continue;
    if (target.open != 0) {
      tell(fmt::format(fmt::runtime(words_.no_answer), target.name),
           {{"type", "unanswered"}, {"member", id}, {"number", target.open}});
      target.open = 0;
    }
    ping(id, target);
  }
  leave_if_done();
}

bool Pinger::is_done(const Target& target) const {
  return settings_.count > 0 && target.sent >= settings_.count && target.open == 0;
}

void Pinger::ping(const std::string& id, Target& target) {
  if (target.open != 0 || is_done(target)) return;
  if (!room_.ping(id, fmt::format("ping-{}", target.sent + 1))) return;
  target.open = ++target.sent;
  target.sent_at = loop_.now();
}

void Pinger::on_pong(const signaling::Roommate& member, std::string_view id) {
  Target& target = targets_[member.id];
  if (target.open == 0 || id != fmt::format("ping-{}", target.open)) return;
  const Duration took = loop_.now() - target.sent_at;
  target.answered.push_back(took);
  MemberPath path = room_.path(member.id);
  path.round_trip = took;
  tell(fmt::format("{}  {}", path_text(path, words_), target.name),
       {{"type", "answered"},
        {"member", member.id},
        {"name", member.name},
        {"number", target.open},
        {"path", path_code(path.kind)},
        {"tcp", path.tcp},
        {"round_trip_ms", milliseconds(took)}});
  target.open = 0;
  leave_if_done();
}

void Pinger::leave_if_done() {
  if (settings_.count == 0 || !entered_ || targets_.size() + gone_.size() == 0) return;
  if (std::ranges::all_of(targets_, [this](const auto& entry) { return is_done(entry.second); }))
    leave();
}

void Pinger::leave() {
  if (!std::exchange(leaving_, true)) room_.leave();
}

void Pinger::on_ended(std::string_view code, std::string_view detail) {
  leaving_ = true;
  alarm_.set(std::nullopt);
  if (code != "left") {
    refused_ = true;
    if (settings_.json) tell({}, {{"type", "ended"}, {"reason", code}, {"detail", detail}});
    fmt::print(stderr, "beeline ping: {}\n", end_text(code, detail, words_));
  }
  loop_.defer([this] { loop_.stop(); });  // behind what closing has put off
}

int Pinger::sum_up() {
  for (auto& [id, target] : targets_) gone_.push_back(std::move(target));
  std::uint64_t sent = 0;
  std::uint64_t answered = 0;
  for (Target& target : gone_) {
    sent += target.sent;
    answered += target.answered.size();
    if (target.sent == 0 || settings_.json) continue;
    if (target.answered.empty()) {
      fmt::print("{}\n", fmt::format(fmt::runtime(words_.counted_none), target.name, target.sent));
      continue;
    }
    std::ranges::sort(target.answered);
    fmt::print("{}\n", fmt::format(fmt::runtime(words_.counted), target.name, target.sent,
                                   target.answered.size(), milliseconds(target.answered.front()),
                                   milliseconds(target.answered[target.answered.size() / 2]),
                                   milliseconds(target.answered.back())));
  }
  if (refused_ || answered == 0) return kFailed;
  return answered < sent ? kPartly : kDone;
}

void Pinger::tell(std::string_view text, boost::json::object event) {
  if (settings_.json)
    fmt::print("{}\n", boost::json::serialize(event));
  else
    fmt::print("{}\n", text);
  std::fflush(stdout);
}

}  // namespace beeline::cli
