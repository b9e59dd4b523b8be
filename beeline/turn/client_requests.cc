// turn::Client: requests and their answers (RFC 8489 §6, §9.2.5).
#include <algorithm>
#include <utility>

#include "beeline/stun/integrity.h"
#include "beeline/turn/client.h"
#include "beeline/turn/client_rules.h"

namespace beeline::turn {
namespace {

using stun::AttributeType;
using stun::Class;
using stun::Method;

bool is_understood(const stun::Message& message) {
  bool understood = true;
  message.for_each([&](const stun::Attribute& attribute) {
    if (stun::is_comprehension_required(attribute.type) && !stun::is_known(attribute.type))
      understood = false;
  });
  return understood;
}

// 0 for success; none where an error does not say which.
std::optional<int> code_of(const stun::Message& response) {
  if (response.message_class() == Class::kSuccess) return 0;
  const auto attribute = response.find(AttributeType::kErrorCode);
  const auto error = attribute ? stun::read_error_code(attribute->value) : std::nullopt;
  return error ? std::optional<int>(error->code) : std::nullopt;
}

std::optional<TransportAddress> alternate_of(const stun::Message& response) {
  const auto attribute = response.find(AttributeType::kAlternateServer);
  return attribute ? stun::read_address(attribute->value) : std::nullopt;
}

}  // namespace

void Client::ask(Purpose purpose, int challenges, Instant now) {
  constexpr std::array kMethods{Method::kAllocate, Method::kRefresh, Method::kCreatePermission,
                                Method::kChannelBind};
  static_assert(std::variant_size_v<Purpose> == kMethods.size());
  stun::TransactionId id{};
  random_.fill(id);
  Packet packet = packets_.make();
  packet.resize(Packet::kMaxPayload);
  stun::MessageWriter writer(packet.mutable_bytes(), Class::kRequest, kMethods[purpose.index()],
                             id);
  std::visit([&](const auto& one) { write(writer, one); }, purpose);
  auto protection = authenticator_.protect(writer);
  ensure(writer.ok(), "a request fits a packet");
  packet.resize(writer.bytes().size());
  const Bytes bytes = packet.bytes();
  requests_.push_back(Request{.purpose = std::move(purpose),
                              .transaction = {id, settings_.timing, settings_.stream, now},
                              .asked = now,
                              .bytes = {bytes.begin(), bytes.end()},
                              .protection = std::move(protection),
                              .challenges = challenges});
  transmits_.push(ToServer{std::move(packet)});
}

//= RFC 8656 §7.1
void Client::write(stun::MessageWriter& writer, const AllocateRequest&) const {
  stun::add_requested_transport(writer, stun::kProtocolUdp);
  if (families_ == RelayFamilies::kV6)
    stun::add_address_family(writer, AttributeType::kRequestedAddressFamily, IpFamily::kV6);
  if (families_ == RelayFamilies::kBoth)
    stun::add_address_family(writer, AttributeType::kAdditionalAddressFamily, IpFamily::kV6);
}

void Client::write(stun::MessageWriter& writer, const RefreshRequest& refresh) const {
  if (refresh.release) writer.add_u32(AttributeType::kLifetime, 0);
}

void Client::write(stun::MessageWriter& writer, const PermissionRequest& permission) const {
  for (const IpAddress& peer : permission.peers)
    stun::add_xor_address(writer, AttributeType::kXorPeerAddress, {peer, Port{}});
}

void Client::write(stun::MessageWriter& writer, const ChannelRequest& channel) const {
  stun::add_channel_number(writer, channels_.at(channel.peer).number);
  stun::add_xor_address(writer, AttributeType::kXorPeerAddress, channel.peer);
}

void Client::on_response(const stun::Message& response, Instant now) {
  const auto found = std::ranges::find_if(requests_, [&](const Request& request) {
    return request.transaction.id() == response.transaction_id();
  });
  if (found == requests_.end()) {
    ++counters_.foreign;
    return;
  }
  const auto index = static_cast<std::size_t>(found - requests_.begin());
  const auto code = code_of(response);
  if (!code) {
    ++counters_.malformed;
    return;
  }
  if (!is_trusted(requests_[index], response, *code)) return distrust(index, now);
  Request request = take_request(index);
  //= RFC 8489 §6.3.3
  if (!is_understood(response)) return fail(request, {ClientError::kMalformed, 0, {}}, now);
  if (*code == 0)
    return std::visit([&](const auto& one) { succeeded(request, one, response, now); },
                      request.purpose);
  if (may_ask_anew(request, *code))
    return ask(std::move(request.purpose), request.challenges + 1, now);
  fail(request, {rules::error_of(*code), *code, alternate_of(response)}, now);
}

//= RFC 8489 §9.2.5
// Takes over what a challenge says, if it makes sense.
bool Client::is_trusted(const Request& request, const stun::Message& response, int code) {
  if (rules::needs_integrity(code))
    return !request.protection || is_protected(response, *request.protection);
  return authenticator_.accept_challenge(response);
}

// Whether another nonce or another name may help; takes the other name, if so.
//= RFC 8489 §9.2.5
bool Client::may_ask_anew(const Request& request, int code) {
  if (!rules::may_answer_challenge(request.challenges + 1)) return false;
  // Nobody wants this allocation any more, and so far there is none.
  if (closing_ && std::holds_alternative<AllocateRequest>(request.purpose)) return false;
  if (!request.protection || !rules::refuses_credentials(code)) return rules::is_challenge(code);
  if (!authenticator_.is_current(*request.protection) || authenticator_.use_replacement())
    return true;
  // The allocation was made with these: the request was damaged on its way, or somebody else says
  // so.
  return rules::is_challenge(code) && state_ == State::kAllocated;
}

//= RFC 8489 §9.2.5
// Over UDP the answer never came, and the true one may still; a stream brings only one.
void Client::distrust(std::size_t index, Instant now) {
  ++counters_.forged;
  requests_[index].distrusted = true;
  if (settings_.stream) fail(take_request(index), {ClientError::kForged, 0, {}}, now);
}

Client::Request Client::take_request(std::size_t index) {
  const auto it = requests_.begin() + static_cast<std::ptrdiff_t>(index);
  Request request = std::move(*it);
  requests_.erase(it);
  return request;
}

void Client::handle_due_requests(Instant now) {
  for (std::size_t i = 0; i < requests_.size();) {
    switch (requests_[i].transaction.handle_timeout(now)) {
      case stun::Transaction::Due::kNothing:
        ++i;
        break;
      case stun::Transaction::Due::kSendAgain:
        transmits_.push(ToServer{packets_.make(requests_[i].bytes)});
        ++i;
        break;
      case stun::Transaction::Due::kFailed: {
        const Request request = take_request(i);
        fail(request, {request.distrusted ? ClientError::kForged : ClientError::kNoAnswer, 0, {}},
             now);
        break;
      }
    }
  }
}

void Client::fail(const Request& request, const Failure& failure, Instant now) {
  std::visit([&](const auto& one) { failed(one, failure, now); }, request.purpose);
}

}  // namespace beeline::turn
