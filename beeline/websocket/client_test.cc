// The client's end against a server that the test plays, on virtual time.
#include "beeline/websocket/client.h"

#include <gmock/gmock.h>

#include "beeline/base/protocol_core.h"

namespace beeline::websocket {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

const IpAddress kFirst = *IpAddress::parse("192.0.2.1");
const IpAddress kSecond = *IpAddress::parse("2001:db8::1");

class WebSocketClient : public testing::Test {
 public:
  // For drain().
  void transmit(HostTransmit transmit) {
    const auto& send = std::get<SendStream>(transmit);
    EXPECT_EQ(send.stream, stream);
    sent += as_text(send.packet.bytes());
  }
  void handle_event(Client::Event event) {
    if (auto* request = std::get_if<HostRequest>(&event)) {
      if (const auto* resolve = std::get_if<ResolveName>(request)) query = *resolve;
      if (const auto* open = std::get_if<OpenStream>(request)) {
        opens.push_back(*open);
        stream = open->stream;
      }
      if (const auto* close = std::get_if<CloseStream>(request)) closed.push_back(close->stream);
    }
    if (std::holds_alternative<ClientOpened>(event)) opened = true;
    if (auto* text = std::get_if<ClientText>(&event)) texts.push_back(std::move(text->text));
    if (const auto* end = std::get_if<ClientClosed>(&event)) ends.push_back(*end);
  }

 protected:
  void settle() { drain(client, *this, now); }
  void tell(HostInput input) {
    client.handle_input(std::move(input), now);
    settle();
  }
  void advance(Duration span) {
    now = now + span;
    client.handle_timeout(now);
    settle();
  }
  void open(std::vector<IpAddress> addresses = {kFirst}) {
    client.open(now);
    settle();
    tell(NameResolved{query.query, std::move(addresses)});
  }
  void hear(std::string_view bytes) { tell(StreamBytes{stream, as_bytes(bytes)}); }
  std::string key() const {
    constexpr std::string_view kName = "Sec-WebSocket-Key: ";
    const std::size_t at = sent.find(kName) + kName.size();
    return sent.substr(at, sent.find("\r\n", at) - at);
  }
  std::string acceptance() const {
    return "HTTP/1.1 101 Switching Protocols\r\nupgrade: WebSocket\r\nConnection: Upgrade\r\n"
           "Sec-WebSocket-Accept: " +
           accept_key(key()) + "\r\n\r\n";
  }
  void open_all_the_way() {
    open();
    tell(StreamOpened{stream, {}});
    hear(acceptance());
    ASSERT_TRUE(opened);
    sent.clear();
  }
  static std::string text_frame(std::string_view text) {
    std::string wire;
    Encoder(Role::kServer).text(text, wire);
    return wire;
  }
  std::vector<Received> received_by_server() const {
    Decoder decoder(Role::kServer, {});
    std::vector<Received> all;
    Bytes bytes = as_bytes(sent);
    while (auto one = decoder.read(bytes)) all.push_back(std::move(*one));
    return all;
  }

