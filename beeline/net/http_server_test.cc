// The HTTP server over real loopback connections: requests, WebSockets, TLS told from clear text,
// limits.
#include "beeline/net/http_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <set>

#include "beeline/websocket/codec.h"

namespace beeline::net {
namespace {

using boost::asio::ip::tcp;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

constexpr std::string_view kHandshake =
    "GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: keep-alive, "
    "Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

class HttpServerTest : public testing::Test {
 protected:
  void serve(HttpServer::Limits limits = {}) {
    HttpServer::Callbacks callbacks;
    callbacks.request = [](const HttpRequest& request) -> HttpAnswer {
      if (request.wants_websocket()) return OpenWebSocket{};
      if (request.path() == "/events") return OpenEventStream{{{"X-Test", "yes"}}};
      return HttpResponse::text(200, request.method + " " + request.target + "\n");
    };
    callbacks.channel_opened = [this](ChannelId id, const HttpRequest&) { open_.insert(id.value); };
    callbacks.channel_text = [this](ChannelId id, std::string_view text) {
      heard_.emplace_back(text);
      server_->channel_send(id, "echo " + std::string(text));
    };
    callbacks.channel_binary = [this](ChannelId) { heard_.emplace_back("(binary)"); };
    callbacks.channel_closed = [this](ChannelId id, bool clean) {
      open_.erase(id.value);
      closed_.push_back(clean);
    };
    callbacks.stun_stream = on_stun_;
    server_ = std::make_unique<HttpServer>(loop_, limits, std::move(callbacks));
    auto listener =
        TcpListener::listen(loop_, {IpAddress::loopback(IpFamily::kV4), Port{0}},
                            [this](FileDescriptor socket) { server_->accept(std::move(socket)); });
    ASSERT_TRUE(listener);
    listener_ = std::move(*listener);
  }

  // One client of the server, on the same loop.
  struct Client {
    explicit Client(HttpServerTest& test) : socket(test.loop_.io()) {
      socket.connect({boost::asio::ip::address_v4::loopback(), test.listener_->local().port.value});
      read();
    }
    void read() {
      socket.async_read_some(boost::asio::buffer(buffer),
                             [this](const boost::system::error_code& error, std::size_t count) {
                               received.append(buffer.data(), count);
                               ended = static_cast<bool>(error);
                               if (!error) read();
                             });
    }
    void send(std::string_view bytes) {
      boost::asio::write(socket, boost::asio::buffer(bytes.data(), bytes.size()));
    }
    void send_text(std::string_view text) {
      std::string wire;
      encoder.text(text, wire);
      send(wire);
    }
    Random random = Random::from_number(1);
    websocket::Encoder encoder{websocket::Role::kClient, &random};
    tcp::socket socket;
    std::array<char, 4096> buffer{};
    std::string received;
    bool ended = false;
  };

  // Runs the loop until `done` or, in a broken test, for five seconds.
  template <typename Done>
  void until(Done done) {
    const Instant give_up = loop_.now() + std::chrono::seconds(5);
    while (!done() && loop_.now() < give_up) {
      loop_.io().restart();
      loop_.io().run_one_for(std::chrono::milliseconds(50));
    }
    EXPECT_TRUE(done());
  }

