#include "beeline/ice/gatherer.h"

#include <algorithm>

#include "beeline/base/protocol_core.h"

namespace beeline::ice {
namespace {

// Until the sockets stand that say which addresses work.
constexpr Duration kBinding = std::chrono::milliseconds(20);

}  // namespace

Gatherer::Gatherer(const Settings& settings, const Random& random, PacketPool& packets,
                   Outbox& outbox)
    : settings_(settings),
      random_(random.fork("ice gatherer")),
      packets_(packets),
      outbox_(outbox) {}

void Gatherer::start(Instant now) {
  started_ = true;
  outbox_.request(WatchInterfaces{});
  if (!settings_.lite) resolve_servers(now);
}

void Gatherer::ask_again(Instant now) {
  for (const auto& relay : relays_)
    if (relay->allocated()) {
      relay->client.verify(now);
      if (relay->transport != ServerTransport::kUdp && !relay->speak_by)
        relay->speak_by = now + rules::stream_patience();
    }
  allocate_again(now);
}

void Gatherer::ask_stun_again(Instant now) {
  for (const UdpBase& base : udp_)
    for (const KnownServer& server : servers_)
      if (base.bound) query(base, server, now);
}

bool Gatherer::knows(const TransportAddress& address) const {
  return std::ranges::find(found_, address, &Candidate::address) != found_.end();
}

void Gatherer::close(Instant now) {
  for (const auto& relay : relays_) {
    relay->client.close(now);
    pump(*relay, now);
    if (relay->transport != ServerTransport::kUdp) outbox_.request(CloseStream{relay->stream});
  }
  for (const UdpBase& base : udp_) outbox_.request(ReleaseUdp{base.socket});
  relays_.clear();
  queries_.clear();
  udp_.clear();
  notices_.clear();
  streams_at_.reset();
  started_ = false;
}

std::optional<Gatherer::Notice> Gatherer::poll_notice() {
  return notices_.pop();
}

bool Gatherer::handle_input(HostInput& input, Instant now) {
  if (!started_) return false;
  if (auto* datagram = std::get_if<Datagram>(&input)) return on_datagram(*datagram, now);
  if (const auto* changed = std::get_if<InterfacesChanged>(&input)) {
    on_interfaces(*changed, now);
  } else if (const auto* bound = std::get_if<UdpBound>(&input)) {
    on_bound(*bound, now);
  } else if (const auto* closed = std::get_if<UdpClosed>(&input)) {
    on_udp_closed(closed->socket, now);
  } else if (const auto* resolved = std::get_if<NameResolved>(&input)) {
    on_resolved(*resolved, now);
  } else {
    return on_stream_input(input, now);
  }
  tell_if_done();
  return true;
}

// --- interfaces and sockets ----------------------------------------------------------------------

//= RFC 8445 §5.1.1.1
// A socket on every address of the machine; those of a chosen few kinds are no use to anybody else.
void Gatherer::on_interfaces(const InterfacesChanged& changed, Instant now) {
  for (std::size_t i = udp_.size(); i-- > 0;)
    if (std::ranges::find(changed.interfaces, udp_[i].ip, &Interface::address) ==
        changed.interfaces.end())
      drop_udp_base(i, now);
  std::uint32_t ranks[2] = {0, 0};
  for (const Interface& interface : changed.interfaces) {
    if (!settings_.usable(interface.address)) continue;
    const IpFamily family = interface.address.family();
    const std::uint32_t rank = ranks[family == IpFamily::kV6 ? 1 : 0]++;
    if (std::ranges::find(udp_, interface.address, &UdpBase::ip) != udp_.end()) continue;
    if (udp_.size() >= settings_.limits.interfaces) break;
    UdpBase base{.id = outbox_.new_base(),
                 .socket = SocketId{outbox_.next_socket++},
                 .ip = interface.address,
                 .local = {},
                 .local_preference = local_preference(family, rank)};
    outbox_.request(BindUdp{base.socket, {base.ip, Port{0}}});
    udp_.push_back(std::move(base));
    done_ = false;
  }
  // On another network names may have other addresses, of other families.
  if (interfaces_known_ && !settings_.lite) resolve_servers(now);
  if (!settings_.lite) look_for_nat64();
  interfaces_known_ = true;
  udp_answered_ = false;
  if (!has_relay() && !streams_at_ && !settings_.lite)
    streams_at_ = now + (asks_relays_over_udp() ? rules::wait_before_streams() : kBinding);
}

bool Gatherer::asks_relays_over_udp() const {
  return std::ranges::any_of(settings_.servers, [](const Server& server) {
    return server.kind == ServerKind::kTurn && server.transport == ServerTransport::kUdp;
  });
}

void Gatherer::on_bound(const UdpBound& bound, Instant now) {
  UdpBase* base = of_socket(bound.socket);
  if (!base || base->bound) return;
  base->bound = true;
  base->local = bound.local;
  if (settings_.policy == Policy::kAll) {
    const Candidate host{.type = CandidateType::kHost,
                         .transport = CandidateTransport::kUdp,
                         .address = bound.local,
                         .name = {},
                         .priority = candidate_priority(126, base->local_preference, 1),
                         .foundation = next_foundation(),
                         .component = 1,
                         .related = {}};
    notices_.push(BaseUp{{.id = base->id,
                          .address = bound.local,
                          .candidate = host,
                          .reflexive_priority = candidate_priority(110, base->local_preference, 1),
                          .relay = {}}});
    found(host);
  }
  const UdpBase copy = *base;
  for (const KnownServer& server : servers_) ask(copy, server, now);
}

void Gatherer::on_udp_closed(SocketId socket, Instant now) {
  for (std::size_t i = 0; i < udp_.size(); ++i)
    if (udp_[i].socket == socket) return drop_udp_base(i, now);
}

void Gatherer::drop_udp_base(std::size_t index, Instant now) {
  const UdpBase base = udp_[index];
  udp_.erase(udp_.begin() + static_cast<std::ptrdiff_t>(index));
  outbox_.request(ReleaseUdp{base.socket});
  std::erase_if(queries_, [&](const ServerQuery& query) { return query.base == base.id; });
  for (const auto& relay : relays_)
    if (relay->from == base.ip) relay_down(*relay, now);
  std::erase_if(relays_, [](const auto& relay) { return relay->ended; });
  std::erase_if(found_, [&](const Candidate& candidate) {
    return candidate.address == base.local || candidate.related == base.local;
  });
  if (base.bound && settings_.policy == Policy::kAll) notices_.push(BaseDown{base.id});
}

bool Gatherer::on_datagram(Datagram& datagram, Instant now) {
  UdpBase* base = of_socket(datagram.socket);
  if (!base) return false;
  for (const auto& relay : relays_) {
    if (relay->transport != ServerTransport::kUdp || relay->socket != datagram.socket ||
        relay->address != datagram.source)
      continue;
    // A STUN server may stand at the same address: its answers are not the TURN client's.
    if (answers_query(datagram, now)) return true;
    relay->client.handle_input(turn::FromServer{std::move(datagram.packet)}, now);
    // UDP gets through: streams are for where it does not, not for where it is slow.
    if (!udp_answered_ && streams_at_) streams_at_ = now + rules::wait_before_streams() * 4;
    udp_answered_ = true;
    return true;
  }
  if (answers_query(datagram, now)) return true;
  if (settings_.policy == Policy::kAll)
    notices_.push(FromPeer{base->id, datagram.source, std::move(datagram.packet)});
  return true;
}

bool Gatherer::answers_query(const Datagram& datagram, Instant) {
  if (!stun::looks_like_stun(datagram.packet.bytes())) return false;
  const auto message = stun::Message::parse(datagram.packet.bytes());
  if (!message || message->method() != stun::Method::kBinding ||
      (message->message_class() != stun::Class::kSuccess &&
       message->message_class() != stun::Class::kError))
    return false;
  const auto query = std::ranges::find_if(queries_, [&](const ServerQuery& candidate) {
    return candidate.transaction.id() == message->transaction_id() &&
           candidate.server == datagram.source;
  });
  if (query == queries_.end()) return false;
  std::optional<TransportAddress> mapped;
  if (message->message_class() == stun::Class::kSuccess)
    if (const auto attribute = message->find(stun::AttributeType::kXorMappedAddress))
      mapped = stun::read_xor_address(attribute->value, message->transaction_id());
  const ServerQuery answered = *query;
  queries_.erase(query);
  on_query_done(answered, mapped);
  tell_if_done();
  return true;
}

// --- candidates ----------------------------------------------------------------------------------

void Gatherer::found(Candidate candidate) {
  if (candidate.type == CandidateType::kHost && settings_.hide_addresses) {
    const std::string name = hidden_name();
    outbox_.request(PublishName{name, candidate.address.ip});
    names_.emplace(candidate.address.ip, name);
  }
  found_.push_back(candidate);
  tell(candidate);
}

// What the other side gets to see of it.
void Gatherer::tell(Candidate candidate) {
  if (const auto name = names_.find(candidate.address.ip);
      candidate.type == CandidateType::kHost && name != names_.end()) {
    candidate.name = name->second;
    candidate.address.ip = IpAddress();
  }
  if (settings_.hide_addresses || settings_.policy == Policy::kRelayOnly) candidate.related.reset();
  notices_.push(FoundCandidate{std::move(candidate)});
}

void Gatherer::tell_everything_again() {
  for (const Candidate& candidate : found_) tell(candidate);
  if (done_) notices_.push(GatheredAll{});
}

//= RFC 8445 §5.1.1.2, §5.1.3
void Gatherer::found_reflexive(UdpBase& base, const TransportAddress& mapped,
                               const TransportAddress& server) {
  if (settings_.policy == Policy::kRelayOnly || mapped == base.local) return;
  base.ports.seen(server, mapped);
  const bool known = std::ranges::any_of(found_, [&](const Candidate& candidate) {
    return candidate.address == mapped && candidate.related == base.local;
  });
  TransportAddress& told = mapped_by_[{base.id, server}];
  // The same server saw another address before: that one is no use any more.
  if (told != mapped)
    std::erase_if(found_, [&](const Candidate& candidate) {
      return candidate.address == told && candidate.related == base.local;
    });
  told = mapped;
  if (!known)
    found({.type = CandidateType::kServerReflexive,
           .transport = CandidateTransport::kUdp,
           .address = mapped,
           .name = {},
           .priority = candidate_priority(100, base.local_preference, 1),
           .foundation = next_foundation(),
           .component = 1,
           .related = base.local});
  predict(base);
}

// Below what was seen, above every relay, and the nearest first.
void Gatherer::predict(UdpBase& base) {
  std::uint32_t number = 0;
  for (const TransportAddress& expected : base.ports.predict()) {
    ++number;
    found({.type = CandidateType::kServerReflexive,
           .transport = CandidateTransport::kUdp,
           .address = expected,
           .name = {},
           .priority = candidate_priority(90 - number, base.local_preference, 1),
           .foundation = next_foundation(),
           .component = 1,
           .related = base.local,
           .predicted = number});
  }
}

//= RFC 8445 §5.1.1.3
// Candidates of one type, base and server share a foundation, so that their components freeze
// together. Here is one component: two such candidates are an old address and its successor, which
// must not wait for the old one to fail.
std::string Gatherer::next_foundation() {
  return std::to_string(++foundations_);
}

// A random name that only this session knows (RFC 4122, version 4).
std::string Gatherer::hidden_name() {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string uuid = random_.text(36, kHex);
  for (const std::size_t dash : {8U, 13U, 18U, 23U}) uuid[dash] = '-';
  uuid[14] = '4';
  uuid[19] = kHex[8 + random_.below(4)];
  return uuid + ".local";
}

void Gatherer::tell_if_done() {
  if (done_ || !interfaces_known_ || !resolving_.empty() || !queries_.empty() || streams_at_)
    return;
  if (std::ranges::any_of(udp_, [](const UdpBase& base) { return !base.bound; })) return;
  if (std::ranges::any_of(relays_, [](const auto& relay) { return !relay->allocated(); })) return;
  done_ = true;
  notices_.push(GatheredAll{});
}

Gatherer::UdpBase* Gatherer::of_socket(SocketId socket) {
  const auto it = std::ranges::find(udp_, socket, &UdpBase::socket);
  return it == udp_.end() ? nullptr : &*it;
}

}  // namespace beeline::ice
