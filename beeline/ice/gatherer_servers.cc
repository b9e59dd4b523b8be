// The gatherer and our own servers: names, STUN queries, allocations over UDP and, where that does
// not get through, over TCP and TLS.
#include <algorithm>

#include "beeline/base/protocol_core.h"
#include "beeline/ice/gatherer.h"

namespace beeline::ice {
namespace {

// Quicker at first than RFC 8489 §6.2.1 has it, and as patient in the end: a lost packet should not
// cost half a second of a call's start.
constexpr stun::Transaction::Timing kTiming{.rto = std::chrono::milliseconds(250), .max_sends = 7};

ServerResult result_of(turn::ClientError error) {
  using enum turn::ClientError;
  switch (error) {
    case kNoAnswer:
    case kForged:
      return ServerResult::kNoAnswer;
    case kBrokenStream:
      return ServerResult::kUnreachable;
    default:
      return ServerResult::kRefused;
  }
}

RelayHop hop_of(ServerTransport transport) {
  switch (transport) {
    case ServerTransport::kUdp:
      return RelayHop::kUdp;
    case ServerTransport::kTcp:
      return RelayHop::kTcp;
    case ServerTransport::kTls:
      break;
  }
  return RelayHop::kTls;
}

}  // namespace

// --- names ---------------------------------------------------------------------------------------

void Gatherer::set_servers(Instant now) {
  servers_.clear();
  resolving_.clear();
  refused_.clear();
  // The list is another one: what stands keeps standing, what was learned of the old list goes.
  reports_.clear();
  for (const auto& relay : relays_)
    for (const Server& server : settings_.servers)
      if (server.kind == ServerKind::kTurn && server.transport == relay->transport)
        relay->client.set_credentials(server.username, server.password, now);
  if (started_ && !settings_.lite) resolve_servers(now);
}

void Gatherer::resolve_servers(Instant now) {
  const std::size_t count = std::min(settings_.servers.size(), settings_.limits.servers);
  for (std::size_t index = 0; index < count; ++index) {
    const Server& server = settings_.servers[index];
    if (server.kind == ServerKind::kStun && settings_.policy == Policy::kRelayOnly) continue;
    if (const auto ip = IpAddress::parse(server.host)) {
      server_known(index, *ip, now);
      continue;
    }
    const bool asking =
        std::ranges::any_of(resolving_, [&](const auto& entry) { return entry.second == index; });
    if (asking) continue;
    const NameQueryId query{outbox_.next_query++};
    resolving_.emplace(query, index);
    outbox_.request(ResolveName{query, server.host});
  }
}

// Where all our addresses are IPv6.
void Gatherer::look_for_nat64() {
  const auto is_v4 = [](const UdpBase& base) { return base.ip.is_v4(); };
  nat64_query_.reset();
  if (!udp_.empty() && std::ranges::none_of(udp_, is_v4)) {
    nat64_query_ = NameQueryId{outbox_.next_query++};
    outbox_.request(ResolveName{*nat64_query_, std::string(kNat64ProbeName)});
  } else if (std::exchange(nat64_, std::nullopt)) {
    notices_.push(Nat64Changed{});
  }
}

void Gatherer::on_resolved(const NameResolved& resolved, Instant now) {
  if (nat64_query_ == resolved.query) {
    nat64_query_.reset();
    const auto prefix = Nat64Prefix::found_in(resolved.addresses);
    if (prefix == nat64_) return;
    notices_.push(Nat64Changed{nat64_ = prefix});
    const std::vector<KnownServer> known = servers_;
    for (const KnownServer& server : known) ask_through_nat64(server, now);
    return;
  }
  const auto it = resolving_.find(resolved.query);
  if (it == resolving_.end()) return;
  const std::size_t index = it->second;
  resolving_.erase(it);
  if (resolved.addresses.empty()) report(index, {}, ServerResult::kNoSuchName, 0);
  // One address of each family is enough.
  bool seen[2] = {false, false};
  for (const IpAddress& ip : resolved.addresses) {
    if (std::exchange(seen[ip.is_v6() ? 1 : 0], true)) continue;
    server_known(index, ip, now);
  }
}

void Gatherer::server_known(std::size_t index, const IpAddress& ip, Instant now) {
  const KnownServer server{index, {ip, settings_.servers[index].port}};
  if (std::ranges::find(servers_, server) != servers_.end()) return;
  servers_.push_back(server);
  for (std::size_t i = 0; i < udp_.size(); ++i)
    if (udp_[i].bound) ask(UdpBase(udp_[i]), server, now);
  ask_through_nat64(server, now);
}

// Only a STUN server's IPv4 address tells which IPv4 address we have; a relay that has an IPv6
// address of its own is better reached there.
void Gatherer::ask_through_nat64(const KnownServer& server, Instant now) {
  if (!nat64_ || !server.address.ip.is_v4() || server.address.ip.is_private()) return;
  const bool has_v6 = std::ranges::any_of(servers_, [&](const KnownServer& other) {
    return other.index == server.index && other.address.ip.is_v6();
  });
  if (settings_.servers[server.index].kind == ServerKind::kStun || !has_v6)
    server_known(server.index, nat64_->embed(server.address.ip), now);
}

void Gatherer::ask(const UdpBase& base, const KnownServer& server, Instant now) {
  const Server& config = settings_.servers[server.index];
  if (base.ip.family() != server.address.ip.family()) return;
  if (config.kind == ServerKind::kStun)
    query(base, server, now);
  else if (config.transport == ServerTransport::kUdp)
    allocate_over_udp(base, server, now);
}

// --- STUN ----------------------------------------------------------------------------------------

void Gatherer::query(const UdpBase& base, const KnownServer& server, Instant now) {
  if (settings_.servers[server.index].kind != ServerKind::kStun) return;
  if (base.ip.family() != server.address.ip.family()) return;
  const bool asking = std::ranges::any_of(queries_, [&](const ServerQuery& query) {
    return query.base == base.id && query.server == server.address;
  });
  if (asking) return;
  stun::TransactionId id{};
  random_.fill(id);
  queries_.push_back({.base = base.id,
                      .server = server.address,
                      .index = server.index,
                      .transaction = stun::Transaction(id, kTiming, false, now)});
  send_query(base, queries_.back());
  report(server.index, base.ip, ServerResult::kAsking, 0);
}

void Gatherer::send_query(const UdpBase& base, const ServerQuery& query) {
  Packet packet = packets_.make();
  packet.resize(stun::kHeaderSize);
  stun::MessageWriter(packet.mutable_bytes(), stun::Class::kRequest, stun::Method::kBinding,
                      query.transaction.id());
  leave(base.socket, query.server, std::move(packet));
}

void Gatherer::on_query_done(const ServerQuery& query, std::optional<TransportAddress> mapped) {
  const auto base = std::ranges::find(udp_, query.base, &UdpBase::id);
  if (base == udp_.end()) return;
  report(query.index, base->ip, mapped ? ServerResult::kAnswered : ServerResult::kNoAnswer, 0);
  if (!mapped) return;
  reports_.back().mapped = mapped;
  found_reflexive(*base, *mapped, query.server);
}

void Gatherer::handle_timeout(Instant now) {
  for (std::size_t i = queries_.size(); i-- > 0;) {
    const auto due = queries_[i].transaction.handle_timeout(now);
    if (due == stun::Transaction::Due::kNothing) continue;
    const auto base = std::ranges::find(udp_, queries_[i].base, &UdpBase::id);
    if (due == stun::Transaction::Due::kSendAgain && base != udp_.end()) {
      send_query(*base, queries_[i]);
      continue;
    }
    const ServerQuery failed = queries_[i];
    queries_.erase(queries_.begin() + static_cast<std::ptrdiff_t>(i));
    on_query_done(failed, std::nullopt);
  }
  for (const auto& relay : relays_) {
    relay->client.handle_timeout(now);
    if (!relay->speak_by || *relay->speak_by > now || relay->ended) continue;
    report(relay->server, relay->from,
           relay->allocated() ? ServerResult::kLost : ServerResult::kUnreachable, 0);
    relay_down(*relay, now);
  }
  if (streams_at_ && *streams_at_ <= now) {
    streams_at_.reset();
    allocate_over_streams(now);
  }
  if (again_at_ && *again_at_ <= now) {
    again_at_.reset();
    if (!has_relay()) allocate_again(now);
  }
  tell_if_done();
}

std::optional<Instant> Gatherer::next_timeout() const {
  std::optional<Instant> next = earliest(streams_at_, again_at_);
  for (const ServerQuery& query : queries_) next = earliest(next, query.transaction.next_timeout());
  for (const auto& relay : relays_) {
    next = earliest(next, relay->client.next_timeout());
    if (!relay->ended) next = earliest(next, relay->speak_by);
  }
  return next;
}

// --- TURN ----------------------------------------------------------------------------------------

Relay* Gatherer::add_relay(const KnownServer& server, const IpAddress& from) {
  if (relays_.size() >= settings_.limits.allocations) return nullptr;
  const Server& config = settings_.servers[server.index];
  const bool stream = config.transport != ServerTransport::kUdp;
  relays_.push_back(std::make_unique<Relay>(Relay{
      .server = server.index,
      .transport = config.transport,
      .address = server.address,
      .from = from,
      .socket = {},
      .stream = {},
      .bases = {},
      .client = turn::Client({.username = config.username,
                              .password = config.password,
                              .stream = stream,
                              .timing = kTiming},
                             random_.fork("relay " + std::to_string(next_relay_++)), packets_)}));
  report(server.index, from, ServerResult::kAsking, 0);
  done_ = false;
  return relays_.back().get();
}

void Gatherer::allocate_over_udp(const UdpBase& base, const KnownServer& server, Instant now) {
  const bool there = std::ranges::any_of(relays_, [&](const auto& relay) {
    return relay->transport == ServerTransport::kUdp && relay->socket == base.socket &&
           relay->address == server.address;
  });
  if (there || refused_.contains({base.socket, server.address})) return;
  Relay* relay = add_relay(server, base.ip);
  if (!relay) return;
  relay->socket = base.socket;
  relay->local_preference = base.local_preference;
  relay->client.allocate(turn::RelayFamilies::kBoth, now);
}

void Gatherer::allocate_over_streams(Instant now) {
  if (has_relay()) {
    for (const KnownServer& server : servers_)
      if (is_stream_server(server)) report(server.index, {}, ServerResult::kNotNeeded, 0);
    return;
  }
  for (const KnownServer& server : servers_) {
    if (!is_stream_server(server) || refused_.contains({SocketId{}, server.address})) continue;
    const bool there = std::ranges::any_of(relays_, [&](const auto& relay) {
      return relay->transport != ServerTransport::kUdp && relay->address == server.address &&
             !relay->ended;
    });
    if (there) continue;
    const auto base = std::ranges::find_if(udp_, [&](const UdpBase& candidate) {
      return candidate.bound && candidate.ip.family() == server.address.ip.family();
    });
    if (base == udp_.end()) continue;
    Relay* relay = add_relay(server, base->ip);
    if (!relay) return;
    relay->stream = StreamId{outbox_.next_stream++};
    relay->speak_by = now + rules::stream_patience();
    relay->local_preference = base->local_preference;
    outbox_.request(OpenStream{
        .stream = relay->stream,
        .kind = relay->transport == ServerTransport::kTls ? StreamKind::kTls : StreamKind::kTcp,
        .local = base->ip,
        .remote = server.address,
        .server_name = settings_.servers[server.index].host});
  }
}

bool Gatherer::is_stream_server(const KnownServer& server) const {
  const Server& config = settings_.servers[server.index];
  return config.kind == ServerKind::kTurn && config.transport != ServerTransport::kUdp;
}

bool Gatherer::has_relay() const {
  return std::ranges::any_of(relays_, [](const auto& relay) { return relay->allocated(); });
}

// Whatever could have an allocation and has none gets another try.
void Gatherer::allocate_again(Instant now) {
  for (const UdpBase& base : udp_)
    for (const KnownServer& server : servers_)
      if (base.bound) ask(base, server, now);
  if (!has_relay() && !streams_at_) streams_at_ = now + rules::wait_before_streams();
}

bool Gatherer::on_stream_input(HostInput& input, Instant now) {
  const auto relay_of = [&](StreamId stream) -> Relay* {
    const auto it = std::ranges::find_if(relays_, [&](const auto& relay) {
      return relay->transport != ServerTransport::kUdp && relay->stream == stream;
    });
    return it == relays_.end() ? nullptr : it->get();
  };
  if (const auto* opened = std::get_if<StreamOpened>(&input)) {
    Relay* relay = relay_of(opened->stream);
    if (!relay) return false;
    relay->stream_open = true;
    relay->client.allocate(turn::RelayFamilies::kBoth, now);
  } else if (const auto* bytes = std::get_if<StreamBytes>(&input)) {
    Relay* relay = relay_of(bytes->stream);
    if (!relay) return false;
    relay->client.handle_input(turn::ServerBytes{bytes->bytes}, now);
    // What reaches us says nothing of our way to the server: only an answer does. A challenge is
    // one, and has another question follow.
    if (!relay->client.awaits_verdict())
      relay->speak_by.reset();
    else if (!relay->allocated())
      relay->speak_by = now + rules::stream_patience();
  } else if (const auto* writable = std::get_if<StreamWritable>(&input)) {
    Relay* relay = relay_of(writable->stream);
    if (!relay) return false;
    relay->stream_writable = writable->writable;
  } else if (const auto* closed = std::get_if<StreamClosed>(&input)) {
    Relay* relay = relay_of(closed->stream);
    if (!relay) return false;
    report(relay->server, relay->from,
           relay->allocated() ? ServerResult::kLost : ServerResult::kUnreachable, 0);
    relay->stream_open = false;
    relay->stream_closed = true;
    relay_down(*relay, now);
    tell_if_done();
  } else {
    return false;
  }
  return true;
}

void Gatherer::flush(Instant now) {
  for (const auto& relay : relays_) pump(*relay, now);
  if (std::erase_if(relays_, [](const auto& relay) { return relay->ended; }) > 0) tell_if_done();
}

void Gatherer::pump(Relay& relay, Instant now) {
  struct Out {
    Gatherer& gatherer;
    Relay& relay;
    Instant now;
    void transmit(turn::ToServer out) {
      if (relay.transport == ServerTransport::kUdp)
        gatherer.leave(relay.socket, relay.address, std::move(out.packet));
      else if (relay.stream_open)
        gatherer.outbox_.send(relay.stream, std::move(out.packet));
    }
    void handle_event(turn::Client::Event event) {
      gatherer.relay_event(relay, std::move(event), now);
    }
  } out{*this, relay, now};
  drain(relay.client, out, now);
}

void Gatherer::relay_event(Relay& relay, turn::Client::Event event, Instant now) {
  const auto tell_permission = [&](const IpAddress& peer, bool granted, int code) {
    for (const Base& base : relay.bases)
      if (base.address.ip.family() == peer.family())
        notices_.push(Permission{base.id, peer, granted, static_cast<std::uint16_t>(code)});
  };
  if (auto* data = std::get_if<turn::PeerData>(&event)) {
    const auto base = std::ranges::find_if(relay.bases, [&](const Base& one) {
      return one.address.ip.family() == data->peer.ip.family();
    });
    if (base != relay.bases.end())
      notices_.push(FromPeer{base->id, data->peer, std::move(data->packet)});
  } else if (const auto* allocated = std::get_if<turn::Allocated>(&event)) {
    relay_up(relay, *allocated);
  } else if (const auto* failed = std::get_if<turn::AllocationFailed>(&event)) {
    report(relay.server, relay.from, result_of(failed->reason),
           static_cast<std::uint16_t>(failed->code));
    if (result_of(failed->reason) == ServerResult::kRefused)
      refused_.insert({relay.socket, relay.address});
    relay_down(relay, now);
  } else if (const auto* lost = std::get_if<turn::AllocationLost>(&event)) {
    report(relay.server, relay.from, ServerResult::kLost, static_cast<std::uint16_t>(lost->code));
    relay_down(relay, now);
  } else if (const auto* ready = std::get_if<turn::PermissionReady>(&event)) {
    tell_permission(ready->peer, true, 0);
  } else if (const auto* refused = std::get_if<turn::PermissionFailed>(&event)) {
    tell_permission(refused->peer, false, refused->code);
  } else {
    relay.ended = true;
  }
}

void Gatherer::relay_up(Relay& relay, const turn::Allocated& allocated) {
  report(relay.server, relay.from, ServerResult::kAllocated, 0);
  again_after_ = rules::first_wait_for_relay();
  reports_.back().mapped = allocated.mapped;
  const std::uint32_t preference =
      type_preference(CandidateType::kRelayed, CandidateTransport::kUdp, hop_of(relay.transport));
  for (const TransportAddress& relayed : allocated.relayed) {
    const std::uint32_t priority = candidate_priority(preference, relay.local_preference, 1);
    Base base{.id = outbox_.new_base(),
              .address = relayed,
              .candidate = {.type = CandidateType::kRelayed,
                            .transport = CandidateTransport::kUdp,
                            .address = relayed,
                            .name = {},
                            .priority = priority,
                            .foundation = next_foundation(),
                            .component = 1,
                            .related = allocated.mapped},
              .reflexive_priority = priority,
              .relay = relay.address.ip};
    relay.bases.push_back(base);
    notices_.push(BaseUp{base});
    found(base.candidate);
  }
  // The server's answer also says how it sees us: as good as a STUN server's.
  if (const auto base = std::ranges::find(udp_, relay.socket, &UdpBase::socket);
      base != udp_.end() && relay.transport == ServerTransport::kUdp)
    found_reflexive(*base, allocated.mapped, relay.address);
  tell_if_done();
}

void Gatherer::relay_down(Relay& relay, Instant now) {
  relay.ended = true;
  if (!again_at_) {
    again_at_ = now + again_after_;
    again_after_ = rules::next_wait_for_relay(again_after_);
  }
  if (relay.transport != ServerTransport::kUdp && !relay.stream_closed)
    outbox_.request(CloseStream{relay.stream});
  relay.stream_open = false;
  for (const Base& base : relay.bases) {
    notices_.push(BaseDown{base.id});
    std::erase_if(found_,
                  [&](const Candidate& candidate) { return candidate.address == base.address; });
  }
  relay.bases.clear();
}

// --- the way out ---------------------------------------------------------------------------------

void Gatherer::send(BaseId base, const TransportAddress& destination, Packet packet, Instant now) {
  if (const auto udp = std::ranges::find(udp_, base, &UdpBase::id); udp != udp_.end()) {
    udp->ports.sent(destination);
    return outbox_.send(udp->socket, destination, std::move(packet));
  }
  Relay* relay = of_base(base);
  // A stream that is full would only add delay; what is lost here is lost as on any path.
  if (relay && relay->stream_writable) relay->client.send(destination, std::move(packet), now);
}

void Gatherer::leave(SocketId socket, const TransportAddress& destination, Packet packet) {
  if (UdpBase* base = of_socket(socket)) base->ports.sent(destination);
  outbox_.send(socket, destination, std::move(packet));
}

bool Gatherer::meets(BaseId base, const Candidate& remote) const {
  const auto udp = std::ranges::find(udp_, base, &UdpBase::id);
  return remote.predicted == 0 || udp == udp_.end() ||
         udp->ports.meets(remote.address, remote.predicted);
}

void Gatherer::permit(BaseId base, const IpAddress& peer, Instant now) {
  if (Relay* relay = of_base(base)) relay->client.permit(peer, now);
}

void Gatherer::bind_channel(BaseId base, const TransportAddress& peer, Instant now) {
  if (Relay* relay = of_base(base)) relay->client.bind_channel(peer, now);
}

Relay* Gatherer::of_base(BaseId base) {
  for (const auto& relay : relays_)
    if (std::ranges::find(relay->bases, base, &Base::id) != relay->bases.end()) return relay.get();
  return nullptr;
}

void Gatherer::report(std::size_t server, const std::optional<IpAddress>& from, ServerResult result,
                      std::uint16_t code) {
  std::erase_if(reports_, [&](const ServerReport& other) {
    return other.server == server && other.from == from;
  });
  reports_.push_back({server, from, result, code, {}});
}

}  // namespace beeline::ice
