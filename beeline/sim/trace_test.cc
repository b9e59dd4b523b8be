// Trace and captures: what is seen of packets, and that it can be read.
#include "beeline/sim/trace.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <iterator>

#include "beeline/base/encoding.h"
#include "beeline/sim/pcap.h"
#include "beeline/sim/test_wire.h"

namespace beeline::sim {
namespace {

using namespace std::chrono_literals;

// ana behind a NAT says one thing to a server.
struct TestSight {
  TestSight() {
    world
        .router("router", {.nat = NatProfile{.ports = PortAllocation::kPreserving}}, lan, internet,
                {"203.0.113.10"_ip})
        .outside()
        .set_profile({.delay = 20ms});
    server_node.attach(internet, {"198.51.100.1"_ip});
    ana_node.attach(lan);
  }
  void talk() {
    Ear server(server_node, "198.51.100.1:4000"_at);
    Ear ana(ana_node, "192.168.1.2:5000"_at);
    ana.socket->send("198.51.100.1:4000"_at, as_bytes("hello"));
    ana.socket->send("198.51.100.1:4001"_at, as_bytes("anybody"));
    world.run_for(1s);
  }
  World world{1};
  Segment& internet = world.segment("internet");
  Segment& lan = world.segment("lan", {"192.168.1.0/24"_prefix});
  Node& server_node = world.node("server");
  Node& ana_node = world.node("ana");
};

TEST(Trace, writes_one_line_per_step_for_people) {
  TestSight t;
  t.world.trace().keep_lines([](const IpPacket& packet) {
    return "\"" + std::string(as_text(packet.payload.bytes())) + "\"";
  });
  t.talk();
  const std::vector<std::string> expected{
      "   0.000000 sent       ana                      udp 192.168.1.2:5000 > 198.51.100.1:4000 5 "
      "bytes \"hello\"",
      "   0.000000 sent       ana                      udp 192.168.1.2:5000 > 198.51.100.1:4001 7 "
      "bytes \"anybody\"",
      "   0.000000 translated router                   udp 203.0.113.10:5000 > 198.51.100.1:4000 5 "
      "bytes (was 192.168.1.2:5000 > 198.51.100.1:4000) \"hello\"",
      "   0.000000 translated router                   udp 203.0.113.10:5000 > 198.51.100.1:4001 7 "
      "bytes (was 192.168.1.2:5000 > 198.51.100.1:4001) \"anybody\"",
      "   0.020000 delivered  ana -> server            udp 203.0.113.10:5000 > 198.51.100.1:4000 5 "
      "bytes \"hello\"",
      "   0.020000 dropped    server                   udp 203.0.113.10:5000 > 198.51.100.1:4001 7 "
      "bytes [no socket] \"anybody\""};
  EXPECT_EQ(t.world.trace().lines(), expected);
}

TEST(Trace, shows_observers_every_step_and_counts_them) {
  TestSight t;
  std::uint64_t seen = 0;
  t.world.trace().observe([&](const PacketEvent& event) {
    ++seen;
    if (event.step == Step::kTranslated) {
      EXPECT_EQ(event.source_before, "192.168.1.2:5000"_at);
    }
  });
  t.talk();
  EXPECT_EQ(seen, 6U);
  EXPECT_EQ(t.world.trace().steps(), 6U);
  EXPECT_EQ(t.world.trace().count(Step::kSent), 2U);
  EXPECT_EQ(t.world.trace().count(Step::kDelivered), 1U);
}

TEST(Trace, the_digest_changes_with_every_detail) {
  const auto digest = [](std::string_view text, Duration delay, std::uint16_t port) {
    TestWire wire({.delay = delay});
    wire.ana.socket->send({"192.0.2.2"_ip, Port{port}}, as_bytes(text));
    wire.world.run_for(1s);
    return wire.world.trace().digest();
  };
  const auto base = digest("hello", 1ms, 5000);
  EXPECT_EQ(digest("hello", 1ms, 5000), base);
  EXPECT_NE(digest("hellp", 1ms, 5000), base);
  EXPECT_NE(digest("hello", 1001us, 5000), base);
  EXPECT_NE(digest("hello", 1ms, 5001), base);
}

// Worked out by hand from RFC 768, RFC 791 and RFC 1071.
TEST(Pcap, writes_the_bytes_of_a_udp_packet) {
  PacketPool pool;
  const IpPacket packet{.source = "192.0.2.1:5000"_at,
                        .destination = "192.0.2.2:3478"_at,
                        .payload = pool.make(as_bytes("abc"))};
  EXPECT_EQ(to_hex(wire_bytes(packet)),
            "4500001f000040004011b6cac0000201c0000202"
            "13880d96000b9653616263");
}

// A receiver sums header, pseudo header and payload to all ones.
TEST(Pcap, has_checksums_that_receivers_accept) {
  PacketPool pool;
  for (const Protocol protocol : {Protocol::kUdp, Protocol::kTcp}) {
    for (const auto* text : {"", "a", "ab", "a longer text of odd length"}) {
      for (const bool v4 : {true, false}) {
        const IpPacket packet{.protocol = protocol,
                              .source = v4 ? "192.0.2.1:1"_at : "[2001:db8::1]:1"_at,
                              .destination = v4 ? "192.0.2.2:2"_at : "[2001:db8::2]:2"_at,
                              .tcp = {.sequence = 0x1'2345'6789, .syn = true, .ack = true},
                              .payload = pool.make(as_bytes(text))};
        const auto bytes = wire_bytes(packet);
        EXPECT_EQ(bytes.size(), packet.wire_size());
        const auto add = [](Bytes of, std::uint32_t total) {
          for (std::size_t i = 0; i < of.size(); ++i)
            total += i % 2 == 0 ? std::uint32_t{of[i]} << 8 : of[i];
          while (total > 0xFFFF) total = (total & 0xFFFF) + (total >> 16);
          return total;
        };
        const std::size_t header = v4 ? 20 : 40;
        if (v4) {
          EXPECT_EQ(add(Bytes(bytes).first(20), 0), 0xFFFFU);
        }
        const std::uint32_t pseudo = add(
            packet.source.ip.bytes(),
            add(packet.destination.ip.bytes(), static_cast<std::uint32_t>(bytes.size() - header) +
                                                   (protocol == Protocol::kUdp ? 17U : 6U)));
        EXPECT_EQ(add(Bytes(bytes).subspan(header), pseudo), 0xFFFFU);
      }
    }
  }
}

TEST(Pcap, captures_each_form_a_packet_has_on_a_wire_once) {
  const std::string path = testing::TempDir() + "beeline_sim_capture_test.pcap";
  {
    TestSight t;
    capture(t.world.trace(), path);
    t.talk();
  }
  std::ifstream file(path, std::ios::binary);
  const std::string all{std::istreambuf_iterator<char>(file), {}};
  std::remove(path.c_str());
  ByteReader reader(as_bytes(all));
  EXPECT_EQ(reader.u32(), 0xA1B2C3D4U);
  reader.skip(16);
  EXPECT_EQ(reader.u32(), 101U) << "LINKTYPE_RAW";
  std::vector<std::string> sources;
  while (!reader.at_end() && reader.ok()) {
    reader.skip(8);
    const std::uint32_t size = reader.u32();
    EXPECT_EQ(reader.u32(), size);
    const Bytes packet = reader.take(size);
    sources.push_back(IpAddress::from_bytes(packet.subspan(12, 4))->to_string());
  }
  EXPECT_TRUE(reader.ok());
  EXPECT_EQ(sources, (std::vector<std::string>{"192.168.1.2", "192.168.1.2", "203.0.113.10",
                                               "203.0.113.10"}));
}

}  // namespace
}  // namespace beeline::sim
