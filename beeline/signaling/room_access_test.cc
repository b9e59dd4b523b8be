#include "beeline/signaling/room_access.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace beeline::signaling {
namespace {

using testing::ElementsAre;

constexpr WallTime kNow{std::chrono::seconds(1'790'000'000)};
constexpr auto kDay = std::chrono::days(1);

RoomAccess everything_set() {
  RoomAccess access;
  access.locked = true;
  access.password = digest_of("proof");
  access.host_key = digest_of("key");
  access.removed = {"bad"};
  access.expected = {"late"};
  access.empty_for = std::chrono::seconds(5);
  return access;
}

TEST(RoomAccess, reads_as_it_was_written) {
  const auto read =
      read_room_access(write_room_access(everything_set(), {"mei", "jon"}, kNow), kNow);
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->locked);
  EXPECT_TRUE(read->is_password("proof"));
  EXPECT_TRUE(read->is_host_key("any room", "key"));
  EXPECT_THAT(read->removed, ElementsAre("bad"));
  EXPECT_THAT(read->expected, ElementsAre("mei", "jon", "late"));
  EXPECT_EQ(read->empty_for, std::chrono::seconds(5));
}

TEST(RoomAccess, what_was_cut_is_not_read_and_what_was_flipped_does_no_harm) {
  const std::string text = write_room_access(everything_set(), {"mei"}, kNow);
  for (std::size_t size = 0; size < text.size(); ++size)
    EXPECT_FALSE(read_room_access(text.substr(0, size), kNow)) << size;
  for (std::size_t bit = 0; bit < 8 * text.size(); ++bit) {
    std::string flipped = text;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    const auto read = read_room_access(flipped, kNow);
    if (read) {
      EXPECT_TRUE(read->locked && read->password && read->host_key) << flipped;
    }
  }
  for (const char* bad : {"", "{}", "[]", R"({"format":2})", "null"})
    EXPECT_FALSE(read_room_access(bad, kNow)) << bad;
}

TEST(RoomAccess, the_first_key_is_the_one_the_room_was_made_from) {
  // openssl dgst -sha256, then base32 in lower case.
  const std::string key(43, 'A');
  EXPECT_EQ(room_of_host_key(key), "wgpwojcmlebljgs4s5bq7bndg5");
  RoomAccess access;
  EXPECT_TRUE(access.is_host_key(room_of_host_key(key), key));
  EXPECT_FALSE(access.is_host_key(room_of_host_key(key), key + "A"));
  EXPECT_FALSE(access.is_password("")) << "where none is set none is right";
  access.host_key = digest_of("new");
  EXPECT_FALSE(access.is_host_key(room_of_host_key(key), key)) << "handed over";
}

TEST(RoomAccess, is_forgotten_after_thirty_days_and_not_a_day_before) {
  RoomAccess access = everything_set();
  access.empty_for = std::chrono::seconds(0);
  for (int day = 1; day < 30; ++day) access.age_by_a_day();
  EXPECT_TRUE(access.matters());
  access.age_by_a_day();
  EXPECT_FALSE(access.matters());
  RoomAccess open;
  open.remove("bad");
  EXPECT_TRUE(open.matters());
  open.age_by_a_day();
  EXPECT_FALSE(open.matters()) << "no token is a day old";
}

TEST(RoomAccess, a_clock_that_jumps_wipes_nothing) {
  const std::string text = write_room_access(everything_set(), {}, kNow);
  const auto aged = [&](std::chrono::seconds step) {
    return read_room_access(text, kNow + step)->empty_for - std::chrono::seconds(5);
  };
  EXPECT_EQ(aged(std::chrono::hours(3)), std::chrono::hours(3));
  EXPECT_EQ(aged(std::chrono::days(36'500)), kDay) << "a day at most";
  EXPECT_EQ(aged(-std::chrono::days(36'500)), std::chrono::seconds(0));
}

TEST(RoomAccess, who_was_removed_does_not_return_however_many_they_are) {
  RoomAccess access;
  access.expected = {"late"};
  access.remove("bad");
  EXPECT_FALSE(access.may_return("bad"));
  EXPECT_TRUE(access.may_return("anybody"));
  for (int i = 0; i < 300; ++i) access.remove("m" + std::to_string(i));
  EXPECT_EQ(access.removed.size(), 256U);
  EXPECT_FALSE(access.may_return("m299")) << "not in the list any more, and yet";
  EXPECT_TRUE(access.may_return("late"));
}

}  // namespace
}  // namespace beeline::signaling
