// ClientHost over real loopback sockets, with a core that does what the test says and remembers
// what it is told.
#include "beeline/net/client_host.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "beeline/crypto/certificate.h"
#include "beeline/net/test_core.h"

namespace beeline::net {
namespace {

using std::chrono::milliseconds;
using testing::Contains;
using testing::IsEmpty;
using testing::SizeIs;

const IpAddress kLoopback = IpAddress::loopback(IpFamily::kV4);
const TransportAddress kAnyPort{kLoopback, Port{0}};

class ClientHostTest : public testing::Test {
 protected:
  void make(ClientIoSettings settings = {}) {
    host = std::make_unique<ClientHost<TestCore, ClientHostTest>>(loop, core, *this,
                                                                  std::move(settings));
  }
  void ask(HostRequest request) {
    core.events.push(std::move(request));
    host->settle();
  }
  void send(SocketId socket, const TransportAddress& to, std::string_view text) {
    core.transmits.push(SendDatagram{socket, to, loop.packets().make(as_bytes(text))});
    host->settle();
  }
  void send(StreamId stream, std::string_view text) {
    core.transmits.push(SendStream{stream, loop.packets().make(as_bytes(text))});
    host->settle();
  }
  void run(const std::function<bool()>& done) { run_until(loop, done); }
  TransportAddress bind(std::uint32_t id) {
    ask(BindUdp{{id}, kAnyPort});
    EXPECT_THAT(core.all<UdpBound>(), Not(IsEmpty()));
    return core.all<UdpBound>().back()->local;
  }
  TransportAddress listen(std::uint32_t id) {
    ask(ListenStreams{{id}, kAnyPort});
    EXPECT_THAT(core.all<StreamListening>(), Not(IsEmpty()));
    return core.all<StreamListening>().back()->local;
  }

 public:
  void handle_event(TestCore::Event event) { said.push_back(std::get<Said>(event).number); }

