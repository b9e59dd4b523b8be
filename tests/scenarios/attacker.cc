#include "tests/scenarios/attacker.h"

#include <array>

#include "beeline/stun/attributes.h"
#include "beeline/stun/integrity.h"

namespace beeline::scenarios {

using namespace sim::literals;

Attacker::Attacker(Internet& internet)
    : internet_(internet),
      node_(internet.world.node("attacker")),
      own_("203.0.113.250:6666"_at),
      random_(internet.world.random("attacker")),
      pace_(node_, [this] { attack(); }) {
  node_.attach(internet.core, {own_.ip});
  internet.world.trace().observe([this](const sim::PacketEvent& event) {
    hear(event);
    overtake(event);
  });
  pace_.set(internet.world.now() + kPace);
}

void Attacker::hear(const sim::PacketEvent& event) {
  if (event.step != sim::Step::kDelivered || event.packet.protocol != sim::Protocol::kUdp ||
      event.where.index() == node_.index() || event.packet.source.ip == own_.ip)
    return;
  const Bytes bytes = event.packet.payload.bytes();
  Heard heard{event.packet.source, event.packet.destination, {bytes.begin(), bytes.end()}};
  if (heard_.size() < kMostHeard)
    heard_.push_back(std::move(heard));
  else
    heard_[random_.below(kMostHeard)] = std::move(heard);
}

void Attacker::overtake(const sim::PacketEvent& event) {
  if (event.step != sim::Step::kSent && event.step != sim::Step::kTranslated) return;
  if (event.packet.protocol != sim::Protocol::kUdp || event.where.index() == node_.index()) return;
  if (event.packet.source.ip.is_private() || event.packet.destination.ip.is_private()) return;
  const Bytes bytes = event.packet.payload.bytes();
  const auto question = stun::Message::parse(bytes);
  if (!question || question->message_class() != stun::Class::kRequest) return;
  // Questions that no integrity protects are answered by whoever is first; that is no secret.
  const bool is_protected = question->has(stun::AttributeType::kMessageIntegrity) ||
                            question->has(stun::AttributeType::kMessageIntegritySha256);
  if (!is_protected || random_.below(4) != 0) return;
  std::vector<std::uint8_t> answer =
      question->method() == stun::Method::kBinding
          ? forged_answer(
                {event.packet.source, event.packet.destination, {bytes.begin(), bytes.end()}})
          : forged_grant(*question);
  const TransportAddress source = event.packet.destination;
  const TransportAddress victim = event.packet.source;
  internet_.world.after(
      {}, [this, source, victim, answer = std::move(answer)] { send(source, victim, answer); });
}

void Attacker::name_victims(Caller& caller) {
  std::vector<TransportAddress> victims{
      "127.0.0.1:9"_at, "[::1]:9"_at,   "169.254.1.1:9"_at,   "[fe80::1]:9"_at,
      "224.0.0.1:9"_at, "0.0.0.0:9"_at, "203.0.113.251:0"_at, own_};
  for (std::uint16_t port = 2001; port <= 2024; ++port)
    victims.push_back({"203.0.113.251"_ip, Port{port}});
  caller.tell([&](ice::Agent& agent, Instant now) {
    for (const TransportAddress& victim : victims)
      agent.add_remote({.address = victim,
                        .name = {},
                        .priority = 0x7EFFFFFF,
                        .foundation = victim.to_string(),
                        .related = {}},
                       now);
  });
}

void Attacker::attack() {
  pace_.set(internet_.world.now() + kPace);
  if (heard_.empty()) return;
  const Heard& heard = heard_[random_.below(static_cast<std::uint32_t>(heard_.size()))];
  // Towards whoever sent what was heard: that address is open in its NAT, if any is.
  const TransportAddress& victim = heard.source;
  const std::array<std::uint8_t, 12> noise{0x80, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
  switch (random_.below(6)) {
    case 0:
      return send(own_, victim, heard.bytes);
    case 1:
      return send(heard.destination, victim, heard.bytes);
    case 2:
      return send(own_, victim, forged_question());
    case 3:
      return send(heard.destination, victim, forged_question());
    case 4:
      return send(heard.destination, victim, forged_answer(heard));
    default:
      return send(own_, victim, noise);
  }
}

void Attacker::send(const TransportAddress& source, const TransportAddress& destination,
                    Bytes bytes) {
  node_.send({.protocol = sim::Protocol::kUdp,
              .source = source,
              .destination = destination,
              .origin = node_.index(),
              .payload = internet_.world.packets().make(bytes)});
}

// The right transaction, a lie about the address, and no idea of the password.
std::vector<std::uint8_t> Attacker::forged_answer(const Heard& question) {
  stun::TransactionId id{};
  if (const auto message = stun::Message::parse(question.bytes)) id = message->transaction_id();
  std::array<std::uint8_t, 256> buffer{};
  stun::MessageWriter writer(buffer, stun::Class::kSuccess, stun::Method::kBinding, id);
  stun::add_xor_address(writer, stun::AttributeType::kXorMappedAddress, own_);
  stun::add_integrity(writer, as_bytes("a guess"));
  return {writer.bytes().begin(), writer.bytes().end()};
}

// What a TURN server would say to grant anything.
std::vector<std::uint8_t> Attacker::forged_grant(const stun::Message& question) {
  std::array<std::uint8_t, 256> buffer{};
  stun::MessageWriter writer(buffer, stun::Class::kSuccess, question.method(),
                             question.transaction_id());
  stun::add_xor_address(writer, stun::AttributeType::kXorRelayedAddress, own_);
  stun::add_xor_address(writer, stun::AttributeType::kXorMappedAddress, own_);
  writer.add_u32(stun::AttributeType::kLifetime, 600);
  stun::add_integrity(writer, as_bytes("a guess"));
  return {writer.bytes().begin(), writer.bytes().end()};
}

std::vector<std::uint8_t> Attacker::forged_question() {
  stun::TransactionId id{};
  random_.fill(id);
  std::array<std::uint8_t, 256> buffer{};
  stun::MessageWriter writer(buffer, stun::Class::kRequest, stun::Method::kBinding, id);
  writer.add(stun::AttributeType::kUsername, as_bytes("aaaaaaaa:bbbbbbbb"));
  writer.add_u64(stun::AttributeType::kIceControlling, ~0ULL);
  writer.add(stun::AttributeType::kUseCandidate, {});
  writer.add_u32(stun::AttributeType::kPriority, 0x7FFFFFFF);
  stun::add_integrity(writer, as_bytes("a guess"));
  return {writer.bytes().begin(), writer.bytes().end()};
}

}  // namespace beeline::scenarios
