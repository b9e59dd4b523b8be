#include "beeline/signaling/plain_relay.h"

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#include "beeline/base/encoding.h"
#include "beeline/signaling/message.h"

namespace beeline::signaling {
namespace {

constexpr unsigned kMaxPlainDepth = 16;  // of the items; kMaxDepth is the parser's to judge
constexpr std::size_t kMaxDigits = 15;   // on each side of the point

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_hex_digit(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// Every function returns false, or stops, where the text is not what it reads; then the reader is
// good for nothing more.
class Reader {
 public:
  explicit Reader(std::string_view text) : at_(text.data()), end_(at_ + text.size()) {}

  bool at_end() const { return at_ == end_; }
  bool seen_other_than_ascii() const { return seen_other_than_ascii_; }
  const char* position() const { return at_; }

  bool take(char c) {
    if (at_ == end_ || *at_ != c) return false;
    ++at_;
    return true;
  }
  void skip_space_and_line_breaks() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\t' || *at_ == '\n' || *at_ == '\r')) ++at_;
  }
  // A string without escapes, as its text.
  std::optional<std::string_view> plain_string() {
    if (!take('"')) return std::nullopt;
    const char* const start = at_;
    skip_plain_text();
    const std::string_view text(start, static_cast<std::size_t>(at_ - start));
    return take('"') ? std::optional(text) : std::nullopt;
  }
  // An array of objects, on one line.
  bool items();
  std::optional<std::uint64_t> count();

 private:
  void skip_space() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\t')) ++at_;
  }
  void skip_plain_text();
  bool string();
  bool escape();
  bool number();
  bool digits();
  bool literal(std::string_view word);
  bool value(unsigned depth);
  bool object(unsigned depth);
  bool array(unsigned depth);

  const char* at_;
  const char* end_;
  bool seen_other_than_ascii_ = false;
};

// Up to the next quote, backslash or control character, sixteen bytes at a time: nearly all of a
// session description goes through here.
void Reader::skip_plain_text() {
  using Sixteen = std::uint8_t __attribute__((vector_size(16)));
  std::array<std::uint64_t, 2> halves{};
  Sixteen seen{};
  while (static_cast<std::size_t>(end_ - at_) >= sizeof seen) {
    Sixteen wide;
    std::memcpy(&wide, at_, sizeof wide);
    seen |= wide;
    // All bits of a byte that is special are set.
    const auto special = (wide == '"') | (wide == '\\') | ((wide & 0xE0) == 0);
    std::memcpy(halves.data(), &special, sizeof special);
    if ((halves[0] | halves[1]) != 0) break;
    at_ += sizeof wide;
  }
  if constexpr (std::endian::native == std::endian::little) {
    if (halves[0] != 0) at_ += std::countr_zero(halves[0]) / 8;
    if (halves[0] == 0 && halves[1] != 0) at_ += 8 + std::countr_zero(halves[1]) / 8;
  }
  std::memcpy(halves.data(), &seen, sizeof seen);
  std::uint64_t all = halves[0] | halves[1];
  for (; at_ != end_ && *at_ != '"' && *at_ != '\\'; ++at_) {
    const auto byte = static_cast<unsigned char>(*at_);
    if (byte < 0x20) break;
    all |= byte;
  }
  seen_other_than_ascii_ |= (all & 0x8080808080808080U) != 0;
}

bool Reader::string() {
  if (!take('"')) return false;
  for (;;) {
    skip_plain_text();
    if (take('"')) return true;
    if (!take('\\') || !escape()) return false;
  }
}

// What follows a backslash.
bool Reader::escape() {
  if (at_ == end_) return false;
  const char kind = *at_++;
  if (kind != 'u') return std::string_view(R"("\/bfnrt)").contains(kind);
  if (end_ - at_ < 4) return false;
  for (int i = 0; i < 4; ++i)
    if (!is_hex_digit(at_[i])) return false;
  const bool may_be_surrogate = at_[0] == 'd' || at_[0] == 'D';
  at_ += 4;
  return !may_be_surrogate;
}

bool Reader::digits() {
  const char* const start = at_;
  while (at_ != end_ && is_digit(*at_)) ++at_;
  return at_ != start && static_cast<std::size_t>(at_ - start) <= kMaxDigits;
}

bool Reader::number() {
  take('-');
  if (at_ != end_ && *at_ == '0') {
    ++at_;
  } else if (!digits()) {
    return false;
  }
  return !take('.') || digits();
}

std::optional<std::uint64_t> Reader::count() {
  const char* const start = at_;
  if (take('0')) return 0;
  if (!digits()) return std::nullopt;
  std::uint64_t value = 0;
  for (const char* digit = start; digit != at_; ++digit)
    value = value * 10 + static_cast<std::uint64_t>(*digit - '0');
  return value;
}

bool Reader::literal(std::string_view word) {
  if (static_cast<std::size_t>(end_ - at_) < word.size()) return false;
  if (std::memcmp(at_, word.data(), word.size()) != 0) return false;
  at_ += word.size();
  return true;
}

bool Reader::value(unsigned depth) {
  if (at_ == end_) return false;
  switch (*at_) {
    case '"':
      return string();
    case '{':
      return object(depth + 1);
    case '[':
      return array(depth + 1);
    case 't':
      return literal("true");
    case 'f':
      return literal("false");
    case 'n':
      return literal("null");
    default:
      return number();
  }
}

bool Reader::object(unsigned depth) {
  if (depth > kMaxPlainDepth || !take('{')) return false;
  skip_space();
  if (take('}')) return true;
  for (;;) {
    if (!string()) return false;
    skip_space();
    if (!take(':')) return false;
    skip_space();
    if (!value(depth)) return false;
    skip_space();
    if (take('}')) return true;
    if (!take(',')) return false;
    skip_space();
  }
}

bool Reader::array(unsigned depth) {
  if (depth > kMaxPlainDepth || !take('[')) return false;
  skip_space();
  if (take(']')) return true;
  for (;;) {
    if (!value(depth)) return false;
    skip_space();
    if (take(']')) return true;
    if (!take(',')) return false;
    skip_space();
  }
}

bool Reader::items() {
  if (!take('[')) return false;
  for (std::size_t count = 1; count <= kMaxItems; ++count) {
    skip_space();
    if (!object(1)) return false;
    skip_space();
    if (take(']')) return true;
    if (!take(',')) return false;
  }
  return false;
}

}  // namespace

