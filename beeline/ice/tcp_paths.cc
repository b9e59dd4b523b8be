#include "beeline/ice/tcp_paths.h"

#include <algorithm>

namespace beeline::ice {
namespace {

constexpr Duration kProveWithin = std::chrono::seconds(10);
constexpr Port kDiscard{9};  // RFC 6544 §4.5: the port of an active candidate means nothing

}  // namespace

bool TcpPaths::wanted() const {
  // A connection shows its address, and a lite side opens none.
  return settings_.tcp && settings_.policy == Policy::kAll && !settings_.hide_addresses &&
         !settings_.lite;
}

bool TcpPaths::handle_input(const HostInput& input, Instant now) {
  if (!wanted()) return false;
  if (const auto* changed = std::get_if<InterfacesChanged>(&input)) {
    on_interfaces(*changed);
    return false;
  }
  if (const auto* listening = std::get_if<StreamListening>(&input)) {
    on_listening(*listening);
    return true;
  }
  if (const auto* accepted = std::get_if<StreamAccepted>(&input)) {
    on_accepted(*accepted, now);
    return true;
  }
  if (const auto* bytes = std::get_if<StreamBytes>(&input)) {
    Connection* connection = of_stream(bytes->stream);
    if (connection) on_bytes(*connection, bytes->bytes);
    return connection != nullptr;
  }
  if (const auto* opened = std::get_if<StreamOpened>(&input)) {
    Connection* connection = of_stream(opened->stream);
    if (!connection) return false;
    connection->open = true;
    notices_.push(ConnectionChanged{connection->base, connection->remote});
    return true;
  }
  if (const auto* writable = std::get_if<StreamWritable>(&input)) {
    Connection* connection = of_stream(writable->stream);
    if (connection) connection->writable = writable->writable;
    return connection != nullptr;
  }
  if (const auto* closed = std::get_if<StreamClosed>(&input)) {
    if (!of_stream(closed->stream)) return false;
    on_closed(closed->stream);
    return true;
  }
  return false;
}

// --- places --------------------------------------------------------------------------------------

void TcpPaths::on_interfaces(const InterfacesChanged& changed) {
  for (std::size_t i = places_.size(); i-- > 0;) {
    if (std::ranges::find(changed.interfaces, places_[i].ip, &Interface::address) !=
        changed.interfaces.end())
      continue;
    drop(places_[i]);
    places_.erase(places_.begin() + static_cast<std::ptrdiff_t>(i));
  }
  std::uint32_t ranks[2] = {0, 0};
  for (const Interface& interface : changed.interfaces) {
    if (!settings_.usable(interface.address)) continue;
    const IpFamily family = interface.address.family();
    const std::uint32_t rank = ranks[family == IpFamily::kV6 ? 1 : 0]++;
    if (std::ranges::find(places_, interface.address, &Place::ip) != places_.end()) continue;
    if (places_.size() >= settings_.limits.interfaces) break;
    Place place{.ip = interface.address,
                .local_preference = local_preference(family, rank),
                .active = outbox_.new_base(),
                .passive = outbox_.new_base(),
                .listener = StreamId{outbox_.next_stream++}};
    found(place.active, CandidateTransport::kTcpActive, {place.ip, kDiscard}, place);
    outbox_.request(ListenStreams{place.listener, {place.ip, Port{0}}});
    places_.push_back(place);
  }
}

void TcpPaths::drop(const Place& place) {
  outbox_.request(CloseStream{place.listener});
  std::erase_if(connections_, [&](const Connection& connection) {
    const bool gone = connection.base == place.active || connection.base == place.passive;
    if (gone && !connection.failed) outbox_.request(CloseStream{connection.stream});
    return gone;
  });
  std::erase_if(found_, [&](const Candidate& one) { return one.address.ip == place.ip; });
  notices_.push(BaseDown{place.active});
  notices_.push(BaseDown{place.passive});
}

void TcpPaths::on_listening(const StreamListening& listening) {
  const auto place = std::ranges::find(places_, listening.listener, &Place::listener);
  if (place != places_.end())
    found(place->passive, CandidateTransport::kTcpPassive, listening.local, *place);
}

void TcpPaths::found(BaseId base, CandidateTransport transport, const TransportAddress& address,
                     const Place& place) {
  const auto priority = [&](CandidateType type) {
    return candidate_priority(type_preference(type, transport), place.local_preference, 1);
  };
  const Candidate host{.type = CandidateType::kHost,
                       .transport = transport,
                       .address = address,
                       .name = {},
                       .priority = priority(CandidateType::kHost),
                       .foundation = "t" + std::to_string(base.value),  // ice-chars, 32 at most
                       .component = 1,
                       .related = {}};
  found_.push_back(host);
  notices_.push(BaseUp{{.id = base,
                        .address = address,
                        .candidate = host,
                        .reflexive_priority = priority(CandidateType::kPeerReflexive),
                        .relay = {}}});
  notices_.push(FoundCandidate{host});
}

// --- connections ---------------------------------------------------------------------------------

TcpPaths::Readiness TcpPaths::connect(const Base& base, const TransportAddress& remote) {
  if (const Connection* connection = between(base.id, remote)) {
    if (connection->failed) return Readiness::kFailed;
    return connection->open ? Readiness::kReady : Readiness::kOpening;
  }
  if (base.candidate.transport != CandidateTransport::kTcpActive ||
      connections_.size() >= settings_.limits.streams)
    return Readiness::kFailed;
  const StreamId stream{outbox_.next_stream++};
  connections_.push_back({.base = base.id,
                          .remote = remote,
                          .stream = stream,
                          .framer = TcpFramer(packets_),
                          .unproven_until = {}});
  outbox_.request(OpenStream{.stream = stream,
                             .kind = StreamKind::kTcp,
                             .local = base.address.ip,
                             .remote = remote,
                             .server_name = {}});
  return Readiness::kOpening;
}

void TcpPaths::on_accepted(const StreamAccepted& accepted, Instant now) {
  const auto place = std::ranges::find(places_, accepted.listener, &Place::listener);
  if (place == places_.end() || connections_.size() >= settings_.limits.streams)
    return outbox_.request(CloseStream{accepted.stream});
  connections_.push_back({.base = place->passive,
                          .remote = accepted.remote,
                          .stream = accepted.stream,
                          .framer = TcpFramer(packets_),
                          .open = true,
                          .unproven_until = now + kProveWithin});
}

void TcpPaths::on_bytes(Connection& connection, Bytes bytes) {
  while (!bytes.empty())
    if (connection.framer.read(bytes) == TcpFramer::Result::kFrame)
      notices_.push(FromPeer{connection.base, connection.remote, connection.framer.take()});
}

// An active one is remembered, or the next check would open it again at once.
void TcpPaths::on_closed(StreamId stream) {
  Connection& connection = *of_stream(stream);
  notices_.push(ConnectionChanged{connection.base, connection.remote});
  connection.failed = true;
  connection.open = false;
  if (stream.value >= StreamId::kAccepted)
    std::erase_if(connections_, [&](const Connection& one) { return one.stream == stream; });
}

void TcpPaths::forget_failures() {
  std::erase_if(connections_, [](const Connection& connection) { return connection.failed; });
}

void TcpPaths::prove(BaseId base, const TransportAddress& remote) {
  if (Connection* connection = between(base, remote)) connection->unproven_until.reset();
}

void TcpPaths::handle_timeout(Instant now) {
  std::erase_if(connections_, [&](const Connection& connection) {
    const bool late = connection.unproven_until && *connection.unproven_until <= now;
    if (late) outbox_.request(CloseStream{connection.stream});
    return late;
  });
}

std::optional<Instant> TcpPaths::next_timeout() const {
  std::optional<Instant> next;
  for (const Connection& connection : connections_)
    next = earliest(next, connection.unproven_until);
  return next;
}

void TcpPaths::send(BaseId base, const TransportAddress& remote, Packet packet) {
  Connection* connection = between(base, remote);
  // What does not fit would only come late.
  if (!connection || !connection->open || !connection->writable) return;
  push_tcp_frame_header(packet);
  outbox_.send(connection->stream, std::move(packet));
}

void TcpPaths::close() {
  for (const Place& place : places_) drop(place);
  places_.clear();
  notices_.clear();
}

std::optional<TcpPaths::Notice> TcpPaths::poll_notice() {
  return notices_.pop();
}

TcpPaths::Connection* TcpPaths::of_stream(StreamId stream) {
  const auto it = std::ranges::find(connections_, stream, &Connection::stream);
  return it == connections_.end() ? nullptr : &*it;
}

TcpPaths::Connection* TcpPaths::between(BaseId base, const TransportAddress& remote) {
  const auto it = std::ranges::find_if(connections_, [&](const Connection& connection) {
    return connection.base == base && connection.remote == remote;
  });
  return it == connections_.end() ? nullptr : &*it;
}

}  // namespace beeline::ice
