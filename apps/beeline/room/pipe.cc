#include "apps/beeline/room/pipe.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <csignal>
#include <cstdio>

#include "apps/beeline/command.h"

namespace beeline::cli {
namespace {

constexpr std::size_t kMuchUnsent = 1024 * 1024;
constexpr std::size_t kLittleUnsent = 256 * 1024;
constexpr std::uint64_t kKeptEvery = 1024 * 1024;
constexpr Duration kLookAgain = std::chrono::milliseconds(10);
constexpr Duration kLongestLinger = std::chrono::seconds(5);

// "12.3 MB"
std::string amount(std::uint64_t bytes) {
  if (bytes < 1000) return fmt::format("{} B", bytes);
  double value = static_cast<double>(bytes);
  const char* unit = "B";
  for (const char* next : {"kB", "MB", "GB", "TB"}) {
    if (value < 1000) break;
    value /= 1000;
    unit = next;
  }
  return fmt::format("{:.1f} {}", value, unit);
}

}  // namespace

Pipe::Pipe(PipeSettings settings)
    : settings_(std::move(settings)),
      words_(*settings_.words),
      input_(loop_, [this](Bytes bytes) { send_input(bytes); }),
      output_(loop_, {.written = [this](std::size_t bytes) { written(bytes); },
                      .closed =
                          [this] {
                            say(write_pipe(PipeStop{}));
                            fail(words_.output_closed);
                          }}),
      signals_(loop_.io(), SIGTERM, SIGINT),
      lingering_(loop_, [this] { linger(); }),
      progress_(loop_, [this] { show_progress(); }),
      room_(loop_, settings_.room, *this) {
  std::signal(SIGPIPE, SIG_IGN);
  signals_.async_wait([this](const boost::system::error_code& error, int) {
    if (error) return;
    failed_ = true;
    leave();
  });
}

int Pipe::run() {
  room_.enter();
  loop_.run([](const std::string& what) { fmt::print(stderr, "beeline pipe: {}\n", what); });
  if (settings_.progress && open_) fmt::print(stderr, "\r\x1b[K");
  if (complete_ && !failed_ && (settings_.progress || settings_.json))
    tell(fmt::format(fmt::runtime(words_.pipe_done), amount(sent_), amount(written_)),
         {{"type", "done"}, {"bytes_sent", sent_}, {"bytes_received", written_}});
  return complete_ && !failed_ ? kDone : kFailed;
}

// --- who is at the other end ---------------------------------------------------------------------

void Pipe::on_entered() {
  // The first members come after this.
  loop_.defer([this] {
    if (!other_.empty() || leaving_) return;
    std::vector<const signaling::Roommate*> ends;
    for (const auto& member : room_.members())
      if (is_pipe_end(member.presence_json)) ends.push_back(&member);
    if (ends.size() > 1) return fail(words_.pipe_taken);
    if (ends.size() == 1) return take_other_end(*ends.front());
    const std::string link = settings_.room.address.link();
    tell(fmt::format(fmt::runtime(words_.pipe_waiting), link),
         {{"type", "waiting"}, {"link", link}});
  });
}

void Pipe::on_joined(const signaling::Roommate& member) {
  // Those who were here before us are judged together, when all are known.
  loop_.defer([this, id = member.id] {
    const auto at = std::ranges::find(room_.members(), id, &signaling::Roommate::id);
    if (at != room_.members().end() && other_.empty() && !leaving_ &&
        is_pipe_end(at->presence_json))
      take_other_end(*at);
  });
}

void Pipe::take_other_end(const signaling::Roommate& member) {
  other_ = member.id;
  other_name_ = display_name(member, words_);
}

void Pipe::on_phase(signaling::Phase phase, std::string_view why) {
  if (phase == signaling::Phase::kReconnecting)
    tell(fmt::format(fmt::runtime(words_.reconnecting), why_text(why, words_)),
         {{"type", "reconnecting"}, {"why", why}});
}

void Pipe::on_left(const signaling::Roommate& member, std::string_view) {
  if (member.id != other_) return;
  if (complete_) return leave();
  fail(fmt::format(fmt::runtime(words_.pipe_gone), amount(confirmed_)));
}

// What was under way on its channel is lost, and nobody knows how much of it.
void Pipe::on_link_lost(std::string_view member) {
  if (member != other_ || !open_ || leaving_) return;
  if (complete_) return leave();
  // Where the member has left, on_left() says so next.
  loop_.defer([this] {
    if (!failed_ && !leaving_)
      fail(fmt::format(fmt::runtime(words_.pipe_anew), amount(confirmed_)));
  });
}

void Pipe::on_path(const signaling::Roommate& member) {
  if (member.id != other_) return;
  const MemberPath path = room_.path(member.id);
  if (path_ == path_code(path.kind)) return;
  path_ = path_code(path.kind);
  tell(fmt::format("{}  {}", path_text(path, words_), other_name_),
       {{"type", "path"}, {"member", member.id}, {"name", member.name}, {"path", path_}});
}

// --- bytes ---------------------------------------------------------------------------------------

Link* Pipe::link() {
  return other_.empty() ? nullptr : room_.link(other_);
}

void Pipe::on_channel(const signaling::Roommate& member, sctp::StreamId,
                      sctp::ChannelEvent& event) {
  if (member.id != other_ || leaving_) return;
  if (const auto* opened = std::get_if<sctp::ChannelOpened>(&event)) {
    link()->peer().channels().set_low_mark(opened->channel, kLittleUnsent);
    open_ = true;
    input_.resume();
    if (settings_.progress) progress_.set(loop_.now() + std::chrono::seconds(1));
  } else if (std::holds_alternative<sctp::ChannelBufferedLow>(event)) {
    if (!input_ended_ && !failed_) input_.resume();
  } else if (const auto* message = std::get_if<sctp::ChannelMessage>(&event)) {
    if (!message->text) {
      received_ += message->bytes.size();
      return output_.write(message->bytes);
    }
    const auto word = parse_pipe(as_text(message->bytes));
    link()->peer().channels().release(message->bytes.size());
    if (word) take(*word);
  }
}

void Pipe::send_input(Bytes bytes) {
  if (leaving_ || failed_) return input_.pause();
  if (bytes.empty()) {
    input_ended_ = true;
    say(write_pipe(PipeEnd{sent_}));
    return advance();
  }
  Link* const to = link();
  if (to == nullptr) return input_.pause();
  sent_ += bytes.size();
  if (!to->send(kPipeChannel, false, {bytes.begin(), bytes.end()}, loop_.now())) return;
  room_.settle(other_);
  if (to->peer().channels().buffered(to->channel(kPipeChannel)) > kMuchUnsent) input_.pause();
}

// What is not written out yet counts against the window of the other end, which then waits.
void Pipe::written(std::size_t bytes) {
  written_ += bytes;
  if (Link* const from = link()) {
    from->peer().channels().release(bytes);
    room_.settle(other_);
  }
  if (written_ - kept_told_ >= kKeptEvery) say_kept();
  advance();
}

void Pipe::say_kept() {
  kept_told_ = written_;
  say(write_pipe(PipeKept{written_}));
}

void Pipe::say(const std::string& word) {
  Link* const to = link();
  if (to == nullptr) return;
  std::ignore = to->send(kPipeChannel, true, {word.begin(), word.end()}, loop_.now());
  room_.settle(other_);
}

void Pipe::take(const PipeMessage& message) {
  if (const auto* end = std::get_if<PipeEnd>(&message)) {
    theirs_ = end->bytes;
    // The channel keeps the order and loses nothing: anything else is a broken other end.
    if (*theirs_ != received_)
      return fail(fmt::format(fmt::runtime(words_.pipe_anew), amount(confirmed_)));
  } else if (const auto* kept = std::get_if<PipeKept>(&message)) {
    confirmed_ = std::max(confirmed_, std::min(kept->bytes, sent_));
  } else if (!input_ended_ || confirmed_ < sent_) {
    return fail(words_.pipe_stopped);
  }
  advance();
}

void Pipe::advance() {
  if (failed_ || complete_) return;
  if (theirs_ && written_ == *theirs_ && !std::exchange(end_kept_told_, true)) {
    output_.close();
    say_kept();
  }
  if (!end_kept_told_ || !input_ended_ || confirmed_ < sent_) return;
  complete_ = true;
  linger();
}

// --- the end -------------------------------------------------------------------------------------

void Pipe::fail(std::string_view why) {
  if (std::exchange(failed_, true)) return;
  input_.pause();
  if (settings_.progress && open_) fmt::print(stderr, "\r\x1b[K");
  if (settings_.json)
    tell({}, {{"type", "failed"},
              {"detail", why},
              {"bytes_sent", sent_},
              {"bytes_confirmed", confirmed_},
              {"bytes_received", written_}});
  else
    fmt::print(stderr, "beeline pipe: {}\n", why);
  linger();
}

// The last words have to arrive: until they are acknowledged.
void Pipe::linger() {
  if (leaving_) return;
  if (!linger_until_) linger_until_ = loop_.now() + kLongestLinger;
  Link* const to = link();
  const bool acknowledged =
      to == nullptr || !open_ || to->peer().channels().association().unacknowledged() == 0;
  if (acknowledged || loop_.now() >= *linger_until_) return leave();
  lingering_.set(loop_.now() + kLookAgain);
}

void Pipe::leave() {
  if (std::exchange(leaving_, true)) return;
  progress_.set(std::nullopt);
  room_.leave();
}

void Pipe::on_ended(std::string_view code, std::string_view detail) {
  leaving_ = true;
  progress_.set(std::nullopt);
  if (code != "left") {
    failed_ = true;
    if (settings_.json) tell({}, {{"type", "ended"}, {"reason", code}, {"detail", detail}});
    fmt::print(stderr, "beeline pipe: {}\n", end_text(code, detail, words_));
  }
  loop_.defer([this] { loop_.stop(); });  // behind what closing has put off
}

void Pipe::show_progress() {
  if (leaving_) return;
  progress_.set(loop_.now() + std::chrono::seconds(1));
  const std::uint64_t moved = confirmed_ + written_;
  if (!settings_.json)
    fmt::print(stderr, "\r\x1b[K{}",
               fmt::format(fmt::runtime(words_.pipe_progress), amount(sent_), amount(written_),
                           amount(moved - moved_before_)));
  moved_before_ = moved;
  std::fflush(stderr);
}

void Pipe::tell(std::string_view text, boost::json::object event) {
  if (settings_.progress && open_ && !settings_.json) fmt::print(stderr, "\r\x1b[K");
  if (settings_.json)
    fmt::print(stderr, "{}\n", boost::json::serialize(event));
  else
    fmt::print(stderr, "{}\n", text);
}

}  // namespace beeline::cli
