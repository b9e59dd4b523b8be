#include "beeline/mdns/querier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "beeline/mdns/test_link.h"

namespace beeline::mdns {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::SizeIs;

constexpr Duration kTick{1};
constexpr const char* kName = "nobody.local";

std::vector<std::uint8_t> response(const std::string& name, std::vector<IpAddress> addresses,
                                   seconds ttl, bool flush = true) {
  std::array<std::uint8_t, 1500> buffer{};
  MessageWriter writer(buffer, true);
  for (const IpAddress& address : addresses) writer.add_answer(name, address, ttl, flush);
  return {writer.bytes().begin(), writer.bytes().end()};
}

const TransportAddress kOther{ip("192.0.2.9"), kPort};

TEST(MdnsQuerier, finds_what_a_responder_has_published_in_one_exchange) {
  Link link;
  const std::string name = link.publish("192.0.2.2");
  link.advance(seconds(10));
  link.resolve(name);
  link.advance(seconds(1));
  ASSERT_THAT(link.found(), SizeIs(1));
  EXPECT_EQ(link.found()[0].name, name);
  EXPECT_THAT(link.found()[0].addresses, ElementsAre(ip("192.0.2.2")));
  ASSERT_THAT(link.queries(), SizeIs(1));
  EXPECT_THAT(link.queries()[0].questions, SizeIs(2)) << "A and AAAA";
}

TEST(MdnsQuerier, an_announcement_that_was_heard_before_costs_no_question) {
  Link link;
  link.asking.core.start(link.now);
  link.settle();
  const std::string name = link.publish("192.0.2.2");
  link.resolve(name);
  EXPECT_THAT(link.found(), SizeIs(1));
  EXPECT_THAT(link.queries(), SizeIs(0));
}

//= RFC 6762 §5.1 test
TEST(MdnsQuerier, asks_at_0_1_and_3_seconds_and_gives_up_at_5) {
  Link link;
  const Instant start = link.now;
  link.resolve(kName);
  EXPECT_THAT(link.queries(), SizeIs(1));
  for (const int at : {1, 3}) {
    const std::size_t before = link.queries().size();
    link.advance(start + seconds(at) - kTick - link.now);
    EXPECT_THAT(link.queries(), SizeIs(before));
    link.step_to(start + seconds(at));
    EXPECT_THAT(link.queries(), SizeIs(before + 1));
  }
  link.advance(start + seconds(5) - kTick - link.now);
  EXPECT_THAT(link.not_found(), SizeIs(0));
  link.step_to(start + seconds(5));
  ASSERT_THAT(link.not_found(), SizeIs(1));
  EXPECT_EQ(link.not_found()[0].reason, NameFailure::kNoAnswer);
  EXPECT_FALSE(link.asking.core.next_timeout()) << "idle";
}

TEST(MdnsQuerier, survives_the_loss_of_a_question_and_of_an_answer) {
  for (std::size_t lost = 0; lost < 2; ++lost) {
    Link link;
    const std::string name = link.publish("192.0.2.2");
    link.advance(seconds(10));
    std::size_t count = 0;
    link.loses = [&](const Link::Carried&) { return count++ == lost; };
    link.resolve(name);
    EXPECT_THAT(link.found(), SizeIs(0));
    link.advance(seconds(2));
    EXPECT_THAT(link.found(), SizeIs(1)) << lost;
  }
}

TEST(MdnsQuerier, names_asked_for_together_are_in_one_message) {
  Link link;
  link.asking.core.start(link.now);
  link.settle();
  for (const char* name : {"a.local", "b.local", "A.local"})
    link.asking.core.resolve(name, link.now);
  link.settle();
  ASSERT_THAT(link.queries(), SizeIs(1));
  EXPECT_THAT(link.queries()[0].questions, SizeIs(4));
}

//= RFC 6762 §5.4 test
TEST(MdnsQuerier, asks_for_unicast_once_where_the_port_is_its_own) {
  for (const bool own : {false, true}) {
    Link link({.wants_unicast = own});
    link.resolve(kName);
    link.advance(seconds(4));
    ASSERT_THAT(link.queries(), SizeIs(3));
    EXPECT_EQ(link.queries()[0].questions[0].wants_unicast, own);
    EXPECT_FALSE(link.queries()[1].questions[0].wants_unicast);
    EXPECT_FALSE(link.queries()[2].questions[0].wants_unicast);
  }
}

TEST(MdnsQuerier, only_host_names_are_asked_for) {
  Link link;
  for (const char* name : {"example.com", "a.b.local", "localhost", ""}) link.resolve(name);
  EXPECT_THAT(link.not_found(), SizeIs(4));
  for (const NameNotFound& one : link.not_found()) EXPECT_EQ(one.reason, NameFailure::kNoHostName);
  EXPECT_THAT(link.queries(), SizeIs(0));
}

TEST(MdnsQuerier, without_an_interface_the_reason_says_so) {
  Link link;
  link.asking.interfaces.clear();
  link.resolve(kName);
  link.advance(seconds(5));
  ASSERT_THAT(link.not_found(), SizeIs(1));
  EXPECT_EQ(link.not_found()[0].reason, NameFailure::kNoInterface);
}

TEST(MdnsQuerier, an_interface_that_comes_later_is_asked_on_at_once) {
  Link link;
  const std::string name = link.publish("192.0.2.2");
  link.advance(seconds(10));
  link.asking.interfaces.clear();
  link.resolve(name);
  link.asking.set_interfaces({{"eth0", ip("192.0.2.1")}}, link.now);
  link.settle();
  EXPECT_THAT(link.found(), SizeIs(1));
}

TEST(MdnsQuerier, pending_names_have_a_limit) {
  Link link({.max_pending = 2});
  for (const char* name : {"a.local", "b.local"}) link.resolve(name);
  EXPECT_THAT(link.not_found(), SizeIs(0));
  link.resolve("c.local");
  ASSERT_THAT(link.not_found(), SizeIs(1));
  EXPECT_EQ(link.not_found()[0].reason, NameFailure::kTooMany);
}

TEST(MdnsQuerier, remembered_names_have_a_limit_and_the_first_to_end_makes_room) {
  Link link({.max_cached = 2});
  link.asking.core.start(link.now);
  link.settle();
  for (const auto& [name, ttl] :
       {std::pair("a.local", 100), std::pair("b.local", 50), std::pair("c.local", 100)})
    link.say(link.asking, kOther, response(name, {ip("192.0.2.9")}, seconds(ttl)));
  for (const char* name : {"a.local", "b.local", "c.local"}) link.resolve(name);
  EXPECT_THAT(link.found(), SizeIs(2));
  EXPECT_THAT(link.queries(), SizeIs(1)) << "for b";
}

//= RFC 6762 §10 test
TEST(MdnsQuerier, a_name_is_remembered_as_long_as_its_record_says) {
  Link link;
  link.asking.core.start(link.now);
  link.settle();
  const Instant start = link.now;
  link.say(link.asking, kOther, response("a.local", {ip("192.0.2.9")}, seconds(120)));
  link.step_to(start + seconds(120) - kTick);
  link.resolve("a.local");
  EXPECT_THAT(link.found(), SizeIs(1));
  link.step_to(start + seconds(120));
  link.resolve("a.local");
  EXPECT_THAT(link.found(), SizeIs(1));
  EXPECT_THAT(link.queries(), SizeIs(1));
}

//= RFC 6762 §10.1 test
TEST(MdnsQuerier, a_goodbye_is_believed_after_a_second) {
  Link link;
  link.asking.core.start(link.now);
  link.settle();
  link.say(link.asking, kOther, response("a.local", {ip("192.0.2.9")}, seconds(120)));
  link.say(link.asking, kOther, response("a.local", {ip("192.0.2.9")}, seconds(0)));
  const Instant goodbye = link.now;
  link.step_to(goodbye + seconds(1) - kTick);
  link.resolve("a.local");
  EXPECT_THAT(link.found(), SizeIs(1));
  link.step_to(goodbye + seconds(1));
  link.resolve("a.local");
  EXPECT_THAT(link.queries(), SizeIs(1));
}

//= RFC 6762 §10.2 test
TEST(MdnsQuerier, new_addresses_replace_or_join_the_old_as_their_record_says) {
  Link link;
  link.asking.core.start(link.now);
  link.settle();
  link.say(link.asking, kOther, response("a.local", {ip("192.0.2.9")}, seconds(120)));
  link.say(link.asking, kOther, response("a.local", {ip("192.0.2.8")}, seconds(120), false));
  link.resolve("a.local");
  link.say(link.asking, kOther, response("a.local", {ip("192.0.2.7")}, seconds(120), true));
  link.resolve("a.local");
  ASSERT_THAT(link.found(), SizeIs(2));
  EXPECT_THAT(link.found()[0].addresses, ElementsAre(ip("192.0.2.8"), ip("192.0.2.9")));
  EXPECT_THAT(link.found()[1].addresses, ElementsAre(ip("192.0.2.7")));
}

//= RFC 6762 §6 test
TEST(MdnsQuerier, answers_from_other_ports_questions_and_garbage_prove_nothing) {
  Link link;
  link.resolve("a.local");
  link.say(link.asking, {ip("192.0.2.9"), Port{5354}},
           response("a.local", {ip("192.0.2.9")}, seconds(120)));
  EXPECT_EQ(link.asking.core.counters().not_port_5353, 1U);
  link.say(link.asking, kOther, as_bytes("garbage"));
  EXPECT_EQ(link.asking.core.counters().malformed, 1U);
  link.say(link.asking, kOther, response("b.local", {ip("192.0.2.9")}, seconds(120)));
  link.say(link.asking, kOther, response("x.a.local", {ip("192.0.2.9")}, seconds(120)));
  EXPECT_THAT(link.found(), SizeIs(0));
}

TEST(MdnsQuerier, whoever_no_longer_wants_to_know_is_not_told) {
  Link link;
  link.resolve(kName);
  link.asking.core.cancel(kName);
  link.advance(seconds(10));
  EXPECT_THAT(link.asking.events, SizeIs(0));
  EXPECT_THAT(link.queries(), SizeIs(1));
}

TEST(MdnsQuerier, one_socket_per_interface_and_family_and_none_on_loopback_if_there_is_another) {
  Link link;
  link.asking.interfaces = {{"eth0", ip("192.0.2.1")},
                            {"eth0", ip("192.0.2.11")},
                            {"eth0", ip("2001:db8::1")},
                            {"wlan0", ip("198.51.100.1")},
                            {"lo", ip("127.0.0.1")}};
  link.resolve(kName);
  EXPECT_THAT(link.asking.joined, SizeIs(3));
  EXPECT_THAT(link.queries(), SizeIs(3));
  link.asking.set_interfaces({{"wlan0", ip("198.51.100.1")}, {"lo", ip("127.0.0.1")}}, link.now);
  EXPECT_THAT(link.asking.joined, SizeIs(1)) << "the others were released";
  link.asking.set_interfaces({{"lo", ip("127.0.0.1")}}, link.now);
  ASSERT_THAT(link.asking.joined, SizeIs(1));
  EXPECT_EQ(link.asking.joined[0].interface, ip("127.0.0.1"));
}

TEST(MdnsQuerier, closing_releases_everything_and_is_silent) {
  Link link;
  link.resolve(kName);
  link.asking.core.close(link.now);
  link.settle();
  EXPECT_THAT(link.asking.joined, SizeIs(0));
  link.advance(seconds(10));
  link.resolve("another.local");
  EXPECT_THAT(link.asking.events, SizeIs(0));
  EXPECT_FALSE(link.asking.core.next_timeout());
}

}  // namespace
}  // namespace beeline::mdns
