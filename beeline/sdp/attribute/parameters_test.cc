#include "beeline/sdp/attribute/parameters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace beeline::sdp {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(SdpParameters, are_names_and_values_between_semicolons) {
  EXPECT_THAT(*parse_parameters("minptime=10;useinbandfec=1"),
              ElementsAre(Parameter{"minptime", "10"}, Parameter{"useinbandfec", "1"}));
  EXPECT_THAT(
      *parse_parameters(" ;a = 1 ; b;; sprop=Z0IA,aM4=; "),
      ElementsAre(Parameter{"a", "1"}, Parameter{"b", ""}, Parameter{"sprop", "Z0IA,aM4="}));
  EXPECT_THAT(*parse_parameters("111/111"), ElementsAre(Parameter{"111/111", ""}));
  EXPECT_THAT(*parse_parameters(" ; = ; "), IsEmpty());
}

TEST(SdpParameters, come_back_as_they_were_written) {
  for (const std::string_view text : {"minptime=10;useinbandfec=1", "111/111", "a;b=c=d", "=x", ""})
    EXPECT_EQ(parameters_text(*parse_parameters(text)), text);
}

TEST(SdpParameters, there_are_at_most_256) {
  std::string text;
  for (std::size_t i = 0; i < kMaxParameters; ++i) text += "a;";
  EXPECT_TRUE(parse_parameters(text));
  EXPECT_EQ(parse_parameters(text + "a").error(), ValueError::kOutOfRange);
}

TEST(SdpParameters, are_found_in_any_case_and_the_first_counts) {
  const auto parameters = *parse_parameters("Profile-Level-Id=42e01f;profile-level-id=640c1f");
  ASSERT_NE(find_parameter(parameters, "profile-level-id"), nullptr);
  EXPECT_EQ(find_parameter(parameters, "profile-level-id")->value, "42e01f");
  EXPECT_EQ(find_parameter(parameters, "profile"), nullptr);
}

}  // namespace
}  // namespace beeline::sdp