  PacketPool packets;
  Instant now{1000s};
  Client client{{.secure = true, .host = "meet.example", .port = Port{8443}, .path = "/api/signal"},
                Random::from_number(1),
                packets};
  ResolveName query;
  StreamId stream;
  std::vector<OpenStream> opens;
  std::vector<StreamId> closed;
  std::string sent;
  bool opened = false;
  std::vector<std::string> texts;
  std::vector<ClientClosed> ends;
};

//= RFC 6455 §4.1 test
TEST_F(WebSocketClient, asks_for_the_upgrade_and_speaks_then) {
  open();
  ASSERT_EQ(opens.size(), 1U);
  EXPECT_EQ(opens[0].kind, StreamKind::kTls);
  EXPECT_EQ(opens[0].remote, (TransportAddress{kFirst, Port{8443}}));
  EXPECT_EQ(opens[0].server_name, "meet.example");
  tell(StreamOpened{stream, {}});
  EXPECT_THAT(sent, testing::StartsWith("GET /api/signal HTTP/1.1\r\nHost: meet.example:8443\r\n"));
  EXPECT_THAT(sent, HasSubstr("Sec-WebSocket-Version: 13\r\n"));
  EXPECT_FALSE(opened);
  hear(acceptance() + text_frame("hello"));
  EXPECT_TRUE(opened);
  EXPECT_THAT(texts, testing::ElementsAre("hello"));
  sent.clear();
  client.send("good day");
  settle();
  const auto heard = received_by_server();
  ASSERT_EQ(heard.size(), 1U);
  EXPECT_EQ(std::get<TextMessage>(heard[0]).text, "good day");
}

TEST_F(WebSocketClient, takes_an_answer_cut_anywhere) {
  for (std::size_t cut = 1; cut < 100; ++cut) {
    client.close(false);
    texts.clear();
    sent.clear();
    opened = false;
    open();
    tell(StreamOpened{stream, {}});
    const std::string all = acceptance() + text_frame("hello");
    hear(all.substr(0, cut));
    EXPECT_FALSE(opened);
    hear(all.substr(cut));
    EXPECT_TRUE(opened);
    EXPECT_THAT(texts, testing::ElementsAre("hello")) << cut;
  }
}

TEST_F(WebSocketClient, tries_the_addresses_one_after_the_other) {
  open({kFirst, kSecond});
  tell(StreamClosed{stream, StreamEnd::kRefused});
  ASSERT_EQ(opens.size(), 2U);
  EXPECT_EQ(opens[1].remote.ip, kSecond);
  EXPECT_TRUE(ends.empty());
  tell(StreamClosed{stream, StreamEnd::kNoAnswer});
  ASSERT_EQ(ends.size(), 1U);
  EXPECT_EQ(ends[0].end, ClientEnd::kNoAnswer);
}

TEST_F(WebSocketClient, gives_up_an_address_at_the_deadline_and_not_before) {
  open({kFirst, kSecond});
  advance(5s - 1us);
  EXPECT_EQ(opens.size(), 1U);
  advance(1us);
  ASSERT_EQ(opens.size(), 2U);
  EXPECT_THAT(closed, testing::ElementsAre(opens[0].stream));
  tell(StreamOpened{stream, {}});
  advance(5s);
  ASSERT_EQ(ends.size(), 1U) << "TLS and the upgrade count as well";
  EXPECT_EQ(ends[0].end, ClientEnd::kNoAnswer);
}

TEST_F(WebSocketClient, a_name_without_addresses_and_one_that_nobody_answers_for) {
  open({});
  ASSERT_EQ(ends.size(), 1U);
  EXPECT_EQ(ends[0].end, ClientEnd::kNoName);
  client.open(now);
  settle();
  advance(10s - 1us);
  EXPECT_EQ(ends.size(), 1U);
  advance(1us);
  EXPECT_EQ(ends.size(), 2U);
}

TEST_F(WebSocketClient, says_what_http_answered_instead) {
  for (const auto& [answer, status] :
       {std::pair("HTTP/1.1 404 Not Found\r\n\r\n", 404),
        std::pair("HTTP/1.1 503 Later\r\nRetry-After: 1\r\n\r\n", 503),
        std::pair("SSH-2.0-OpenSSH\r\n\r\n", 0)}) {
    open();
    tell(StreamOpened{stream, {}});
    hear(answer);
    EXPECT_EQ(ends.back().end, ClientEnd::kNotUpgraded);
    EXPECT_EQ(ends.back().status, status);
  }
  EXPECT_FALSE(opened);
}

TEST_F(WebSocketClient, refuses_an_acceptance_that_was_not_made_for_its_key) {
  open();
  tell(StreamOpened{stream, {}});
  std::string wrong = acceptance();
  wrong[wrong.find("Accept: ") + 8] ^= 1;
  hear(wrong);
  EXPECT_FALSE(opened);
  EXPECT_EQ(ends.back().end, ClientEnd::kNotUpgraded);
}

TEST_F(WebSocketClient, an_answer_without_end_is_none) {
  open();
  tell(StreamOpened{stream, {}});
  hear("HTTP/1.1 101 Yes\r\nX: " + std::string(16 * 1024 - 21, 'x'));
  EXPECT_TRUE(ends.empty());
  hear("xx");
  EXPECT_EQ(ends.size(), 1U);
}

TEST_F(WebSocketClient, answers_pings_and_goodbyes) {
  open_all_the_way();
  std::string wire;
  Encoder server(Role::kServer);
  server.ping("abc", wire);
  server.close(CloseCode::kGoingAway, "restart", wire);
  hear(wire);
  const auto heard = received_by_server();
  ASSERT_EQ(heard.size(), 2U);
  EXPECT_EQ(std::get<Pong>(heard[0]).payload, "abc");
  EXPECT_EQ(std::get<Close>(heard[1]).code, CloseCode::kGoingAway);
  ASSERT_EQ(ends.size(), 1U);
  EXPECT_EQ(ends[0].end, ClientEnd::kClosed);
  EXPECT_EQ(ends[0].status, CloseCode::kGoingAway);
  EXPECT_FALSE(client.is_open());
}

TEST_F(WebSocketClient, a_clean_end_says_goodbye_and_the_other_only_breaks_off) {
  open_all_the_way();
  client.close(true);
  settle();
  EXPECT_EQ(std::get<Close>(received_by_server().at(0)).code, CloseCode::kNormal);
  EXPECT_EQ(closed.size(), 1U);
  opened = false;
  sent.clear();
  open_all_the_way();
  client.close(false);
  settle();
  EXPECT_EQ(sent, "");
  EXPECT_EQ(closed.size(), 2U);
  EXPECT_TRUE(ends.empty()) << "who closes is not told";
}

TEST_F(WebSocketClient, a_connection_that_was_given_up_is_not_heard) {
  open_all_the_way();
  const StreamId old = stream;
  client.close(false);
  open();
  tell(StreamBytes{old, as_bytes(text_frame("late"))});
  tell(StreamClosed{old, StreamEnd::kByPeer});
  EXPECT_TRUE(texts.empty());
  EXPECT_TRUE(ends.empty());
}

TEST_F(WebSocketClient, a_server_that_masks_breaks_the_protocol) {
  open_all_the_way();
  Random random = Random::from_number(2);
  std::string wire;
  Encoder(Role::kClient, &random).text("hello", wire);
  hear(wire);
  ASSERT_EQ(ends.size(), 1U);
  EXPECT_EQ(ends[0].end, ClientEnd::kBroken);
}

TEST_F(WebSocketClient, an_untrusted_certificate_is_told) {
  open();
  tell(StreamClosed{stream, StreamEnd::kNoCertificate});
  ASSERT_EQ(ends.size(), 1U);
  EXPECT_EQ(to_string(ends[0].end), "no_certificate");
}

}  // namespace
}  // namespace beeline::websocket
