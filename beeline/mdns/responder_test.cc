#include "beeline/mdns/responder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "beeline/mdns/test_link.h"

namespace beeline::mdns {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::SizeIs;

constexpr Duration kTick{1};
const TransportAddress kOther{ip("192.0.2.9"), kPort};

std::vector<std::uint8_t> query(const std::string& name, RecordType type, bool unicast = false,
                                std::uint16_t id = 0) {
  std::array<std::uint8_t, 1500> buffer{};
  MessageWriter writer(buffer, false, id);
  writer.add_question(name, type, unicast);
  return {writer.bytes().begin(), writer.bytes().end()};
}

//= RFC 6762 §8.3 test
TEST(MdnsResponder, announces_twice_a_second_apart) {
  Link link;
  const Instant start = link.now;
  link.publish("192.0.2.2");
  EXPECT_THAT(link.responses(), SizeIs(1));
  link.advance(seconds(1) - kTick);
  EXPECT_THAT(link.responses(), SizeIs(1));
  link.step_to(start + seconds(1));
  EXPECT_THAT(link.responses(), SizeIs(2));
  link.advance(seconds(1000));
  EXPECT_THAT(link.responses(), SizeIs(2));
  EXPECT_FALSE(link.answering.core.next_timeout()) << "idle";
  EXPECT_EQ(link.responses()[0].destination, group_of(IpFamily::kV4));
  EXPECT_EQ(link.responses()[0].ttl, seconds(120));
}

TEST(MdnsResponder, a_name_stands_for_one_address_and_is_a_host_name) {
  PacketPool packets;
  Responder responder({}, packets);
  EXPECT_TRUE(responder.publish("a.local", ip("192.0.2.1"), {}));
  EXPECT_TRUE(responder.publish("A.local", ip("192.0.2.1"), {})) << "said again";
  EXPECT_FALSE(responder.publish("a.local", ip("192.0.2.2"), {}));
  EXPECT_FALSE(responder.publish("a.b.local", ip("192.0.2.1"), {}));
  EXPECT_FALSE(responder.publish("example.com", ip("192.0.2.1"), {}));
}

TEST(MdnsResponder, names_have_a_limit) {
  PacketPool packets;
  Responder responder({.max_names = 2}, packets);
  EXPECT_TRUE(responder.publish("a.local", ip("192.0.2.1"), {}));
  EXPECT_TRUE(responder.publish("b.local", ip("192.0.2.2"), {}));
  EXPECT_FALSE(responder.publish("c.local", ip("192.0.2.3"), {}));
}

class MdnsAnswers : public testing::Test {
 protected:
  MdnsAnswers() {
    name = link.publish("192.0.2.2");
    link.advance(seconds(10));
    link.carried.clear();
  }
  void ask(const TransportAddress& from, Bytes bytes) { link.say(link.answering, from, bytes); }