std::optional<PlainRelay> read_plain_relay(std::string_view text) {
  if (text.size() > kMaxMessageBytes) return std::nullopt;
  Reader reader(text);
  std::optional<std::string_view> type;
  std::optional<std::uint64_t> seen;
  PlainRelay relay;
  const auto member = [&] {
    const auto name = reader.plain_string();
    if (!name) return false;
    reader.skip_space_and_line_breaks();
    if (!reader.take(':')) return false;
    reader.skip_space_and_line_breaks();
    if (*name == "type" && !type) return (type = reader.plain_string()) == "relay";
    if (*name == "to" && relay.to.data() == nullptr) {
      const auto to = reader.plain_string();
      if (to) relay.to = *to;
      return to.has_value();
    }
    if (*name == "seen" && !seen) return (seen = reader.count()).has_value();
    if (*name != "items" || relay.items_json.data() != nullptr) return false;
    const char* const start = reader.position();
    if (!reader.items()) return false;
    relay.items_json = {start, static_cast<std::size_t>(reader.position() - start)};
    return true;
  };
  reader.skip_space_and_line_breaks();
  if (!reader.take('{')) return std::nullopt;
  for (bool more = true; more;) {
    reader.skip_space_and_line_breaks();
    if (!member()) return std::nullopt;
    reader.skip_space_and_line_breaks();
    more = reader.take(',');
    if (!more && !reader.take('}')) return std::nullopt;
  }
  // None was there twice.
  if (!type || relay.to.data() == nullptr || relay.items_json.data() == nullptr)
    return std::nullopt;
  relay.seen = seen.value_or(0);
  reader.skip_space_and_line_breaks();
  if (!reader.at_end() || (reader.seen_other_than_ascii() && !is_utf8(text))) return std::nullopt;
  return relay;
}

}  // namespace beeline::signaling
