// The WebSocket protocol (RFC 6455) as a codec: bytes from a stream in, messages out, and back. No
// sockets, no HTTP; extensions and subprotocols are not negotiated.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "beeline/base/bytes.h"
#include "beeline/base/random.h"

namespace beeline::websocket {

// Sec-WebSocket-Accept for a Sec-WebSocket-Key (RFC 6455 §4.2.2). The key is taken as it came: real
// clients send keys that are not 16 bytes of base64.
std::string accept_key(std::string_view key);

// Which end of the connection this is: clients mask what they send, servers must not (RFC 6455
// §5.1).
enum class Role { kServer, kClient };

// Status codes of RFC 6455 §7.4.1 that we send or look at.
struct CloseCode {
  static constexpr std::uint16_t kNormal = 1000;
  static constexpr std::uint16_t kGoingAway = 1001;
  static constexpr std::uint16_t kProtocolError = 1002;
  static constexpr std::uint16_t kNoStatus = 1005;  // never on the wire: the close frame was empty
  static constexpr std::uint16_t kBadText = 1007;
  static constexpr std::uint16_t kPolicy = 1008;
  static constexpr std::uint16_t kTooLarge = 1009;
  static constexpr std::uint16_t kTryLater = 1013;
};

struct TextMessage {
  std::string text;  // valid UTF-8
};
struct BinaryMessage {
  std::vector<std::uint8_t> bytes;
};
struct Ping {
  std::string payload;  // to be sent back with Encoder::pong
};
struct Pong {
  std::string payload;
};
// The other side's close frame. Nothing is read after it.
struct Close {
  std::uint16_t code = CloseCode::kNoStatus;
  std::string reason;
};
// The other side broke the protocol: close with this code. Nothing is read after it.
struct Violation {
  std::uint16_t code = CloseCode::kProtocolError;
};
using Received = std::variant<TextMessage, BinaryMessage, Ping, Pong, Close, Violation>;

// Takes a stream in pieces of any size.
class Decoder {
 public:
  struct Limits {
    std::size_t message_bytes = 65536;
  };

  // `role`: the end that decodes.
  Decoder(Role role, Limits limits) : role_(role), limits_(limits) {}

  // Consumes from the front of `bytes` until one thing is complete and returns it; none when
  // `bytes` is used up. Call until none. After Close or Violation everything is swallowed.
  std::optional<Received> read(Bytes& bytes);

  // For servers, the short way of almost all messages. Where `bytes` begins with a text in one
  // frame that is whole and good, unmasks it in its place, consumes it and returns it (valid UTF-8,
  // in `bytes`). None, with nothing consumed or changed, where it is for read() to say what comes.
  std::optional<std::string_view> read_whole_text(MutableBytes& bytes);

 private:
  struct Header {
    bool final = false;
    std::uint8_t opcode = 0;
    std::uint64_t length = 0;
    std::array<std::uint8_t, 4> mask{};
  };

  bool read_header(Bytes& bytes);
  std::optional<std::uint16_t> check_header(std::uint8_t first, std::uint8_t second);
  std::optional<Received> start_payload();
  void read_payload(Bytes& bytes);
  std::optional<Received> end_frame();
  Received end_control(std::uint8_t opcode, std::string payload);
  Received violation(std::uint16_t code);

  Role role_;
  Limits limits_;
  std::array<std::uint8_t, 14> head_{};  // a header is at most 2 + 8 + 4 bytes
  std::size_t head_size_ = 0;
  std::optional<Header> frame_;
  std::uint64_t payload_read_ = 0;
  std::string message_;              // of the frames so far
  std::uint8_t message_opcode_ = 0;  // 0: no message has begun
  std::string control_;              // control frames may stand between the frames of a message
  bool ended_ = false;
};

// Writes frames; every message is one frame.
class Encoder {
 public:
  // `mask`: needed by clients, borrowed; null for servers.
  explicit Encoder(Role role, Random* mask = nullptr) : role_(role), mask_(mask) {}

  // Appends the frame to `wire`.
  void text(std::string_view text, std::string& wire) { frame(0x1, text, wire); }
  // Appends what comes before a text of `size` bytes, which the caller then sends as it is: for
  // servers.
  void text_head(std::size_t size, std::string& wire) { head(0x1, size, wire); }
  void binary(Bytes bytes, std::string& wire) { frame(0x2, as_text(bytes), wire); }
  void ping(std::string_view payload, std::string& wire) { frame(0x9, payload, wire); }
  void pong(std::string_view payload, std::string& wire) { frame(0xA, payload, wire); }
  // `reason`: at most 123 bytes. kNoStatus writes an empty close frame.
  void close(std::uint16_t code, std::string_view reason, std::string& wire);

 private:
  void head(std::uint8_t opcode, std::size_t size, std::string& wire);
  void frame(std::uint8_t opcode, std::string_view payload, std::string& wire);
  Role role_;
  Random* mask_;
};

}  // namespace beeline::websocket
