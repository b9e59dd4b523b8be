#include "beeline/doctor/web_probe.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "beeline/base/encoding.h"
#include "beeline/websocket/codec.h"

namespace beeline::doctor {
namespace {

namespace json = boost::json;
using Clock = std::chrono::steady_clock;
using Milliseconds = Connection::Milliseconds;

constexpr Milliseconds kWait(4000);

std::string string_at(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

signaling::IceServer read_server(const json::object& object) {
  signaling::IceServer server{{}, string_at(object, "username"), string_at(object, "credential")};
  const json::value* urls = object.if_contains("urls");
  if (urls != nullptr && urls->is_array())
    for (const json::value& url : urls->get_array())
      if (url.is_string()) server.urls.emplace_back(url.get_string());
  return server;
}

std::expected<Welcomed, std::string> read_welcome(std::string_view text) {
  boost::system::error_code error;
  const json::value value = json::parse({text.data(), text.size()}, error);
  if (error || !value.is_object()) return std::unexpected("the signaling answered no JSON");
  const json::object& object = value.get_object();
  if (string_at(object, "type") != "welcome")
    return std::unexpected(fmt::format("the signaling refused: {}", string_at(object, "message")));
  Welcomed welcomed;
  if (const json::value* time = object.if_contains("server_time_ms"); time && time->is_int64())
    welcomed.server_time_ms = time->get_int64();
  const json::value* ice = object.if_contains("ice");
  const json::value* servers =
      ice != nullptr && ice->is_object() ? ice->get_object().if_contains("servers") : nullptr;
  if (servers != nullptr && servers->is_array())
    for (const json::value& server : servers->get_array())
      if (server.is_object()) welcomed.ice.push_back(read_server(server.get_object()));
  return welcomed;
}

// Sends the handshake; what came behind its answer is the beginning of the frames.
std::expected<std::string, std::string> upgrade(Connection& connection, const std::string& host,
                                                Random& random) {
  std::array<std::uint8_t, 16> key{};
  random.fill(key);
  const std::string request = fmt::format(
      "GET /api/signal HTTP/1.1\r\nHost: {}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {}\r\n\r\n",
      host, to_base64(key));
  if (!connection.send(as_bytes(request))) return std::unexpected("the connection broke");
  std::string answer;
  while (answer.find("\r\n\r\n") == std::string::npos && answer.size() < 16384) {
    const std::string more = connection.receive(kWait);
    if (more.empty()) return std::unexpected("the WebSocket handshake got no answer");
    answer += more;
  }
  if (!answer.starts_with("HTTP/1.1 101"))
    return std::unexpected("the WebSocket handshake was answered with " +
                           answer.substr(0, answer.find("\r\n")));
  return answer.substr(answer.find("\r\n\r\n") + 4);
}

}  // namespace

std::expected<Welcomed, std::string> join_alone(Connection& connection, const std::string& host,
                                                Random random) {
  const auto start = Clock::now();
  auto bytes = upgrade(connection, host, random);
  if (!bytes) return std::unexpected(bytes.error());
  websocket::Encoder encoder(websocket::Role::kClient, &random);
  std::string wire;
  const std::string room = random.text(signaling::kRoomIdLength, kBase32Alphabet);
  encoder.text(
      fmt::format(R"({{"type":"hello","versions":[1],"room":"{}","name":"doctor"}})", room), wire);
  if (!connection.send(as_bytes(wire))) return std::unexpected("the connection broke");
  websocket::Decoder decoder(websocket::Role::kClient, {});
  for (std::string more = std::move(*bytes);; more = connection.receive(kWait)) {
    Bytes rest = as_bytes(more);
    while (const auto received = decoder.read(rest)) {
      const auto* text = std::get_if<websocket::TextMessage>(&*received);
      if (text == nullptr) continue;
      auto welcomed = read_welcome(text->text);
      if (welcomed) welcomed->took = std::chrono::duration_cast<Milliseconds>(Clock::now() - start);
      return welcomed;
    }
    if (more.empty() && Clock::now() - start > kWait)
      return std::unexpected("the signaling said nothing after hello");
  }
}

void leave(Connection& connection, Random random) {
  std::string goodbye;
  websocket::Encoder(websocket::Role::kClient, &random)
      .close(websocket::CloseCode::kNormal, {}, goodbye);
  connection.send(as_bytes(goodbye));
}

}  // namespace beeline::doctor
