#include "apps/beeline/room/chat_message.h"

#include <boost/json.hpp>

namespace beeline::cli {
namespace {

namespace json = boost::json;

std::optional<json::object> object_of(std::string_view text) {
  boost::system::error_code error;
  json::value value = json::parse(text, error);
  if (error || !value.is_object()) return std::nullopt;
  return std::move(value.get_object());
}

std::optional<std::string> text_at(const json::object& object, std::string_view key,
                                   std::size_t most) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr || !value->is_string() || value->get_string().size() > most)
    return std::nullopt;
  return std::string(value->get_string());
}

template <typename WithId>
std::optional<ChatMessage> with_id(const json::object& object) {
  auto id = text_at(object, "id", kMaxChatId);
  if (!id) return std::nullopt;
  return WithId{std::move(*id)};
}

std::optional<ChatMessage> read_text(const json::object& object) {
  auto id = text_at(object, "id", kMaxChatId);
  // A browser's 16384 characters are at most three bytes each.
  auto text = text_at(object, "text", 3 * kMaxChatText);
  if (!id || !text) return std::nullopt;
  ChatText message{std::move(*id), std::move(*text)};
  const json::value* sent = object.if_contains("sent_ms");
  if (sent != nullptr && sent->is_int64()) message.sent_ms = sent->get_int64();
  return message;
}

std::string written(std::string_view kind, std::string_view key, std::string_view value) {
  return json::serialize(json::object{{"kind", kind}, {key, value}});
}

}  // namespace

std::optional<ChatMessage> parse_chat(std::string_view text) {
  const auto object = object_of(text);
  const auto kind = object ? text_at(*object, "kind", 32) : std::nullopt;
  if (!kind) return std::nullopt;
  if (*kind == "text") return read_text(*object);
  if (*kind == "ack") return with_id<ChatAck>(*object);
  if (*kind == "ping") return with_id<ChatPing>(*object);
  if (*kind == "pong") return with_id<ChatPong>(*object);
  if (*kind == "history_ask") return ChatHistoryAsk{};
  return std::nullopt;
}

std::string write_chat(const ChatText& text) {
  return json::serialize(json::object{
      {"kind", "text"}, {"id", text.id}, {"text", text.text}, {"sent_ms", text.sent_ms}});
}
std::string write_chat(const ChatAck& ack) {
  return written("ack", "id", ack.id);
}
std::string write_chat(const ChatPing& ping) {
  return written("ping", "id", ping.id);
}
std::string write_chat(const ChatPong& pong) {
  return written("pong", "id", pong.id);
}
std::string write_no_history() {
  return json::serialize(json::object{{"kind", "history"}, {"entries", json::array()}});
}

std::optional<std::string> refuse_file(std::string_view text) {
  const auto object = object_of(text);
  if (!object || text_at(*object, "kind", 32) != "start") return std::nullopt;
  const auto file = text_at(*object, "file", kMaxChatId);
  if (!file) return std::nullopt;
  return json::serialize(json::object{{"kind", "stop"}, {"file", *file}, {"reason", "cancelled"}});
}

}  // namespace beeline::cli
