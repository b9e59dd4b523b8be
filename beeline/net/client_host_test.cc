// ClientHost over real loopback sockets, with a core that does what the test says and remembers
// what it is told.
#include "beeline/net/client_host.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/wait.h>

#include <cstring>
#include <deque>
#include <string>
#include <vector>

#include "beeline/crypto/certificate.h"

namespace beeline::net {
namespace {

using std::chrono::milliseconds;
using testing::Contains;
using testing::IsEmpty;
using testing::SizeIs;

const IpAddress kLoopback = IpAddress::loopback(IpFamily::kV4);
const TransportAddress kAnyPort{kLoopback, Port{0}};

struct Said {
  int number = 0;
};

class TestCore {
 public:
  using Input = HostInput;
  using Transmit = HostTransmit;
  using Event = std::variant<HostRequest, Said>;

  void handle_input(Input input, Instant) {
    if (const auto* bytes = std::get_if<StreamBytes>(&input)) {
      received[bytes->stream] += as_text(bytes->bytes);
    } else {
      inputs.push_back(std::move(input));
    }
    if (on_input) on_input();
  }
  void handle_timeout(Instant) {}
  void flush(Instant) {}
  std::optional<Transmit> poll_transmit() { return pop(transmits); }
  std::optional<Event> poll_event() { return pop(events); }
  std::optional<Instant> next_timeout() const { return std::nullopt; }

  // The inputs of one kind so far, in order.
  template <typename T>
  std::vector<const T*> all() const {
    std::vector<const T*> found;
    for (const HostInput& input : inputs)
      if (const T* one = std::get_if<T>(&input)) found.push_back(one);
    return found;
  }

  std::deque<HostInput> inputs;
  std::map<StreamId, std::string> received;
  std::deque<Transmit> transmits;
  std::deque<Event> events;
  std::function<void()> on_input;

