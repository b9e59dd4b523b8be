// Text into a session description (RFC 8866 §5, §9): patient with how lines are written, strict
// about how much there is. In one pass, in time that grows with the text alone. Trickle fragments
// too (RFC 8840 §9).
#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

#include "beeline/sdp/session.h"

namespace beeline::sdp {

// More than these is refused, so that nobody who sends a description decides how much memory and
// time it takes.
inline constexpr std::size_t kMaxBytes = 256 * 1024;
inline constexpr std::size_t kMaxLines = 10'000;
inline constexpr std::size_t kMaxMedia = 512;
// Of the session itself, for every media section asks it for what it does not say.
inline constexpr std::size_t kMaxSessionLines = 512;
inline constexpr std::size_t kMaxCandidates = 256;  // in all sections together

struct ParseError {
  enum class Cause {
    kEmpty,
    kTooLong,
    kTooManyLines,
    kTooManySessionLines,
    kTooManyMedia,
    kTooManyCandidates,
    kForbiddenByte,       // NUL, or CR within a line
    kNotALine,            // no letter and equals sign
    kNoVersion,           // the first line is not "v="
    kUnsupportedVersion,  // not 0
    kSecondVersion,       // "v=" further down: two descriptions in one
    kBadMediaLine,
  };
  Cause cause;
  std::size_t line = 0;  // from 1; 0: the text as a whole
  bool operator==(const ParseError&) const = default;
};
// A sentence for people: "A description begins with \"v=0\" (line 1)."
std::string to_string(const ParseError& error);

// Takes LF and CRLF, empty lines, no end of the last line, and lines that are missing or in another
// order. The first line has to be "v=0". What single lines say is looked at when they are asked.
std::expected<Session, ParseError> parse(std::string_view text);

// "application/trickle-ice-sdpfrag": the same without "v=0", which may be there, and
// maybe nothing at all. The "m=" lines say
// nothing (RFC 8840 §9.2); a=mid tells which section is meant.
std::expected<Session, ParseError> parse_fragment(std::string_view text);

}  // namespace beeline::sdp
