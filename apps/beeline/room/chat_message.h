// What two members say on `beeline.chat` and on `beeline.files` (docs/protocol/signaling.md,
// section 9), parsed and written. JSON stays in chat_message.cc.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "beeline/sctp/numbers.h"

namespace beeline::cli {

inline constexpr sctp::StreamId kChatChannel{0};
inline constexpr sctp::StreamId kFileChannel{1};
inline constexpr std::size_t kMaxChatText =
    16'384;  // bytes; a browser counts UTF-16, which is less
inline constexpr std::size_t kMaxChatId = 64;

struct ChatText {
  std::string id;
  std::string text;
  std::int64_t sent_ms = 0;  // Unix time
};
// We have the text with this id.
struct ChatAck {
  std::string id;
};
// Answered by a ChatPong with the same id, at once.
struct ChatPing {
  std::string id;
};
struct ChatPong {
  std::string id;
};
struct ChatHistoryAsk {};
using ChatMessage = std::variant<ChatText, ChatAck, ChatPing, ChatPong, ChatHistoryAsk>;

// None for other kinds, and for what is none.
std::optional<ChatMessage> parse_chat(std::string_view json);

std::string write_chat(const ChatText& text);
std::string write_chat(const ChatAck& ack);
std::string write_chat(const ChatPing& ping);
std::string write_chat(const ChatPong& pong);
// Nothing was said before: whoever comes to a terminal hears what is said from now on.
std::string write_no_history();

// The answer to the start of a file, which nobody here can take: that it stops. None for what is no
// start.
std::optional<std::string> refuse_file(std::string_view json);

}  // namespace beeline::cli
