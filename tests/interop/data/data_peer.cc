#include "tests/interop/data/data_peer.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <chrono>
#include <cstdio>

#include "beeline/base/encoding.h"
#include "beeline/crypto/digest.h"
#include "beeline/crypto/entropy.h"

namespace beeline::interop {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxLine = 4 * 1024 * 1024;
constexpr std::size_t kHighMark = 4 * 1024 * 1024;

std::string_view text_of(const json::object& message, std::string_view key) {
  const auto* value = message.if_contains(key);
  return value && value->is_string() ? std::string_view(value->get_string()) : std::string_view();
}
std::optional<std::int64_t> number_of(const json::object& message, std::string_view key) {
  const auto* value = message.if_contains(key);
  if (!value || !value->is_int64()) return std::nullopt;
  return value->get_int64();
}

WallTime today() {
  return {std::chrono::duration_cast<std::chrono::seconds>(
      std::chrono::system_clock::now().time_since_epoch())};
}

peer::TransportSettings transport_settings(const ChannelPeerSettings& settings) {
  ice::Settings ice;
  ice.loopback = settings.loopback;
  sctp::Settings sctp;
  sctp.capabilities = settings.capabilities;
  return {ice, sctp, crypto::make_identity(today(), std::chrono::days(30))};
}

std::string hex(Bytes bytes) {
  std::string text;
  for (const std::uint8_t byte : bytes) text += fmt::format("{:02x}", byte);
  return text;
}

}  // namespace

void PrintedLog::write(LogLevel, std::string_view event, std::span<const LogField> fields) {
  if (!on_) return;
  std::string line(event);
  for (const LogField& field : fields) line += fmt::format(" {}={}", field.key, field.value);
  fmt::print(stderr, "{}\n", line);
}

ChannelPeer::ChannelPeer(const ChannelPeerSettings& settings)
    : settings_(settings),
      log_(settings.log),
      peer_(transport_settings(settings), Random(crypto::system_seed()), loop_.packets(), log_),
      host_(loop_, peer_, *this),
      input_(loop_.io(), ::dup(STDIN_FILENO)) {}

void ChannelPeer::run() {
  read_lines();
  loop_.run([](const std::string& what) { fmt::print(stderr, "data_peer: {}\n", what); });
}