  EventLoop loop_;
  std::unique_ptr<HttpServer> server_;
  std::unique_ptr<TcpListener> listener_;
  std::function<void(std::shared_ptr<TcpStream>, Bytes)> on_stun_;
  std::set<std::uint64_t> open_;
  std::vector<std::string> heard_;
  std::vector<bool> closed_;
};

TEST_F(HttpServerTest, answers_several_requests_on_one_connection_in_order) {
  serve();
  Client client(*this);
  client.send(
      "GET /1 HTTP/1.1\r\n\r\nHEAD /2 HTTP/1.1\r\n\r\nGET /3 HTTP/1.1\r\nConnection: "
      "close\r\n\r\n");
  until([&] { return client.ended; });
  EXPECT_THAT(client.received, HasSubstr("GET /1\n"));
  EXPECT_THAT(client.received, testing::Not(HasSubstr("HEAD /2\n")));
  EXPECT_THAT(client.received, testing::EndsWith("GET /3\n"));
}

TEST_F(HttpServerTest, what_is_not_http_gets_an_answer_and_is_closed) {
  serve();
  Client client(*this);
  client.send("nonsense\r\n\r\n");
  until([&] { return client.ended; });
  EXPECT_THAT(client.received, StartsWith("HTTP/1.1 400 "));
  until([&] { return server_->connections() == 0; });
}

TEST_F(HttpServerTest, a_connection_that_starts_with_stun_goes_to_who_wants_it) {
  const std::string_view message("\x00\x01\x00\x00\x21\x12\xA4\x42", 8);
  {
    serve();
    Client client(*this);
    client.send(message);
    client.send("\r\n\r\n");
    until([&] { return client.ended; });
    EXPECT_THAT(client.received, StartsWith("HTTP/1.1 400 ")) << "nobody wants it";
  }
  std::shared_ptr<TcpStream> taken;
  std::string heard;
  bool closed = false;
  on_stun_ = [&](std::shared_ptr<TcpStream> stream, Bytes first) {
    taken = std::move(stream);
    heard = as_text(first);
    taken->take_over({.received = [&](Bytes more) { heard += as_text(more); },
                      .closed = [&] { closed = true; }});
    taken->send("answer");
  };
  serve();
  Client client(*this);
  client.send(message);
  until([&] { return heard == message && server_->connections() == 0; });
  client.send("more");
  until([&] { return heard.ends_with("more") && client.received == "answer"; });
  EXPECT_FALSE(closed);
  client.socket.close();
  until([&] { return closed; });
}

TEST_F(HttpServerTest,
       a_stream_takes_and_gives_more_than_fits_at_once_and_hears_the_end_after_a_pause) {
  constexpr std::size_t kMuch = 8 * 1024 * 1024;
  std::shared_ptr<TcpStream> taken;
  std::size_t heard = 0;
  bool closed = false;
  on_stun_ = [&](std::shared_ptr<TcpStream> stream, Bytes first) {
    taken = std::move(stream);
    heard = first.size();
    taken->take_over(
        {.received = [&](Bytes more) { heard += more.size(); }, .closed = [&] { closed = true; }});
    taken->send(std::string(kMuch, 'x'));
  };
  serve();
  Client client(*this);
  client.send(std::string_view("\x00\x01", 2));
  until([&] { return client.received.size() == kMuch; });
  EXPECT_EQ(taken->unsent_bytes(), 0U);
  const std::string much(kMuch / 8, 'y');
  std::size_t sent = 0;
  client.socket.non_blocking(true);
  until([&] {
    boost::system::error_code full;
    sent +=
        client.socket.write_some(boost::asio::buffer(much.data() + sent, much.size() - sent), full);
    return sent == much.size();
  });
  until([&] { return heard == 2 + much.size(); });
  taken->pause();
  client.send("last words");
  client.socket.shutdown(tcp::socket::shutdown_send);
  const Instant settled = loop_.now() + std::chrono::milliseconds(50);
  until([&] { return loop_.now() > settled; });
  EXPECT_EQ(heard, 2 + much.size());
  EXPECT_FALSE(closed) << "it is paused";
  taken->resume();
  until([&] { return closed; });
  EXPECT_EQ(heard, 2 + much.size() + 10);
}

TEST_F(HttpServerTest, a_websocket_opens_echoes_and_says_goodbye) {
  serve();
  Client client(*this);
  client.send(kHandshake);
  until([&] { return open_.size() == 1; });
  client.send_text("hello");
  until([&] { return client.received.ends_with("echo hello"); });
  EXPECT_THAT(client.received, HasSubstr("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
  std::string wire;
  client.encoder.close(1001, "", wire);
  client.send(wire);
  until([&] { return client.ended && server_->connections() == 0; });
  EXPECT_THAT(closed_, ElementsAre(true));
}

TEST_F(HttpServerTest, frames_that_come_with_the_handshake_are_not_lost) {
  serve();
  Client client(*this);
  std::string wire(kHandshake);
  client.encoder.text("early", wire);
  client.send(wire);
  until([&] { return !heard_.empty(); });
  EXPECT_THAT(heard_, ElementsAre("early"));
}

TEST_F(HttpServerTest, a_connection_that_breaks_is_not_a_goodbye) {
  serve();
  {
    Client client(*this);
    client.send(kHandshake);
    until([&] { return open_.size() == 1; });
    boost::system::error_code ignored;
    client.socket.close(ignored);
    until([&] { return closed_.size() == 1; });
  }
  EXPECT_THAT(closed_, ElementsAre(false));
}

TEST_F(HttpServerTest, the_server_closes_and_hears_no_more_of_it) {
  serve();
  Client client(*this);
  client.send(kHandshake);
  until([&] { return open_.size() == 1; });
  server_->channel_close(ChannelId{*open_.begin()}, 1008);
  until([&] { return client.received.ends_with(std::string("\x88\x02\x03\xF0", 4)); });
  client.send_text("too late");
  std::string wire;
  client.encoder.close(1008, "", wire);
  client.send(wire);
  until([&] { return client.ended && server_->connections() == 0; });
  EXPECT_TRUE(heard_.empty());
  EXPECT_TRUE(closed_.empty());
}

TEST_F(HttpServerTest, a_violation_is_answered_with_its_code) {
  serve();
  Client client(*this);
  client.send(kHandshake);
  until([&] { return open_.size() == 1; });
  client.send(std::string("\x81\x01x", 3));  // not masked
  until([&] { return client.ended; });
  EXPECT_TRUE(client.received.ends_with(std::string("\x88\x02\x03\xEA", 4)));
  EXPECT_THAT(closed_, ElementsAre(false));
}

TEST_F(HttpServerTest, handshakes_that_are_not_right_are_refused) {
  serve();
  for (const auto& [from, to] :
       {std::pair("Version: 13", "Version: 8"), std::pair("dGhlIHNhbXBsZSBub25jZQ==", "")}) {
    std::string handshake(kHandshake);
    handshake.replace(handshake.find(from), std::string(from).size(), to);
    Client client(*this);
    client.send(handshake);
    until([&] { return client.ended; });
    EXPECT_THAT(client.received, StartsWith("HTTP/1.1 4"));
  }
  EXPECT_TRUE(open_.empty());
}

TEST_F(HttpServerTest, a_request_that_does_not_come_in_time_is_let_go) {
  HttpServer::Limits limits;
  limits.request_time = std::chrono::seconds(0);
  serve(limits);
  Client client(*this);
  until([&] { return client.ended; });
  EXPECT_EQ(server_->connections(), 0U);
}

TEST_F(HttpServerTest, one_source_cannot_take_all_connections) {
  HttpServer::Limits limits;
  limits.connections_per_source = 2;
  serve(limits);
  Client one(*this);
  Client two(*this);
  until([&] { return server_->connections() == 2; });
  Client three(*this);
  until([&] { return three.ended; });
  EXPECT_EQ(server_->refused(), 1U);
  EXPECT_FALSE(one.ended);
}

TEST_F(HttpServerTest, a_peer_that_answers_no_ping_is_gone) {
  HttpServer::Limits limits;
  limits.alive_every = std::chrono::seconds(0);
  serve(limits);
  Client client(*this);
  client.send(kHandshake);
  until([&] { return closed_.size() == 1; });
  EXPECT_THAT(closed_, ElementsAre(false));
}

constexpr std::string_view kOpenEvents = "POST /events HTTP/1.1\r\nHost: localhost\r\n\r\n";

TEST_F(HttpServerTest, an_event_stream_stays_open_and_carries_each_message_as_an_event) {
  serve();
  Client client(*this);
  client.send(kOpenEvents);
  until([&] { return open_.size() == 1; });
  const ChannelId id{*open_.begin()};
  server_->channel_send(id, "{}");
  until([&] { return client.received.ends_with("a\r\ndata: {}\n\n\r\n"); });
  EXPECT_THAT(client.received, StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(client.received, HasSubstr("Content-Type: text/event-stream\r\n"));
  EXPECT_THAT(client.received, HasSubstr("X-Test: yes\r\n"));
  client.send("GET /ignored HTTP/1.1\r\n\r\n");
  server_->channel_close(id, 1000);
  until([&] { return client.ended && server_->connections() == 0; });
  EXPECT_TRUE(client.received.ends_with("0\r\n\r\n"));
  EXPECT_TRUE(closed_.empty()) << "whoever closes knows it";
}

TEST_F(HttpServerTest, the_end_of_an_event_stream_is_noticed_and_is_no_goodbye) {
  serve();
  Client client(*this);
  client.send(kOpenEvents);
  until([&] { return open_.size() == 1; });
  client.socket.close();
  until([&] { return closed_.size() == 1; });
  EXPECT_THAT(closed_, ElementsAre(false));
}

TEST_F(HttpServerTest, an_event_stream_shows_that_it_lives) {
  HttpServer::Limits limits;
  limits.alive_every = std::chrono::seconds(0);
  serve(limits);
  Client client(*this);
  client.send(kOpenEvents);
  until([&] { return client.received.ends_with(kAliveChunk); });
  EXPECT_TRUE(closed_.empty());
}

TEST_F(HttpServerTest, who_says_more_than_the_rate_is_read_more_slowly_and_loses_nothing) {
  HttpServer::Limits limits;
  limits.messages = {3, std::chrono::milliseconds(20)};
  serve(limits);
  Client client(*this);
  client.send(kHandshake);
  until([&] { return open_.size() == 1; });
  const Instant start = loop_.now();
  std::string wire;
  for (int i = 0; i < 8; ++i) client.encoder.text(std::to_string(i), wire);
  client.send(wire);
  client.send_text("8");  // waits in the socket
  until([&] { return heard_.size() == 9; });
  EXPECT_THAT(heard_, ElementsAre("0", "1", "2", "3", "4", "5", "6", "7", "8"));
  EXPECT_GE(loop_.now() - start, 6 * limits.messages.interval);
  EXPECT_TRUE(closed_.empty());
}

TEST_F(HttpServerTest, messages_of_an_event_stream_count_against_its_rate) {
  HttpServer::Limits limits;
  limits.messages = {3, std::chrono::seconds(10)};
  serve(limits);
  Client client(*this);
  client.send(kOpenEvents);
  until([&] { return open_.size() == 1; });
  const ChannelId id{*open_.begin()};
  server_->channel_received(id, 2);
  EXPECT_EQ(server_->channel_must_wait(id), Duration(0));
  server_->channel_received(id, 2);
  EXPECT_GT(server_->channel_must_wait(id), std::chrono::seconds(9));
}

TEST_F(HttpServerTest, a_reader_that_does_not_read_is_let_go) {
  HttpServer::Limits limits;
  limits.unsent_bytes = 100'000;
  serve(limits);
  Client client(*this);
  client.send(kHandshake);
  until([&] { return open_.size() == 1; });
  const ChannelId id{*open_.begin()};
  server_->channel_send(id, std::string(100'000 - 16, 'x'));
  EXPECT_EQ(server_->connections(), 1U);
  // As much again as fits into both sockets is out of our hands.
  for (int i = 0; i < 1000 && closed_.empty(); ++i) {
    server_->channel_send(id, std::string(100'000, 'x'));
    loop_.io().restart();
    loop_.io().poll_one();
  }
  until([&] { return closed_.size() == 1; });
  EXPECT_THAT(closed_, ElementsAre(false));
}

TEST_F(HttpServerTest, shared_texts_arrive_whole_and_in_order_also_where_they_do_not_fit) {
  HttpServer::Limits limits;
  limits.unsent_bytes = 64 * 1024 * 1024;
  serve(limits);
  Client client(*this);
  client.send(kHandshake);
  until([&] { return open_.size() == 1; });
  const ChannelId id{*open_.begin()};
  until([&] { return client.received.ends_with("\r\n\r\n"); });
  client.received.clear();
  const SharedText shared = loop_.texts().make({std::string(3000, 's')});
  constexpr std::size_t kMessages = 3000;  // more than the sockets hold
  for (std::size_t i = 0; i < kMessages; ++i)
    server_->channel_send(id, std::to_string(i) + ":", i % 3 == 0 ? SharedText() : shared);
  websocket::Decoder decoder(websocket::Role::kClient, {});
  std::size_t next = 0;
  until([&] {
    Bytes bytes = as_bytes(client.received);
    while (const auto one = decoder.read(bytes)) {
      const std::string expected =
          std::to_string(next) + ":" + (next % 3 == 0 ? "" : std::string(3000, 's'));
      EXPECT_EQ(std::get<websocket::TextMessage>(*one).text, expected);
      ++next;
    }
    client.received.clear();
    return next == kMessages;
  });
}

TEST_F(HttpServerTest, a_second_request_may_not_trickle_in_either) {
  HttpServer::Limits limits;
  limits.request_time = std::chrono::seconds(1);
  serve(limits);
  Client client(*this);
  const Instant start = loop_.now();
  client.send("GET /1 HTTP/1.1\r\n\r\nGET");
  until([&] { return client.ended; });
  EXPECT_THAT(client.received, HasSubstr("GET /1\n"));
  EXPECT_LT(loop_.now() - start, limits.keep_alive_time);
}

TEST_F(HttpServerTest, a_tls_handshake_that_stops_is_let_go_like_a_request_that_does) {
  HttpServer::Limits limits;
  limits.request_time = std::chrono::seconds(1);
  serve(limits);
  auto identity = crypto::make_server_certificate(
      crypto::make_authority("test", loop_.wall_time(), std::chrono::days(1)), {{"localhost"}, {}},
      loop_.wall_time(), std::chrono::days(1));
  server_->set_tls(*TlsServer::make(*identity));
  Client client(*this);
  client.send("\x16\x03\x01\x02");
  until([&] { return client.ended; });
  EXPECT_EQ(server_->connections(), 0U);
}

// Handshakes of real clients that are unusual and right (flutter-webrtc sends twelve characters in
// lower case as its key).
//= RFC 6455 §4.2 test
TEST_F(HttpServerTest, odd_handshakes_of_real_clients_are_accepted) {
  serve();
  for (const std::string_view handshake :
       {"GET /ws HTTP/1.1\r\nHOST: x\r\nUPGRADE: WebSocket\r\nCONNECTION: keep-alive, "
        "Upgrade\r\nSEC-WEBSOCKET-VERSION: 13\r\nSEC-WEBSOCKET-KEY: 1a2b3c4d5e6f\r\n\r\n",
        "GET /ws HTTP/1.1\r\nhost: x\r\nsec-websocket-protocol: none\r\nupgrade: "
        "websocket\r\nconnection: Upgrade,keep-alive\r\nsec-websocket-extensions: "
        "permessage-deflate\r\nsec-websocket-version: 13\r\nsec-websocket-key: k\r\n\r\n"}) {
    Client client(*this);
    for (const char byte : handshake) {
      client.send({&byte, 1});
      loop_.io().restart();
      loop_.io().poll();
    }
    until([&] { return client.received.ends_with("\r\n\r\n"); });
    EXPECT_THAT(client.received, StartsWith("HTTP/1.1 101 "));
    EXPECT_THAT(client.received, testing::Not(HasSubstr("permessage-deflate")));
  }
}

}  // namespace
}  // namespace beeline::net
