#include "beeline/mdns/querier.h"

#include <algorithm>
#include <array>
#include <utility>

#include "beeline/base/protocol_core.h"

namespace beeline::mdns {
namespace {

static_assert(ProtocolCore<Querier>);

using std::chrono::seconds;

constexpr int kSends = 3;
// After the first, the second and the last question.
constexpr std::array<Duration, kSends> kWaits{seconds(1), seconds(2), seconds(2)};
constexpr auto kMaxTtl = seconds(75 * 60);  // RFC 6762 §10
constexpr std::size_t kMaxAddresses = 8;    // of one name
constexpr std::size_t kNamesPerMessage = 16;

}  // namespace

Querier::Querier(QuerierSettings settings, PacketPool& packets)
    : settings_(settings), packets_(packets), sockets_(settings.first_socket) {}

std::optional<Querier::Transmit> Querier::poll_transmit() {
  return transmits_.pop();
}
std::optional<Querier::Event> Querier::poll_event() {
  if (auto request = sockets_.poll_request()) return Event(std::move(*request));
  return events_.pop();
}

std::optional<Instant> Querier::next_timeout() const {
  std::optional<Instant> next;
  for (const auto& [name, pending] : pending_) next = earliest(next, pending.next);
  return next;
}

void Querier::start(Instant) {
  if (!closed_) sockets_.start();
}

void Querier::close(Instant) {
  closed_ = true;
  sockets_.stop();
  pending_.clear();
  cache_.clear();
  events_.clear();
}

void Querier::resolve(std::string_view name, Instant now) {
  if (closed_) return;
  sockets_.start();
  const std::string key = lower(name);
  const auto answer = [&](auto what) { events_.push(Event(std::move(what))); };
  const auto refuse = [&](NameFailure why) { answer(NameNotFound{std::string(name), why}); };
  if (!is_host_name(key)) return refuse(NameFailure::kNoHostName);
  const auto cached = cache_.find(key);
  if (cached != cache_.end() && cached->second.expires > now)
    return answer(NameFound{std::string(name), cached->second.addresses});
  if (pending_.contains(key)) return;
  if (pending_.size() >= settings_.max_pending) return refuse(NameFailure::kTooMany);
  pending_.emplace(key, Pending{std::string(name), 1, now + kWaits[0], true});
}

void Querier::cancel(std::string_view name) {
  pending_.erase(lower(name));
}

void Querier::handle_input(Input input, Instant now) {
  if (closed_) return;
  if (auto* datagram = std::get_if<Datagram>(&input)) return on(*datagram, now);
  if (const auto* changed = std::get_if<InterfacesChanged>(&input))
    return sockets_.set_interfaces(changed->interfaces);
  if (const auto* closed = std::get_if<UdpClosed>(&input)) return sockets_.closed(closed->socket);
  const auto* bound = std::get_if<UdpBound>(&input);
  const auto* socket = bound != nullptr ? sockets_.bound(bound->socket) : nullptr;
  if (socket == nullptr) return;
  // What was asked for before there was anywhere to ask.
  std::vector<std::string> names;
  for (const auto& [name, pending] : pending_)
    if (!pending.owed) names.push_back(name);
  ask(*socket, names, settings_.wants_unicast);
}

//= RFC 6762 §5.1
void Querier::handle_timeout(Instant now) {
  for (auto it = pending_.begin(); it != pending_.end();) {
    Pending& pending = it->second;
    if (now < pending.next) {
      ++it;
    } else if (pending.sends < kSends) {
      pending.next = pending.next + kWaits[static_cast<std::size_t>(pending.sends++)];
      pending.owed = true;
      ++it;
    } else {
      const auto reason = sockets_.any_bound() ? NameFailure::kNoAnswer : NameFailure::kNoInterface;
      events_.push(Event(NameNotFound{pending.asked_as, reason}));
      it = pending_.erase(it);
    }
  }
}

// All names of one batch leave in one message per interface.
void Querier::flush(Instant) {
  std::vector<std::string> first;
  std::vector<std::string> again;
  for (auto& [name, pending] : pending_)
    if (std::exchange(pending.owed, false)) (pending.sends == 1 ? first : again).push_back(name);
  for (const GroupSockets::Socket& socket : sockets_.all()) {
    if (!socket.bound) continue;
    ask(socket, first, settings_.wants_unicast);
    // Whoever did not hear us may be heard by others who know.
    ask(socket, again, false);
  }
}

void Querier::ask(const GroupSockets::Socket& socket, const std::vector<std::string>& names,
                  bool wants_unicast) {
  for (std::size_t first = 0; first < names.size(); first += kNamesPerMessage) {
    Packet packet = packets_.make();
    packet.resize(Packet::kMaxPayload);
    MessageWriter writer(packet.mutable_bytes(), false);
    const std::size_t end = std::min(names.size(), first + kNamesPerMessage);
    for (std::size_t i = first; i < end; ++i)
      for (const RecordType type : {RecordType::kA, RecordType::kAaaa})
        writer.add_question(names[i], type, wants_unicast);
    ensure(writer.ok(), "sixteen names fit a packet");
    packet.resize(writer.bytes().size());
    transmits_.push(SendDatagram{socket.id, group_of(socket.address.family()), std::move(packet)});
  }
}

void Querier::on(Datagram& datagram, Instant now) {
  if (sockets_.find(datagram.socket) == nullptr) return;
  const auto message = Message::parse(datagram.packet.bytes());
  if (!message) {
    ++counters_.malformed;
    return;
  }
  if (!message->is_response) return;
  //= RFC 6762 §6
  if (datagram.source.port != kPort) {
    ++counters_.not_port_5353;
    return;
  }
  struct Heard {
    std::vector<IpAddress> addresses;
    bool all = false;
    seconds ttl{0};
  };
  std::map<std::string, Heard> heard;
  for (const auto* records : {&message->answers, &message->others})
    for (const Record& record : *records) {
      const auto address = record.address();
      if (!address || !is_host_name(record.name)) continue;
      Heard& one = heard[record.name];
      if (record.ttl > seconds(0) && one.addresses.size() < kMaxAddresses &&
          std::ranges::find(one.addresses, *address) == one.addresses.end())
        one.addresses.push_back(*address);
      one.all = one.all || record.cache_flush;
      one.ttl = std::max(one.ttl, std::min<seconds>(record.ttl, kMaxTtl));
    }
  for (auto& [name, one] : heard) remember(name, std::move(one.addresses), one.all, one.ttl, now);
}

void Querier::remember(const std::string& name, std::vector<IpAddress> addresses, bool all,
                       seconds ttl, Instant now) {
  const auto it = cache_.find(name);
  const bool known = it != cache_.end() && it->second.expires > now;
  if (addresses.empty()) {
    //= RFC 6762 §10.1
    // A goodbye; a second is left for somebody else to contradict it.
    if (known) it->second.expires = std::min(it->second.expires, now + seconds(1));
    return;
  }
  if (known && !all)
    for (const IpAddress& old : it->second.addresses)
      if (addresses.size() < kMaxAddresses && std::ranges::find(addresses, old) == addresses.end())
        addresses.push_back(old);
  if (it == cache_.end() && cache_.size() >= settings_.max_cached)
    cache_.erase(std::ranges::min_element(cache_, {},
                                          [](const auto& entry) { return entry.second.expires; }));
  cache_.insert_or_assign(name, Cached{std::move(addresses), now + ttl});
  found(name);
}

void Querier::found(const std::string& name) {
  const auto pending = pending_.find(name);
  if (pending == pending_.end()) return;
  events_.push(Event(NameFound{pending->second.asked_as, cache_.at(name).addresses}));
  pending_.erase(pending);
}

}  // namespace beeline::mdns
