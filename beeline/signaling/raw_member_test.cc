#include "beeline/signaling/raw_member.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace beeline::signaling {
namespace {

TEST(RawMember, is_the_text_as_it_came) {
  EXPECT_EQ(raw_member(R"({"a":[1e2, {"b":"]}"}],"c":2})", "a"), R"([1e2, {"b":"]}"}])");
  EXPECT_EQ(raw_member(R"( { "a" : [ "\"" , "\\" ] , "c" : {} } )", "a"), R"([ "\"" , "\\" ])");
  EXPECT_EQ(raw_member(R"({"c":"\"a\":[1]","a":[2]})", "a"), "[2]") << "not what a text says";
  EXPECT_EQ(raw_member(R"({"c":{"a":[1]},"a":[2]})", "a"), "[2]") << "not what stands deeper";
  EXPECT_EQ(raw_member(R"({"a":"x"})", "a"), R"("x")");
}

TEST(RawMember, of_two_of_the_same_name_the_last_one_counts_as_for_the_parser) {
  const std::string text = R"({"a":[1],"b":0,"a":[2]})";
  EXPECT_EQ(raw_member(text, "a"), "[2]");
  EXPECT_EQ(boost::json::serialize(boost::json::parse(text).at("a")), "[2]");
}

TEST(RawMember, is_empty_where_it_could_mean_something_else_or_break_a_line) {
  EXPECT_EQ(raw_member("{}", "a"), "");
  EXPECT_EQ(raw_member(R"({"b":1})", "a"), "");
  EXPECT_EQ(raw_member(R"({"a":[1],"\u0061":[2]})", "a"), "") << "the parser takes the second";
  EXPECT_EQ(raw_member("{\"a\":[1,\n2]}", "a"), "");
  EXPECT_EQ(raw_member("{\"a\":[1,\r2]}", "a"), "");
  EXPECT_EQ(raw_member("{\n\"a\":[1]\n}", "a"), "[1]") << "around it they do no harm";
}

// What is passed on must be what was judged: the same value, whatever the text looks like.
TEST(RawMember, is_the_value_that_the_parser_sees_in_all_small_texts) {
  constexpr std::string_view kPieces[] = {"{", "}", "[",     "]",        ",",           ":",
                                          " ", "1", "\"a\"", "\"\\\"\"", "\"\\u0061\"", "\n"};
  constexpr std::size_t kLength = 5;
  std::size_t objects = 0;
  std::size_t texts = 1;
  for (std::size_t i = 0; i < kLength; ++i) texts *= std::size(kPieces);
  for (std::size_t number = 0; number < texts; ++number) {
    std::string text = "{\"a\":";
    std::size_t rest = number;
    for (std::size_t i = 0; i < kLength; ++i, rest /= std::size(kPieces))
      text += kPieces[rest % std::size(kPieces)];
    text += '}';
    boost::system::error_code error;
    const boost::json::value value = boost::json::parse(text, error);
    if (error) continue;
    ++objects;
    const std::string_view raw = raw_member(text, "a");
    if (raw.empty()) continue;
    EXPECT_EQ(boost::json::parse(raw), value.at("a")) << text;
  }
  EXPECT_GT(objects, 700U);
}

}  // namespace
}  // namespace beeline::signaling
