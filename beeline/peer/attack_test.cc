// What strangers on the network try with DTLS: rules D1, D2, D8 and D10 where ICE, DTLS and SCTP
// are together. They know every address and no secret.
#include <gmock/gmock.h>

#include <cstdlib>
#include <set>

#include "beeline/dtls/record.h"
#include "beeline/peer/test_call.h"

namespace beeline::peer {
namespace {

using namespace std::chrono_literals;
using Datagram = std::vector<std::uint8_t>;

// What a network shows to whoever looks at it.
struct Wire {
  explicit Wire(Call& its_call) : call(its_call) {
    call.world.trace().observe([this](const sim::PacketEvent& event) { see(event); });
  }
  void see(const sim::PacketEvent& event) {
    if (event.step != sim::Step::kSent) return;
    const Bytes bytes = event.packet.payload.bytes();
    if (event.packet.origin == call.stranger.index()) return;
    ports.insert(event.packet.source);
    if (event.packet.destination.ip == call.strange_address().ip) to_stranger += bytes.size();
    if (bytes.empty() || bytes[0] < 20 || bytes[0] > 63) return;
    dtls.push_back({event.packet.source, event.packet.destination, {bytes.begin(), bytes.end()}});
    if (dtls::begins_with_client_hello(bytes) && hello.empty()) hello = dtls.back().bytes;
  }
  struct Seen {
    TransportAddress source, destination;
    Datagram bytes;
  };
  Call& call;
  std::set<TransportAddress> ports;
  std::vector<Seen> dtls;
  Datagram hello;
  std::size_t to_stranger = 0;
};

// A ClientHello that is one, from another call.
const Datagram& a_hello() {
  static const Datagram kHello = [] {
    Call call(99);
    Wire wire(call);
    EXPECT_TRUE(call.meet());
    EXPECT_TRUE(call.connect());
    return wire.hello;
  }();
  return kHello;
}

// The same that offers no cipher but NULL (TLS_RSA_WITH_NULL_SHA256), as the attack of 2023 did.
Datagram null_cipher_hello() {
  Datagram hello = a_hello();
  // Record 13, handshake 12, version 2, random 32, session 1, cookie 1, length of the suites 2.
  for (std::size_t at = 63; at + 1 < std::size_t{63} + hello[62]; at += 2) {
    hello[at] = 0x00;
    hello[at + 1] = 0x3B;
  }
  return hello;
}

Datagram record(std::uint8_t type, std::uint16_t epoch, std::uint32_t sequence, std::size_t size) {
  Datagram bytes{
      type, 0xFE, 0xFD, static_cast<std::uint8_t>(epoch >> 8), static_cast<std::uint8_t>(epoch),
      0,    0};
  for (int shift = 24; shift >= 0; shift -= 8)
    bytes.push_back(static_cast<std::uint8_t>(sequence >> shift));
  bytes.push_back(static_cast<std::uint8_t>(size >> 8));
  bytes.push_back(static_cast<std::uint8_t>(size));
  Datagram body(size);
  Random::from_number(size + sequence).fill(body);
  if (type == 21) body = {2, 40};
  if (type == 20) body = {1};
  bytes.insert(bytes.end(), body.begin(), body.end());
  return bytes;
}

// The 17 records of rule D1.
std::vector<Datagram> hostile_records() {
  std::vector<Datagram> all;
  for (const std::size_t size : {0U, 1U, 4U, 7U, 8U, 15U, 16U, 23U, 24U, 25U, 40U})
    all.push_back(record(23, 1, 100, size));
  all.push_back(record(21, 1, 101, 2));
  all.push_back(record(21, 0, 101, 2));
  all.push_back(record(20, 0, 102, 1));
  all.push_back(record(22, 0, 103, 50));
  all.push_back(record(99, 1, 104, 50));
  all.push_back(record(23, 1, 0x7FFFFFFF, 50));
  return all;
}

// Rules D2 and D10.
TEST(Strangers,
     who_spray_hellos_from_a_third_address_during_a_set_up_change_nothing_and_hear_nothing) {
  // 10,000 take half a minute.
  const char* wanted = std::getenv("BEELINE_ATTACKED_CALLS");
  const std::uint64_t calls = wanted == nullptr ? 100 : std::strtoull(wanted, nullptr, 10);
  ASSERT_GT(calls, 0U);
  const Datagram hellos[] = {a_hello(), null_cipher_hello()};
  for (std::uint64_t seed = 1; seed <= calls; ++seed) {
    Call call(seed);
    Wire wire(call);
    std::size_t sprayed = 0;
    const std::function<void()> spray = [&] {
      for (const TransportAddress& port : wire.ports)
        for (const Datagram& hello : hellos) {
          call.forge(call.strange_address(), port, hello);
          ++sprayed;
        }
      call.world.after(3ms, spray);
    };
    spray();
    ASSERT_TRUE(call.meet()) << seed;
    ASSERT_TRUE(call.run_until([&] { return call.connected(); }, 1s)) << seed;
    ASSERT_TRUE(call.talks()) << seed;
    EXPECT_GT(sprayed, 40U) << seed;
    EXPECT_EQ(wire.to_stranger, 0U) << "amplification is 0 before a check was passed";
    for (const End* end : {&call.ana, &call.ben})
      EXPECT_EQ(end->core.transport().dtls()->counters().hellos_refused, 0) << seed;
  }
}

// Rule D2, harder: the stranger can forge the peer's address as well and knows the ports. What he
// says cannot be taken for the peer's own hello, which is waited for. (One that is as good as the
// peer's own would be answered: DTLS 1.2 has nothing in the clear that tells the two apart.)
TEST(Strangers, who_offer_the_null_cipher_in_the_peer_s_name_do_not_keep_the_two_apart) {
  const Datagram hello = null_cipher_hello();
  std::uint64_t refused = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Call call(seed);
    Wire wire(call);
    const std::function<void()> forge = [&] {
      for (const TransportAddress& to : wire.ports)
        for (const TransportAddress& from : wire.ports)
          if (from.ip != to.ip) call.forge(from, to, hello);
      call.world.after(1ms, forge);
    };
    forge();
    ASSERT_TRUE(call.meet()) << seed;
    ASSERT_TRUE(call.run_until([&] { return call.connected(); }, 3s)) << seed;
    ASSERT_TRUE(call.talks()) << seed;
    for (const End* end : {&call.ana, &call.ben})
      refused += end->core.transport().dtls()->counters().hellos_refused;
  }
  EXPECT_GT(refused, 0U) << "some came before the peer's own";
}

// Rule D1, D8: what does not come from the pair in use is not even counted by DTLS.
TEST(Strangers, records_from_another_address_or_port_do_not_reach_dtls) {
  Call call;
  Wire wire(call);
  ASSERT_TRUE(call.meet());
  ASSERT_TRUE(call.connect());
  ASSERT_TRUE(call.talks());
  call.world.run_for(500ms);
  const std::vector<Wire::Seen> seen = wire.dtls;
  for (End* victim : {&call.ana, &call.ben}) {
    const TransportAddress there = victim->address();
    const TransportAddress peer = call.other(*victim).address();
    const dtls::Counters before = victim->core.transport().dtls()->counters();
    const std::size_t heard = victim->heard.size();
    std::size_t forged = 0;
    for (const TransportAddress& source :
         {call.strange_address(), TransportAddress{peer.ip, Port{9}},
          TransportAddress{call.strange_address().ip, peer.port}}) {
      for (const Datagram& bad : hostile_records()) call.forge(source, there, bad), ++forged;
      for (const Wire::Seen& one : seen) call.forge(source, there, one.bytes), ++forged;
    }
    call.world.run_for(100ms);
    const dtls::Counters after = victim->core.transport().dtls()->counters();
    EXPECT_EQ(after.datagrams_received, before.datagrams_received);
    EXPECT_EQ(victim->core.explain().data_from_strangers, forged);
    EXPECT_EQ(victim->heard.size(), heard);
    EXPECT_EQ(victim->core.transport().agent().path()->remote.address, peer)
        << "nothing is learnt of it";
  }
  EXPECT_EQ(wire.to_stranger, 0U);
  EXPECT_TRUE(call.talks());
}

// Rule D1.
TEST(Strangers, who_forge_the_peer_s_address_end_nothing_with_17_records) {
  Call call;
  Wire wire(call);
  ASSERT_TRUE(call.meet());
  ASSERT_TRUE(call.connect());
  for (End* victim : {&call.ana, &call.ben})
    for (const Datagram& bad : hostile_records()) {
      call.forge(call.other(*victim).address(), victim->address(), bad);
      call.world.run_for(20ms);
      ASSERT_TRUE(call.talks());
      EXPECT_EQ(victim->core.connection_state(), ConnectionState::kConnected);
    }
  // One is no DTLS by its first byte (RFC 7983); DTLS let none of the others through.
  for (const End* end : {&call.ana, &call.ben}) {
    const Transport& transport = end->core.transport();
    EXPECT_EQ(transport.counters().not_ours, 1U);
    EXPECT_EQ(
        transport.dtls()->counters().dropped.total() + transport.dtls()->counters().not_authentic,
        16U);
  }
}

// Rule D8: a record that was heard comes again in the peer's name.
TEST(Strangers, who_repeat_what_they_heard_in_the_peer_s_name_are_not_heard) {
  Call call;
  Wire wire(call);
  ASSERT_TRUE(call.meet());
  ASSERT_TRUE(call.connect());
  ASSERT_TRUE(call.talks());
  call.world.run_for(500ms);
  const std::vector<Wire::Seen> seen = wire.dtls;
  const std::size_t heard = call.ana.heard.size() + call.ben.heard.size();
  for (const Wire::Seen& one : seen) call.forge(one.source, one.destination, one.bytes);
  call.world.run_for(500ms);
  EXPECT_EQ(call.ana.heard.size() + call.ben.heard.size(), heard);
  EXPECT_TRUE(call.talks());
}

//= RFC 5763 §5 test
TEST(EarlyHello, from_the_other_side_is_kept_without_state_until_the_answer_is_here) {
  Call call;
  Wire wire(call);
  ASSERT_TRUE(call.give(call.ben, DescriptionType::kOffer, call.offer()));
  const std::string answer = call.answer();
  // Ben's checks are answered with what Ana knows by herself, and he begins DTLS.
  ASSERT_TRUE(call.run_until([&] { return !wire.hello.empty(); }, 1s));
  call.world.run_for(1s);
  const Transport& transport = call.ana.core.transport();
  EXPECT_EQ(transport.dtls(), nullptr);
  EXPECT_EQ(transport.counters().packets_sent, 0U);
  EXPECT_GT(transport.counters().packets_received, 4U) << "Ben repeats himself";
  EXPECT_EQ(transport.early_datagrams(), dtls::EarlyDatagrams::kMax);
  const Instant answered = call.world.now();
  ASSERT_TRUE(call.give(call.ana, DescriptionType::kAnswer, answer));
  EXPECT_TRUE(call.connect());
  // One round trip for a check of Ana's, two for DTLS, half a one until Ben hears of the channel;
  // no timer.
  EXPECT_LE(call.world.now() - answered, 8 * Call::kOneWay + 2ms);
  EXPECT_TRUE(call.talks());
}

// Rule D10, and rule 1.4: before a check that proves who asks there is no state and no answer.
TEST(EarlyHello, of_somebody_who_has_passed_no_check_is_not_kept) {
  Call call;
  Wire wire(call);
  call.offer();
  call.world.run_for(100ms);
  ASSERT_FALSE(call.ana.node.interfaces().empty());
  const std::string candidate = line_value(call.ana.core.local_description(), "a=candidate:");
  const std::size_t at = candidate.find("198.51.100.");
  const std::string rest = candidate.substr(at);
  const auto port = static_cast<std::uint16_t>(std::stoi(rest.substr(rest.find(' ') + 1)));
  const TransportAddress there{call.ana.node.interfaces().front().address, Port{port}};
  for (int i = 0; i < 100; ++i) call.forge(call.strange_address(), there, a_hello());
  call.world.run_for(100ms);
  EXPECT_EQ(call.ana.core.explain().data_from_strangers, 100U);
  EXPECT_EQ(call.ana.core.transport().early_datagrams(), 0U);
  EXPECT_EQ(call.ana.core.transport().dtls(), nullptr);
  EXPECT_EQ(wire.to_stranger, 0U);
}

}  // namespace
}  // namespace beeline::peer
