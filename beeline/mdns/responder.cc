#include "beeline/mdns/responder.h"

#include <algorithm>
#include <array>
#include <utility>

#include "beeline/base/protocol_core.h"

namespace beeline::mdns {
namespace {

static_assert(ProtocolCore<Responder>);

using std::chrono::seconds;

constexpr auto kTtl = seconds(120);       // RFC 6762 §10
constexpr auto kLegacyTtl = seconds(10);  // RFC 6762 §6.7
constexpr Duration kSpacing = seconds(1);
constexpr int kAnnouncements = 2;  // RFC 6762 §8.3
constexpr std::size_t kRecordsPerMessage = 16;
constexpr Rate kUnicastRate{.burst = 8, .interval = seconds(1)};  // of one name on one interface

RecordType type_of(const IpAddress& address) {
  return address.is_v4() ? RecordType::kA : RecordType::kAaaa;
}

bool asks_for(const Question& question, const std::string& name, const IpAddress& address) {
  return question.name == name &&
         (question.type == RecordType::kAny || question.type == type_of(address));
}

//= RFC 6762 §7.1
// Who asks says what it knows already.
bool knows(const Message& query, const std::string& name, const IpAddress& address) {
  return std::ranges::any_of(query.answers, [&](const Record& record) {
    return record.name == name && record.address() == address && record.ttl >= kTtl / 2;
  });
}

}  // namespace

Responder::Responder(ResponderSettings settings, PacketPool& packets)
    : settings_(settings), packets_(packets), sockets_(settings.first_socket) {}

std::optional<Responder::Transmit> Responder::poll_transmit() {
  return transmits_.pop();
}
std::optional<Responder::Event> Responder::poll_event() {
  return sockets_.poll_request();
}

std::optional<Instant> Responder::next_timeout() const {
  std::optional<Instant> next;
  for (const auto& [name, published] : names_)
    for (const auto& [socket, spoken] : published.spoken) next = earliest(next, spoken.owed);
  return next;
}

bool Responder::publish(std::string_view name, const IpAddress& address, Instant now) {
  const std::string key = lower(name);
  if (closed_ || !is_host_name(key)) return false;
  if (const auto it = names_.find(key); it != names_.end()) return it->second.address == address;
  if (names_.size() >= settings_.max_names) return false;
  sockets_.start();
  Published& published = names_.emplace(key, Published{address, {}}).first->second;
  for (const GroupSockets::Socket& socket : sockets_.all()) announce(published, socket, now);
  return true;
}

//= RFC 6762 §10.1
void Responder::withdraw(std::string_view name, Instant) {
  const auto it = names_.find(lower(name));
  if (it == names_.end()) return;
  for (const auto& [id, spoken] : it->second.spoken)
    if (const GroupSockets::Socket* socket = sockets_.find(id);
        socket != nullptr && spoken.announcements < kAnnouncements)
      say({{it->first, it->second.address}}, *socket, seconds(0));
  names_.erase(it);
}

void Responder::close(Instant now) {
  while (!names_.empty()) withdraw(std::string(names_.begin()->first), now);
  sockets_.stop();
  closed_ = true;
}

bool Responder::may_speak(const Published& published, const GroupSockets::Socket& socket) const {
  return socket.bound && sockets_.interface_of(published.address) == socket.interface;
}

//= RFC 6762 §8.3
void Responder::announce(Published& published, const GroupSockets::Socket& socket, Instant now) {
  if (!may_speak(published, socket) || published.spoken.contains(socket.id)) return;
  published.spoken.emplace(socket.id, Spoken{now - kSpacing, now, kAnnouncements, {}});
}

void Responder::handle_input(Input input, Instant now) {
  if (closed_) return;
  if (auto* datagram = std::get_if<Datagram>(&input)) {
    on(*datagram, now);
  } else if (const auto* changed = std::get_if<InterfacesChanged>(&input)) {
    sockets_.set_interfaces(changed->interfaces);
  } else if (const auto* closed = std::get_if<UdpClosed>(&input)) {
    sockets_.closed(closed->socket);
  } else if (const auto* bound = std::get_if<UdpBound>(&input)) {
    sockets_.bound(bound->socket);
  } else {
    return;
  }
  for (auto& [name, published] : names_) {
    std::erase_if(published.spoken, [&](const auto& entry) {
      const GroupSockets::Socket* socket = sockets_.find(entry.first);
      return socket == nullptr || !may_speak(published, *socket);
    });
    for (const GroupSockets::Socket& socket : sockets_.all()) announce(published, socket, now);
  }
}

void Responder::on(Datagram& datagram, Instant now) {
  const GroupSockets::Socket* socket = sockets_.find(datagram.socket);
  if (socket == nullptr) return;
  const auto query = Message::parse(datagram.packet.bytes());
  if (!query) {
    ++counters_.malformed;
    return;
  }
  if (query->is_response) return;
  const Asker asker{datagram.source, query->id, datagram.source.port != kPort};
  for (const Question& question : query->questions) {
    const auto it = names_.find(question.name);
    if (it == names_.end() || !asks_for(question, it->first, it->second.address)) continue;
    Published& published = it->second;
    const auto spoken = published.spoken.find(socket->id);
    if (spoken == published.spoken.end() || knows(*query, it->first, published.address)) continue;
    //= RFC 6762 §5.4, §6.7
    if (!question.wants_unicast && !asker.legacy) {
      answer_group(spoken->second, now);
    } else if (kUnicastRate.allows(spoken->second.unicast_used, now)) {
      spoken->second.unicast_used = kUnicastRate.use(spoken->second.unicast_used, now);
      answer_one(it->first, published, *socket, question, asker);
    } else {
      ++counters_.too_fast;
    }
  }
}

// Now, or when a second has passed since the group heard it.
//= RFC 6762 §6
void Responder::answer_group(Spoken& spoken, Instant now) {
  const Instant at = std::max(now, spoken.last + kSpacing);
  if (!spoken.owed || at < *spoken.owed) spoken.owed = at;
}

void Responder::answer_one(const std::string& name, const Published& published,
                           const GroupSockets::Socket& socket, const Question& question,
                           const Asker& asker) {
  Packet packet = packets_.make();
  packet.resize(Packet::kMaxPayload);
  MessageWriter writer(packet.mutable_bytes(), true, asker.legacy ? asker.id : std::uint16_t{0});
  //= RFC 6762 §6.7
  // An ordinary resolver wants its question back and does not know the cache-flush bit.
  if (asker.legacy) writer.add_question(name, question.type, false);
  writer.add_answer(name, published.address, asker.legacy ? kLegacyTtl : kTtl, !asker.legacy);
  packet.resize(writer.bytes().size());
  transmits_.push(SendDatagram{socket.id, asker.address, std::move(packet)});
}

void Responder::handle_timeout(Instant) {}

// What is due on one interface leaves in as few messages as it can.
void Responder::flush(Instant now) {
  for (const GroupSockets::Socket& socket : sockets_.all()) {
    std::vector<std::pair<std::string, IpAddress>> due;
    for (auto& [name, published] : names_) {
      const auto it = published.spoken.find(socket.id);
      if (it == published.spoken.end() || !it->second.owed || *it->second.owed > now) continue;
      Spoken& spoken = it->second;
      spoken.last = now;
      spoken.owed.reset();
      if (spoken.announcements > 0 && --spoken.announcements > 0) spoken.owed = now + kSpacing;
      due.emplace_back(name, published.address);
    }
    say(due, socket, kTtl);
  }
}

void Responder::say(const std::vector<std::pair<std::string, IpAddress>>& records,
                    const GroupSockets::Socket& socket, seconds ttl) {
  for (std::size_t first = 0; first < records.size(); first += kRecordsPerMessage) {
    Packet packet = packets_.make();
    packet.resize(Packet::kMaxPayload);
    MessageWriter writer(packet.mutable_bytes(), true);
    const std::size_t end = std::min(records.size(), first + kRecordsPerMessage);
    for (std::size_t i = first; i < end; ++i)
      writer.add_answer(records[i].first, records[i].second, ttl, true);
    ensure(writer.ok(), "sixteen records fit a packet");
    packet.resize(writer.bytes().size());
    transmits_.push(SendDatagram{socket.id, group_of(socket.address.family()), std::move(packet)});
  }
}

}  // namespace beeline::mdns
