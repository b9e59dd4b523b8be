#include "beeline/signaling/plain_relay.h"

#include <cstdint>
#include <cstring>

#include "beeline/base/encoding.h"
#include "beeline/base/sixteen.h"
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

// Every bit is set in a byte that ends plain text: a quote, a backslash, a control character.
Sixteen special_among(const Sixteen& wide) {
  return reinterpret_cast<Sixteen>((wide == '"') | (wide == '\\') | ((wide & 0xE0) == 0));
}

// Up to the next of those: nearly all of a session description goes through here, in steps of 64
// bytes and, for the end, of sixteen and of one.
void Reader::skip_plain_text() {
  const auto left = [this] { return static_cast<std::size_t>(end_ - at_); };
  Sixteen seen{};
  for (; left() >= kLongStep; at_ += kLongStep) {
    Sixteen special{};
    for (std::size_t i = 0; i < kLongStep; i += sizeof(Sixteen)) {
      const Sixteen wide = load_sixteen(at_ + i);
      seen |= wide;
      special |= special_among(wide);
    }
    if (any_of(special) != 0) break;
  }
  for (; left() >= sizeof(Sixteen); at_ += sizeof(Sixteen)) {
    const Sixteen wide = load_sixteen(at_);
    seen |= wide;
    if (any_of(special_among(wide)) != 0) break;
  }
  std::uint64_t all = any_of(seen);
  for (; at_ != end_ && *at_ != '"' && *at_ != '\\'; ++at_) {
    const auto byte = static_cast<unsigned char>(*at_);
    if (byte < 0x20) break;
    all |= byte;
  }
  seen_other_than_ascii_ |= (all & kHighBits) != 0;
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
