// ice::Agent as a whole. The input is a list of steps: one byte says what happens, one how long
// what follows is, then the bytes. The first byte: role, lite, relays only, who answers names.
#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "beeline/base/protocol_core.h"
#include "beeline/ice/agent.h"
#include "beeline/stun/integrity.h"

using namespace beeline;

namespace {

constexpr std::size_t kMaxSteps = 150;
constexpr std::size_t kMaxWakes = 3000;      // in one jump of a minute, every check included
constexpr std::size_t kMaxPacketsOut = 200;  // for one input, or one wake
constexpr const char* kPassword = "password-of-the-other-side";
const TransportAddress kServer = *TransportAddress::parse("203.0.113.1:3478");

TransportAddress remote_address(std::uint8_t number) {
  const auto port = static_cast<std::uint16_t>(number >= 240 ? number - 240 : 1000 + number % 16);
  return {IpAddress::v4(0xC6336400U + number % 4U), Port{port}};  // 198.51.100.0
}

ice::Settings settings(std::uint8_t flags) {
  ice::Settings made;
  ice::Server stun;
  stun.host = "203.0.113.1";
  ice::Server turn = stun;
  turn.kind = ice::ServerKind::kTurn;
  turn.username = "user";
  turn.password = "secret";
  made.servers = {stun, turn};
  made.lite = (flags & 2) != 0;
  made.policy = (flags & 4) != 0 ? ice::Policy::kRelayOnly : ice::Policy::kAll;
  made.hide_addresses = (flags & 8) != 0;
  made.limits.pairs = 12;
  made.limits.remote_candidates = 8;
  made.limits.interfaces = 3;
  return made;
}

class World {
 public:
  explicit World(std::uint8_t flags)
      : agent(settings(flags), (flags & 1) != 0 ? ice::Role::kControlling : ice::Role::kControlled,
              Random::from_number(1), packets, log) {}

  void transmit(HostTransmit transmit) {
    ++packets_out;
    ensure(!closed, "nothing is sent after the end");
    const auto* datagram = std::get_if<SendDatagram>(&transmit);
    if (datagram == nullptr) return;
    ensure(!datagram->destination.ip.is_multicast(), "no group is ever asked");
    const auto message = stun::Message::parse(datagram->packet.bytes());
    if (!message || message->message_class() != stun::Class::kRequest) return;
    if (datagram->destination == kServer) {
      asked_server = {datagram->socket, message->transaction_id()};
    } else {
      asked = {datagram->socket, message->transaction_id()};
      asked_at = datagram->destination;
    }
  }
  void handle_event(ice::AgentEvent event) {
    ensure(!closed, "nothing is said after the end");
    if (auto* request = std::get_if<HostRequest>(&event)) return serve(*request);
    if (std::holds_alternative<ice::Received>(event))
      ensure(may_hear, "data is heard from those alone who proved who they are");
  }
  void serve(const HostRequest& request) {
    if (std::get_if<WatchInterfaces>(&request) != nullptr) return tell_interfaces(0b001);
    if (const auto* bind = std::get_if<BindUdp>(&request)) {
      sockets.push_back(bind->socket);
      agent.handle_input(UdpBound{bind->socket, {bind->local.ip, Port{next_port++}}}, now);
    } else if (const auto* release = std::get_if<ReleaseUdp>(&request)) {
      std::erase(sockets, release->socket);
    } else if (const auto* resolve = std::get_if<ResolveName>(&request)) {
      NameResolved resolved{resolve->query, {}};
      if (const auto ip = IpAddress::parse(resolve->name)) resolved.addresses = {*ip};
      agent.handle_input(resolved, now);
    } else if (const auto* open = std::get_if<OpenStream>(&request)) {
      agent.handle_input(StreamClosed{open->stream, StreamEnd::kRefused}, now);
    }
  }
  void tell_interfaces(std::uint8_t which) {
    InterfacesChanged changed;
    for (std::uint8_t bit = 0; bit < 5; ++bit)
      if ((which >> bit & 1) != 0)
        changed.interfaces.push_back({"eth", IpAddress::v4(0xC0000201U + bit)});  // 192.0.2.1
    agent.handle_input(changed, now);
  }

