#include "beeline/mdns/message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

namespace beeline::mdns {
namespace {

using std::chrono::seconds;
using testing::SizeIs;
using Bytestring = std::vector<std::uint8_t>;

const IpAddress kV4 = *IpAddress::parse("192.0.2.1");
const IpAddress kV6 = *IpAddress::parse("2001:db8::1");

Bytestring written(bool response, const std::function<void(MessageWriter&)>& fill) {
  std::array<std::uint8_t, 1500> buffer{};
  MessageWriter writer(buffer, response);
  fill(writer);
  EXPECT_TRUE(writer.ok());
  return {writer.bytes().begin(), writer.bytes().end()};
}

Bytestring answer() {
  return written(true, [](MessageWriter& writer) {
    writer.add_answer("one.local", kV4, seconds(120), true);
    writer.add_answer("one.local", kV6, seconds(120), true);
    writer.add_answer("two.local", kV4, seconds(10), false);
  });
}

// A header with counts, then what the test writes by hand.
Bytestring by_hand(std::uint16_t flags, std::array<std::uint16_t, 4> counts,
                   std::string_view body) {
  Bytestring bytes(12 + body.size());
  ByteWriter writer(bytes);
  writer.u16(0);
  writer.u16(flags);
  for (const std::uint16_t count : counts) writer.u16(count);
  writer.append(as_bytes(body));
  return bytes;
}

TEST(MdnsMessage, answers_come_back_as_they_were_written) {
  const Bytestring bytes = answer();
  const auto message = Message::parse(bytes);
  ASSERT_TRUE(message);
  EXPECT_TRUE(message->is_response);
  ASSERT_THAT(message->answers, SizeIs(3));
  EXPECT_EQ(message->answers[0].name, "one.local");
  EXPECT_EQ(message->answers[0].address(), kV4);
  EXPECT_EQ(message->answers[0].ttl, seconds(120));
  EXPECT_TRUE(message->answers[0].cache_flush);
  EXPECT_EQ(message->answers[1].address(), kV6);
  EXPECT_EQ(message->answers[2].name, "two.local");
  EXPECT_FALSE(message->answers[2].cache_flush);
}

TEST(MdnsMessage, questions_come_back_as_they_were_written) {
  const Bytestring bytes = written(false, [](MessageWriter& writer) {
    writer.add_question("one.local", RecordType::kA, true);
    writer.add_question("One.local", RecordType::kAaaa, false);
  });
  const auto message = Message::parse(bytes);
  ASSERT_TRUE(message);
  EXPECT_FALSE(message->is_response);
  ASSERT_THAT(message->questions, SizeIs(2));
  EXPECT_TRUE(message->questions[0].wants_unicast);
  EXPECT_EQ(message->questions[1].name, "one.local") << "case means nothing";
  EXPECT_EQ(message->questions[1].type, RecordType::kAaaa);
}

//= RFC 1035 §4.1.4 test
TEST(MdnsMessage, a_name_that_was_written_is_pointed_at) {
  // The header, one.local and its A, a pointer and the AAAA, "two" with a pointer and its A.
  EXPECT_EQ(answer().size(), 12U + 11 + 14 + 2 + 26 + 4 + 2 + 14);
}

TEST(MdnsMessage, dots_inside_labels_are_kept_apart_from_those_between) {
  const Bytestring bytes =
      by_hand(0, {1, 0, 0, 0}, std::string_view("\3a.\\\5local\0\0\1\0\1", 15));
  const auto message = Message::parse(bytes);
  ASSERT_TRUE(message);
  ASSERT_THAT(message->questions, SizeIs(1));
  EXPECT_EQ(message->questions[0].name, "a\\.\\\\.local");
  EXPECT_FALSE(is_host_name(message->questions[0].name));
  const Bytestring again = written(false, [&](MessageWriter& writer) {
    writer.add_question(message->questions[0].name, RecordType::kA, false);
  });
  EXPECT_EQ(again, bytes);
}

TEST(MdnsMessage, a_cut_anywhere_is_an_error_and_never_read_past) {
  for (const Bytestring& whole : {answer(), written(false, [](MessageWriter& writer) {
                                    writer.add_question("one.local", RecordType::kA, true);
                                  })}) {
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const Bytestring cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
      EXPECT_FALSE(Message::parse(cut)) << size;
    }
  }
}

TEST(MdnsMessage, bit_flips_harm_nobody) {
  const Bytestring whole = answer();
  for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
    Bytestring flipped = whole;
    flipped[bit / 8] = static_cast<std::uint8_t>(flipped[bit / 8] ^ 1U << bit % 8);
    const auto message = Message::parse(flipped);
    if (message) {
      EXPECT_LE(message->answers.size(), 3U);
    }
  }
}