 private:
  template <typename T>
  static std::optional<T> pop(std::deque<T>& queue) {
    if (queue.empty()) return std::nullopt;
    std::optional<T> front(std::move(queue.front()));
    queue.pop_front();
    return front;
  }
};

// Runs the loop until `done`, looked at after every step; an alarm ends a broken test.
void run_until(EventLoop& loop, const std::function<bool()>& done) {
  Alarm too_long(loop, [&] {
    ADD_FAILURE() << "nothing happened within 10 s";
    loop.stop();
  });
  too_long.set(loop.now() + std::chrono::seconds(10));
  const Instant end = loop.now() + std::chrono::seconds(10);
  loop.io().restart();
  while (!done() && !loop.io().stopped() && loop.now() < end) loop.io().run_one();
}

class ClientHostTest : public testing::Test {
 protected:
  void make(ClientIoSettings settings = {}) {
    host = std::make_unique<ClientHost<TestCore, ClientHostTest>>(loop, core, *this,
                                                                  std::move(settings));
  }
  void ask(HostRequest request) {
    core.events.emplace_back(std::move(request));
    host->settle();
  }
  void send(SocketId socket, const TransportAddress& to, std::string_view text) {
    core.transmits.emplace_back(SendDatagram{socket, to, loop.packets().make(as_bytes(text))});
    host->settle();
  }
  void send(StreamId stream, std::string_view text) {
    core.transmits.emplace_back(SendStream{stream, loop.packets().make(as_bytes(text))});
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
  core.events.emplace_back(Said{7});
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

// --- in a network namespace of its own, where addresses may come and go --------------------------

void ioctl_or_throw(const FileDescriptor& socket, unsigned long what, ifreq& request) {
  if (::ioctl(socket.get(), what, &request) != 0) throw std::runtime_error(std::strerror(errno));
}

void set_up(const char* name, bool up) {
  const FileDescriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  std::strncpy(request.ifr_name, name, IFNAMSIZ - 1);
  ioctl_or_throw(socket, SIOCGIFFLAGS, request);
  request.ifr_flags =
      static_cast<short>(up ? request.ifr_flags | IFF_UP : request.ifr_flags & ~IFF_UP);
  ioctl_or_throw(socket, SIOCSIFFLAGS, request);
}

void add_address(const char* alias, const char* ip) {
  const FileDescriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  std::strncpy(request.ifr_name, alias, IFNAMSIZ - 1);
  const SocketAddress address({*IpAddress::parse(ip), Port{0}});
  std::memcpy(&request.ifr_addr, address.get(), address.size());
  ioctl_or_throw(socket, SIOCSIFADDR, request);
}

constexpr int kNoNamespace = 77;

// Runs `body` in a child process with a network of its own; what it returns says whether all is
// well. Skips where the kernel gives none.
void in_own_network(const std::function<bool()>& body) {
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    if (::unshare(CLONE_NEWNET) != 0 && ::unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0)
      ::_exit(kNoNamespace);
    bool good = false;
    try {
      set_up("lo", true);
      good = body() && !testing::Test::HasFailure();
    } catch (const std::exception& failure) {
      ADD_FAILURE() << failure.what();
    }
    ::_exit(good ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  if (WIFEXITED(status) && WEXITSTATUS(status) == kNoNamespace)
    GTEST_SKIP() << "this system lets nobody make a network namespace";
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "status " << status;
}

TEST_F(ClientHostTest, addresses_that_come_and_go_are_told_and_their_sockets_closed) {
  in_own_network([this] {
    const IpAddress address = *IpAddress::parse("192.0.2.1");
    EventLoop own_loop;
    ClientHost<TestCore, ClientHostTest> own(own_loop, core, *this);
    const auto request = [&](HostRequest one) {
      core.events.emplace_back(std::move(one));
      own.settle();
    };
    request(WatchInterfaces{});
    add_address("lo:1", "192.0.2.1");
    run_until(own_loop, [&] { return core.all<InterfacesChanged>().size() == 2; });
    EXPECT_THAT(core.all<InterfacesChanged>()[1]->interfaces, Contains(Interface{"lo", address}));
    request(BindUdp{{1}, {address, Port{0}}});
    request(BindUdp{{2}, kAnyPort});
    request(ListenStreams{{3}, {address, Port{0}}});
    EXPECT_THAT(core.all<UdpBound>(), SizeIs(2));
    set_up("lo:1", false);
    run_until(own_loop, [&] { return core.all<InterfacesChanged>().size() == 3; });
    EXPECT_THAT(core.all<StreamClosed>(), SizeIs(1));
    return core.all<UdpClosed>().size() == 1 && core.all<UdpClosed>()[0]->socket == SocketId{1};
  });
}

TEST_F(ClientHostTest, names_of_the_local_network_are_published_found_and_withdrawn) {
  in_own_network([this] {
    EventLoop own_loop;
    TestCore other;
    ClientHost<TestCore, ClientHostTest> publishing(own_loop, core, *this);
    ClientHost<TestCore, ClientHostTest> asking(own_loop, other, *this);
    const auto resolve = [&](std::uint32_t query) {
      other.events.emplace_back(HostRequest{ResolveName{{query}, "0b5b0b4c.local"}});
      asking.settle();
      run_until(own_loop, [&] { return other.all<NameResolved>().size() == query; });
      return other.all<NameResolved>().back()->addresses;
    };
    core.events.emplace_back(HostRequest{PublishName{"0b5b0b4c.local", kLoopback}});
    publishing.settle();
    if (resolve(1) != std::vector{kLoopback}) return false;
    core.events.emplace_back(HostRequest{WithdrawName{"0b5b0b4c.local"}});
    publishing.settle();
    // A goodbye is believed after a second, and silence after five.
    bool over = false;
    Alarm later(own_loop, [&] { over = true; });
    later.set(own_loop.now() + milliseconds(1100));
    run_until(own_loop, [&] { return over; });
    return resolve(2).empty();
  });
}

}  // namespace
}  // namespace beeline::net
