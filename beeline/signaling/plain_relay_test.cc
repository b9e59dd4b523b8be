// read_plain_relay beside parse_message: what the short way takes, the strict parser takes as well
// and reads the same.
#include "beeline/signaling/plain_relay.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <string>

#include "beeline/base/random.h"
#include "beeline/signaling/message.h"

namespace beeline::signaling {
namespace {

// True where the short way took it; fails where the two differ.
bool taken(const std::string& text) {
  const auto plain = read_plain_relay(text);
  if (!plain) return false;
  const auto parsed = parse_message(text);
  const Relay* relay = parsed ? std::get_if<Relay>(&parsed->body) : nullptr;
  if (relay == nullptr) {
    ADD_FAILURE() << "the parser refuses: " << text;
    return true;
  }
  EXPECT_EQ(plain->to, relay->to) << text;
  EXPECT_EQ(plain->items_json, relay->items_json) << text;
  EXPECT_EQ(parsed->about.id_json, "") << text;
  EXPECT_EQ(plain->seen, parsed->seen) << text;
  boost::system::error_code error;
  EXPECT_TRUE(
      boost::json::parse({plain->items_json.data(), plain->items_json.size()}, error).is_array());
  return true;
}

std::string relay_of(const std::string& items) {
  return R"({"type":"relay","to":"q4vd3k2m7a","items":)" + items + "}";
}

std::string repeated(const std::string& text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

TEST(PlainRelay, is_what_clients_write) {
  EXPECT_TRUE(taken(relay_of(
      R"([{"kind":"description","description":{"type":"offer","sdp":"v=0\r\no=- 1 2 IN IP4 0.0.0.0\r\n"}}])")));
  EXPECT_TRUE(taken(relay_of(
      R"([{"kind":"candidate","candidate":{"candidate":"candidate:1 1 udp 2122 192.0.2.1 5 typ host","sdpMid":"0",)"
      R"("sdpMLineIndex":0,"usernameFragment":"x\/y"}},{"kind":"candidate","candidate":null}])")));
  EXPECT_TRUE(
      taken(R"( { "items" : [ { "a" : [ ] , "b" : { } } ] , "to" : "x" , "type" : "relay" } )"));
  EXPECT_TRUE(taken(R"({"type":"relay","to":"x","items":[{}],"seen":123456789012345})"));
  EXPECT_TRUE(taken(R"({"seen":0,"type":"relay","to":"x","items":[{}]})"));
  EXPECT_TRUE(taken("{\n\"type\":\"relay\",\r\n\t\"to\":\"x\",\n\"items\":[{}]\n}\n"));
  EXPECT_TRUE(
      taken(relay_of(R"([{"t":true,"f":false,"n":null,"i":-0,"d":12.50,"\u00e9\n":"é 群 🎥"}])")));
}

TEST(PlainRelay, of_what_it_is_unsure_the_parser_decides) {
  for (const char* items :
       {R"([{"a":1e2}])", R"([{"a":1234567890123456}])", R"([{"a":"\ud83c\udfa5"}])", "[{\n}]"})
    EXPECT_FALSE(taken(relay_of(items))) << items;
  EXPECT_FALSE(taken(R"({"type":"relay","to":"x","items":[{}],"id":1})"));
  EXPECT_FALSE(taken(R"({"type":"relay","to":"\u0061","items":[{}]})"));
  EXPECT_FALSE(taken(R"({"type":"relay","\u0074o":"x","items":[{}]})"));
  EXPECT_FALSE(taken(R"({"type":"relay","to":"x","to":"y","items":[{}]})"));
  EXPECT_FALSE(taken(R"({"type":"relay","to":"x","items":[{}],"seen":1234567890123456})"));
  EXPECT_FALSE(taken(R"({"type":"relay","to":"x","items":[{}],"seen":1,"seen":1})"));
}

TEST(PlainRelay, is_never_what_the_parser_refuses) {
  for (const char* items : {"[]",
                            "{}",
                            "[1]",
                            "[{}",
                            "[{},]",
                            "[,{}]",
                            "[{}]]",
                            R"([{"a"}])",
                            R"([{"a":}])",
                            R"([{"a":1,}])",
                            R"([{a:1}])",
                            R"([{"a":01}])",
                            R"([{"a":-}])",
                            R"([{"a":1.}])",
                            R"([{"a":.5}])",
                            R"([{"a":+1}])",
                            R"([{"a":truE}])",
                            R"([{"a":tru}])",
                            R"([{"a":"\x"}])",
                            R"([{"a":"\u12g4"}])",
                            R"([{"a":"\ud800"}])",
                            "[{\"a\":\"\t\"}]",
                            "[{\"a\":\"\xff\"}]",
                            "[{\"a\":\"\xed\xa0\x80\"}]",
                            "[{\"\xc3\":1}]",
                            R"([{"a":"x])"})
    EXPECT_FALSE(taken(relay_of(items))) << items;
  for (const char* text :
       {"", "{", "{}", "[]", R"({"type":"relay"})", R"({"type":"relay","to":"x"})",
        R"({"type":"ping"})", R"({"type":"relay","to":1,"items":[{}]})",
        R"({"type":"relay","to":"x","items":[{}]}x)", R"({"type":"relay","to":"x","items":[{}],})",
        R"({"type":"Relay","to":"x","items":[{}]})", R"({"to":"x","items":[{}],"seen":1})",
        R"({"type":"relay","to":"x","items":[{}],"seen":-1})",
        R"({"type":"relay","to":"x","items":[{}],"seen":1.5})",
        R"({"type":"relay","to":"x","items":[{}],"seen":01})",
        R"({"type":"relay","to":"x","items":[{}],"seen":"1"})"})
    EXPECT_FALSE(taken(text)) << text;
}

TEST(PlainRelay, its_limits_are_within_those_of_the_protocol) {
  const auto objects = [](std::size_t count) { return "[" + repeated("{},", count - 1) + "{}]"; };
  EXPECT_TRUE(taken(relay_of(objects(kMaxItems))));
  EXPECT_FALSE(taken(relay_of(objects(kMaxItems + 1))));
  const auto deep = [](std::size_t levels) {
    return "[" + repeated(R"({"a":)", levels) + "1" + repeated("}", levels) + "]";
  };
  EXPECT_TRUE(taken(relay_of(deep(10))));
  for (std::size_t levels = 11; levels < 100; ++levels) taken(relay_of(deep(levels)));
  EXPECT_FALSE(taken(relay_of(deep(100))));
  const std::string frame = relay_of(R"([{"a":""}])");
  const auto of_size = [&](std::size_t size) {
    return relay_of(R"([{"a":")" + std::string(size - frame.size(), 'x') + R"("}])");
  };
  EXPECT_TRUE(taken(of_size(kMaxMessageBytes)));
  EXPECT_FALSE(taken(of_size(kMaxMessageBytes + 1)));
}

TEST(PlainRelay, is_no_text_that_was_cut_or_had_a_bit_flipped_unless_the_parser_agrees) {
  const std::string text = relay_of(
      R"([{"kind":"x","a":[1,-2.5,null,true,false,"\u00e9\\"],"b":{"c":"é, longer than a word"}},{}])");
  ASSERT_TRUE(taken(text));
  for (std::size_t size = 0; size < text.size(); ++size) EXPECT_FALSE(taken(text.substr(0, size)));
  for (std::size_t bit = 0; bit < text.size() * 8; ++bit) {
    std::string flipped = text;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    taken(flipped);
  }
}

// Long texts are read in steps of 64 bytes, then of sixteen, then of one.
TEST(PlainRelay, finds_what_ends_a_text_wherever_it_is) {
  for (std::size_t size = 1; size < 200; ++size) {
    const std::size_t at = size - 1;
    for (const std::size_t behind : {0U, 1U, 15U, 64U, 100U}) {
      const auto with = [&](const std::string& piece) {
        return relay_of(R"([{"a":")" + std::string(at, 'x') + piece + std::string(behind, 'y') +
                        R"("}])");
      };
      EXPECT_TRUE(taken(with("z")));
      EXPECT_TRUE(taken(with(R"(\\)")));
      EXPECT_TRUE(taken(with("é")));
      EXPECT_FALSE(taken(with("\x1f")));
      EXPECT_FALSE(taken(with("\n")));
      EXPECT_FALSE(taken(with("\"")));
      EXPECT_FALSE(taken(with("\\")));
      EXPECT_FALSE(taken(with("\xc3")));
    }
  }
}

