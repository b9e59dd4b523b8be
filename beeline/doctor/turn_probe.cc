#include "beeline/doctor/turn_probe.h"

#include <fmt/format.h>

#include <array>

#include "beeline/stun/attributes.h"
#include "beeline/stun/integrity.h"

namespace beeline::doctor {
namespace {

using stun::AttributeType;
using Clock = std::chrono::steady_clock;
using Milliseconds = Connection::Milliseconds;

constexpr Milliseconds kAnswerTime(500);
constexpr int kSends = 6;

std::string refusal(const stun::Message& answer) {
  const auto attribute = answer.find(AttributeType::kErrorCode);
  const auto error = attribute ? stun::read_error_code(attribute->value) : std::nullopt;
  return fmt::format("the server refused ({})", error ? error->code : 0);
}

std::optional<TransportAddress> address_in(const stun::Message& answer, AttributeType type) {
  const auto attribute = answer.find(type);
  return attribute ? stun::read_xor_address(attribute->value, answer.transaction_id())
                   : std::nullopt;
}

}  // namespace

TurnProbe::TurnProbe(std::unique_ptr<Connection> connection, Random random)
    : connection_(std::move(connection)), random_(random.fork("turn probe")) {}

template <typename Fill>
TurnProbe::Answer TurnProbe::request(stun::Method method, Fill fill) {
  stun::TransactionId id{};
  random_.fill(id);
  std::array<std::uint8_t, 1200> buffer{};
  stun::MessageWriter writer(buffer, stun::Class::kRequest, method, id);
  fill(writer);
  if (!nonce_.empty()) {
    writer.add(AttributeType::kUsername, as_bytes(username_));
    writer.add(AttributeType::kRealm, as_bytes(realm_));
    writer.add(AttributeType::kNonce, as_bytes(nonce_));
    stun::add_integrity(writer, key_.bytes());
  }
  const bool datagrams = connection_->carrier() == Carrier::kUdp;
  for (int sent = 0; sent < kSends; ++sent) {
    // A stream repeats by itself; asking again would only confuse the server.
    if ((sent == 0 || datagrams) && !connection_->send(writer.bytes()))
      return std::unexpected("the connection broke");
    const auto end = Clock::now() + kAnswerTime;
    while (Clock::now() < end) {
      std::string bytes =
          next_message(std::chrono::duration_cast<Milliseconds>(end - Clock::now()));
      const auto message = stun::Message::parse(as_bytes(bytes));
      if (message && message->transaction_id() == id) return bytes;
    }
  }
  return std::unexpected("no answer: a firewall probably drops it");
}

std::string TurnProbe::next_message(Milliseconds wait) {
  if (connection_->carrier() == Carrier::kUdp) return connection_->receive(wait);
  const auto end = Clock::now() + wait;
  for (;;) {
    Bytes bytes = as_bytes(unread_);
    const auto result = framer_.read(bytes);
    unread_.erase(0, unread_.size() - bytes.size());
    if (result == turn::StreamFramer::Result::kFrame) {
      const Packet frame = framer_.take();
      return std::string(as_text(frame.bytes()));
    }
    if (!unread_.empty()) continue;
    unread_ = connection_->receive(std::chrono::duration_cast<Milliseconds>(end - Clock::now()));
    if (unread_.empty()) return {};
  }
}

std::expected<TransportAddress, std::string> TurnProbe::bind() {
  const Answer answer = request(stun::Method::kBinding, [](stun::MessageWriter&) {});
  if (!answer) return std::unexpected(answer.error());
  const auto message = stun::Message::parse(as_bytes(*answer));
  const auto mapped = address_in(*message, AttributeType::kXorMappedAddress);
  if (!mapped) return std::unexpected(refusal(*message));
  return *mapped;
}

std::expected<TransportAddress, std::string> TurnProbe::allocate(const std::string& username,
                                                                 const std::string& password) {
  const auto fill = [](stun::MessageWriter& writer) {
    stun::add_requested_transport(writer, stun::kProtocolUdp);
  };
  const Answer challenge = request(stun::Method::kAllocate, fill);
  if (!challenge) return std::unexpected(challenge.error());
  const auto asked = stun::Message::parse(as_bytes(*challenge));
  const auto realm = asked->find(AttributeType::kRealm);
  const auto nonce = asked->find(AttributeType::kNonce);
  if (!realm || !nonce) return std::unexpected(refusal(*asked));
  username_ = username;
  realm_ = as_text(realm->value);
  nonce_ = as_text(nonce->value);
  key_ = stun::long_term_key(stun::PasswordAlgorithm::kMd5, username_, realm_, password);
  const Answer answer = request(stun::Method::kAllocate, fill);
  if (!answer) return std::unexpected(answer.error());
  const auto message = stun::Message::parse(as_bytes(*answer));
  const auto relayed = address_in(*message, AttributeType::kXorRelayedAddress);
  if (!relayed) return std::unexpected(refusal(*message));
  return *relayed;
}

std::expected<void, std::string> TurnProbe::permit(const TransportAddress& peer) {
  const Answer answer = request(stun::Method::kCreatePermission, [&](stun::MessageWriter& writer) {
    stun::add_xor_address(writer, AttributeType::kXorPeerAddress, peer);
  });
  if (!answer) return std::unexpected(answer.error());
  const auto message = stun::Message::parse(as_bytes(*answer));
  if (message->message_class() != stun::Class::kSuccess) return std::unexpected(refusal(*message));
  return {};
}

bool TurnProbe::send(const TransportAddress& peer, std::string_view text) {
  stun::TransactionId id{};
  random_.fill(id);
  std::array<std::uint8_t, 1200> buffer{};
  stun::MessageWriter writer(buffer, stun::Class::kIndication, stun::Method::kSend, id);
  stun::add_xor_address(writer, AttributeType::kXorPeerAddress, peer);
  writer.add(AttributeType::kData, as_bytes(text));
  return connection_->send(writer.bytes());
}

std::string TurnProbe::receive(Milliseconds wait) {
  const auto end = Clock::now() + wait;
  while (Clock::now() < end) {
    const std::string bytes =
        next_message(std::chrono::duration_cast<Milliseconds>(end - Clock::now()));
    const auto message = stun::Message::parse(as_bytes(bytes));
    if (!message || message->method() != stun::Method::kData) continue;
    if (const auto data = message->find(AttributeType::kData))
      return std::string(as_text(data->value));
  }
  return {};
}

}  // namespace beeline::doctor