 protected:
  EventLoop loop;
  TestCore core;
  std::vector<int> said;
  std::unique_ptr<ClientHost<TestCore, ClientHostTest>> host;
};

TEST_F(ClientHostTest, requests_are_served_and_other_events_given_to_the_owner) {
  make();
  core.events.push(Said{7});
  ask(BindUdp{{1}, kAnyPort});
  EXPECT_THAT(said, testing::ElementsAre(7));
  EXPECT_THAT(core.all<UdpBound>(), SizeIs(1)) << "answered in the same drain";
}

TEST_F(ClientHostTest, datagrams_arrive_and_a_released_socket_is_silent) {
  make();
  const TransportAddress one = bind(1);
  const TransportAddress two = bind(2);
  send(SocketId{1}, two, "hello");
  run([&] { return !core.all<Datagram>().empty(); });
  ASSERT_THAT(core.all<Datagram>(), SizeIs(1));
  EXPECT_EQ(core.all<Datagram>()[0]->socket, SocketId{2});
  EXPECT_EQ(core.all<Datagram>()[0]->source, one);
  EXPECT_EQ(as_text(core.all<Datagram>()[0]->packet.bytes()), "hello");
  send(SocketId{1}, two, "unheard");
  send(SocketId{2}, one, "its last word");
  ask(ReleaseUdp{{2}});
  run([&] { return core.all<Datagram>().size() == 2; });
  EXPECT_EQ(core.all<Datagram>()[1]->socket, SocketId{1});
  send(SocketId{2}, one, "too late");
  EXPECT_EQ(host->io().counters().unsent, 1U);
  EXPECT_THAT(core.all<UdpClosed>(), IsEmpty());
}

TEST_F(ClientHostTest, what_cannot_be_bound_is_closed) {
  make();
  const TransportAddress taken = bind(1);
  ask(BindUdp{{2}, taken});
  ask(BindUdp{{3}, {*IpAddress::parse("192.0.2.1"), Port{0}}});
  ask(ListenStreams{{4}, {*IpAddress::parse("192.0.2.1"), Port{0}}});
  ASSERT_THAT(core.all<UdpClosed>(), SizeIs(2));
  ASSERT_THAT(core.all<StreamClosed>(), SizeIs(1));
  EXPECT_EQ(core.all<StreamClosed>()[0]->reason, StreamEnd::kLocal);
}

TEST_F(ClientHostTest, a_group_is_heard_by_all_who_joined_and_the_port_by_one) {
  make();
  const Port port = bind(1).port;  // a free one
  ask(ReleaseUdp{{1}});
  run([&] { return true; });
  loop.io().poll();
  const TransportAddress group{*IpAddress::parse("224.0.0.251"), port};
  ask(JoinGroup{{2}, group, kLoopback});
  ask(JoinGroup{{3}, group, kLoopback});
  ASSERT_THAT(core.all<UdpBound>(), SizeIs(3));
  EXPECT_EQ(core.all<UdpBound>().back()->local, (TransportAddress{kLoopback, port}));
  send(SocketId{2}, group, "to all");
  run([&] { return core.all<Datagram>().size() == 2; });
  EXPECT_NE(core.all<Datagram>()[0]->socket, core.all<Datagram>()[1]->socket);
  EXPECT_EQ(core.all<Datagram>()[0]->source, (TransportAddress{kLoopback, port}));
  bind(4);
  send(SocketId{4}, {kLoopback, port}, "to one");
  run([&] { return core.all<Datagram>().size() == 3; });
  ask(JoinGroup{{5}, group, *IpAddress::parse("192.0.2.1")});
  EXPECT_THAT(core.all<UdpClosed>(), SizeIs(1)) << "no interface has that address";
}

TEST_F(ClientHostTest, a_stream_is_opened_accepted_used_and_closed) {
  make();
  const TransportAddress server = listen(1);
  ask(OpenStream{{2}, StreamKind::kTcp, kLoopback, server, ""});
  run([&] { return !core.all<StreamOpened>().empty() && !core.all<StreamAccepted>().empty(); });
  const StreamAccepted accepted = *core.all<StreamAccepted>().at(0);
  EXPECT_EQ(accepted.listener, StreamId{1});
  EXPECT_GE(accepted.stream.value, StreamId::kAccepted);
  EXPECT_EQ(accepted.remote, core.all<StreamOpened>()[0]->local);
  send(StreamId{2}, "question");
  run([&] { return core.received[accepted.stream] == "question"; });
  send(accepted.stream, "answer");
  ask(CloseStream{accepted.stream});
  run([&] { return !core.all<StreamClosed>().empty(); });
  EXPECT_EQ(core.received[StreamId{2}], "answer") << "also what was sent just before";
  ASSERT_THAT(core.all<StreamClosed>(), SizeIs(1));
  EXPECT_EQ(core.all<StreamClosed>()[0]->stream, StreamId{2});
  EXPECT_EQ(core.all<StreamClosed>()[0]->reason, StreamEnd::kByPeer);
  send(StreamId{2}, "to nobody");
  EXPECT_EQ(host->io().counters().unsent, 1U);
}

TEST_F(ClientHostTest, a_closed_listener_accepts_nobody) {
  make();
  const TransportAddress server = listen(1);
  ask(CloseStream{{1}});
  run([&] { return true; });
  loop.io().poll();
  ask(OpenStream{{2}, StreamKind::kTcp, kLoopback, server, ""});
  run([&] { return !core.all<StreamClosed>().empty(); });
  ASSERT_THAT(core.all<StreamClosed>(), SizeIs(1));
  EXPECT_EQ(core.all<StreamClosed>()[0]->reason, StreamEnd::kRefused);
  EXPECT_THAT(core.all<StreamAccepted>(), IsEmpty());
}

TEST_F(ClientHostTest, a_stream_from_an_address_that_is_not_ours_is_closed) {
  make();
  const TransportAddress server = listen(1);
  ask(OpenStream{{2}, StreamKind::kTcp, *IpAddress::parse("192.0.2.1"), server, ""});
  EXPECT_THAT(core.all<StreamClosed>(), IsEmpty()) << "from the loop, like every news of a stream";
  run([&] { return !core.all<StreamClosed>().empty(); });
  EXPECT_EQ(core.all<StreamClosed>()[0]->reason, StreamEnd::kLocal);
}

TEST_F(ClientHostTest, a_stream_that_the_core_closes_says_nothing_more) {
  make();
  const TransportAddress server = listen(1);
  ask(OpenStream{{2}, StreamKind::kTcp, kLoopback, server, ""});
  ask(CloseStream{{2}});
  ask(OpenStream{{3}, StreamKind::kTcp, kLoopback, server, ""});
  run([&] { return !core.all<StreamOpened>().empty(); });
  EXPECT_EQ(core.all<StreamOpened>()[0]->stream, StreamId{3});
  EXPECT_THAT(core.all<StreamClosed>(), IsEmpty());
}

TEST_F(ClientHostTest, a_server_that_says_nothing_is_given_up) {
  ClientIoSettings settings;
  settings.stream_patience = milliseconds(50);
  make(std::move(settings));
  const TransportAddress server = listen(1);
  ask(OpenStream{{2}, StreamKind::kTls, kLoopback, server, "localhost"});
  const Instant start = loop.now();
  run([&] { return !core.all<StreamClosed>().empty(); });
  EXPECT_EQ(core.all<StreamClosed>()[0]->reason, StreamEnd::kNoAnswer);
  EXPECT_GE(loop.now() - start, milliseconds(50));
  EXPECT_THAT(core.all<StreamOpened>(), IsEmpty()) << "TCP alone is not open";
}

TEST_F(ClientHostTest, what_is_not_read_is_told_and_so_is_the_end_of_it) {
  make();
  const FileDescriptor server(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const SocketAddress any(kAnyPort);
  ASSERT_EQ(::bind(server.get(), any.get(), any.size()), 0);
  ASSERT_EQ(::listen(server.get(), 1), 0);
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  ::getsockname(server.get(), reinterpret_cast<sockaddr*>(&storage), &size);
  ask(OpenStream{{1},
                 StreamKind::kTcp,
                 kLoopback,
                 *from_sockaddr(reinterpret_cast<const sockaddr&>(storage)),
                 ""});
  run([&] { return !core.all<StreamOpened>().empty(); });
  const FileDescriptor accepted(::accept(server.get(), nullptr, nullptr));
  const std::string packet(2000, 'x');
  std::size_t sent = 0;
  while (core.all<StreamWritable>().empty() && sent < 100'000'000) {
    send(StreamId{1}, packet);
    sent += packet.size();
    loop.io().poll();
  }
  ASSERT_THAT(core.all<StreamWritable>(), SizeIs(1));
  EXPECT_FALSE(core.all<StreamWritable>()[0]->writable);
  std::size_t read = 0;
  std::vector<char> buffer(1 << 20);
  while (read < sent) {
    const ssize_t count = ::recv(accepted.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (count > 0) read += static_cast<std::size_t>(count);
    loop.io().poll();
  }
  run([&] { return core.all<StreamWritable>().size() == 2; });
  EXPECT_TRUE(core.all<StreamWritable>()[1]->writable);
}

class ClientHostTls : public ClientHostTest {
 protected:
  ClientHostTls() {
    const WallTime now = loop.wall_time();
    authority = crypto::make_authority("test", now, std::chrono::days(1));
    const auto identity = crypto::make_server_certificate(authority, {{"localhost"}, {kLoopback}},
                                                          now, std::chrono::days(1));
    tls = *TlsServer::make(*identity);
    listener = std::move(*TcpListener::listen(loop, kAnyPort, [this](auto socket) {
      stream = std::make_shared<TcpStream>(loop, std::move(socket), tls);
      stream->start({[this](Bytes bytes) { stream->send(as_text(bytes)); }, [] {}});
    }));
  }
  ~ClientHostTls() override {
    if (stream) stream->detach();
  }
  void open(const std::string& server_name) {
    ask(OpenStream{{1}, StreamKind::kTls, kLoopback, listener->local(), server_name});
    run([&] { return !core.all<StreamOpened>().empty() || !core.all<StreamClosed>().empty(); });
  }

  crypto::KeyPair authority;
  std::shared_ptr<TlsServer> tls;
  std::unique_ptr<TcpListener> listener;
  std::shared_ptr<TcpStream> stream;
};

TEST_F(ClientHostTls, bytes_go_both_ways_once_the_certificate_is_verified) {
  for (const char* name : {"localhost", "127.0.0.1"}) {
    core = {};
    ClientIoSettings settings;
    settings.authority_pem = authority.certificate_pem;
    make(std::move(settings));
    open(name);
    ASSERT_THAT(core.all<StreamOpened>(), SizeIs(1)) << name;
    send(StreamId{1}, "echo");
    run([&] { return core.received[StreamId{1}] == "echo"; });
    stream->detach();
    run([&] { return !core.all<StreamClosed>().empty(); });
    EXPECT_EQ(core.all<StreamClosed>()[0]->reason, StreamEnd::kByPeer);
  }
}

TEST_F(ClientHostTls, a_certificate_for_another_name_or_of_a_stranger_is_not_trusted) {
  ClientIoSettings settings;
  settings.authority_pem = authority.certificate_pem;
  make(std::move(settings));
  open("example.com");
  ASSERT_THAT(core.all<StreamClosed>(), SizeIs(1));
  EXPECT_EQ(core.all<StreamClosed>()[0]->reason, StreamEnd::kNoCertificate);
  core = {};
  make();
  open("localhost");
  ASSERT_THAT(core.all<StreamClosed>(), SizeIs(1));
  EXPECT_EQ(core.all<StreamClosed>()[0]->reason, StreamEnd::kNoCertificate);
  EXPECT_THAT(core.all<StreamOpened>(), IsEmpty());
}

TEST_F(ClientHostTest, names_are_resolved_and_those_that_do_not_exist_are_empty) {
  make();
  ask(ResolveName{{1}, "192.0.2.7"});
  ASSERT_THAT(core.all<NameResolved>(), SizeIs(1));
  EXPECT_THAT(core.all<NameResolved>()[0]->addresses,
              testing::ElementsAre(*IpAddress::parse("192.0.2.7")));
  ask(ResolveName{{2}, "localhost"});
  run([&] { return core.all<NameResolved>().size() == 2; });
  EXPECT_EQ(core.all<NameResolved>()[1]->query, NameQueryId{2});
  EXPECT_THAT(core.all<NameResolved>()[1]->addresses, Contains(kLoopback));
  ask(ResolveName{{3}, "no..name"});
  run([&] { return core.all<NameResolved>().size() == 3; });
  EXPECT_THAT(core.all<NameResolved>()[2]->addresses, IsEmpty());
}

TEST_F(ClientHostTest, a_host_that_goes_away_in_the_middle_is_not_heard_of_again) {
  make();
  const TransportAddress one = bind(1);
  const TransportAddress server = listen(2);
  ask(OpenStream{{3}, StreamKind::kTcp, kLoopback, server, ""});
  ask(ResolveName{{4}, "localhost"});
  ask(WatchInterfaces{});
  send(SocketId{1}, one, "to itself");
  const std::size_t heard = core.inputs.size();
  host.reset();
  const Instant end = loop.now() + milliseconds(50);
  loop.io().run_until(std::chrono::steady_clock::time_point(end.since_start));
  EXPECT_EQ(core.inputs.size(), heard);
}

TEST_F(ClientHostTest, the_interfaces_are_told_at_once) {
  make();
  ask(WatchInterfaces{});
  ASSERT_THAT(core.all<InterfacesChanged>(), SizeIs(1));
  EXPECT_THAT(core.all<InterfacesChanged>()[0]->interfaces, Contains(Interface{"lo", kLoopback}));
}

}  // namespace
}  // namespace beeline::net
