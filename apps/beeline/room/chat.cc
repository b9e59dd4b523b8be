#include "apps/beeline/room/chat.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <csignal>
#include <cstdio>

#include "apps/beeline/command.h"
#include "beeline/base/encoding.h"

namespace beeline::cli {
namespace {

constexpr std::size_t kMuchUnacknowledged = 256;  // lines

std::string filled(std::string_view pattern, std::string_view one, std::string_view two = {}) {
  return fmt::format(fmt::runtime(pattern), one, two);
}

boost::json::object event(std::string_view type) {
  return {{"type", type}};
}
boost::json::object event(std::string_view type, const signaling::Roommate& member) {
  return {{"type", type}, {"member", member.id}, {"name", member.name}};
}

Tone tone_of(PathKind kind) {
  switch (kind) {
    case PathKind::kDirect:
      return Tone::kGood;
    case PathKind::kRelayed:
      return Tone::kWarning;
    case PathKind::kFailed:
      return Tone::kBad;
    case PathKind::kLooking:
    case PathKind::kBroken:
      break;
  }
  return Tone::kQuiet;
}

// What comes after the first line of a text is set in under it.
std::string set_in(std::string_view text) {
  std::string clean = printable(text);
  for (std::size_t at = 0; (at = clean.find('\n', at)) != std::string::npos; at += 3)
    clean.replace(at, 1, "\n  ");
  return clean;
}

}  // namespace

Chat::Chat(ChatSettings settings)
    : settings_(std::move(settings)),
      words_(*settings_.words),
      input_(loop_, [this](Bytes bytes) { take(bytes); }),
      signals_(loop_.io(), SIGTERM, SIGINT),
      patience_(loop_, [this] { leave(); }),
      room_(loop_, settings_.room, *this) {
  signals_.async_wait([this](const boost::system::error_code& error, int) {
    if (!error) leave();
  });
}

int Chat::run() {
  if (settings_.terminal) screen_.emplace(settings_.colour);
  room_.enter();
  loop_.run([](const std::string& what) { fmt::print(stderr, "beeline chat: {}\n", what); });
  screen_.reset();
  if (lost_ > 0) {
    std::string names;
    for (const std::string& name : silent_)
      names += (names.empty() ? "" : std::string(words_.separator)) + name;
    fmt::print(stderr, "beeline chat: {}\n",
               fmt::format(fmt::runtime(words_.not_acknowledged), lost_, names));
  }
  if (exit_code_ != kDone || lost_ == 0) return exit_code_;
  return lost_ >= said_ ? kFailed : kPartly;
}

// --- what is typed -------------------------------------------------------------------------------

void Chat::take(Bytes bytes) {
  if (bytes.empty()) return end_of_input();
  if (screen_) {
    for (const std::string& line : editor_.type(as_text(bytes))) take_line(line);
    if (editor_.ended()) return leave();
    if (screen_) screen_->show(editor_);
    return;
  }
  unfinished_ += as_text(bytes);
  for (std::size_t end; (end = unfinished_.find('\n')) != std::string::npos;) {
    const std::string line = unfinished_.substr(0, end);
    unfinished_.erase(0, end + 1);
    take_line(line);
  }
  if (unfinished_.size() > kMaxChatText) take_line(std::exchange(unfinished_, {}));
  // Who says more than the others take in waits.
  if (waiting_.size() > kMuchUnacknowledged) input_.pause();
}

void Chat::take_line(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (line.empty() || leaving_) return;
  if (screen_ && line == "/quit") return leave();
  if (screen_ && line == "/who") return show_everybody();
  if (screen_ && line.starts_with('/')) return notice(words_.help, event("help"));
  say(line);
}

void Chat::say(std::string_view text) {
  if (text.size() > kMaxChatText || !is_utf8(text)) {
    ++said_;
    ++lost_;
    return notice(words_.too_long, event("refused"), Tone::kWarning);
  }
  const std::string id = room_.say(text);
  if (id.empty()) {
    if (!screen_) {
      ++said_;
      ++lost_;
    }
    return notice(words_.nobody_heard, event("unheard"), Tone::kWarning);
  }
  for (const auto& member : room_.members()) {
    ++said_;
    waiting_[id].insert(member.id);
  }
  if (screen_)
    screen_->print(fmt::format("{} {}", screen_->toned("›", Tone::kQuiet), set_in(text)));
  if (settings_.json) write({{"type", "said"}, {"id", id}, {"text", text}});
}

void Chat::end_of_input() {
  if (!unfinished_.empty()) take_line(std::exchange(unfinished_, {}));
  input_ended_ = true;
  patience_.set(loop_.now() + settings_.patience);
  leave_if_acknowledged();
}

void Chat::on_acknowledged(std::string_view member, std::string_view id) {
  const auto at = waiting_.find(id);
  if (at == waiting_.end()) return;
  at->second.erase(std::string(member));
  if (at->second.empty()) waiting_.erase(at);
  if (settings_.json) write({{"type", "acknowledged"}, {"member", member}, {"id", id}});
  if (waiting_.size() <= kMuchUnacknowledged && !input_ended_) input_.resume();
  leave_if_acknowledged();
}

void Chat::leave_if_acknowledged() {
  if (input_ended_ && waiting_.empty()) leave();
}

void Chat::leave() {
  if (std::exchange(leaving_, true)) return;
  for (const auto& [id, members] : waiting_)
    for (const std::string& member : members) {
      ++lost_;
      if (const auto at = known_.find(member); at != known_.end()) silent_.insert(at->second.name);
    }
  // On a terminal what is not confirmed yet is no failure: one has seen who was there.
  if (screen_) lost_ = 0;
  room_.leave();
}

// --- what happens --------------------------------------------------------------------------------

Chat::Known& Chat::known(const signaling::Roommate& member) {
  return known_[member.id];
}

void Chat::on_entered() {
  // The first members come after this.
  loop_.defer([this] {
    if (std::exchange(entered_, true) || leaving_) return;
    std::string names;
    for (const auto& member : room_.members())
      names += (names.empty() ? "" : std::string(words_.separator)) + display_name(member, words_);
    const std::string link = settings_.room.address.link();
    boost::json::object entered{{"type", "entered"}, {"you", room_.you()}, {"link", link}};
    notice(names.empty() ? filled(words_.entered_alone, link) : filled(words_.entered, names),
           std::move(entered));
    if (screen_) {
      screen_->print(screen_->toned(words_.help, Tone::kQuiet));
      screen_->show(editor_);
    }
    input_.resume();
  });
}

void Chat::on_phase(signaling::Phase phase, std::string_view why) {
  if (phase == signaling::Phase::kReconnecting)
    notice(filled(words_.reconnecting, why_text(why, words_)),
           {{"type", "reconnecting"}, {"why", why}}, Tone::kWarning);
  if (phase == signaling::Phase::kOpen && entered_) notice(words_.again, event("reconnected"));
}

void Chat::on_joined(const signaling::Roommate& member) {
  known(member).name = display_name(member, words_);
  if (entered_ || settings_.json)
    notice(filled(words_.joined, known(member).name), event("joined", member));
}

void Chat::on_changed(const signaling::Roommate& member) {
  Known& before = known(member);
  const std::string name = display_name(member, words_);
  if (name != before.name)
    notice(filled(words_.renamed, before.name, name), event("renamed", member));
  if (member.away != before.away)
    notice(filled(member.away ? words_.away : words_.back, name),
           event(member.away ? "away" : "back", member));
  before.name = name;
  before.away = member.away;
}

void Chat::on_left(const signaling::Roommate& member, std::string_view reason) {
  boost::json::object left = event("left", member);
  left["reason"] = reason;
  notice(filled(reason == "lost_peer" ? words_.lost : words_.left, known(member).name),
         std::move(left));
  for (auto& [id, members] : waiting_) {
    if (members.erase(member.id) == 0) continue;
    ++lost_;
    silent_.insert(known(member).name);
  }
  std::erase_if(waiting_, [](const auto& entry) { return entry.second.empty(); });
  if (waiting_.size() <= kMuchUnacknowledged && entered_ && !input_ended_) input_.resume();
  known_.erase(member.id);
  leave_if_acknowledged();
}

void Chat::on_path(const signaling::Roommate& member) {
  const MemberPath path = room_.path(member.id);
  Known& one = known(member);
  const std::string_view code = path_code(path.kind);
  if (one.path == code) return;
  one.path = code;
  boost::json::object changed = event("path", member);
  changed["path"] = code;
  if (path.round_trip)
    changed["round_trip_ms"] = static_cast<double>(path.round_trip->count()) / 1000;
  if (entered_ || settings_.json)
    notice(fmt::format("{}  {}", path_text(path, words_), one.name), std::move(changed),
           tone_of(path.kind));
}

void Chat::on_text(const signaling::Roommate& member, const std::string& text) {
  if (settings_.json) {
    boost::json::object said = event("text", member);
    said["text"] = text;
    return write(said);
  }
  const std::string name = known(member).name;
  if (screen_)
    return screen_->print(fmt::format("{}  {}", screen_->toned(name, Tone::kName), set_in(text)));
  fmt::print("{}: {}\n", name, set_in(text));
  std::fflush(stdout);
}

void Chat::show_everybody() {
  for (const auto& member : room_.members()) {
    const MemberPath path = room_.path(member.id);
    screen_->print(fmt::format("{}  {}",
                               screen_->toned(path_text(path, words_), tone_of(path.kind)),
                               display_name(member, words_)));
  }
}

void Chat::on_ended(std::string_view code, std::string_view detail) {
  if (code != "left") {
    exit_code_ = kFailed;
    screen_.reset();
    if (settings_.json) write({{"type", "ended"}, {"reason", code}, {"detail", detail}});
    fmt::print(stderr, "beeline chat: {}\n", end_text(code, detail, words_));
  }
  leaving_ = true;
  loop_.defer([this] { loop_.stop(); });  // behind what closing has put off
}

void Chat::notice(std::string_view text, boost::json::object event, Tone tone) {
  if (settings_.json) return write(event);
  if (screen_) return screen_->print(screen_->toned(text, tone));
  fmt::print(stderr, "{}\n", text);
}

void Chat::write(const boost::json::object& event) {
  fmt::print("{}\n", boost::json::serialize(event));
  std::fflush(stdout);
}

}  // namespace beeline::cli
