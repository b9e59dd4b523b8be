#include "apps/beeline/lab/peer.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <csignal>
#include <cstdio>

#include "apps/beeline/lab/candidate_line.h"
#include "apps/beeline/lab/describe.h"
#include "beeline/crypto/entropy.h"

namespace beeline::cli {
namespace {

constexpr std::size_t kMaxLine = 65536;

std::string_view text_of(const boost::json::object& message, std::string_view key) {
  const auto* value = message.if_contains(key);
  return value && value->is_string() ? std::string_view(value->get_string()) : std::string_view();
}

bool is_within(std::string_view text, std::size_t least, std::size_t most) {
  return text.size() >= least && text.size() <= most;
}

bool is_true(const boost::json::object& message, std::string_view key) {
  const auto* value = message.if_contains(key);
  return value && value->is_bool() && value->get_bool();
}

}  // namespace

Peer::Peer(PeerSettings settings)
    : settings_(std::move(settings)),
      agent_(settings_.ice, settings_.role, Random(crypto::system_seed()), loop_.packets(), log_),
      core_(agent_, settings_.interfaces),
      host_(loop_, core_, *this, {.authority_pem = settings_.authority_pem}),
      talking_(loop_, [this] { talk(); }),
      input_(loop_.io(), ::dup(STDIN_FILENO)),
      signals_(loop_.io(), SIGTERM, SIGINT) {
  signals_.async_wait([this](const boost::system::error_code& error, int) {
    if (!error) finish();
  });
}

void Peer::run() {
  tell_parameters();
  agent_.gather(loop_.now());
  host_.settle();
  read_lines();
  talk();
  loop_.run([](const std::string& what) { fmt::print(stderr, "beeline lab-peer: {}\n", what); });
}

// --- from the other side -------------------------------------------------------------------------

void Peer::read_lines() {
  const std::size_t had = read_.size();
  if (had > kMaxLine) return finish();
  read_.resize(had + 4096);
  input_.async_read_some(boost::asio::buffer(read_.data() + had, 4096),
                         [this, had](const boost::system::error_code& error, std::size_t size) {
                           read_.resize(had + (error ? 0 : size));
                           if (error) return finish();
                           for (std::size_t end; (end = read_.find('\n')) != std::string::npos;) {
                             on_line(std::string_view(read_).substr(0, end));
                             read_.erase(0, end + 1);
                           }
                           if (!finished_) read_lines();
                         });
}

void Peer::on_line(std::string_view line) {
  if (line.empty() || finished_) return;
  boost::system::error_code error;
  const auto value = boost::json::parse(line, error);
  if (error || !value.is_object()) return news({{"type", "refused"}, {"line", line}});
  on_message(value.get_object());
  host_.settle();
}

void Peer::on_message(const boost::json::object& message) {
  const Instant now = loop_.now();
  const std::string_view type = text_of(message, "type");
  if (type == "parameters") {
    ice::Parameters remote{.ufrag = std::string(text_of(message, "ufrag")),
                           .password = std::string(text_of(message, "password")),
                           .lite = is_true(message, "lite"),
                           .renomination = is_true(message, "renomination")};
    //= RFC 8839 §5.4
    if (!is_within(remote.ufrag, 4, 256) || !is_within(remote.password, 22, 256))
      return news({{"type", "refused"}, {"ufrag", remote.ufrag}});
    agent_.set_remote(std::move(remote), now);
  } else if (type == "candidate") {
    if (auto candidate = parse_candidate_line(text_of(message, "candidate")))
      return agent_.add_remote(std::move(*candidate), now);
    news({{"type", "refused"}, {"candidate", text_of(message, "candidate")}});
  } else if (type == "end-of-candidates") {
    agent_.end_of_remote_candidates(now);
  } else if (type == "restart") {
    agent_.restart(now);
    tell_parameters();
    agent_.gather(now);
  } else if (type == "counts") {
    tell_counts();
  } else if (type == "explain") {
    tell_explanation();
  } else {
    news({{"type", "refused"}, {"unknown", type}});
  }
}

// --- from the agent ------------------------------------------------------------------------------

void Peer::handle_event(ice::Agent::Event event) {
  if (const auto* gathered = std::get_if<ice::CandidateGathered>(&event)) {
    signal({{"type", "candidate"}, {"candidate", candidate_line(gathered->candidate)}});
  } else if (std::holds_alternative<ice::GatheringDone>(event)) {
    signal({{"type", "end-of-candidates"}});
  } else if (const auto* changed = std::get_if<ice::StateChanged>(&event)) {
    news({{"type", "state"}, {"state", ice::to_string(changed->state)}});
  } else if (const auto* path = std::get_if<ice::PathChanged>(&event)) {
    boost::json::object message = describe(path->path);
    message["type"] = "path";
    news(std::move(message));
  } else if (const auto* received = std::get_if<ice::Received>(&event)) {
    const bool first = !numbers_.counts().first_heard;
    numbers_.hear(as_text(received->packet.bytes()), loop_.now());
    if (first && numbers_.counts().first_heard) news({{"type", "heard"}});
  }
}

// Says the next number, where there is a path: what has no way out is not counted as sent.
void Peer::talk() {
  const Instant now = loop_.now();
  talking_.set(now + settings_.interval);
  if (agent_.state() != ice::State::kConnected && agent_.state() != ice::State::kDisconnected)
    return;
  static_cast<void>(agent_.send(loop_.packets().make(as_bytes(numbers_.next())), now));
  host_.settle();
}

void Peer::finish() {
  if (finished_) return;
  finished_ = true;
  talking_.set(std::nullopt);
  tell_counts();
  tell_explanation();
  agent_.close(loop_.now());
  host_.settle();
  loop_.defer([this] { loop_.stop(); });  // behind what closing has put off
}

// --- to the outside ------------------------------------------------------------------------------

void Peer::tell_parameters() {
  const ice::Parameters& own = agent_.local_parameters();
  signal({{"type", "parameters"},
          {"ufrag", own.ufrag},
          {"password", own.password},
          {"lite", own.lite},
          {"renomination", own.renomination}});
}

void Peer::tell_counts() {
  const auto counts = numbers_.counts();
  boost::json::object message{
      {"type", "counts"},
      {"sent", counts.sent},
      {"heard", counts.heard},
      {"lost", counts.lost},
      {"doubled", counts.doubled},
      {"other", counts.other},
      {"longest_silence_ms", static_cast<double>(counts.longest_silence.count()) / 1000}};
  if (counts.first_heard) message["first_heard_ms"] = milliseconds(*counts.first_heard);
  if (counts.last_heard) message["last_heard_ms"] = milliseconds(*counts.last_heard);
  news(std::move(message));
}

void Peer::tell_explanation() {
  boost::json::object message = describe(agent_.explain());
  message["type"] = "explanation";
  news(std::move(message));
}

void Peer::signal(boost::json::object message) {
  fmt::print("{}\n", boost::json::serialize(message));
  std::fflush(stdout);
}

void Peer::news(boost::json::object message) {
  message["at_ms"] = milliseconds(loop_.now());
  if (settings_.json) return signal(std::move(message));
  std::string text = fmt::format("{:>10.1f} ms", milliseconds(loop_.now()));
  for (const auto& entry : message)
    if (entry.key() != "at_ms")
      text += fmt::format("  {} {}", std::string_view(entry.key()),
                          boost::json::serialize(entry.value()));
  fmt::print(stderr, "{}\n", text);
}

double Peer::milliseconds(Instant at) const {
  return static_cast<double>((at - began_).count()) / 1000;
}

}  // namespace beeline::cli