  void settle() {
    packets_out = 0;
    drain(agent, *this, now);
    ensure(packets_out <= kMaxPacketsOut, "no flood for one input");
  }
  // To the agent, from there. `authentic`: whoever is there is the other side from now on.
  void give(SocketId socket, const TransportAddress& source, Packet packet, bool authentic) {
    if (authentic) proven.insert({socket, source});
    may_hear = proven.contains({socket, source});
    agent.handle_input(Datagram{socket, source, std::move(packet)}, now);
    settle();
    may_hear = false;
  }
  SocketId socket(std::uint8_t number) const {
    return sockets.empty() ? SocketId{} : sockets[number % sockets.size()];
  }

  void raw(ByteReader& reader, const TransportAddress& source) {
    const SocketId at = socket(reader.u8());
    give(at, source, packets.make(reader.take(reader.remaining())), false);
  }
  // A check, whole or with what the fuzzer adds; `authentic` or under another password.
  void request(ByteReader& reader, bool authentic) {
    const std::uint8_t from = reader.u8();
    const std::uint8_t flags = reader.u8();
    std::array<std::uint8_t, 1200> buffer{};
    stun::TransactionId id{};
    id[0] = flags;
    stun::MessageWriter writer(buffer, stun::Class::kRequest, stun::Method::kBinding, id);
    const ice::Parameters& own = agent.local_parameters();
    const std::string username = own.ufrag + ":" + remote.ufrag;
    if ((flags & 1) == 0) writer.add(stun::AttributeType::kUsername, as_bytes(username));
    if ((flags & 2) == 0)
      writer.add_u64((flags & 4) != 0 ? stun::AttributeType::kIceControlling
                                      : stun::AttributeType::kIceControlled,
                     (flags & 8) != 0 ? ~0ULL : 1);
    if ((flags & 16) != 0) writer.add(stun::AttributeType::kUseCandidate, {});
    if ((flags & 32) == 0) writer.add_u32(stun::AttributeType::kPriority, reader.u32());
    add_attributes(writer, reader);
    const std::string password = authentic ? own.password : own.password + "x";
    stun::add_integrity(writer, as_bytes(password));
    if ((flags & 64) == 0) stun::add_fingerprint(writer);
    if (!writer.ok()) return;
    give(socket(flags >> 7), remote_address(from), packets.make(writer.bytes()), authentic);
  }
  // To the last check that went out.
  void answer(ByteReader& reader, bool authentic) {
    const std::uint8_t flags = reader.u8();
    std::array<std::uint8_t, 1200> buffer{};
    const bool success = (flags & 1) == 0;
    stun::MessageWriter writer(buffer, success ? stun::Class::kSuccess : stun::Class::kError,
                               stun::Method::kBinding, asked.second);
    if (success && (flags & 2) == 0)
      stun::add_xor_address(writer, stun::AttributeType::kXorMappedAddress,
                            remote_address(reader.u8()));
    if (!success) stun::add_error_code(writer, (flags & 4) != 0 ? 487 : 400, {});
    add_attributes(writer, reader);
    stun::add_integrity(writer, as_bytes(authentic ? remote.password : std::string("wrong")));
    if (!writer.ok()) return;
    const TransportAddress source = (flags & 8) != 0 ? remote_address(flags) : asked_at;
    give(asked.first, source, packets.make(writer.bytes()), authentic);
  }
  // Of the STUN and TURN server, to the last question.
  void server_answer(ByteReader& reader) {
    const std::uint8_t flags = reader.u8();
    std::array<std::uint8_t, 1200> buffer{};
    stun::MessageWriter writer(
        buffer, (flags & 1) == 0 ? stun::Class::kSuccess : stun::Class::kError,
        (flags & 2) == 0 ? stun::Method::kBinding : stun::Method::kAllocate, asked_server.second);
    if ((flags & 4) == 0)
      stun::add_xor_address(writer, stun::AttributeType::kXorMappedAddress,
                            remote_address(reader.u8()));
    add_attributes(writer, reader);
    if (writer.ok()) give(asked_server.first, kServer, packets.make(writer.bytes()), false);
  }
  static void add_attributes(stun::MessageWriter& writer, ByteReader& reader) {
    while (!reader.at_end()) {
      const auto type = static_cast<stun::AttributeType>(reader.u16());
      const std::size_t size = reader.u8();
      writer.add(type, reader.take(std::min(size, reader.remaining())));
    }
  }
  void add_candidate(ByteReader& reader) {
    ice::Candidate candidate;
    candidate.address = remote_address(reader.u8());
    const std::uint8_t flags = reader.u8();
    candidate.type = static_cast<ice::CandidateType>(flags & 3);
    candidate.transport = static_cast<ice::CandidateTransport>(flags >> 2 & 3);
    candidate.priority = reader.u32();
    candidate.foundation = std::to_string(flags);
    if ((flags & 16) != 0) candidate.name = "198.51.100.9";
    if ((flags & 32) != 0) candidate.name = "hidden.local";
    if ((flags & 64) != 0) candidate.address.ip = IpAddress::v4(reader.u32());
    candidate.component = static_cast<std::uint8_t>((flags >> 7) + 1);
    agent.add_remote(std::move(candidate), now);
  }
  void command(ByteReader& reader) {
    const std::uint8_t which = reader.u8();
    switch (which % 6) {
      case 0:
        return agent.restart(now);
      case 1:
        remote.ufrag = "them" + std::to_string(which);
        remote.renomination = (which & 64) != 0;
        remote.lite = (which & 128) != 0;
        return agent.set_remote(remote, now);
      case 2:
        return agent.end_of_remote_candidates(now);
      case 3:
        static_cast<void>(agent.send(packets.make(reader.take(reader.remaining())), now));
        return;
      case 4:
        return agent.gather(now);
      default:
        if (which < 250) return;
        agent.close(now);
        drain(agent, *this, now);
        closed = true;
    }
  }
  // Through every deadline on the way.
  void pass(Duration span) {
    const Instant end = now + span;
    std::size_t wakes = 0;
    for (auto next = agent.next_timeout(); next && *next <= end; next = agent.next_timeout()) {
      now = std::max(now, *next);
      agent.handle_timeout(now);
      settle();
      ensure(++wakes <= kMaxWakes, "it does not spin");
    }
    now = end;
  }
  void check() const {
    const ice::Explanation all = agent.explain();
    ensure(all.pairs.size() <= 12, "pairs are limited");
    ensure(all.remote.size() <= 8, "so are the other side's candidates");
    ensure(!closed || !agent.next_timeout(), "no timer after the end");
  }