TEST(MdnsMessage, names_that_point_at_themselves_or_ahead_end) {
  for (const std::string_view name : {std::string_view("\xC0\x0C", 2),     // itself
                                      std::string_view("\xC0\x10", 2),     // ahead
                                      std::string_view("\1a\xC0\x0C", 4),  // its own start
                                      std::string_view("\x80\0", 2), std::string_view("\x40\0", 2)})
    EXPECT_FALSE(
        Message::parse(by_hand(0, {1, 0, 0, 0}, std::string(name) + std::string("\0\1\0\1", 4))));
}

TEST(MdnsMessage, two_names_that_point_at_each_other_end) {
  // The first answer's value holds a pointer back to a pointer.
  std::string body("\1a\0\0\x10\0\1\0\0\0\1\0\2\xC0\x0C", 15);        // "a", TXT, a pointer to "a"
  body += std::string("\xC0\x19\0\1\0\1\0\0\0\1\0\4\xC0\0\2\1", 16);  // points at the pointer
  const Bytestring bytes = by_hand(0x8400, {0, 2, 0, 0}, body);
  const auto message = Message::parse(bytes);
  ASSERT_TRUE(message) << "backwards twice is fine";
  EXPECT_EQ(message->answers[1].name, "a");
}

TEST(MdnsMessage, names_have_255_bytes_at_most) {
  std::string name;
  for (int i = 0; i < 127; ++i) name += std::string("\1x", 2);
  const auto question = [](std::string_view labels) {
    return by_hand(0, {1, 0, 0, 0}, std::string(labels) + std::string("\0\0\1\0\1", 5));
  };
  EXPECT_TRUE(Message::parse(question(name))) << "127 labels and the root are 255";
  EXPECT_FALSE(Message::parse(question(name + std::string("\1x", 2))));
  std::string longer;
  for (int i = 0; i < 126; ++i) longer += std::string("\1x", 2);
  EXPECT_FALSE(Message::parse(question(longer + std::string("\2xx", 3)))) << "256";
}

TEST(MdnsMessage, what_others_add_and_get_wrong_behind_the_answers_is_passed_over) {
  Bytestring bytes = answer();
  bytes[11] = 1;  // one additional record, which is not there
  EXPECT_TRUE(Message::parse(bytes));
  bytes.push_back(7);
  EXPECT_TRUE(Message::parse(bytes)) << "or only its first byte";
  bytes[11] = 0;
  EXPECT_TRUE(Message::parse(bytes)) << "or bytes that nobody counts";
}

TEST(MdnsMessage, other_classes_types_and_lengths_are_no_addresses) {
  const Bytestring chaos =
      by_hand(0x8400, {0, 1, 0, 0}, std::string_view("\1a\0\0\1\0\3\0\0\0\1\0\4abcd", 17));
  ASSERT_TRUE(Message::parse(chaos));
  EXPECT_THAT(Message::parse(chaos)->answers, SizeIs(0));
  const Bytestring short_value =
      by_hand(0x8400, {0, 1, 0, 0}, std::string_view("\1a\0\0\1\0\1\0\0\0\1\0\3abc", 16));
  ASSERT_TRUE(Message::parse(short_value));
  EXPECT_FALSE(Message::parse(short_value)->answers[0].address());
}

//= RFC 6762 §18.3, §18.11 test
TEST(MdnsMessage, other_operations_and_errors_are_nothing_for_us) {
  EXPECT_TRUE(Message::parse(by_hand(0x8400, {0, 0, 0, 0}, "")));
  EXPECT_FALSE(Message::parse(by_hand(0x2800, {0, 0, 0, 0}, "")));
  EXPECT_FALSE(Message::parse(by_hand(0x8403, {0, 0, 0, 0}, "")));
}

TEST(MdnsMessage, a_buffer_that_is_too_small_is_noticed) {
  for (std::size_t size = 0; size < 12 + 11 + 4; ++size) {
    Bytestring buffer(size);
    MessageWriter writer(buffer, false);
    writer.add_question("one.local", RecordType::kA, false);
    EXPECT_FALSE(writer.ok()) << size;
  }
}

TEST(MdnsHostName, is_one_label_and_local) {
  EXPECT_TRUE(is_host_name("0b5b0b4c-9b45-4d51-8ff1-09dd0f1a2c5c.local"));
  EXPECT_TRUE(is_host_name("A.LOCAL"));
  EXPECT_TRUE(is_host_name(std::string(63, 'x') + ".local"));
  for (const std::string& name :
       {std::string(".local"), std::string("local"), std::string("a.b.local"),
        std::string("a.example"), std::string(), std::string(64, 'x') + ".local"})
    EXPECT_FALSE(is_host_name(name)) << name;
}

}  // namespace
}  // namespace beeline::mdns
