#include "beeline/sdp/parser.h"

#include <fmt/format.h>

#include <optional>

#include "beeline/sdp/attribute/candidate.h"
#include "beeline/sdp/text.h"

namespace beeline::sdp {
namespace {

using Cause = ParseError::Cause;

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Takes the lines one after the other.
class Reader {
 public:
  explicit Reader(bool is_fragment) : is_fragment_(is_fragment) {}

  std::expected<Session, ParseError> read(std::string_view text) {
    if (text.size() > kMaxBytes) return std::unexpected(ParseError{Cause::kTooLong});
    if (text.find('\0') != std::string_view::npos)
      return std::unexpected(ParseError{Cause::kForbiddenByte, line_of_nul(text)});
    while (!text.empty()) {
      if (++number_ > kMaxLines) return std::unexpected(ParseError{Cause::kTooManyLines});
      std::string_view line = take_until(text, '\n');
      while (line.ends_with('\r')) line.remove_suffix(1);  // some ends were made of CRLF twice
      if (line.empty()) continue;
      if (const auto wrong = take(line)) return std::unexpected(ParseError{*wrong, number_});
    }
    if (!begun_ && !is_fragment_) return std::unexpected(ParseError{Cause::kEmpty});
    return std::move(session_);
  }

 private:
  static std::size_t line_of_nul(std::string_view text) {
    std::size_t line = 1;
    for (const char c : text.substr(0, text.find('\0'))) line += c == '\n' ? 1 : 0;
    return line;
  }

  //= RFC 8866 §5
  std::optional<Cause> take(std::string_view line) {
    const bool is_first = !begun_;
    begun_ = true;
    if (line.find('\r') != std::string_view::npos) return Cause::kForbiddenByte;
    if (line.size() < 2 || !is_letter(line[0]) || line[1] != '=')
      return is_first && !is_fragment_ ? Cause::kNoVersion : Cause::kNotALine;
    const char type = line[0];
    const std::string_view text = line.substr(2);
    if (type == 'v') return take_version(text, is_first);
    if (is_first && !is_fragment_) return Cause::kNoVersion;
    if (type == 'm') return take_media(text);
    if (session_.media.empty() && session_.lines.size() == kMaxSessionLines)
      return Cause::kTooManySessionLines;
    section().lines.push_back(Line{type, std::string(text)});
    if (section().lines.back().is(Candidate::kKey) && ++candidates_ > kMaxCandidates)
      return Cause::kTooManyCandidates;
    return std::nullopt;
  }

  //= RFC 8866 §5.1
  std::optional<Cause> take_version(std::string_view text, bool is_first) {
    if (!is_first) return Cause::kSecondVersion;
    return trim(text) == "0" ? std::nullopt : std::optional(Cause::kUnsupportedVersion);
  }

  std::optional<Cause> take_media(std::string_view text) {
    if (session_.media.size() == kMaxMedia) return Cause::kTooManyMedia;
    auto media = Media::parse_line(text);
    if (!media) return Cause::kBadMediaLine;
    session_.media.push_back(std::move(*media));
    return std::nullopt;
  }

  Section& section() {
    if (session_.media.empty()) return session_;
    return session_.media.back();
  }

  bool is_fragment_;
  bool begun_ = false;
  std::size_t number_ = 0;
  std::size_t candidates_ = 0;
  Session session_;
};

std::string sentence(Cause cause) {
  switch (cause) {
    case Cause::kEmpty:
      return "There is nothing in the description";
    case Cause::kTooLong:
      return fmt::format("The description has more than {} bytes", kMaxBytes);
    case Cause::kTooManyLines:
      return fmt::format("The description has more than {} lines", kMaxLines);
    case Cause::kTooManySessionLines:
      return fmt::format("The session itself has more than {} lines", kMaxSessionLines);
    case Cause::kTooManyMedia:
      return fmt::format("There are more than {} media sections", kMaxMedia);
    case Cause::kTooManyCandidates:
      return fmt::format("There are more than {} candidates", kMaxCandidates);
    case Cause::kForbiddenByte:
      return "There is a byte (NUL or CR) that may not be in a line";
    case Cause::kNotALine:
      return "A line is a letter, an equals sign and text, and this is not";
    case Cause::kNoVersion:
      return "A description begins with \"v=0\"";
    case Cause::kUnsupportedVersion:
      return "The version is not 0";
    case Cause::kSecondVersion:
      return "There is a second \"v=\": two descriptions in one";
    case Cause::kBadMediaLine:
      return "A media line needs a kind and a port from 0 to 65535";
  }
  return "";
}

}  // namespace

std::string to_string(const ParseError& error) {
  const std::string what = sentence(error.cause);
  return error.line == 0 ? what + "." : fmt::format("{} (line {}).", what, error.line);
}

std::expected<Session, ParseError> parse(std::string_view text) {
  return Reader(false).read(text);
}

//= RFC 8840 §9.2
std::expected<Session, ParseError> parse_fragment(std::string_view text) {
  return Reader(true).read(text);
}

}  // namespace beeline::sdp
