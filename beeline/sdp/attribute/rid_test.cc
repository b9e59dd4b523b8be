#include "beeline/sdp/attribute/rid.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "beeline/sdp/test_typed.h"

namespace beeline::sdp {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

//= RFC 8851 §4, §10 test
TEST(SdpRid, is_a_name_a_way_and_restrictions) {
  const auto rid = Rid::parse("h send pt=96,97;max-width=1280;max-fps=30");
  ASSERT_TRUE(rid);
  EXPECT_EQ(rid->id, "h");
  EXPECT_EQ(rid->way, Rid::Way::kSend);
  EXPECT_THAT(rid->payload_types, ElementsAre(PayloadType{96}, PayloadType{97}));
  EXPECT_THAT(rid->restrictions,
              ElementsAre(Parameter{"max-width", "1280"}, Parameter{"max-fps", "30"}));
  for (const std::string_view text : {"h send pt=96,97;max-width=1280;max-fps=30", "q recv",
                                      "1 recv max-br=64000", "x-1_ send pt=0"})
    expect_round_trip<Rid>(text);
  for (const std::string_view text : {"", "h", "h both", "h SEND"})
    expect_refused<Rid>(text, ValueError::kMalformed);
  expect_refused<Rid>("h send pt=128", ValueError::kOutOfRange);
  EXPECT_TRUE(Rid::parse(std::string(255, 'h') + " send"));
  expect_refused<Rid>(std::string(256, 'h') + " send", ValueError::kOutOfRange);
}

TEST(SdpRid, names_that_are_written_twice_count_once) {
  Media media;
  media.lines = {
      {'a', "rid:h send"}, {'a', "rid:broken"}, {'a', "rid:l send"}, {'a', "rid:h recv"}};
  ASSERT_THAT(rids(media), SizeIs(2));
  EXPECT_EQ(rids(media)[0].way, Rid::Way::kSend);
  EXPECT_EQ(rids(media)[1].id, "l");
}

}  // namespace
}  // namespace beeline::sdp
