#include "beeline/dtls/record_filter.h"

#include <algorithm>
#include <utility>

namespace beeline::dtls {
namespace {

using Cause = std::uint64_t DroppedRecords::*;

constexpr Cause kPass = nullptr;
constexpr std::size_t kAlertSize = 2;

std::size_t least_content(ContentType type) {
  switch (type) {
    case ContentType::kAlert:
      return kAlertSize;
    case ContentType::kHandshake:
      return kHandshakeHeaderSize;
    default:
      return 1;
  }
}

}  // namespace

std::uint64_t DroppedRecords::total() const {
  return malformed + unknown_type + wrong_version + wrong_epoch + too_short + early_application +
         plaintext_application + plaintext_alert + stale_plaintext + unexpected_handshake +
         bad_fragment + too_large_message + too_many_fragments + too_many_waiting;
}

//= RFC 6347 §4.1.2.7
std::size_t RecordFilter::filter(MutableBytes datagram) {
  ByteReader reader(datagram);
  std::size_t kept = 0;
  while (!reader.at_end()) {
    const std::size_t begin = datagram.size() - reader.remaining();
    const auto record = read_record(reader);
    if (!record) {
      ++dropped_.malformed;
      break;
    }
    if (const Cause cause = judge(*record); cause != kPass) {
      ++(dropped_.*cause);
      continue;
    }
    const std::size_t size = kRecordHeaderSize + record->fragment.size();
    if (kept != begin) std::memmove(datagram.data() + kept, datagram.data() + begin, size);
    numbers_.renumber(datagram.subspan(kept, size));
    kept += size;
  }
  return kept;
}

void RecordFilter::handshake_done() {
  done_ = true;
  seen_ = {};
}

void RecordFilter::restart_handshake() {
  seen_.clear();
  waiting_ = 0;
}

std::optional<PlaintextAlert> RecordFilter::take_alert() {
  return std::exchange(alert_, std::nullopt);
}

bool RecordFilter::take_stopped_handshake() {
  return std::exchange(stopped_handshake_, false);
}

Cause RecordFilter::judge(const Record& record) {
  if (record.type < ContentType::kChangeCipherSpec || record.type > ContentType::kApplication)
    return &DroppedRecords::unknown_type;
  if (record.epoch > 1) return &DroppedRecords::wrong_epoch;
  const bool plaintext = record.epoch == 0;
  //= RFC 6347 §4.1
  if (record.version != kDtls12 && !(plaintext && record.version == kDtls10))
    return &DroppedRecords::wrong_version;
  return plaintext ? judge_plaintext(record) : judge_protected(record);
}

Cause RecordFilter::judge_plaintext(const Record& record) {
  if (done_) return &DroppedRecords::stale_plaintext;
  switch (record.type) {
    case ContentType::kApplication:
      return &DroppedRecords::plaintext_application;
    case ContentType::kAlert:
      if (record.fragment.size() != kAlertSize) return &DroppedRecords::malformed;
      alert_ = PlaintextAlert{record.fragment[0] == 2, record.fragment[1]};
      return &DroppedRecords::plaintext_alert;
    case ContentType::kChangeCipherSpec:
      if (record.fragment.size() != 1 || record.fragment[0] != 1) return &DroppedRecords::malformed;
      return kPass;
    case ContentType::kHandshake:
      break;
  }
  return judge_messages(record.fragment);
}

Cause RecordFilter::judge_protected(const Record& record) {
  if (record.type == ContentType::kChangeCipherSpec) return &DroppedRecords::unexpected_handshake;
  if (record.fragment.size() < overhead_ + least_content(record.type))
    return &DroppedRecords::too_short;
  if (record.type == ContentType::kApplication) {
    if (!open_) return &DroppedRecords::early_application;
    ++passed_application_;
    return kPass;
  }
  if (!done_) {
    if (waiting_ == kMaxWaiting) return &DroppedRecords::too_many_waiting;
    ++waiting_;
    return kPass;
  }
  if (record.type == ContentType::kHandshake) {
    stopped_handshake_ = true;
    return &DroppedRecords::unexpected_handshake;
  }
  return kPass;
}

Cause RecordFilter::judge_messages(Bytes messages) {
  if (messages.empty()) return &DroppedRecords::malformed;
  ByteReader reader(messages);
  while (!reader.at_end()) {
    const auto fragment = read_fragment(reader);
    if (!fragment) return &DroppedRecords::bad_fragment;
    if (const Cause cause = judge_fragment(*fragment); cause != kPass) return cause;
  }
  return kPass;
}

//= RFC 6347 §4.2.3
Cause RecordFilter::judge_fragment(const HandshakeFragment& fragment) {
  if (!is_for_us(fragment.type) || fragment.message_sequence >= kMaxMessages)
    return &DroppedRecords::unexpected_handshake;
  if (fragment.message_length > kMaxMessage) return &DroppedRecords::too_large_message;
  if (fragment.offset > fragment.message_length ||
      fragment.bytes.size() > fragment.message_length - fragment.offset ||
      (fragment.bytes.empty() && fragment.message_length > 0))
    return &DroppedRecords::bad_fragment;
  const Seen seen{fragment.message_sequence, fragment.offset, fragment.bytes.size()};
  if (std::ranges::find(seen_, seen) != seen_.end()) return kPass;
  const auto of_message = std::ranges::count(seen_, seen.message_sequence, &Seen::message_sequence);
  if (static_cast<std::size_t>(of_message) == kMaxFragments)
    return &DroppedRecords::too_many_fragments;
  seen_.push_back(seen);
  return kPass;
}

// What the other role may say in the clear. Anything else would end the handshake.
bool RecordFilter::is_for_us(HandshakeType type) const {
  switch (type) {
    case HandshakeType::kClientHello:
    case HandshakeType::kClientKeyExchange:
    case HandshakeType::kCertificateVerify:
      return role_ == Role::kServer;
    case HandshakeType::kHelloRequest:
    case HandshakeType::kServerHello:
    case HandshakeType::kHelloVerifyRequest:
    case HandshakeType::kNewSessionTicket:
    case HandshakeType::kServerKeyExchange:
    case HandshakeType::kCertificateRequest:
    case HandshakeType::kServerHelloDone:
    case HandshakeType::kCertificateStatus:
      return role_ == Role::kClient;
    case HandshakeType::kCertificate:
      return true;
    case HandshakeType::kFinished:
      break;
  }
  return false;
}

}  // namespace beeline::dtls