void ChannelPeer::read_lines() {
  const std::size_t had = read_.size();
  if (had > kMaxLine) return finish();
  read_.resize(had + 65536);
  input_.async_read_some(boost::asio::buffer(read_.data() + had, 65536),
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

void ChannelPeer::on_line(std::string_view line) {
  if (line.empty() || finished_) return;
  boost::system::error_code error;
  const auto value = json::parse(line, error);
  if (error || !value.is_object()) return tell({{"type", "refused"}, {"line", line}});
  on_message(value.get_object());
  host_.settle();
}

void ChannelPeer::on_message(const json::object& message) {
  const Instant now = loop_.now();
  const std::string_view type = text_of(message, "type");
  if (type == "description") return on_description(message.at("description").as_object());
  if (type == "candidate") {
    const json::object& candidate = message.at("candidate").as_object();
    if (!peer_.add_ice_candidate(text_of(candidate, "candidate"),
                                 text_of(candidate, "usernameFragment"), now))
      tell({{"type", "refused"}, {"candidate", text_of(candidate, "candidate")}});
    return;
  }
  if (type == "offer") return make_offer();
  if (type == "restart") return peer_.restart_ice();
  if (type == "open") return open(message);
  if (type == "send") return send(message);
  if (type == "counts") return tell_counts();
  if (type == "tally") return tell_tally();
  if (type == "echo") {
    if (const auto channel = number_of(message, "channel"))
      echoed_ = sctp::ChannelId{static_cast<std::uint32_t>(*channel)};
    else
      settings_.echo = true;
    return;
  }
  if (type == "quiet") {
    quiet_ = true;
    return;
  }
  const sctp::ChannelId channel{
      static_cast<std::uint32_t>(number_of(message, "channel").value_or(0))};
  const auto size = static_cast<std::size_t>(number_of(message, "size").value_or(0));
  if (type == "flood") {
    flood_ = Flood{channel, size};
    peer_.channels().set_low_mark(channel, kHighMark / 2);
    return flood();
  }
  if (type == "stop") return flood_.reset();
  if (type == "pingpong") {
    const auto count = static_cast<std::size_t>(number_of(message, "count").value_or(1));
    const std::chrono::milliseconds every(number_of(message, "everyMs").value_or(0));
    pings_ = PingPong{channel, size, count, count, every, {}, {}};
    return ping();
  }
  if (type == "close") return peer_.channels().close(channel);
  if (type == "end") return finish();
  tell({{"type", "refused"}, {"unknown", type}});
}

void ChannelPeer::on_description(const json::object& object) {
  const auto type = peer::parse_description_type(text_of(object, "type"));
  if (!type) return tell({{"type", "refused"}, {"description", text_of(object, "type")}});
  const auto applied =
      peer_.set_remote_description({*type, std::string(text_of(object, "sdp"))}, loop_.now());
  if (!applied)
    return tell({{"type", "refused"},
                 {"cause", peer::to_string(applied.error().cause)},
                 {"detail", applied.error().detail}});
  if (*type == peer::DescriptionType::kOffer) make_offer();
}

void ChannelPeer::make_offer() {
  const auto made = peer_.set_local_description(loop_.now());
  if (!made)
    return tell({{"type", "refused"},
                 {"cause", peer::to_string(made.error().cause)},
                 {"detail", made.error().detail}});
  tell({{"type", "description"},
        {"description", json::object{{"type", peer::to_string(made->type)}, {"sdp", made->sdp}}}});
}

void ChannelPeer::open(const json::object& message) {
  sctp::ChannelOptions options{.label = std::string(text_of(message, "label")),
                               .protocol = std::string(text_of(message, "protocol"))};
  if (const auto* ordered = message.if_contains("ordered")) options.ordered = ordered->as_bool();
  if (const auto most = number_of(message, "maxRetransmits"))
    options.reliability.retransmissions = static_cast<std::uint32_t>(*most);
  if (const auto most = number_of(message, "maxPacketLifeTime"))
    options.reliability.lifetime = std::chrono::milliseconds(*most);
  if (const auto priority = number_of(message, "priority"))
    options.priority = static_cast<std::uint16_t>(*priority);
  std::optional<sctp::StreamId> number;
  if (const auto id = number_of(message, "id"))
    number = sctp::StreamId{static_cast<std::uint16_t>(*id)};
  const auto made = peer_.create_data_channel(std::move(options), number, loop_.now());
  if (!made) return tell({{"type", "refused"}, {"open", static_cast<int>(made.error())}});
  tell({{"type", "opening"}, {"channel", made->value}, {"label", text_of(message, "label")}});
}

void ChannelPeer::send(const json::object& message) {
  const sctp::ChannelId channel{
      static_cast<std::uint32_t>(number_of(message, "channel").value_or(0))};
  const auto* text = message.if_contains("text");
  std::vector<std::uint8_t> bytes;
  if (text != nullptr) {
    const std::string_view content = text_of(message, "text");
    bytes.assign(content.begin(), content.end());
  } else {
    bytes.resize(static_cast<std::size_t>(number_of(message, "size").value_or(0)));
    const auto first = static_cast<std::size_t>(number_of(message, "first").value_or(0));
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(first + i);
  }
  const auto sent = peer_.send(channel, text != nullptr, std::move(bytes), loop_.now());
  if (!sent) tell({{"type", "refused"}, {"send", static_cast<int>(sent.error())}});
}

// --- news ----------------------------------------------------------------------------------------

void ChannelPeer::handle_event(peer::PeerEvent event) {
  if (const auto* candidate = std::get_if<peer::IceCandidate>(&event)) {
    tell({{"type", "candidate"},
          {"candidate", json::object{{"candidate", candidate->candidate},
                                     {"sdpMid", candidate->mid},
                                     {"sdpMLineIndex", candidate->line_index},
                                     {"usernameFragment", candidate->ufrag}}}});
  } else if (const auto* changed = std::get_if<peer::ConnectionChanged>(&event)) {
    tell({{"type", "state"},
          {"state", peer::to_string(changed->state)},
          {"reason", peer::to_string(changed->reason)},
          {"detail", changed->detail}});
  } else if (std::holds_alternative<peer::NegotiationNeeded>(event)) {
    tell({{"type", "negotiation-needed"}});
  } else if (const auto* path = std::get_if<ice::PathChanged>(&event)) {
    tell({{"type", "path"},
          {"local", path->path.local.address.to_string()},
          {"remote", path->path.remote.address.to_string()}});
  } else if (auto* channel = std::get_if<sctp::ChannelEvent>(&event)) {
    on_channel(std::move(*channel));
  }
}

void ChannelPeer::on_channel(sctp::ChannelEvent event) {
  if (auto* message = std::get_if<sctp::ChannelMessage>(&event)) {
    peer_.channels().release(message->bytes.size());
    ++messages_;
    bytes_ += message->bytes.size();
    if (pings_) return on_pong();
    if (quiet_ && !echoes(message->channel))
      return peer_.channels().association().give_back(std::move(message->bytes));
    if (!echoes(message->channel)) return tell_message(*message);
    std::ignore =
        peer_.send(message->channel, message->text, std::move(message->bytes), loop_.now());
  } else if (const auto* accepted = std::get_if<sctp::ChannelAccepted>(&event)) {
    const sctp::Reliability& limits = accepted->options.reliability;
    json::object news{{"type", "channel"},
                      {"channel", accepted->channel.value},
                      {"label", accepted->options.label},
                      {"protocol", accepted->options.protocol},
                      {"ordered", accepted->options.ordered}};
    if (limits.retransmissions) news["maxRetransmits"] = *limits.retransmissions;
    if (limits.lifetime)
      news["maxPacketLifeTime"] =
          std::chrono::duration_cast<std::chrono::milliseconds>(*limits.lifetime).count();
    tell(std::move(news));
  } else if (std::holds_alternative<sctp::ChannelBufferedLow>(event)) {
    flood();
  } else if (const auto* opened = std::get_if<sctp::ChannelOpened>(&event)) {
    tell({{"type", "open"}, {"channel", opened->channel.value}});
  } else if (const auto* closed = std::get_if<sctp::ChannelClosed>(&event)) {
    tell({{"type", "closed"}, {"channel", closed->channel.value}, {"refused", closed->refused}});
  } else if (const auto* connected = std::get_if<sctp::Connected>(&event)) {
    tell({{"type", "sctp"},
          {"interleaving", connected->capabilities.interleaving},
          {"partialReliability", connected->capabilities.partial_reliability},
          {"reConfig", connected->capabilities.re_config},
          {"zeroChecksum", connected->capabilities.zero_checksum},
          {"streams", connected->outbound_streams}});
  }
}

void ChannelPeer::tell_message(const sctp::ChannelMessage& message) {
  json::object news{{"type", "message"}, {"channel", message.channel.value}};
  if (message.text) {
    news["text"] = std::string(as_text(message.bytes));
  } else {
    news["size"] = message.bytes.size();
    news["first"] = message.bytes.empty() ? -1 : message.bytes[0];
    news["sha256"] = hex(crypto::sha256({message.bytes}));
  }
  tell(std::move(news));
}

// Keeps what waits between the marks.
void ChannelPeer::flood() {
  if (!flood_) return;
  while (peer_.channels().buffered(flood_->channel) < kHighMark) {
    auto buffer = peer_.channels().association().spare();
    buffer.resize(flood_->size);
    if (!peer_.send(flood_->channel, false, std::move(buffer), loop_.now())) return flood_.reset();
  }
}

bool ChannelPeer::echoes(sctp::ChannelId channel) const {
  return settings_.echo || echoed_ == channel;
}

void ChannelPeer::ping() {
  if (!pings_ || pings_->unsent == 0) return;
  --pings_->unsent;
  pings_->sent.push_back(loop_.now());
  if (pings_->every > Duration(0)) next_ping_.set(loop_.now() + pings_->every);
  auto buffer = peer_.channels().association().spare();
  buffer.resize(pings_->size);
  std::ignore = peer_.send(pings_->channel, false, std::move(buffer), loop_.now());
}

void ChannelPeer::on_pong() {
  if (pings_->sent.empty()) return;
  pings_->round_trips.push_back(static_cast<double>((loop_.now() - pings_->sent.front()).count()));
  pings_->sent.pop_front();
  if (--pings_->left > 0) {
    if (pings_->every == Duration(0)) ping();
    return;
  }
  auto& all = pings_->round_trips;
  std::ranges::sort(all);
  double sum = 0;
  for (const double each : all) sum += each;
  tell({{"type", "pongs"},
        {"count", all.size()},
        {"seconds", sum / 1e6},
        {"p50Us", all[all.size() / 2]},
        {"p95Us", all[all.size() * 95 / 100]},
        {"p99Us", all[all.size() * 99 / 100]}});
  pings_.reset();
}

void ChannelPeer::tell_tally() {
  tell({{"type", "tally"}, {"messages", messages_}, {"bytes", bytes_}});
}

void ChannelPeer::tell_counts() {
  const auto& association = peer_.channels().association();
  json::object news{{"type", "counts"},
                    {"sctpPacketsSent", association.counters().packets_sent},
                    {"sctpPacketsReceived", association.counters().packets_received},
                    {"badChecksum", association.counters().bad_checksum},
                    {"unsent", association.unsent()},
                    {"channels", peer_.channels().open_channels()}};
  if (const auto* sender = association.sender()) {
    news["packetBytes"] = sender->packet();
    news["retransmissions"] = sender->counters().retransmissions;
    news["roundTripUs"] = sender->round_trip().smoothed().count();
  }
  tell(std::move(news));
}

void ChannelPeer::tell(json::object message) {
  fmt::print("{}\n", json::serialize(message));
  std::fflush(stdout);
}

void ChannelPeer::finish() {
  if (finished_) return;
  finished_ = true;
  peer_.close(loop_.now());
  host_.settle();
  loop_.defer([this] { loop_.stop(); });  // behind what closing has put off
}

}  // namespace beeline::interop
