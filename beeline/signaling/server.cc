#include "beeline/signaling/server.h"

#include <utility>

#include "beeline/base/encoding.h"
#include "beeline/base/protocol_core.h"
#include "beeline/signaling/close_code.h"
#include "beeline/signaling/plain_relay.h"

namespace beeline::signaling {
namespace {

static_assert(ProtocolCore<Server>);

constexpr std::size_t kEpochLength = 10;

std::uint16_t close_code(ErrorCode code) {
  switch (code) {
    case ErrorCode::kTooLarge:
      return kCloseTooLarge;
    case ErrorCode::kServerFull:
    case ErrorCode::kRoomFull:
    case ErrorCode::kTooManyTries:
      return kCloseTryLater;
    default:
      return kClosePolicy;
  }
}

}  // namespace

Server::Server(Settings settings, const Random& random, IceServers& ice, Log& log, TextPool* texts)
    : settings_(settings),
      random_(random.fork("signaling")),
      ice_(ice),
      log_(log),
      texts_(texts),
      epoch_(random_.text(kEpochLength, kBase32Alphabet)),
      entries_(settings.limits.entries, settings.limits.counted_sources),
      wrong_passwords_(settings.limits.wrong_passwords, settings.limits.counted_sources) {}

Server::~Server() = default;

std::optional<Server::Transmit> Server::poll_transmit() {
  return transmits_.pop();
}
std::optional<Server::Event> Server::poll_event() {
  return events_.pop();
}

std::optional<Instant> Server::next_timeout() const {
  return earliest(earliest(hello_deadlines_.next(), grace_deadlines_.next()),
                  earliest(renewals_.next(), ageing_.next()));
}

void Server::handle_timeout(Instant now) {
  while (const auto connection = hello_deadlines_.pop_due(now))
    refuse(*connection, ErrorCode::kHelloExpected, true, {});
  while (const auto member = grace_deadlines_.pop_due(now))
    end(*member, GoneReason::kLostPeer, std::nullopt, now);
  while (const auto member = renewals_.pop_due(now))
    if (Member* found = find(*member)) offer_ice(*found, now);
  age_rooms(now);
}

void Server::handle_input(Input input, Instant now) {
  std::visit([&](const auto& one) { on(one, now); }, input);
}

void Server::flush(Instant now) {
  // Ending a member tells the others, which may fill the queue of the next one.
  while (!lost_.empty()) {
    const std::string member = std::move(lost_.back());
    lost_.pop_back();
    end(member, GoneReason::kLostPeer, std::nullopt, now);
  }
  store_changes();
}

void Server::on(const Connected& input, Instant now) {
  connections_[input.connection] = Connection{input.server_name, input.source, nullptr, 0};
  hello_deadlines_.set(input.connection, now + settings_.hello_time);
}

void Server::on(const TextReceived& input, Instant now) {
  const auto it = connections_.find(input.connection);
  if (it == connections_.end()) return;
  ++counters_.messages;
  if (Member* member = it->second.member)
    if (const auto plain = read_plain_relay(input.text)) {
      it->second.errors_in_a_row = 0;
      member->events.forget(plain->seen);
      return relay(*member, plain->to, plain->items_json, {"relay", {}});
    }
  auto message = parse_message(input.text);
  if (!message) {
    const Refusal& refusal = message.error();
    const bool before_hello = it->second.member == nullptr;
    const bool fatal = before_hello || refusal.code == ErrorCode::kTooLarge;
    const bool is_hello = refusal.about.type == "hello";
    const ErrorCode code = before_hello && !is_hello && refusal.code != ErrorCode::kTooLarge &&
                                   refusal.code != ErrorCode::kBadJson
                               ? ErrorCode::kHelloExpected
                               : refusal.code;
    return refuse(input.connection, !before_hello && is_hello ? ErrorCode::kHelloAgain : code,
                  fatal, refusal.about);
  }
  on_message(input.connection, it->second, std::move(*message), now);
}

void Server::on(const BinaryReceived& input, Instant) {
  refuse(input.connection, ErrorCode::kBinaryFrame, false, {});
}

void Server::on(const ConnectionClosed& input, Instant now) {
  const auto it = connections_.find(input.connection);
  if (it == connections_.end()) return;
  Member* member = it->second.member;
  connections_.erase(it);
  hello_deadlines_.cancel(input.connection);
  if (member == nullptr) return;
  member->connection.reset();
  if (input.clean) return end(member->id, GoneReason::kLeft, std::nullopt, now);
  away(*member, now);
}

void Server::on_message(ConnectionId from, Connection& connection, ClientMessage message,
                        Instant now) {
  if (auto* greeting = std::get_if<Hello>(&message.body)) {
    if (connection.member != nullptr)
      return refuse(from, ErrorCode::kHelloAgain, false, message.about);
    return hello(from, connection, std::move(*greeting), message.about, now);
  }
  if (connection.member == nullptr)
    return refuse(from, ErrorCode::kHelloExpected, true, message.about);
  connection.errors_in_a_row = 0;
  // Whoever speaks is who the connection belongs to; nothing in a message can say otherwise.
  Member& member = *connection.member;
  member.events.forget(message.seen);
  std::visit(
      [&](auto& body) {
        if constexpr (!std::is_same_v<std::decay_t<decltype(body)>, Hello>)
          apply(member, std::move(body), message.about, now);
      },
      message.body);
}

void Server::refuse(ConnectionId connection, ErrorCode code, bool fatal, const About& about) {
  const auto it = connections_.find(connection);
  if (it == connections_.end()) return;
  ++counters_.errors[static_cast<std::size_t>(code)];
  const bool too_many = ++it->second.errors_in_a_row >= settings_.limits.errors_in_a_row;
  transmits_.push({connection, write_error(code, fatal || too_many, about)});
  if (!fatal && !too_many) return;
  log_.info("connection_refused", {{"code", std::string(name_of(code))}});
  const Member* member = it->second.member;
  drop(connection, close_code(code));
  if (member != nullptr) lost_.push_back(member->id);
}

// Forgets the connection and has it closed; its member, if any, is the caller's to look after.
void Server::drop(ConnectionId connection, std::uint16_t code) {
  hello_deadlines_.cancel(connection);
  const auto it = connections_.find(connection);
  if (it == connections_.end()) return;
  if (it->second.member != nullptr) it->second.member->connection.reset();
  connections_.erase(it);
  events_.push(CloseConnection{connection, code});
}

}  // namespace beeline::signaling