  Link link;
  std::string name;
};

TEST_F(MdnsAnswers, go_to_the_group_or_to_who_asks_as_the_question_wants) {
  ask(kOther, query(name, RecordType::kA));
  ASSERT_THAT(link.responses(), SizeIs(1));
  EXPECT_EQ(link.responses()[0].destination, group_of(IpFamily::kV4));
  ask(kOther, query(name, RecordType::kA, true));
  ASSERT_THAT(link.responses(), SizeIs(2));
  EXPECT_EQ(link.responses()[1].destination, kOther);
}

//= RFC 6762 §6.7 test
TEST_F(MdnsAnswers, to_an_ordinary_resolver_look_as_it_expects) {
  const TransportAddress resolver{ip("192.0.2.9"), Port{40000}};
  std::vector<std::uint8_t> answer;
  link.answering.core.handle_input(
      Datagram{link.answering.joined.front().socket, resolver,
               link.packets.make(query(name, RecordType::kA, false, 0x1234))},
      link.now);
  const auto sent = link.answering.core.poll_transmit();
  ASSERT_TRUE(sent);
  const auto& datagram = std::get<SendDatagram>(*sent);
  EXPECT_EQ(datagram.destination, resolver);
  const auto message = *Message::parse(datagram.packet.bytes());
  EXPECT_EQ(message.id, 0x1234);
  EXPECT_THAT(message.questions, SizeIs(1));
  ASSERT_THAT(message.answers, SizeIs(1));
  EXPECT_EQ(message.answers[0].ttl, seconds(10));
  EXPECT_FALSE(message.answers[0].cache_flush);
  EXPECT_EQ(message.answers[0].address(), ip("192.0.2.2"));
}

TEST_F(MdnsAnswers, are_given_for_the_own_names_and_types_only) {
  ask(kOther, query("other.local", RecordType::kA));
  ask(kOther, query(name, RecordType::kAaaa));
  ask(kOther, query(name, static_cast<RecordType>(16)));
  EXPECT_THAT(link.responses(), SizeIs(0));
  ask(kOther, query(name, RecordType::kAny));
  EXPECT_THAT(link.responses(), SizeIs(1));
}

//= RFC 6762 §6 test
TEST_F(MdnsAnswers, reach_the_group_once_a_second_however_often_it_asks) {
  const Instant start = link.now;
  for (int i = 0; i < 100; ++i) ask(kOther, query(name, RecordType::kA));
  EXPECT_THAT(link.responses(), SizeIs(1));
  link.step_to(start + seconds(1) - kTick);
  EXPECT_THAT(link.responses(), SizeIs(1));
  link.step_to(start + seconds(1));
  EXPECT_THAT(link.responses(), SizeIs(2)) << "one more for all who asked meanwhile";
  link.advance(seconds(10));
  EXPECT_THAT(link.responses(), SizeIs(2));
}

TEST_F(MdnsAnswers, to_single_askers_have_a_limit_too) {
  for (int i = 0; i < 8; ++i) ask(kOther, query(name, RecordType::kA, true));
  EXPECT_THAT(link.responses(), SizeIs(8));
  ask(kOther, query(name, RecordType::kA, true));
  EXPECT_THAT(link.responses(), SizeIs(8));
  EXPECT_EQ(link.answering.core.counters().too_fast, 1U);
  link.advance(seconds(1));
  ask(kOther, query(name, RecordType::kA, true));
  EXPECT_THAT(link.responses(), SizeIs(9));
}

//= RFC 6762 §7.1 test
TEST_F(MdnsAnswers, are_not_given_to_who_knows_already) {
  for (const int ttl : {60, 59}) {
    std::array<std::uint8_t, 1500> buffer{};
    MessageWriter writer(buffer, false);
    writer.add_question(name, RecordType::kA, true);
    writer.add_answer(name, ip("192.0.2.2"), seconds(ttl), false);
    ask(kOther, writer.bytes());
    EXPECT_THAT(link.responses(), SizeIs(ttl == 60 ? 0 : 1)) << ttl;
  }
}

//= RFC 6762 §10.1 test
TEST_F(MdnsAnswers, end_with_a_goodbye) {
  link.answering.core.withdraw(name, link.now);
  link.settle();
  ASSERT_THAT(link.responses(), SizeIs(1));
  EXPECT_EQ(link.responses()[0].ttl, seconds(0));
  ask(kOther, query(name, RecordType::kA));
  link.answering.core.withdraw(name, link.now);
  link.settle();
  EXPECT_THAT(link.responses(), SizeIs(1));
}

TEST_F(MdnsAnswers, end_when_the_core_is_closed) {
  link.publish("192.0.2.2");
  link.answering.core.close(link.now);
  link.settle();
  EXPECT_THAT(link.answering.joined, SizeIs(0));
  EXPECT_FALSE(link.answering.core.publish("b.local", ip("192.0.2.2"), link.now));
  EXPECT_FALSE(link.answering.core.next_timeout());
}

TEST_F(MdnsAnswers, garbage_and_answers_of_others_change_nothing) {
  ask(kOther, as_bytes("garbage"));
  EXPECT_EQ(link.answering.core.counters().malformed, 1U);
  std::array<std::uint8_t, 1500> buffer{};
  MessageWriter writer(buffer, true);
  writer.add_answer(name, ip("192.0.2.66"), seconds(120), true);
  ask(kOther, writer.bytes());
  EXPECT_THAT(link.responses(), SizeIs(0));
}

TEST(MdnsResponder, an_address_is_spoken_of_on_its_own_interface_only) {
  Link link;
  link.answering.interfaces = {
      {"eth0", ip("192.0.2.2")}, {"eth0", ip("2001:db8::2")}, {"wlan0", ip("198.51.100.2")}};
  const std::string name = link.publish("192.0.2.2");
  link.advance(seconds(10));
  EXPECT_THAT(link.responses(), SizeIs(4)) << "twice on each family of eth0";
  const JoinGroup* wlan = nullptr;
  for (const JoinGroup& socket : link.answering.joined)
    if (socket.interface == ip("198.51.100.2")) wlan = &socket;
  ASSERT_NE(wlan, nullptr);
  link.answering.core.handle_input(Datagram{wlan->socket,
                                            {ip("198.51.100.9"), kPort},
                                            link.packets.make(query(name, RecordType::kA))},
                                   link.now);
  link.settle();
  EXPECT_THAT(link.responses(), SizeIs(4));
}

TEST(MdnsResponder, an_address_that_goes_and_comes_back_is_announced_again) {
  Link link;
  link.publish("192.0.2.2");
  link.advance(seconds(10));
  link.answering.set_interfaces({{"eth0", ip("192.0.2.3")}}, link.now);
  link.settle();
  EXPECT_THAT(link.responses(), SizeIs(2)) << "nothing is said of an address that is not here";
  link.answering.set_interfaces({{"eth0", ip("192.0.2.2")}}, link.now);
  link.settle();
  link.advance(seconds(10));
  EXPECT_THAT(link.responses(), SizeIs(4));
}

TEST(MdnsResponder, many_names_are_announced_in_few_messages) {
  Link link;
  for (int i = 0; i < 17; ++i) {
    link.answering.interfaces.push_back(
        {"eth0", IpAddress::v4(0xC0000210U + static_cast<std::uint32_t>(i))});
    link.answering.core.publish("name" + std::to_string(i) + ".local",
                                link.answering.interfaces.back().address, link.now);
  }
  link.settle();
  ASSERT_THAT(link.responses(), SizeIs(2));
  EXPECT_EQ(link.responses()[0].answers, 16U);
}

}  // namespace
}  // namespace beeline::mdns