  PacketPool packets{16};
  NullLog log;
  Instant now{std::chrono::seconds(1)};
  ice::Agent agent;
  ice::Parameters remote{
      .ufrag = "them", .password = kPassword, .lite = false, .renomination = false};
  std::vector<SocketId> sockets;
  std::uint16_t next_port = 10'000;
  std::pair<SocketId, stun::TransactionId> asked{};
  std::pair<SocketId, stun::TransactionId> asked_server{};
  TransportAddress asked_at = remote_address(0);
  std::set<std::pair<SocketId, TransportAddress>> proven;
  bool may_hear = false;
  bool closed = false;
  std::size_t packets_out = 0;
};

void step(World& world, std::uint8_t kind, Bytes bytes) {
  ByteReader reader(bytes);
  switch (kind % 10) {
    case 0:
      world.raw(reader, remote_address(kind / 10));
      break;
    case 1:
      world.request(reader, true);
      break;
    case 2:
      world.request(reader, false);
      break;
    case 3:
      world.answer(reader, true);
      break;
    case 4:
      world.answer(reader, false);
      break;
    case 5:
      world.server_answer(reader);
      break;
    case 6:
      world.add_candidate(reader);
      break;
    case 7:
      world.command(reader);
      break;
    case 8:
      world.tell_interfaces(reader.u8());
      break;
    default:
      world.pass(std::chrono::milliseconds(reader.u16()));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ByteReader steps(Bytes(data, size));
  World world(steps.u8());
  world.agent.gather(world.now);
  world.settle();
  for (std::size_t i = 0; i < kMaxSteps && !steps.at_end(); ++i) {
    const std::uint8_t kind = steps.u8();
    const std::size_t length = steps.u8();
    step(world, kind, steps.take(std::min(length, steps.remaining())));
    world.settle();
    world.check();
  }
  return 0;
}
