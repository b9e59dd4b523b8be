// CoreNode: every word of base/host_io.h, spoken by a core that only writes down what it is told.
#include "beeline/sim/core_node.h"

#include <gtest/gtest.h>

#include "beeline/base/fifo.h"
#include "beeline/sim/test_wire.h"

namespace beeline::sim {
namespace {

using namespace std::chrono_literals;

struct Remark {
  std::string text;
};

// Says what a test puts into its queues. `Words` are its input, transmit and event types.
template <typename InputWord, typename TransmitWord, typename EventWord>
class Scribe {
 public:
  using Input = InputWord;
  using Transmit = TransmitWord;
  using Event = EventWord;

  void handle_input(Input input, Instant now) {
    inputs_at.push_back(now.since_start);
    // Borrowed bytes must be taken now.
    if constexpr (std::is_same_v<Input, HostInput>)
      if (const auto* bytes = std::get_if<StreamBytes>(&input))
        stream_text += as_text(bytes->bytes);
    inputs.push_back(std::move(input));
  }
  void handle_timeout(Instant now) {
    timeouts.push_back(now.since_start);
    if (deadline && *deadline <= now) deadline.reset();
  }
  void flush(Instant) { ++flushes; }
  std::optional<Transmit> poll_transmit() { return transmits.pop(); }
  std::optional<Event> poll_event() { return events.pop(); }
  std::optional<Instant> next_timeout() const { return deadline; }

  template <typename T>
  std::vector<const T*> told() const {
    std::vector<const T*> all;
    for (const Input& input : inputs)
      if (const auto* one = std::get_if<T>(&input)) all.push_back(one);
    return all;
  }

  std::vector<Input> inputs;
  std::vector<Duration> inputs_at;
  std::string stream_text;
  std::vector<Duration> timeouts;
  int flushes = 0;
  std::optional<Instant> deadline;
  Fifo<Transmit> transmits;
  Fifo<Event> events;
};

using Plain = Scribe<HostInput, HostTransmit, std::variant<HostRequest, Remark>>;

// ana's core on a wire to ben.
struct TestCore {
  explicit TestCore(const LinkProfile& profile = {.delay = 1ms}) : wire(profile) {}
  template <typename T>
  void ask(T request) {
    core.events.push(HostRequest(std::move(request)));
    host->settle();
  }
  void run(Duration span = 100ms) { wire.world.run_for(span); }

