#include "beeline/dtls/session.h"

#include <gmock/gmock.h>

#include "beeline/dtls/test_pair.h"

namespace beeline::dtls {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Le;
using testing::SizeIs;

static_assert(ProtocolCore<Session>);

TEST(DtlsSession, two_sides_connect_in_two_round_trips_and_talk) {
  Pair pair;
  const Instant begin = pair.now;
  ASSERT_TRUE(pair.connect());
  EXPECT_EQ(pair.now - begin, kOneWay * 4) << "the client's side of it";
  EXPECT_EQ(pair.client->connected->cipher, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256");
  EXPECT_EQ(pair.server->connected->cipher, pair.client->connected->cipher);
  EXPECT_EQ(pair.client->connected->srtp_profile, std::nullopt);
  EXPECT_TRUE(pair.talks());
  EXPECT_THAT(pair.server->received, ElementsAre("hello server"));
  EXPECT_THAT(pair.client->received, ElementsAre("hello client"));
}

TEST(DtlsSession, is_idle_once_it_is_connected) {
  Pair pair;
  ASSERT_TRUE(pair.connect());
  EXPECT_EQ(pair.client->session.next_timeout(), std::nullopt);
  EXPECT_EQ(pair.server->session.next_timeout(), std::nullopt);
  EXPECT_EQ(pair.client->session.counters().retransmissions, 0);
  EXPECT_EQ(pair.packets.live(), 0) << "nothing is kept";
}

//= RFC 6347 §4.1 test
TEST(DtlsSession, its_hello_is_one_small_datagram_without_cookie_ticket_or_compression) {
  Pair pair;
  pair.start();
  ASSERT_THAT(pair.carried, SizeIs(1));
  EXPECT_THAT(pair.carried[0].datagram, SizeIs(Le(300)));
  ASSERT_TRUE(pair.connect());
  EXPECT_EQ(pair.count(true, 1), 1) << "no HelloVerifyRequest";
  EXPECT_LE(pair.count(false, 2), 2);
}

TEST(DtlsSession, no_two_records_have_the_same_number) {
  Pair pair;
  std::array<int, 5> left{0, 2, 2, 2, 2};  // of each flight, to be lost
  pair.path = [&](const Pair::Carried& one) {
    return left.at(static_cast<std::size_t>(one.flight))-- > 0 ? std::vector<Duration>()
                                                               : std::vector{kOneWay};
  };
  ASSERT_TRUE(pair.connect());
  for (const bool from_client : {true, false}) {
    std::map<std::pair<std::uint16_t, std::uint64_t>, Datagram> seen;
    for (const auto& one : pair.carried)
      for (const Record& record : records_of(one.datagram)) {
        if (one.from_client != from_client) continue;
        const auto [at, fresh] =
            seen.emplace(std::pair(record.epoch, record.sequence), copy(record.fragment));
        // The end of a handshake is repeated as it is.
        EXPECT_TRUE(fresh || (record.epoch == 1 && at->second == copy(record.fragment)));
      }
  }
}

// A plaintext record with the bytes [begin, end) of the message that `hello` holds whole.
Datagram piece(const Datagram& hello, std::size_t begin, std::size_t end) {
  constexpr std::size_t kHeaders = kRecordHeaderSize + kHandshakeHeaderSize;
  Datagram out = copy(Bytes(hello).first(kHeaders));
  const auto put = [&](std::size_t at, std::size_t value) {
    out[at] = static_cast<std::uint8_t>(value >> 8);
    out[at + 1] = static_cast<std::uint8_t>(value);
  };
  put(11, kHandshakeHeaderSize + end - begin);
  put(20, begin);
  put(23, end - begin);
  for (const std::uint8_t byte : Bytes(hello).subspan(kHeaders + begin, end - begin))
    out.push_back(byte);
  return out;
}

//= RFC 6347 §4.2.3 test
TEST(DtlsSession, a_hello_in_two_datagrams_is_understood_in_any_order) {
  for (const bool in_order : {true, false}) {
    Pair pair;
    pair.path = [](const Pair::Carried& one) {
      return one.flight == 1 ? std::vector<Duration>() : std::vector{kOneWay};
    };
    pair.start();
    const Datagram hello = pair.carried[0].datagram;
    const std::size_t size = hello.size() - kRecordHeaderSize - kHandshakeHeaderSize;
    const Datagram first = piece(hello, 0, 60);
    const Datagram second = piece(hello, 50, size);  // they overlap
    pair.give(*pair.server, in_order ? first : second);
    EXPECT_EQ(pair.count(false, 2), 0);
    pair.give(*pair.server, in_order ? second : first);
    EXPECT_EQ(pair.count(false, 2), 1) << in_order;
    pair.advance(kOneWay * 3);
    EXPECT_TRUE(pair.both_connected()) << in_order;
  }
}

class DtlsSessionMtu : public testing::TestWithParam<std::size_t> {};

TEST_P(DtlsSessionMtu, is_kept_by_both_flights_of_both_sides) {
  auto client = Pair::client_settings();
  auto server = Pair::server_settings();
  client.mtu = server.mtu = GetParam();
  Pair pair(client, server);
  // The server's last flight is lost once: repetitions keep it too.
  bool lost = false;
  pair.path = [&](const Pair::Carried& one) {
    return one.flight == 4 && !std::exchange(lost, true) ? std::vector<Duration>()
                                                         : std::vector{kOneWay};
  };
  ASSERT_TRUE(pair.connect());
  std::size_t largest = 0;
  for (const auto& one : pair.carried) largest = std::max(largest, one.datagram.size());
  EXPECT_THAT(largest, Le(GetParam()));
  EXPECT_GT(largest, GetParam() < 700 ? GetParam() / 2 : 500) << "and made use of";
  EXPECT_TRUE(pair.talks());
}

INSTANTIATE_TEST_SUITE_P(Bytes, DtlsSessionMtu, testing::Values(256, 300, 600, 1200, 2048));

TEST(DtlsSession, sends_one_record_in_one_datagram_with_37_bytes_more) {
  Pair pair;
  ASSERT_TRUE(pair.connect());
  const std::size_t before = pair.carried.size();
  const std::string text(1200, 'x');
  ASSERT_TRUE(pair.say(Role::kClient, text));
  ASSERT_THAT(pair.carried, SizeIs(before + 1));
  EXPECT_THAT(pair.carried.back().datagram, SizeIs(1237));
  pair.advance(kOneWay);
  EXPECT_THAT(pair.server->received, ElementsAre(text));
}

TEST(DtlsSession, a_record_is_as_large_as_a_packet_and_not_larger) {
  Pair pair;
  ASSERT_TRUE(pair.connect());
  const std::string most(Packet::kMaxPayload - 37, 'x');
  EXPECT_TRUE(pair.say(Role::kClient, most));
  pair.advance(kOneWay);
  EXPECT_THAT(pair.server->received, ElementsAre(most));
  EXPECT_EQ(pair.say(Role::kClient, most + "x").error(), SendError::kSize);
  EXPECT_EQ(pair.say(Role::kClient, "").error(), SendError::kSize);
}

TEST(DtlsSession, several_records_of_one_datagram_all_arrive) {
  Pair pair;
  ASSERT_TRUE(pair.connect());
  Datagram joined;
  for (const char* text : {"one", "two", "three"}) {
    const Datagram record = pair.record(Role::kClient, text);
    joined.insert(joined.end(), record.begin(), record.end());
  }
  pair.give(*pair.server, joined);
  EXPECT_THAT(pair.server->received, ElementsAre("one", "two", "three"));
}

TEST(DtlsSession, a_packet_whose_front_was_trimmed_far_is_read_in_its_place) {
  Pair pair;
  ASSERT_TRUE(pair.connect());
  const Datagram record = pair.record(Role::kClient, "relayed");
  Packet packet = pair.packets.make(std::vector<std::uint8_t>(1500, 0));
  packet.append(record);
  packet.trim_front(1500);
  pair.server->session.handle_input(std::move(packet), pair.now);
  pair.settle();
  EXPECT_THAT(pair.server->received, ElementsAre("relayed"));
}

TEST(DtlsSession, a_packet_whose_front_was_trimmed_far_can_be_sent) {
  Pair pair;
  ASSERT_TRUE(pair.connect());
  Packet packet = pair.packets.make(Datagram(Packet::kMaxPayload, 'x'));
  packet.trim_front(Packet::kMaxPayload - 5);
  packet.append(Datagram(Packet::kTailRoom, 'x'));  // there is no room left for a tag
  ASSERT_TRUE(pair.client->session.send(std::move(packet), pair.now));
  pair.settle();
  pair.advance(kOneWay);
  EXPECT_THAT(pair.server->received, ElementsAre(std::string(5 + Packet::kTailRoom, 'x')));
}

TEST(DtlsSession, nothing_can_be_sent_before_it_is_connected_or_after_it_has_ended) {
  Pair pair;
  EXPECT_EQ(pair.say(Role::kClient, "early").error(), SendError::kNotConnected);
  pair.start();
  EXPECT_EQ(pair.say(Role::kClient, "early").error(), SendError::kNotConnected);
  ASSERT_TRUE(pair.connect());
  pair.client->session.close(pair.now);
  EXPECT_EQ(pair.say(Role::kClient, "late").error(), SendError::kNotConnected);
}

//= RFC 5246 §7.2.1 test
TEST(DtlsSession, a_close_is_told_to_the_other_side_which_answers_and_ends) {
  for (const Role who : {Role::kClient, Role::kServer}) {
    Pair pair;
    ASSERT_TRUE(pair.connect());
    const std::size_t before = pair.carried.size();
    pair.side(who).session.close(pair.now);
    pair.settle();
    pair.advance(kOneWay * 2);
    EXPECT_TRUE(pair.side(Pair::other(who)).closed);
    EXPECT_EQ(pair.side(Pair::other(who)).session.state(), State::kClosed);
    EXPECT_FALSE(pair.side(who).closed) << "who closes knows";
    EXPECT_THAT(pair.carried, SizeIs(before + 2)) << "one close_notify each";
    EXPECT_EQ(pair.side(who).session.next_timeout(), std::nullopt);
  }
}

TEST(DtlsSession, closing_before_there_is_anybody_says_nothing) {
  Pair pair;
  pair.client->session.close(pair.now);
  pair.settle();
  EXPECT_THAT(pair.carried, IsEmpty());
  pair.start();
  EXPECT_THAT(pair.carried, IsEmpty()) << "it does not come back";
}

TEST(DtlsSession, is_silent_after_its_end_whatever_comes) {
  Pair pair;
  ASSERT_TRUE(pair.connect());
  const Datagram record = pair.record(Role::kClient, "too late");
  pair.server->session.close(pair.now);
  pair.settle();
  const std::size_t before = pair.carried.size();
  pair.give(*pair.server, record);
  pair.server->session.handle_timeout(pair.now + seconds(100));
  pair.server->session.set_remote_fingerprints({}, pair.now);
  pair.server->session.start(pair.now);
  pair.settle();
  EXPECT_THAT(pair.carried, SizeIs(before));
  EXPECT_THAT(pair.server->received, IsEmpty());
  EXPECT_FALSE(pair.server->failed);
  EXPECT_EQ(pair.server->session.counters().after_the_end, 1);
}

//= RFC 5764 §4.1 test
TEST(DtlsSession, srtp_is_agreed_on_where_both_ask_and_the_server_prefers) {
  using enum SrtpProfile;
  auto client = Pair::client_settings();
  auto server = Pair::server_settings();
  client.srtp_profiles = {kAes128CmHmacSha1_80, kAeadAes256Gcm, kAeadAes128Gcm};
  server.srtp_profiles = {kAeadAes128Gcm, kAes128CmHmacSha1_80};
  Pair pair(client, server);
  ASSERT_TRUE(pair.connect());
  EXPECT_EQ(pair.client->connected->srtp_profile, kAeadAes128Gcm);
  EXPECT_EQ(pair.server->connected->srtp_profile, kAeadAes128Gcm);
}

TEST(DtlsSession, srtp_is_not_spoken_of_where_one_does_not_ask) {
  for (const Role asks : {Role::kClient, Role::kServer}) {
    auto client = Pair::client_settings();
    auto server = Pair::server_settings();
    (asks == Role::kClient ? client : server).srtp_profiles = {SrtpProfile::kAeadAes128Gcm};
    Pair pair(client, server);
    ASSERT_TRUE(pair.connect());
    EXPECT_EQ(pair.client->connected->srtp_profile, std::nullopt);
    EXPECT_EQ(pair.server->connected->srtp_profile, std::nullopt);
  }
}

TEST(DtlsSession, both_sides_export_the_same_keys_once_they_are_connected) {
  constexpr const char* kLabel = "EXTRACTOR-dtls_srtp";
  Pair pair;
  EXPECT_EQ(pair.client->session.export_keying_material(kLabel, 60).error(),
            ExportError::kNotConnected);
  ASSERT_TRUE(pair.connect());
  const auto ours = pair.client->session.export_keying_material(kLabel, 60);
  ASSERT_TRUE(ours);
  EXPECT_THAT(*ours, SizeIs(60));
  EXPECT_EQ(*ours, pair.server->session.export_keying_material(kLabel, 60));
  EXPECT_NE(*ours, pair.server->session.export_keying_material("another label", 60));
}

//= RFC 6347 §4.2.4.1 test
TEST(DtlsSession, repeats_its_hello_at_each_deadline_and_not_before) {
  auto settings = Pair::client_settings();
  settings.first_timeout = milliseconds(60);
  settings.handshake_limit = std::nullopt;
  Pair pair(settings);
  pair.path = [](const Pair::Carried&) { return std::vector<Duration>(); };
  pair.start();
  Duration timeout = settings.first_timeout;
  Instant due = pair.now + timeout;
  for (std::size_t sent = 1; sent < 200; ++sent) {
    ASSERT_EQ(pair.client->session.next_timeout(), due);
    pair.client->session.handle_timeout(due - kTick);
    pair.settle();
    ASSERT_EQ(pair.count(true, 1), sent);
    pair.client->session.handle_timeout(due);
    pair.settle();
    ASSERT_EQ(pair.count(true, 1), sent + 1);
    timeout = std::min<Duration>(timeout * 2, seconds(1));
    due = due + timeout;
  }
  EXPECT_FALSE(pair.client->failed) << "it never gives up by itself";
}

TEST(DtlsSession, the_handshake_ends_at_its_limit_and_not_before) {
  for (const Role who : {Role::kClient, Role::kServer}) {
    Pair pair;
    Side& side = pair.side(who);
    side.session.start(pair.now);
    const Instant limit = pair.now + seconds(60);
    while (side.session.next_timeout() < limit) {
      side.session.handle_timeout(*side.session.next_timeout());
      side.session.poll_transmit();
    }
    side.session.handle_timeout(limit - kTick);
    EXPECT_EQ(side.session.poll_event(), std::nullopt);
    side.session.handle_timeout(limit);
    const auto event = side.session.poll_event();
    ASSERT_TRUE(event);
    EXPECT_EQ(std::get<Failed>(*event).reason, FailureReason::kHandshakeTimeout);
    EXPECT_EQ(side.session.next_timeout(), std::nullopt);
    while (side.session.poll_transmit()) {
    }
  }
}

TEST(DtlsSession, data_that_overtakes_the_end_of_the_handshake_is_held_and_handed_up) {
  Pair pair;
  // The client's last flight takes longer than what it sends right behind... the server's last
  // flight is what the client waits for, so that the server can be first with data.
  pair.path = [](const Pair::Carried& one) {
    return std::vector{one.flight == 4 ? kOneWay * 3 : kOneWay};
  };
  pair.start();
  while (!pair.server->connected && pair.step(pair.now + seconds(1))) {
  }
  ASSERT_TRUE(pair.say(Role::kServer, "first"));
  pair.advance(kOneWay * 2);
  EXPECT_FALSE(pair.client->connected);
  EXPECT_THAT(pair.client->received, IsEmpty());
  pair.advance(kOneWay * 2);
  EXPECT_TRUE(pair.client->connected);
  EXPECT_THAT(pair.client->received, ElementsAre("first"));
  EXPECT_EQ(pair.client->session.counters().held, 1);
}

TEST(DtlsSession, holds_eight_datagrams_and_not_nine) {
  Pair pair;
  pair.path = [](const Pair::Carried& one) {
    return std::vector{one.flight == 4 ? kOneWay * 3 : kOneWay};
  };
  pair.start();
  while (!pair.server->connected && pair.step(pair.now + seconds(1))) {
  }
  for (int i = 0; i < 9; ++i) ASSERT_TRUE(pair.say(Role::kServer, std::to_string(i)));
  pair.advance(seconds(1));
  EXPECT_THAT(pair.client->received, ElementsAre("0", "1", "2", "3", "4", "5", "6", "7"));
  EXPECT_EQ(pair.client->session.counters().held, 8);
  EXPECT_EQ(pair.client->session.counters().held_too_many, 1);
}

TEST(DtlsSession, explains_itself) {
  Pair pair;
  EXPECT_EQ(pair.client->session.explain().state, State::kNew);
  ASSERT_TRUE(pair.connect());
  ASSERT_TRUE(pair.talks());
  const Explanation explanation = pair.client->session.explain();
  EXPECT_EQ(explanation.state, State::kConnected);
  EXPECT_EQ(explanation.cipher, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256");
  EXPECT_EQ(explanation.counters.records_sent, 1);
  EXPECT_EQ(explanation.counters.records_received, 1);
  EXPECT_EQ(explanation.counters.not_authentic, 0);
  EXPECT_EQ(explanation.counters.dropped.total(), 0);
}

}  // namespace
}  // namespace beeline::dtls
