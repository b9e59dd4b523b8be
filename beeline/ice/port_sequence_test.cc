#include "beeline/ice/port_sequence.h"

#include <gtest/gtest.h>

namespace beeline::ice {
namespace {

TransportAddress at(const char* text) {
  return *TransportAddress::parse(text);
}

const TransportAddress kFirst = at("198.51.100.1:3478");
const TransportAddress kSecond = at("198.51.100.2:3478");

TransportAddress outside(int port) {
  return {*IpAddress::parse("203.0.113.10"), Port{static_cast<std::uint16_t>(port)}};
}

PortSequence seen_at(int first, int second) {
  PortSequence sequence;
  sequence.sent(kFirst);
  sequence.sent(kSecond);
  sequence.seen(kFirst, outside(first));
  sequence.seen(kSecond, outside(second));
  return sequence;
}

TEST(PortSequence, goes_on_as_it_began) {
  const auto predictions = seen_at(40000, 40256).predict();
  ASSERT_EQ(predictions.size(), PortSequence::kPredictions);
  EXPECT_EQ(predictions.front(), outside(40512));
  EXPECT_EQ(predictions.back(), outside(40256 + 8 * 256));
}

TEST(PortSequence, may_count_downwards) {
  EXPECT_EQ(seen_at(40002, 40000).predict().front(), outside(39998));
}

TEST(PortSequence, counts_the_destinations_between_and_after_the_two) {
  PortSequence sequence;
  sequence.sent(kFirst);
  sequence.sent(at("198.51.100.9:9"));
  sequence.sent(kSecond);
  sequence.sent(kSecond);
  sequence.sent(at("198.51.100.9:10"));
  sequence.seen(kSecond, outside(40006));
  sequence.seen(kFirst, outside(40000));
  EXPECT_EQ(sequence.predict().front(), outside(40012));
}

TEST(PortSequence, one_who_is_written_to_between_others_is_still_one_destination) {
  PortSequence sequence = seen_at(40000, 40001);
  for (const TransportAddress& destination : {kFirst, kSecond, kFirst, kFirst, kSecond})
    sequence.sent(destination);
  EXPECT_EQ(sequence.predict().front(), outside(40002));
}

TEST(PortSequence, predicts_once) {
  PortSequence sequence = seen_at(40000, 40001);
  EXPECT_FALSE(sequence.predict().empty());
  EXPECT_TRUE(sequence.predict().empty());
}

TEST(PortSequence, predicts_nothing_after_one_answer) {
  PortSequence sequence;
  sequence.sent(kFirst);
  sequence.seen(kFirst, outside(40000));
  EXPECT_TRUE(sequence.predict().empty());
}

TEST(PortSequence, predicts_nothing_where_two_servers_see_the_same) {
  EXPECT_TRUE(seen_at(40000, 40000).predict().empty());
}

TEST(PortSequence, takes_steps_of_512_and_no_larger_ones) {
  EXPECT_FALSE(seen_at(40000, 40512).predict().empty());
  EXPECT_TRUE(seen_at(40000, 40513).predict().empty());
}

TEST(PortSequence, predicts_nothing_where_a_third_server_breaks_the_line) {
  PortSequence sequence;
  const TransportAddress third = at("198.51.100.3:3478");
  for (const TransportAddress& server : {kFirst, kSecond, third}) sequence.sent(server);
  sequence.seen(kFirst, outside(40000));
  sequence.seen(kSecond, outside(40002));
  sequence.seen(third, outside(40005));
  EXPECT_TRUE(sequence.predict().empty());
}

TEST(PortSequence, stays_within_the_ports_there_are) {
  EXPECT_EQ(seen_at(65000, 65256).predict().size(), 1U);
}

TEST(PortSequence, meets_the_other_s_port_only_from_the_one_with_the_same_number) {
  PortSequence sequence = seen_at(40000, 40001);
  ASSERT_FALSE(sequence.predict().empty());
  const TransportAddress theirs = at("203.0.113.20:50001");
  EXPECT_TRUE(sequence.meets(theirs, 1));
  EXPECT_FALSE(sequence.meets(theirs, 2));
  sequence.sent(at("192.0.2.66:5000"));
  EXPECT_FALSE(sequence.meets(theirs, 1));
  EXPECT_TRUE(sequence.meets(theirs, 2));
  sequence.sent(theirs);
  EXPECT_TRUE(sequence.meets(theirs, 2));
}

TEST(PortSequence, whoever_does_not_count_meets_anything) {
  EXPECT_TRUE(PortSequence().meets(at("203.0.113.20:50001"), 3));
  EXPECT_TRUE(seen_at(40000, 40000).meets(at("203.0.113.20:50001"), 3));
}

TEST(PortSequence, remembers_64_destinations_and_then_gives_up) {
  PortSequence sequence = seen_at(40000, 40001);
  ASSERT_FALSE(sequence.predict().empty());
  for (std::uint16_t port = 1; port <= 62; ++port)
    sequence.sent({*IpAddress::parse("203.0.113.20"), Port{port}});
  EXPECT_FALSE(sequence.meets(at("203.0.113.20:50001"), 1));
  sequence.sent(at("203.0.113.20:63"));
  EXPECT_TRUE(sequence.meets(at("203.0.113.20:50001"), 1));
}

}  // namespace
}  // namespace beeline::ice
