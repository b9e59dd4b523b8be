// A loop on somebody else's executor: works as one of its own does, and leaves nothing behind.
#include "beeline/net/event_loop.h"

#include <gtest/gtest.h>

#include <boost/asio/strand.hpp>
#include <optional>

#include "beeline/net/client_host.h"
#include "beeline/net/test_core.h"

namespace beeline::net {
namespace {

const IpAddress kLoopback = IpAddress::loopback(IpFamily::kV4);

struct Owner {
  void handle_event(const TestCore::Event&) {}
};

TEST(EventLoop, a_borrowed_executor_carries_sockets_alarms_and_tasks) {
  boost::asio::io_context io;
  EventLoop loop(boost::asio::make_strand(io));
  TestCore core;
  Owner owner;
  ClientHost<TestCore, Owner> host(loop, core, owner);
  core.events.push(BindUdp{{1}, {kLoopback, Port{0}}});
  host.settle();
  ASSERT_EQ(core.all<UdpBound>().size(), 1U);
  const TransportAddress own = core.all<UdpBound>()[0]->local;
  core.transmits.push(SendDatagram{{1}, own, loop.packets().make(as_bytes("hello"))});
  host.settle();
  int rung = 0;
  int called = 0;
  Alarm alarm(loop, [&] { ++rung; });
  alarm.set(loop.now());
  loop.defer([&] { ++called; });
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while ((core.all<Datagram>().empty() || rung == 0 || called == 0) &&
         std::chrono::steady_clock::now() < end)
    io.run_one_until(end);
  EXPECT_EQ(core.all<Datagram>().size(), 1U);
  EXPECT_EQ(rung, 1);
  EXPECT_EQ(called, 1);
}

TEST(EventLoop, one_that_goes_away_before_its_executor_is_not_called_any_more) {
  boost::asio::io_context io;
  auto loop = std::make_optional<EventLoop>(io.get_executor());
  TestCore core;
  Owner owner;
  auto host = std::make_optional<ClientHost<TestCore, Owner>>(*loop, core, owner);
  core.events.push(WatchInterfaces{});
  core.events.push(BindUdp{{1}, {kLoopback, Port{0}}});
  core.events.push(ListenStreams{{2}, {kLoopback, Port{0}}});
  host->settle();
  const TransportAddress own = core.all<UdpBound>().at(0)->local;
  const TransportAddress server = core.all<StreamListening>().at(0)->local;
  core.events.push(OpenStream{{3}, StreamKind::kTcp, kLoopback, server, ""});
  core.events.push(ResolveName{{4}, "localhost"});
  core.transmits.push(SendDatagram{{1}, own, loop->packets().make(as_bytes("hello"))});
  host->settle();
  // Until there is a connection that has something to send and will linger.
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (core.all<StreamOpened>().empty() && std::chrono::steady_clock::now() < end)
    io.run_one_until(end);
  ASSERT_EQ(core.all<StreamOpened>().size(), 1U);
  core.transmits.push(SendStream{{3}, loop->packets().make(as_bytes(std::string(1000, 'a')))});
  core.transmits.push(SendDatagram{{1}, own, loop->packets().make(as_bytes("again"))});
  host->settle();
  int called = 0;
  loop->defer([&] { ++called; });
  core.inputs.clear();  // packets go back before their pool does
  core.on_input = [&] { ADD_FAILURE() << "told after the end"; };
  host.reset();
  loop.reset();
  EXPECT_GT(io.poll(), 0U);
  EXPECT_EQ(called, 0);
  EXPECT_TRUE(core.inputs.empty());
}

TEST(EventLoop, an_executor_whose_loop_is_gone_has_nothing_left_to_do) {
  boost::asio::io_context io;
  {
    EventLoop loop(io.get_executor());
    EXPECT_EQ(io.poll(), 0U);
    EXPECT_FALSE(io.stopped()) << "it waits for sockets";
  }
  io.run();  // returns
}

}  // namespace
}  // namespace beeline::net
