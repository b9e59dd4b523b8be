// The DTLS record header (RFC 6347 §4.1) and the handshake message header inside (§4.2.2), as bytes
// on the wire. Nothing is decrypted here.
//
//   0                   1                   2                   3
//   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//  +---------------+-------------------------------+---------------+
//  | content type  |            version            |     epoch
//  +---------------+-------------------------------+---------------+
//                  |        sequence number (48 bits)
//  +---------------+-------------------------------+---------------+
//                                                  |    length
//  +---------------+-------------------------------+---------------+
//                  |  fragment …
//  +---------------+
#pragma once

#include <cstdint>
#include <optional>

#include "beeline/base/bytes.h"

namespace beeline::dtls {

enum class Role : std::uint8_t { kClient, kServer };

enum class ContentType : std::uint8_t {
  kChangeCipherSpec = 20,
  kAlert = 21,
  kHandshake = 22,
  kApplication = 23,
};

constexpr std::size_t kRecordHeaderSize = 13;
constexpr std::uint16_t kDtls10 = 0xFEFF;  // ClientHello and HelloVerifyRequest may say it
constexpr std::uint16_t kDtls12 = 0xFEFD;

struct Record {
  ContentType type;  // may be a number without a name
  std::uint16_t version;
  std::uint16_t epoch;
  std::uint64_t sequence;  // 48 bits
  Bytes fragment;          // of the datagram
};

// Takes the next record from the front; none where what is left is no whole record.
std::optional<Record> read_record(ByteReader& datagram);

// RFC 7983 §7: what of a socket shared with STUN, TURN and SRTP is DTLS, by its first byte.
constexpr bool looks_like_dtls(Bytes datagram) {
  return !datagram.empty() && datagram[0] >= 20 && datagram[0] <= 63;
}

enum class HandshakeType : std::uint8_t {
  kHelloRequest = 0,
  kClientHello = 1,
  kServerHello = 2,
  kHelloVerifyRequest = 3,
  kNewSessionTicket = 4,
  kCertificate = 11,
  kServerKeyExchange = 12,
  kCertificateRequest = 13,
  kServerHelloDone = 14,
  kCertificateVerify = 15,
  kClientKeyExchange = 16,
  kFinished = 20,
  kCertificateStatus = 22,
};

constexpr std::size_t kHandshakeHeaderSize = 12;

// One fragment of one handshake message.
struct HandshakeFragment {
  HandshakeType type;  // may be a number without a name
  std::uint32_t message_length;
  std::uint16_t message_sequence;
  std::uint32_t offset;
  Bytes bytes;
};

// Takes the next fragment from the front of a plaintext handshake record; none where what is left
// is no whole fragment.
std::optional<HandshakeFragment> read_fragment(ByteReader& record);

// Whether a datagram begins with (a fragment of) a ClientHello in the clear.
bool begins_with_client_hello(Bytes datagram);

}  // namespace beeline::dtls
