#include "beeline/websocket/codec.h"

#include <algorithm>
#include <span>
#include <utility>

#include "beeline/base/encoding.h"
#include "beeline/base/sixteen.h"
#include "beeline/crypto/digest.h"

namespace beeline::websocket {
namespace {

constexpr std::uint8_t kContinuation = 0x0;
constexpr std::uint8_t kText = 0x1;
constexpr std::uint8_t kBinary = 0x2;
constexpr std::uint8_t kClose = 0x8;
constexpr std::uint8_t kPing = 0x9;
constexpr std::uint8_t kPong = 0xA;
constexpr std::uint8_t kFinal = 0x80;
constexpr std::uint8_t kReserved = 0x70;
constexpr std::uint8_t kMasked = 0x80;
constexpr std::size_t kMaxControlPayload = 125;

bool is_control(std::uint8_t opcode) {
  return (opcode & 0x8) != 0;
}

//= RFC 6455 §7.4
bool may_be_on_the_wire(std::uint16_t code) {
  return (code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006) ||
         (code >= 3000 && code <= 4999);
}

// How many bytes a header has, as its first two say.
std::size_t header_size(std::uint8_t second) {
  const std::uint8_t length = second & 0x7F;
  const std::size_t extended = length == 126 ? 2 : length == 127 ? 8 : 0;
  return 2 + extended + ((second & kMasked) != 0 ? 4 : 0);
}

// What stands in `text` from `start` on.
MutableBytes part_of(std::string& text, std::size_t start) {
  return {reinterpret_cast<std::uint8_t*>(text.data()) + start, text.size() - start};
}

// `offset`: how much of the frame's payload comes before these bytes. True where all of them are
// ASCII then. This is most of what reading a message costs.
bool mask(MutableBytes bytes, const std::array<std::uint8_t, 4>& with, std::uint64_t offset) {
  Sixteen key{};
  for (unsigned i = 0; i < sizeof key; ++i) key[i] = with[(offset + i) % with.size()];
  Sixteen seen{};
  std::uint8_t* at = bytes.data();
  std::uint8_t* const end = at + bytes.size();
  const auto mask_sixteen = [&](std::uint8_t* place) {
    const Sixteen plain = load_sixteen(place) ^ key;
    seen |= plain;
    store_sixteen(plain, place);
  };
  for (; static_cast<std::size_t>(end - at) >= kLongStep; at += kLongStep)
    for (std::size_t i = 0; i < kLongStep; i += sizeof key) mask_sixteen(at + i);
  for (; static_cast<std::size_t>(end - at) >= sizeof key; at += sizeof key) mask_sixteen(at);
  std::uint64_t all = any_of(seen);
  for (unsigned i = 0; at + i < end; ++i) {
    at[i] ^= key[i];
    all |= at[i];
  }
  return (all & kHighBits) == 0;
}

}  // namespace

//= RFC 6455 §4.2.2
std::string accept_key(std::string_view key) {
  constexpr std::string_view kGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  return to_base64(crypto::sha1({as_bytes(key), as_bytes(kGuid)}));
}

//   0                   1                   2                   3
//   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//  +-+-+-+-+-------+-+-------------+-------------------------------+
//  |F|R|R|R| opcode|M| length (7)  |  extended length (16 or 64)   |
//  |I|S|S|S|  (4)  |A|             |     when length is 126, 127   |
//  |N|V|V|V|       |S|             |                               |
//  | |1|2|3|       |K|             |                               |
//  +-+-+-+-+-------+-+-------------+ - - - - - - - - - - - - - - - +
//  |            masking key (32), when MASK is set                 |
//  +---------------------------------------------------------------+
std::optional<Received> Decoder::read(Bytes& bytes) {
  while (!bytes.empty() && !ended_) {
    if (!frame_) {
      if (!read_header(bytes)) continue;
      if (const auto code = check_header(head_[0], head_[1])) return violation(*code);
      if (auto refused = start_payload()) return refused;
    }
    read_payload(bytes);
    if (payload_read_ == frame_->length)
      if (auto received = end_frame()) return received;
  }
  if (ended_) bytes = {};
  return std::nullopt;
}

std::optional<std::string_view> Decoder::read_whole_text(MutableBytes& bytes) {
  constexpr std::uint8_t kWhole = kFinal | kText;
  const bool between_messages = head_size_ == 0 && !frame_ && message_opcode_ == 0;
  if (!between_messages || ended_ || role_ != Role::kServer || bytes.size() < 2 ||
      bytes[0] != kWhole)
    return std::nullopt;
  const std::uint8_t short_form = bytes[1] & 0x7F;
  const std::size_t head = header_size(bytes[1]);
  if ((bytes[1] & kMasked) == 0 || short_form == 127 || bytes.size() < head) return std::nullopt;
  std::size_t length = short_form;
  if (short_form == 126) {
    length = static_cast<std::size_t>(bytes[2] << 8 | bytes[3]);
    if (length < 126) return std::nullopt;
  }
  if (length > limits_.message_bytes || bytes.size() - head < length) return std::nullopt;
  std::array<std::uint8_t, 4> key{};
  std::ranges::copy(bytes.subspan(head - key.size(), key.size()), key.begin());
  const MutableBytes payload = bytes.subspan(head, length);
  if (!mask(payload, key, 0) && !is_utf8(as_text(payload))) {
    mask(payload, key, 0);
    return std::nullopt;
  }
  bytes = bytes.subspan(head + length);
  return as_text(payload);
}

// True once the header of a frame is whole.
bool Decoder::read_header(Bytes& bytes) {
  const auto wanted = [this] { return head_size_ < 2 ? 2 : header_size(head_[1]); };
  while (!bytes.empty() && head_size_ < wanted()) {
    head_[head_size_++] = bytes[0];
    bytes = bytes.subspan(1);
  }
  return head_size_ >= 2 && head_size_ == wanted();
}

// The close code to answer with, where the header is one that must not be.
std::optional<std::uint16_t> Decoder::check_header(std::uint8_t first, std::uint8_t second) {
  const std::uint8_t opcode = first & 0xF;
  const bool masked = (second & kMasked) != 0;
  const bool known = opcode <= kBinary || (opcode >= kClose && opcode <= kPong);
  if ((first & kReserved) != 0 || !known) return CloseCode::kProtocolError;
  //= RFC 6455 §5.1
  if (masked != (role_ == Role::kServer)) return CloseCode::kProtocolError;
  //= RFC 6455 §5.5
  if (is_control(opcode) && ((first & kFinal) == 0 || (second & 0x7F) > kMaxControlPayload))
    return CloseCode::kProtocolError;
  //= RFC 6455 §5.4
  if (!is_control(opcode) && (opcode == kContinuation) != (message_opcode_ != 0))
    return CloseCode::kProtocolError;
  return std::nullopt;
}

std::optional<Received> Decoder::start_payload() {
  ByteReader reader(Bytes(head_).first(head_size_));
  Header header;
  const std::uint8_t first = reader.u8();
  header.final = (first & kFinal) != 0;
  header.opcode = first & 0xF;
  header.length = reader.u8() & 0x7F;
  const bool masked = (head_[1] & kMasked) != 0;
  const std::uint64_t short_form = header.length;
  if (short_form == 126) header.length = reader.u16();
  if (short_form == 127) header.length = reader.u64();
  if (masked) std::ranges::copy(reader.take(4), header.mask.begin());
  //= RFC 6455 §5.2
  const bool not_minimal =
      (short_form == 126 && header.length < 126) || (short_form == 127 && header.length < 65536);
  if (not_minimal) return violation(CloseCode::kProtocolError);
  if (!is_control(header.opcode)) {
    // Compared before anything is kept, and without a sum that could wrap.
    if (header.length > limits_.message_bytes - message_.size())
      return violation(CloseCode::kTooLarge);
    if (header.opcode != kContinuation) message_opcode_ = header.opcode;
  }
  frame_ = header;
  head_size_ = 0;
  payload_read_ = 0;
  return std::nullopt;
}

void Decoder::read_payload(Bytes& bytes) {
  const std::uint64_t wanted = frame_->length - payload_read_;
  const std::size_t count = static_cast<std::size_t>(std::min<std::uint64_t>(wanted, bytes.size()));
  std::string& into = is_control(frame_->opcode) ? control_ : message_;
  const std::size_t start = into.size();
  into.append(as_text(bytes.first(count)));
  //= RFC 6455 §5.3
  mask(part_of(into, start), frame_->mask, payload_read_);
  payload_read_ += count;
  bytes = bytes.subspan(count);
}

std::optional<Received> Decoder::end_frame() {
  const Header frame = *frame_;
  frame_.reset();
  if (is_control(frame.opcode)) return end_control(frame.opcode, std::exchange(control_, {}));
  if (!frame.final) return std::nullopt;
  const std::uint8_t opcode = std::exchange(message_opcode_, 0);
  std::string whole = std::exchange(message_, {});
  if (opcode == kBinary) return BinaryMessage{{whole.begin(), whole.end()}};
  //= RFC 6455 §8.1
  if (!is_utf8(whole)) return violation(CloseCode::kBadText);
  return TextMessage{std::move(whole)};
}

Received Decoder::end_control(std::uint8_t opcode, std::string payload) {
  if (opcode == kPing) return Ping{std::move(payload)};
  if (opcode == kPong) return Pong{std::move(payload)};
  //= RFC 6455 §5.5.1
  if (payload.empty()) {
    ended_ = true;
    return Close{};
  }
  if (payload.size() == 1) return violation(CloseCode::kProtocolError);
  Close close;
  close.code = ByteReader(as_bytes(payload)).u16();
  close.reason = payload.substr(2);
  if (!may_be_on_the_wire(close.code)) return violation(CloseCode::kProtocolError);
  if (!is_utf8(close.reason)) return violation(CloseCode::kBadText);
  ended_ = true;
  return close;
}

Received Decoder::violation(std::uint16_t code) {
  ended_ = true;
  return Violation{code};
}

void Encoder::close(std::uint16_t code, std::string_view reason, std::string& wire) {
  if (code == CloseCode::kNoStatus) return frame(kClose, {}, wire);
  std::string payload{static_cast<char>(code >> 8), static_cast<char>(code & 0xFF)};
  payload += reason.substr(0, kMaxControlPayload - 2);
  frame(kClose, payload, wire);
}

// Without the masking key.
void Encoder::head(std::uint8_t opcode, std::size_t size, std::string& wire) {
  ensure(!is_control(opcode) || size <= kMaxControlPayload, "control frames are short");
  std::array<std::uint8_t, 10> bytes{};
  ByteWriter writer(bytes);
  const std::uint8_t mask_bit = role_ == Role::kClient ? kMasked : 0;
  writer.u8(static_cast<std::uint8_t>(kFinal | opcode));
  if (size < 126) {
    writer.u8(static_cast<std::uint8_t>(mask_bit | size));
  } else if (size < 65536) {
    writer.u8(mask_bit | 126);
    writer.u16(static_cast<std::uint16_t>(size));
  } else {
    writer.u8(mask_bit | 127);
    writer.u64(size);
  }
  wire += as_text(writer.written());
}

void Encoder::frame(std::uint8_t opcode, std::string_view payload, std::string& wire) {
  head(opcode, payload.size(), wire);
  if (role_ == Role::kServer) {
    wire += payload;
    return;
  }
  std::array<std::uint8_t, 4> key{};
  ensure(mask_ != nullptr, "a client masks");
  mask_->fill(key);
  wire += as_text(Bytes(key));
  const std::size_t start = wire.size();
  wire += payload;
  mask(part_of(wire, start), key, 0);
}

}  // namespace beeline::websocket
