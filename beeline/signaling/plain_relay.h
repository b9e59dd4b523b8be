// A relay as nearly every client writes it, read without making anything of it: most of what a
// server hears are relays, and what is in them is nobody's business but the receiver's.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace beeline::signaling {

struct PlainRelay {
  std::string_view to;
  std::string_view items_json;  // an array of 1 to kMaxItems objects, on one line
  std::uint64_t seen = 0;       // as in ClientMessage
};

// Views of `text`, where it is a relay that parse_message() would accept and read the same. None
// where it is not, and also where only parse_message() can tell: where it has other members than
// type, to, items and seen, escapes in what is read here, escaped surrogates, numbers that may be
// too large, line breaks in the items, deep nesting.
std::optional<PlainRelay> read_plain_relay(std::string_view text);

}  // namespace beeline::signaling
