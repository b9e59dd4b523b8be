// A session description (RFC 8866): the lines of the session and its media sections, and what a
// media section takes over from the session. Also what "o=", "c=" and "b=" say. How a description
// comes about is negotiation's business.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "beeline/sdp/media.h"
#include "beeline/sdp/section.h"
#include "beeline/sdp/typed.h"

namespace beeline::sdp {

// The version is 0, always. A trickle fragment (RFC 8840 §9) has the same shape without it.
struct Session : Section {
  std::vector<Media> media;
  bool operator==(const Session&) const = default;
};

// What counts for `media`: its own line, and the session's where it has none. One of its own that
// cannot be read is an error and hides the session's all the same.
//= RFC 8866 §5.13
template <Typed T>
std::expected<T, ValueError> effective(const Session& session, const Media& media) {
  auto own = first<T>(media);
  if (own || own.error() != ValueError::kAbsent) return own;
  return first<T>(session);
}

// The same of attributes that are written several times: all of the media section's, or all of the
// session's.
template <Typed T>
std::expected<std::vector<T>, ValueError> effective_all(const Session& session,
                                                        const Media& media) {
  return media.has(T::kKey) ? all<T>(media) : all<T>(session);
}

// And of attributes without a value: said in either place.
inline bool effective_has(const Session& session, const Media& media, Key key) {
  return media.has(key) || session.has(key);
}

// "o=- 4611731400430051336 2 IN IP4 127.0.0.1"
struct Origin {
  static constexpr Key kKey{'o'};
  std::string username = "-";
  std::string session_id;  // digits; of any length, for there are clients whose clock has more
  std::uint64_t session_version = 0;
  std::string network_type = "IN";
  std::string address_type = "IP4";
  std::string address = "127.0.0.1";

  static std::expected<Origin, ValueError> parse(std::string_view text);
  std::string text() const;
  bool operator==(const Origin&) const = default;
};

// "c=IN IP4 0.0.0.0". The address as it was written, with what multicast puts behind it.
struct Connection {
  static constexpr Key kKey{'c'};
  std::string network_type = "IN";
  std::string address_type = "IP4";
  std::string address = "0.0.0.0";

  static std::expected<Connection, ValueError> parse(std::string_view text);
  std::string text() const;
  bool operator==(const Connection&) const = default;
};

// "b=AS:2000": kilobits per second for AS and CT, bits per second for TIAS (RFC 3890), RS and RR
// (RFC 3556).
struct Bandwidth {
  static constexpr Key kKey{'b'};
  std::string type;
  std::uint64_t value = 0;

  static std::expected<Bandwidth, ValueError> parse(std::string_view text);
  std::string text() const;
  bool operator==(const Bandwidth&) const = default;
};

}  // namespace beeline::sdp
