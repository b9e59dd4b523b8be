#include "beeline/sdp/section.h"

#include <gtest/gtest.h>

#include "beeline/sdp/attribute/mid.h"
#include "beeline/sdp/typed.h"

namespace beeline::sdp {
namespace {

std::string shape(const Section& section) {
  std::string out;
  for (const Line& line : section.lines) out += line.type + ("=" + line.text) + ";";
  return out;
}

//= RFC 8866 §5.13 test
TEST(SdpSection, an_attribute_is_a_name_and_what_follows_the_first_colon) {
  const Line line{'a', "ssrc:1 msid:x"};
  EXPECT_EQ(line.name(), "ssrc");
  EXPECT_EQ(line.value(), "1 msid:x");
  EXPECT_EQ((Line{'a', "rtcp-mux"}.name()), "rtcp-mux");
  EXPECT_EQ((Line{'a', "rtcp-mux"}.value()), "");
  EXPECT_EQ((Line{'a', "msid:"}.name()), "msid");
  EXPECT_EQ((Line{'a', "msid:"}.value()), "");
  EXPECT_EQ((Line{'a', ""}.name()), "");
}

TEST(SdpSection, other_lines_have_no_name) {
  const Line line{'c', "IN IP6 ::1"};
  EXPECT_EQ(line.name(), "");
  EXPECT_EQ(line.value(), "IN IP6 ::1");
  EXPECT_TRUE(line.is({'c'}));
  EXPECT_FALSE(line.is({'a', "IN IP6 "}));
}

TEST(SdpSection, a_name_is_met_whole_and_in_its_case) {
  const Line line{'a', "rtcp-mux"};
  EXPECT_TRUE(line.is({'a', "rtcp-mux"}));
  for (const std::string_view name : {"rtcp", "rtcp-mux-only", "RTCP-MUX", "", "rtcp-mu"})
    EXPECT_FALSE(line.is({'a', name})) << name;
  EXPECT_TRUE((Line{'a', "rtcp:9"}.is({'a', "rtcp"})));
}

//= RFC 8866 §5 test
TEST(SdpSection, lines_are_put_where_their_type_belongs) {
  Section section;
  for (const char type : {'a', 'b', 't', 'c', 's', 'o', 'k', 'i', 'b', 'x', 'a'})
    section.add({type, type == 'a' ? "n" : ""}, type == 'a' ? "" : "v");
  EXPECT_EQ(shape(section), "o=v;s=v;i=v;c=v;b=v;b=v;t=v;k=v;a=n;x=v;a=n;");
}

TEST(SdpSection, a_value_is_set_in_its_place_and_only_once) {
  Section section{{{'a', "x:1"}, {'a', "y"}, {'a', "x:2"}, {'c', "x"}, {'a', "x"}}};
  section.set({'a', "x"}, "3");
  EXPECT_EQ(shape(section), "a=x:3;a=y;c=x;");
  section.set({'a', "z"});
  EXPECT_EQ(shape(section), "a=x:3;a=y;c=x;a=z;");
  section.set({'c'}, "w");
  EXPECT_EQ(shape(section), "a=x:3;a=y;c=w;a=z;");
}

TEST(SdpSection, a_value_may_be_set_to_that_of_a_line_that_goes) {
  Section section{{{'a', "x:1"}, {'a', "x:a value that is too long to be kept inside"}}};
  section.set({'a', "x"}, section.lines[1].value());
  EXPECT_EQ(shape(section), "a=x:a value that is too long to be kept inside;");
}

TEST(SdpSection, removing_takes_all_of_a_key) {
  Section section{{{'a', "x:1"}, {'a', "y"}, {'a', "x"}}};
  section.remove({'a', "x"});
  EXPECT_EQ(shape(section), "a=y;");
  EXPECT_FALSE(section.has({'a', "x"}));
  section.remove({'a', "x"});
}

TEST(SdpTyped, the_first_line_counts_and_what_is_wrong_with_it_is_said) {
  Section section;
  EXPECT_EQ(first<Mid>(section).error(), ValueError::kAbsent);
  section.lines = {{'a', "mid: "}, {'a', "mid:1"}};
  EXPECT_EQ(first<Mid>(section).error(), ValueError::kMalformed);
  EXPECT_EQ(all<Mid>(section).error(), ValueError::kMalformed);
  ASSERT_EQ(readable<Mid>(section).size(), 1U);
  EXPECT_EQ(readable<Mid>(section)[0].value, "1");
  section.lines.erase(section.lines.begin());
  EXPECT_EQ(first<Mid>(section)->value, "1");
  add(section, Mid{"2"});
  EXPECT_EQ(all<Mid>(section)->size(), 2U);
  set(section, Mid{"3"});
  EXPECT_EQ(shape(section), "a=mid:3;");
}

TEST(SdpTyped, every_error_has_words) {
  for (const auto error : {ValueError::kAbsent, ValueError::kMalformed, ValueError::kOutOfRange})
    EXPECT_FALSE(to_string(error).empty());
}

}  // namespace
}  // namespace beeline::sdp