  TestWire wire;
  Plain core;
  std::vector<std::string> remarks;
  std::optional<CoreNode<Plain>> host{std::in_place, wire.ana_node, core, [this](Plain::Event e) {
                                        remarks.push_back(std::get<Remark>(e).text);
                                      }};
};

TEST(CoreNode, binds_hears_and_sends) {
  TestCore t;
  t.ask(BindUdp{SocketId{1}, "192.0.2.1:6000"_at});
  ASSERT_EQ(t.core.told<UdpBound>().size(), 1U);
  EXPECT_EQ(t.core.told<UdpBound>()[0]->local, "192.0.2.1:6000"_at);
  t.core.transmits.push(SendDatagram{SocketId{1}, t.wire.ben.socket->local(),
                                     t.wire.world.packets().make(as_bytes("hello"))});
  t.host->settle();
  t.run();
  ASSERT_EQ(t.wire.ben.heard.size(), 1U);
  EXPECT_EQ(t.wire.ben.heard[0].source, "192.0.2.1:6000"_at);
  t.wire.ben.socket->send("192.0.2.1:6000"_at, as_bytes("hello back"));
  t.run();
  ASSERT_EQ(t.core.told<Datagram>().size(), 1U);
  EXPECT_EQ(as_text(t.core.told<Datagram>()[0]->packet.bytes()), "hello back");
  t.ask(ReleaseUdp{SocketId{1}});
  t.wire.ben.socket->send("192.0.2.1:6000"_at, as_bytes("too late"));
  t.run();
  EXPECT_EQ(t.core.told<Datagram>().size(), 1U);
  EXPECT_TRUE(t.core.told<UdpClosed>().empty());
}

TEST(CoreNode, says_when_an_address_cannot_be_bound_or_goes) {
  TestCore t;
  t.ask(BindUdp{SocketId{1}, "192.0.2.9:0"_at});
  ASSERT_EQ(t.core.told<UdpClosed>().size(), 1U);
  t.ask(BindUdp{SocketId{2}, "192.0.2.1:0"_at});
  EXPECT_NE(t.core.told<UdpBound>().at(0)->local.port, Port{});
  t.wire.link.set_addresses({});
  ASSERT_EQ(t.core.told<UdpClosed>().size(), 2U);
  EXPECT_EQ(t.core.told<UdpClosed>()[1]->socket, SocketId{2});
}

TEST(CoreNode, tells_of_interfaces_at_once_and_at_every_change) {
  TestCore t;
  t.ask(WatchInterfaces{});
  ASSERT_EQ(t.core.told<InterfacesChanged>().size(), 1U);
  EXPECT_EQ(t.core.told<InterfacesChanged>()[0]->interfaces.size(), 2U);
  t.wire.link.set_addresses({"192.0.2.50"_ip});
  ASSERT_EQ(t.core.told<InterfacesChanged>().size(), 2U);
  EXPECT_EQ(t.core.told<InterfacesChanged>()[1]->interfaces,
            (std::vector<Interface>{{"eth0", "192.0.2.50"_ip}}));
}

TEST(CoreNode, resolves_names_after_the_resolver_s_delay) {
  TestCore t;
  t.wire.world.add_name("turn.example", {"198.51.100.1"_ip});
  t.wire.world.set_resolve_delay(30ms);
  t.ask(ResolveName{NameQueryId{1}, "turn.example"});
  t.ask(ResolveName{NameQueryId{2}, "nobody.example"});
  t.run(30ms - 1us);
  EXPECT_TRUE(t.core.told<NameResolved>().empty());
  t.run(1us);
  ASSERT_EQ(t.core.told<NameResolved>().size(), 2U);
  EXPECT_EQ(t.core.told<NameResolved>()[0]->addresses, std::vector{"198.51.100.1"_ip});
  EXPECT_TRUE(t.core.told<NameResolved>()[1]->addresses.empty());
}

//= RFC 6762 §3 test
TEST(CoreNode, publishes_names_for_those_on_the_same_segment_until_it_withdraws_them_or_dies) {
  TestCore t;
  const auto seen = [&](const Node& node) { return t.wire.world.resolve(node, "x.local"); };
  Segment& internet = t.wire.world.segment("internet");
  t.wire.world.router("router", {}, t.wire.lan, internet, {"203.0.113.1"_ip});
  Node& far = t.wire.world.node("far");
  far.attach(internet, {"203.0.113.2"_ip});
  t.ask(PublishName{"x.local", "192.0.2.1"_ip});
  EXPECT_EQ(seen(t.wire.ben_node), std::vector{"192.0.2.1"_ip});
  EXPECT_TRUE(seen(far).empty());
  t.wire.lan.partition({&t.wire.link});
  EXPECT_TRUE(seen(t.wire.ben_node).empty());
  t.wire.lan.heal();
  t.wire.ana_node.suspend();
  EXPECT_TRUE(seen(t.wire.ben_node).empty());
  t.wire.ana_node.resume();
  t.ask(WithdrawName{"x.local"});
  EXPECT_TRUE(seen(t.wire.ben_node).empty());
  t.ask(PublishName{"x.local", "192.0.2.1"_ip});
  EXPECT_EQ(seen(t.wire.ben_node).size(), 1U);
  t.host.reset();
  EXPECT_TRUE(seen(t.wire.ben_node).empty());
}

TEST(CoreNode, joins_groups) {
  TestCore t;
  t.ask(JoinGroup{SocketId{1}, "224.0.0.251:5353"_at, "192.0.2.1"_ip});
  t.ask(JoinGroup{SocketId{2}, "224.0.0.251:5353"_at, "192.0.2.7"_ip});
  EXPECT_EQ(t.core.told<UdpBound>().size(), 1U);
  EXPECT_EQ(t.core.told<UdpClosed>().size(), 1U);
  t.wire.ben.socket->send("224.0.0.251:5353"_at, as_bytes("who"));
  t.run();
  EXPECT_EQ(t.core.told<Datagram>().size(), 1U);
}

TEST(CoreNode, opens_uses_and_closes_streams) {
  TestCore t;
  std::unique_ptr<Stream> ben;
  std::string ben_text;
  std::optional<StreamEnd> ben_end;
  const auto listener = t.wire.ben_node.listen(
      "192.0.2.2:443"_at, ListenFor::kTcpOrTls, {.accepted = [&](std::unique_ptr<Stream> stream) {
        stream->set_handlers({.heard = [&](Bytes bytes) { ben_text += as_text(bytes); },
                              .closed = [&](StreamEnd end) { ben_end = end; }});
        ben = std::move(stream);
      }});
  t.wire.world.trust(t.wire.ben_node, "turn.example");
  t.ask(OpenStream{StreamId{1}, StreamKind::kTls, "192.0.2.1"_ip, "192.0.2.2:443"_at,
                   "turn.example"});
  t.run();
  ASSERT_EQ(t.core.told<StreamOpened>().size(), 1U);
  t.core.transmits.push(SendStream{StreamId{1}, t.wire.world.packets().make(as_bytes("hello"))});
  t.host->settle();
  t.run();
  EXPECT_EQ(ben_text, "hello");
  ben->send(as_bytes("hello back"));
  t.run();
  EXPECT_EQ(t.core.stream_text, "hello back");
  t.ask(CloseStream{StreamId{1}});
  t.run();
  EXPECT_EQ(ben_end, StreamEnd::kByPeer);
  EXPECT_TRUE(t.core.told<StreamClosed>().empty());
  t.ask(OpenStream{StreamId{2}, StreamKind::kTcp, "192.0.2.1"_ip, "192.0.2.2:444"_at, ""});
  t.ask(OpenStream{StreamId{3}, StreamKind::kTcp, "192.0.2.9"_ip, "192.0.2.2:443"_at, ""});
  t.run();
  ASSERT_EQ(t.core.told<StreamClosed>().size(), 2U);
  EXPECT_EQ(t.core.told<StreamClosed>()[0]->reason, StreamEnd::kLocal);
  EXPECT_EQ(t.core.told<StreamClosed>()[1]->reason, StreamEnd::kRefused);
}

TEST(CoreNode, accepts_streams_under_ids_of_its_own) {
  TestCore t;
  t.ask(ListenStreams{StreamId{1}, "192.0.2.1:0"_at});
  ASSERT_EQ(t.core.told<StreamListening>().size(), 1U);
  const auto stream = t.wire.ben_node.connect(
      {.local = "192.0.2.2"_ip, .remote = t.core.told<StreamListening>()[0]->local}, {});
  t.run();
  ASSERT_EQ(t.core.told<StreamAccepted>().size(), 1U);
  EXPECT_EQ(t.core.told<StreamAccepted>()[0]->listener, StreamId{1});
  EXPECT_EQ(t.core.told<StreamAccepted>()[0]->stream, StreamId{StreamId::kAccepted});
  EXPECT_EQ(t.core.told<StreamAccepted>()[0]->remote, stream->local());
  stream->send(as_bytes("hello"));
  t.run();
  EXPECT_EQ(t.core.stream_text, "hello");
  t.wire.link.set_addresses({});
  EXPECT_EQ(t.core.told<StreamClosed>().size(), 2U) << "the stream and the listener";
}

TEST(CoreNode, tells_when_a_stream_should_not_be_fed) {
  TestCore t;
  t.ask(ListenStreams{StreamId{1}, "192.0.2.1:700"_at});
  const auto stream =
      t.wire.ben_node.connect({.local = "192.0.2.2"_ip, .remote = "192.0.2.1:700"_at}, {});
  t.run();
  const StreamId id{StreamId::kAccepted};
  for (std::size_t sent = 0; sent < TcpConnection::kHighWater; sent += 1024)
    t.core.transmits.push(
        SendStream{id, t.wire.world.packets().make(as_bytes(std::string(1024, 'x')))});
  t.host->settle();
  ASSERT_EQ(t.core.told<StreamWritable>().size(), 1U);
  EXPECT_FALSE(t.core.told<StreamWritable>()[0]->writable);
  t.run(10s);
  ASSERT_EQ(t.core.told<StreamWritable>().size(), 2U);
  EXPECT_TRUE(t.core.told<StreamWritable>()[1]->writable);
}

TEST(CoreNode, flushes_once_for_everything_that_comes_at_the_same_time) {
  TestCore t;
  t.ask(BindUdp{SocketId{1}, "192.0.2.1:6000"_at});
  t.run();
  const int before = t.core.flushes;
  for (int i = 0; i < 5; ++i) t.wire.ben.socket->send("192.0.2.1:6000"_at, as_bytes("x"));
  t.run();
  EXPECT_EQ(t.core.told<Datagram>().size(), 5U);
  EXPECT_EQ(t.core.flushes - before, 1);
}

TEST(CoreNode, calls_at_the_deadline_and_not_before_and_late_after_a_suspension) {
  TestCore t;
  t.core.deadline = Instant{50ms};
  t.host->settle();
  t.run(50ms - 1us);
  EXPECT_TRUE(t.core.timeouts.empty());
  t.run(1us);
  EXPECT_EQ(t.core.timeouts, std::vector<Duration>{50ms});
  t.core.deadline = Instant{200ms};
  t.host->settle();
  t.wire.ana_node.suspend();
  t.run(950ms);
  EXPECT_EQ(t.core.timeouts.size(), 1U);
  t.wire.ana_node.resume();
  t.run(1us);
  EXPECT_EQ(t.core.timeouts, (std::vector<Duration>{50ms, 1s}));
}

TEST(CoreNode, leaves_other_events_to_the_test) {
  TestCore t;
  t.core.events.push(Remark{"connected"});
  t.host->settle();
  EXPECT_EQ(t.remarks, std::vector<std::string>{"connected"});
}

TEST(CoreNode, death_closes_everything_and_another_may_take_the_place) {
  TestCore t;
  t.ask(BindUdp{SocketId{1}, "192.0.2.1:6000"_at});
  t.ask(ListenStreams{StreamId{1}, "192.0.2.1:700"_at});
  std::optional<StreamEnd> end;
  const auto stream =
      t.wire.ben_node.connect({.local = "192.0.2.2"_ip, .remote = "192.0.2.1:700"_at},
                              {.closed = [&](StreamEnd reason) { end = reason; }});
  t.run();
  t.host.reset();
  t.run();
  EXPECT_EQ(end, StreamEnd::kByPeer);
  Plain reborn;
  CoreNode host(t.wire.ana_node, reborn);
  reborn.events.push(HostRequest(BindUdp{SocketId{1}, "192.0.2.1:6000"_at}));
  host.settle();
  EXPECT_EQ(reborn.told<UdpBound>().size(), 1U);
}

// The same words, laid out otherwise: variants among others, or flat.
template <typename Core, typename Bind>
void bind_and_send(Bind bind) {
  TestWire wire;
  Core core;
  std::vector<std::string> remarks;
  CoreNode host(wire.ana_node, core, [&](typename Core::Event event) {
    remarks.push_back(std::get<Remark>(event).text);
  });
  core.events.push(bind);
  core.events.push(Remark{"bound"});
  core.transmits.push(SendDatagram{SocketId{1}, wire.ben.socket->local(),
                                   wire.world.packets().make(as_bytes("lost"))});
  host.settle();
  EXPECT_EQ(core.inputs.size(), 1U);
  EXPECT_EQ(remarks, std::vector<std::string>{"bound"});
  core.transmits.push(SendDatagram{SocketId{1}, wire.ben.socket->local(),
                                   wire.world.packets().make(as_bytes("hello"))});
  host.settle();
  wire.world.run_for(1s);
  ASSERT_EQ(wire.ben.heard.size(), 1U) << "what is sent before the socket is bound is lost";
  EXPECT_EQ(wire.ben.heard[0].text, "hello");
}

TEST(CoreNode, hosts_cores_whose_words_contain_the_host_s) {
  const BindUdp bind{SocketId{1}, "192.0.2.1:6000"_at};
  using Nested = Scribe<std::variant<HostInput, Remark>, std::variant<HostTransmit>,
                        std::variant<HostRequest, Remark>>;
  bind_and_send<Nested>(HostRequest(bind));
  using Flat = Scribe<
      std::variant<InterfacesChanged, UdpBound, UdpClosed, Datagram, StreamOpened, StreamListening,
                   StreamAccepted, StreamBytes, StreamWritable, StreamClosed, NameResolved, Remark>,
      std::variant<SendDatagram, SendStream>, std::variant<BindUdp, Remark>>;
  bind_and_send<Flat>(bind);
}

}  // namespace
}  // namespace beeline::sim
