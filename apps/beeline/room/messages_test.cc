// What is said on the channels of a link: parsed, written, and not trusted.
#include <gtest/gtest.h>

#include "apps/beeline/room/chat_message.h"
#include "apps/beeline/room/pipe_message.h"

namespace beeline::cli {
namespace {

template <typename T>
const T* parsed(const std::optional<ChatMessage>& message) {
  return message ? std::get_if<T>(&*message) : nullptr;
}

TEST(ChatMessages, round_trip) {
  const auto text = parse_chat(write_chat(ChatText{"id1", "你好 \"quoted\"\n", 1'790'000'000'000}));
  ASSERT_TRUE(parsed<ChatText>(text));
  EXPECT_EQ(parsed<ChatText>(text)->id, "id1");
  EXPECT_EQ(parsed<ChatText>(text)->text, "你好 \"quoted\"\n");
  EXPECT_EQ(parsed<ChatText>(text)->sent_ms, 1'790'000'000'000);
  EXPECT_EQ(parsed<ChatAck>(parse_chat(write_chat(ChatAck{"a"})))->id, "a");
  EXPECT_EQ(parsed<ChatPing>(parse_chat(write_chat(ChatPing{"b"})))->id, "b");
  EXPECT_EQ(parsed<ChatPong>(parse_chat(write_chat(ChatPong{"c"})))->id, "c");
  EXPECT_TRUE(parsed<ChatHistoryAsk>(parse_chat(R"({"kind":"history_ask"})")));
}

TEST(ChatMessages, truncated_at_each_byte_it_is_none) {
  const std::string whole = write_chat(ChatText{"id1", "hello", 5});
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(parse_chat(std::string_view(whole).substr(0, size))) << size;
}

TEST(ChatMessages, with_any_bit_flipped_it_is_another_or_none) {
  std::string text = write_chat(ChatText{"id1", "hello", 5});
  for (std::size_t bit = 0; bit < text.size() * 8; ++bit) {
    text[bit / 8] = static_cast<char>(text[bit / 8] ^ (1 << bit % 8));
    std::ignore = parse_chat(text);
    std::ignore = parse_pipe(text);
    text[bit / 8] = static_cast<char>(text[bit / 8] ^ (1 << bit % 8));
  }
}

TEST(ChatMessages, ids_and_texts_have_limits) {
  const auto with_id = [](std::size_t size) {
    return write_chat(ChatPing{std::string(size, 'x')});
  };
  EXPECT_TRUE(parse_chat(with_id(kMaxChatId)));
  EXPECT_FALSE(parse_chat(with_id(kMaxChatId + 1)));
  const auto with_text = [](std::size_t size) {
    return write_chat(ChatText{"a", std::string(size, 'x'), 0});
  };
  EXPECT_TRUE(parse_chat(with_text(3 * kMaxChatText)));
  EXPECT_FALSE(parse_chat(with_text(3 * kMaxChatText + 1)));
}

TEST(ChatMessages, other_kinds_and_nonsense_are_none) {
  for (const char* text : {"", "7", "[]", R"({"kind":7})", R"({"kind":"typing"})",
                           R"({"kind":"text","id":"a"})", R"({"kind":"ack","id":7})"})
    EXPECT_FALSE(parse_chat(text)) << text;
}

TEST(FileMessages, a_start_is_answered_with_a_stop) {
  EXPECT_EQ(refuse_file(R"({"kind":"start","file":"f1","name":"x","size":5})"),
            R"({"kind":"stop","file":"f1","reason":"cancelled"})");
  EXPECT_FALSE(refuse_file(R"({"kind":"end","file":"f1"})"));
  EXPECT_FALSE(refuse_file("x"));
}

TEST(PipeMessages, round_trip) {
  EXPECT_EQ(std::get<PipeEnd>(*parse_pipe(write_pipe(PipeEnd{1ULL << 40}))).bytes, 1ULL << 40);
  EXPECT_EQ(std::get<PipeKept>(*parse_pipe(write_pipe(PipeKept{7}))).bytes, 7U);
  EXPECT_TRUE(std::holds_alternative<PipeStop>(*parse_pipe(write_pipe(PipeStop{}))));
}

TEST(PipeMessages, nonsense_is_none) {
  for (const char* text : {"", "{}", R"({"kind":"end"})", R"({"kind":"end","bytes":-1})",
                           R"({"kind":"kept","bytes":"7"})", R"({"kind":"more","bytes":7})"})
    EXPECT_FALSE(parse_pipe(text)) << text;
}

TEST(PipeMessages, the_ends_of_a_pipe_are_known_by_their_presence) {
  EXPECT_TRUE(is_pipe_end(kPipePresence));
  EXPECT_FALSE(is_pipe_end(R"({"mic":true})"));
  EXPECT_FALSE(is_pipe_end(R"({"pipe":"yes"})"));
  EXPECT_FALSE(is_pipe_end("x"));
}

}  // namespace
}  // namespace beeline::cli
