// Each decision from both sides.
#include "beeline/sctp/rules.h"

#include <gtest/gtest.h>

namespace beeline::sctp::rules {
namespace {

using namespace std::chrono_literals;

constexpr Instant kNow{100s};
LongTsn tsn(std::uint64_t value) {
  return {kFirst + value};
}

TEST(Rules, a_zero_checksum_is_skipped_only_where_it_was_agreed) {
  EXPECT_TRUE(skips_checksum(0, true));
  EXPECT_FALSE(skips_checksum(0, false));
  EXPECT_FALSE(skips_checksum(1, true));
  EXPECT_TRUE(admits_checksum(5, 5));
  EXPECT_FALSE(admits_checksum(5, 6));
}

//= RFC 9260 §8.5 test
TEST(Rules, a_tag_is_ours_but_for_the_first_and_the_reflected) {
  EXPECT_TRUE(admits_tag(TagUse::kNone, {0}, {1}, {}));
  EXPECT_FALSE(admits_tag(TagUse::kNone, {1}, {1}, {}));
  EXPECT_TRUE(admits_tag(TagUse::kOurs, {1}, {1}, {}));
  EXPECT_FALSE(admits_tag(TagUse::kOurs, {2}, {1}, VerificationTag{2}));
  EXPECT_TRUE(admits_tag(TagUse::kReflected, {2}, {1}, VerificationTag{2}));
  EXPECT_FALSE(admits_tag(TagUse::kReflected, {1}, {1}, VerificationTag{2}));
  EXPECT_FALSE(admits_tag(TagUse::kReflected, {0}, {1}, {}));
}

TEST(Rules, a_cookie_is_sealed_and_made_for_us) {
  EXPECT_TRUE(admits_cookie(true, {1}, {1}));
  EXPECT_FALSE(admits_cookie(false, {1}, {1}));
  EXPECT_FALSE(admits_cookie(true, {2}, {1}));
  EXPECT_FALSE(takes_restart());
}

TEST(Rules, nobody_gives_up_before_ice) {
  EXPECT_FALSE(gives_up(0));
  EXPECT_FALSE(gives_up(1'000'000));
}

TEST(Rules, the_handshake_waits_two_round_trips_and_then_twice_as_long) {
  EXPECT_EQ(first_handshake_wait(100ms), 200ms);
  EXPECT_EQ(first_handshake_wait(1ms), 50ms);
  EXPECT_EQ(next_handshake_wait(200ms), 400ms);
  EXPECT_EQ(next_handshake_wait(1500ms), 2s);
}

TEST(Rules, only_what_was_cut_for_a_wider_path_may_be_cut_again) {
  EXPECT_EQ(fragmenting(1160, 1160, 1160), Fragmenting::kAny);
  EXPECT_EQ(fragmenting(1164, 1160, 1412), Fragmenting::kForbidden);
  EXPECT_EQ(fragmenting(1412, 1160, 1412), Fragmenting::kForbidden);
  EXPECT_EQ(fragmenting(1412, 1160, 1332), Fragmenting::kAllowed);
  EXPECT_FALSE(suspects_size(5));
  EXPECT_TRUE(suspects_size(6));
}

TEST(Rules, what_is_there_is_there) {
  EXPECT_TRUE(already_have(tsn(5), tsn(5), false));
  EXPECT_FALSE(already_have(tsn(6), tsn(5), false));
  EXPECT_TRUE(already_have(tsn(7), tsn(5), true));
  EXPECT_FALSE(is_too_far_ahead(0xFFFF));
  EXPECT_TRUE(is_too_far_ahead(0x10000));
  EXPECT_FALSE(has_too_many_gaps(4095));
  EXPECT_TRUE(has_too_many_gaps(4096));
}

TEST(Rules, there_is_room_up_to_the_window_and_twice_for_the_next) {
  EXPECT_TRUE(has_room(100, 100, false));
  EXPECT_FALSE(has_room(101, 100, false));
  EXPECT_TRUE(has_room(200, 100, true));
  EXPECT_FALSE(has_room(201, 100, true));
  EXPECT_FALSE(is_too_long(100, 100));
  EXPECT_TRUE(is_too_long(101, 100));
}

TEST(Rules, a_stream_has_one_turn_at_a_time) {
  EXPECT_EQ(turn(4, 5), Turn::kPast);
  EXPECT_EQ(turn(5, 5), Turn::kNow);
  EXPECT_EQ(turn(6, 5), Turn::kLater);
}

TEST(Rules, the_window_is_what_is_left_of_it) {
  EXPECT_EQ(window_to_tell(100, 30), 70u);
  EXPECT_EQ(window_to_tell(100, 100), 0u);
  EXPECT_EQ(window_to_tell(100, 130), 0u);
  EXPECT_TRUE(window_grows(50, 100));
  EXPECT_FALSE(window_grows(49, 100));
  EXPECT_TRUE(tells_of_room(24, 51, 100));
  EXPECT_FALSE(tells_of_room(25, 51, 100));
  EXPECT_FALSE(tells_of_room(24, 50, 100));
}

TEST(Rules, a_sack_leaves_at_once_for_a_reason) {
  EXPECT_FALSE(acknowledges_at_once(false, false, 1));
  EXPECT_TRUE(acknowledges_at_once(true, false, 1));
  EXPECT_TRUE(acknowledges_at_once(false, true, 1));
  EXPECT_TRUE(acknowledges_at_once(false, false, 2));
  EXPECT_LE(acknowledgement_delay(), 200ms);  // RFC 9260 §6.2 allows 500
}

TEST(Rules, windows_hold_what_fits_and_one_packet_always) {
  for (const auto allows : {congestion_allows, peer_allows}) {
    EXPECT_TRUE(allows(0, 1000, 0));
    EXPECT_TRUE(allows(1000, 1000, 2000));
    EXPECT_FALSE(allows(1001, 1000, 2000));
  }
}

TEST(Rules, a_round_trip_is_told_by_what_was_sent_once) {
  EXPECT_TRUE(tells_round_trip(false));
  EXPECT_FALSE(tells_round_trip(true));
  EXPECT_TRUE(is_old_sack(tsn(4), tsn(5)));
  EXPECT_FALSE(is_old_sack(tsn(5), tsn(5)));
}

TEST(Rules, the_timeout_has_a_floor_a_ceiling_and_doubles) {
  EXPECT_EQ(retransmission_timeout(10ms, 1ms), 100ms);
  EXPECT_EQ(retransmission_timeout(100ms, 50ms), 300ms);
  EXPECT_EQ(retransmission_timeout(9s, 1s), 10s);
  EXPECT_EQ(backed_off(300ms, 0), 300ms);
  EXPECT_EQ(backed_off(300ms, 1), 300ms);
  EXPECT_EQ(backed_off(300ms, 2), 600ms);
  EXPECT_EQ(backed_off(300ms, 6), 9600ms);
  EXPECT_EQ(backed_off(300ms, 7), 10s);
  EXPECT_EQ(backed_off(300ms, 0xFFFF'FFFF), 10s);
}

TEST(Rules, the_first_silence_is_answered_by_a_probe) {
  EXPECT_TRUE(sends_tail_probe(0));
  EXPECT_FALSE(sends_tail_probe(1));
  EXPECT_EQ(probe_after(100ms), 225ms);
  EXPECT_EQ(probe_after(1ms), 35ms);
}

TEST(Rules, patience_with_reordering_grows_to_a_round_trip) {
  EXPECT_EQ(reordering_window(false, 1, 4ms, 100ms), 500us);
  EXPECT_EQ(reordering_window(false, 1, 100ms, 100ms), 1ms);
  EXPECT_EQ(reordering_window(true, 1, 80ms, 100ms), 20ms);
  EXPECT_EQ(reordering_window(true, 4, 80ms, 60ms), 60ms);
  EXPECT_FALSE(is_lost(kNow, 100ms, 10ms, kNow + 110ms - 1us));
  EXPECT_TRUE(is_lost(kNow, 100ms, 10ms, kNow + 110ms));
}

TEST(Rules, giving_up_has_limits_and_is_told) {
  EXPECT_TRUE(may_abandon(true));
  EXPECT_FALSE(may_abandon(false));
  EXPECT_FALSE(is_too_old({}, kNow));
  EXPECT_FALSE(is_too_old(kNow, kNow));
  EXPECT_TRUE(is_too_old(kNow, kNow + 1us));
  EXPECT_FALSE(is_sent_too_often(100, {}));
  EXPECT_FALSE(is_sent_too_often(3, 3u));
  EXPECT_TRUE(is_sent_too_often(4, 3u));
  EXPECT_FALSE(forward_tsn_is_due(tsn(5), tsn(5), tsn(4), {}, kNow));
  EXPECT_TRUE(forward_tsn_is_due(tsn(6), tsn(5), tsn(5), kNow + 1s, kNow));
  EXPECT_FALSE(forward_tsn_is_due(tsn(6), tsn(5), tsn(6), kNow + 1us, kNow));
  EXPECT_TRUE(forward_tsn_is_due(tsn(6), tsn(5), tsn(6), kNow, kNow));
}

TEST(Rules, a_reset_waits_for_its_last_and_for_its_second) {
  EXPECT_TRUE(reset_waits(tsn(4), tsn(5)));
  EXPECT_FALSE(reset_waits(tsn(5), tsn(5)));
  EXPECT_TRUE(may_reset_again(15));
  EXPECT_FALSE(may_reset_again(16));
}

//= RFC 8832 §6 test
TEST(Rules, the_dtls_client_gives_even_numbers) {
  EXPECT_TRUE(is_ours_to_give({0}, true));
  EXPECT_FALSE(is_ours_to_give({1}, true));
  EXPECT_FALSE(is_ours_to_give({0}, false));
  EXPECT_TRUE(is_ours_to_give({1}, false));
}

TEST(Rules, channels_open_and_close_by_both_sides) {
  EXPECT_TRUE(may_overtake(false, true));
  EXPECT_FALSE(may_overtake(false, false));
  EXPECT_FALSE(may_overtake(true, true));
  EXPECT_TRUE(may_reset_ours(0, 0));
  EXPECT_FALSE(may_reset_ours(1, 0));
  EXPECT_FALSE(may_reset_ours(0, 1));
  EXPECT_TRUE(is_gone(true, true));
  EXPECT_FALSE(is_gone(true, false));
  EXPECT_FALSE(is_gone(false, true));
  EXPECT_TRUE(may_accept(1023, 1024 * 1024));
  EXPECT_FALSE(may_accept(1024, 0));
  EXPECT_FALSE(may_accept(0, 1024 * 1024 + 1));
}

}  // namespace
}  // namespace beeline::sctp::rules
