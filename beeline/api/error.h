// Why something did not work: one list of reasons for everything the library does, each with a
// stable name for programs and a sentence for people that says what to do.
#pragma once

#include <boost/system/error_code.hpp>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace beeline {

// The numbers are part of the C interface and never change.
enum class Reason : std::uint8_t {
  kNone = 0,

  // --- descriptions and candidates (W3C webrtc-pc §4.4) ---
  kWrongState = 1,             // not what comes next: see signaling_state()
  kUnreadableDescription = 2,  // no session description (RFC 8866)
  kModifiedDescription = 3,    // a local description is not what was created
  kSectionsDoNotMatch = 4,     // the answer is not one to our offer (RFC 3264 §6)
  kNoIceCredentials = 5,
  kNoFingerprint = 6,
  kNothingToConnect = 7,     // no data channels in it
  kUnreadableCandidate = 8,  // RFC 8839 §5.1
  kNoRemoteDescription = 9,  // candidates belong to one
  kBadIceServer = 10,        // not a URL of RFC 7064 or RFC 7065

  // --- the connection ---
  kNoPath = 20,               // ICE found none, or lost the one there was
  kFingerprintMismatch = 21,  // whoever answers is not who signaling announced (RFC 8827 §6.5)
  kDtlsFailed = 22,
  kClosedByPeer = 23,
  kProtocolViolation = 24,  // the other side broke the rules of SCTP
  kClosed = 25,             // by us: close(), or the object is gone
  kInternal = 26,           // a bug in Beeline: this connection ended, the program goes on

  kOldOpenssl = 27,  // no connection is made: the OpenSSL that is loaded is not repaired

  // --- data channels ---
  kChannelNotOpen = 40,
  kChannelClosed = 41,   // by either side; nothing more comes
  kChannelRefused = 42,  // the other side would not open it
  kMessageTooLong = 43,
  kSendQueueFull = 44,
  kLabelTooLong = 45,
  kBadChannelInit = 46,
  kChannelIdUsed = 47,
  kTooManyChannels = 48,
};

// "no_path": stable, snake_case.
std::string_view to_string(Reason reason);
// What happened and what to do about it, one or two sentences.
std::string_view advice(Reason reason);

// Its message() is advice(). Operations that wait complete with a code of this category, or with
// boost::asio::error::operation_aborted where they were cancelled.
const boost::system::error_category& error_category();
inline boost::system::error_code make_error_code(Reason reason) {
  return {static_cast<int>(reason), error_category()};
}
// kNone where the code is of another category.
Reason reason_of(const boost::system::error_code& code);

// What a command that does not wait gives instead of its result.
struct Error {
  Reason reason = Reason::kNone;
  std::string detail{};  // what exactly, in English; may be empty

  explicit operator bool() const { return reason != Reason::kNone; }
  // "no_path: … (detail)".
  std::string message() const;
  boost::system::error_code code() const { return make_error_code(reason); }
};

template <typename T>
using Result = std::expected<T, Error>;

}  // namespace beeline

template <>
struct boost::system::is_error_code_enum<beeline::Reason> : std::true_type {};
