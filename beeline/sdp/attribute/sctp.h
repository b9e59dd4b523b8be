// SCTP over DTLS (RFC 8841), in the form it has and the one it had in drafts, and SNAP's INIT chunk
// (draft-hancke-tsvwg-snap).
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "beeline/base/address.h"
#include "beeline/sdp/media.h"
#include "beeline/sdp/typed.h"

namespace beeline::sdp {

// What is carried: a format of the media line, or in the drafts' form a word of "a=sctpmap".
inline constexpr std::string_view kDataChannel = "webrtc-datachannel";

struct SctpPort {
  static constexpr Key kKey{'a', "sctp-port"};
  Port port;  // SCTP's, inside of DTLS

  static std::expected<SctpPort, ValueError> parse(std::string_view text);
  std::string text() const;
  bool operator==(const SctpPort&) const = default;
};

struct MaxMessageSize {
  static constexpr Key kKey{'a', "max-message-size"};
  std::uint64_t bytes = 65536;  // 0: any size

  static std::expected<MaxMessageSize, ValueError> parse(std::string_view text);
  std::string text() const;
  bool operator==(const MaxMessageSize&) const = default;
};

// The drafts' form: "m=application 9 DTLS/SCTP 5000" with
// "a=sctpmap:5000 webrtc-datachannel 1024".
struct SctpMap {
  static constexpr Key kKey{'a', "sctpmap"};
  Port port;
  std::string protocol;       // "webrtc-datachannel"
  std::uint32_t streams = 0;  // 0: not said

  static std::expected<SctpMap, ValueError> parse(std::string_view text);
  std::string text() const;
  bool operator==(const SctpMap&) const = default;
};

// An INIT chunk alone, without the common header: sctp/ says whether it is one.
struct SctpInit {
  static constexpr Key kKey{'a', "sctp-init"};
  std::vector<std::uint8_t> chunk;  // 1 to 65535 bytes

  static std::expected<SctpInit, ValueError> parse(std::string_view text);  // padded base64
  std::string text() const;
  bool operator==(const SctpInit&) const = default;
};

// True for SCTP that carries data channels, in either form.
bool is_data_channel(const Media& media);

// From sctp-port, or from what the drafts had instead of it. kAbsent: the section is invalid (RFC
// 8841 §5.1).
std::expected<Port, ValueError> sctp_port(const Media& media);

// In bytes; 0: any. 65536 where it is not said (RFC 8841 §6.1).
std::expected<std::uint64_t, ValueError> max_message_size(const Media& media);

}  // namespace beeline::sdp
