#include "beeline/server/signaling_host.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <charconv>

namespace beeline::server {
namespace {

namespace json = boost::json;

std::optional<std::uint64_t> read_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// The text of each message of an array; none where it is not an array of 1 to kMaxItems values.
std::optional<std::vector<std::string>> split_messages(std::string_view body) {
  boost::system::error_code error;
  json::parse_options options;
  options.max_depth = signaling::kMaxDepth + 1;
  const json::value value = json::parse({body.data(), body.size()}, error, {}, options);
  if (error || !value.is_array()) return std::nullopt;
  const json::array& array = value.get_array();
  if (array.empty() || array.size() > signaling::kMaxItems) return std::nullopt;
  std::vector<std::string> messages;
  for (const json::value& message : array) messages.push_back(json::serialize(message));
  return messages;
}

}  // namespace

SignalingHost::SignalingHost(net::EventLoop& loop, signaling::Settings settings,
                             const Random& random, signaling::IceServers& ice, RoomStore& rooms,
                             Log& log, std::function<void(std::string_view)> member_gone)
    : loop_(loop),
      rooms_(rooms),
      member_gone_(std::move(member_gone)),
      sessions_(random),
      core_(settings, random, ice, log, &loop.texts()),
      host_(loop, core_, *this) {
  rooms_.set_not_saved([this](const std::string& room) {
    host_.input(signaling::RoomStateNotSaved{room});
    host_.settle();
  });
}

void SignalingHost::load_rooms() {
  for (StoredRoom& stored : rooms_.load())
    host_.input(signaling::RoomStateLoaded{std::move(stored.room), std::move(stored.state)});
  host_.settle();
}

net::OpenEventStream SignalingHost::open_stream(const net::HttpRequest& request) {
  return {{{"Beeline-Session", sessions_.open(request.channel)}}};
}

net::HttpResponse SignalingHost::take_messages(const net::HttpRequest& request) {
  HttpSessions::Session* session = sessions_.find(request.header("beeline-session"));
  if (session == nullptr)
    return net::HttpResponse::text(404, "This session is over; say hello again.\n");
  const auto number = read_number(request.header("beeline-sequence"));
  const auto messages = split_messages(request.body);
  if (!number || !messages)
    return net::HttpResponse::text(
        400, "A request carries Beeline-Sequence and a JSON array of 1 to 64 messages.\n");
  if (*number <= session->seen) return {204, {}, ""};
  if (*number > session->seen + 1)
    return net::HttpResponse::text(409, "A request before this one has not come yet.\n");
  if (const Duration wait = http_->channel_must_wait(session->channel); wait > Duration(0)) {
    net::HttpResponse later = net::HttpResponse::text(429, "Too many messages; wait.\n");
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(wait).count();
    later.headers.emplace_back("Retry-After", std::to_string(seconds));
    return later;
  }
  session->seen = *number;
  const net::ChannelId channel = session->channel;
  http_->channel_received(channel, messages->size());
  for (const std::string& message : *messages)
    host_.input(signaling::TextReceived{connection_of(channel), message});
  host_.settle();
  return {204, {}, ""};
}

void SignalingHost::opened(net::ChannelId id, const net::HttpRequest& request) {
  host_.input(signaling::Connected{connection_of(id), request.host_name(),
                                   source_of(request.remote.ip).to_string()});
  // The request that opens an event stream carries its first message.
  if (!request.wants_websocket())
    host_.input(signaling::TextReceived{connection_of(id), request.body});
  host_.settle();
}

void SignalingHost::text(net::ChannelId id, std::string_view text) {
  host_.input(signaling::TextReceived{connection_of(id), text});
  host_.settle();
}

void SignalingHost::binary(net::ChannelId id) {
  host_.input(signaling::BinaryReceived{connection_of(id)});
  host_.settle();
}

void SignalingHost::closed(net::ChannelId id, bool clean) {
  sessions_.close(id);
  host_.input(signaling::ConnectionClosed{connection_of(id), clean});
  host_.settle();
}

void SignalingHost::shutdown() {
  core_.shutdown(loop_.now());
  host_.settle();
  rooms_.save_all();
}

void SignalingHost::transmit(signaling::OutgoingText text) {
  outgoing_.emplace_back(std::move(text));
}

void SignalingHost::handle_event(signaling::Server::Event event) {
  if (const auto* close = std::get_if<signaling::CloseConnection>(&event)) {
    sessions_.close(net::ChannelId{close->connection.value});
    outgoing_.emplace_back(*close);
  } else if (const auto* gone = std::get_if<signaling::MemberGone>(&event)) {
    member_gone_(gone->member);
  } else if (auto* changed = std::get_if<signaling::RoomStateChanged>(&event)) {
    rooms_.save(changed->room, std::move(changed->state));
  }
}

void SignalingHost::drained() {
  for (const auto& one : outgoing_) {
    if (const auto* text = std::get_if<signaling::OutgoingText>(&one))
      http_->channel_send(net::ChannelId{text->connection.value}, text->text.own,
                          text->text.shared);
    else if (const auto* close = std::get_if<signaling::CloseConnection>(&one))
      http_->channel_close(net::ChannelId{close->connection.value}, close->code);
  }
  outgoing_.clear();
}

}  // namespace beeline::server