// Texts put together at random from what JSON is made of, most of them nearly right.
TEST(PlainRelay, agrees_with_the_parser_about_random_texts) {
  const std::string pieces[] = {"{",
                                "}",
                                "[",
                                "]",
                                ",",
                                ":",
                                " ",
                                "\t",
                                "\n",
                                "\"a\"",
                                "\"items\"",
                                "\"to\"",
                                "\"type\"",
                                "\"relay\"",
                                "1",
                                "-0",
                                "0.25",
                                "1e5",
                                "12345678901234567890",
                                "true",
                                "null",
                                "\"\\u00e9\"",
                                "\"\\ud83d\\ude00\"",
                                "\"\\udc00\"",
                                "\"é\"",
                                "\"\x7f\"",
                                "\"\xc3\"",
                                "\"a\\\"b\"",
                                "\"\\",
                                "\"",
                                "{\"a\":1}",
                                "[{}]",
                                "\"a text that is longer than sixteen bytes\"",
                                "\"x\x01y and sixteen more bytes\""};
  Random random = Random::from_number(1);
  const std::string bases[] = {relay_of(R"([{"a":1}])"),
                               relay_of(R"([{"a":[],"b":{"c":"d"}},{"e":"f"}])"),
                               relay_of(R"([{"sdp":"é a text of more than sixteen bytes\r\n"}])")};
  std::size_t accepted = 0;
  for (int i = 0; i < 200'000; ++i) {
    std::string text = bases[random.below(std::size(bases))];
    for (std::uint32_t edits = random.below(3); edits > 0; --edits) {
      const std::size_t at = random.below(static_cast<std::uint32_t>(text.size()));
      const std::string& piece = pieces[random.below(std::size(pieces))];
      text.replace(at, random.below(2) == 0 ? 0 : random.below(6), piece);
    }
    accepted += taken(text) ? 1 : 0;
  }
  EXPECT_GT(accepted, 70'000U) << "and a third has no edits";
  EXPECT_LT(accepted, 150'000U);
}

}  // namespace
}  // namespace beeline::signaling
