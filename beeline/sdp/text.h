// Pieces of text that every line of a description is made of: words, numbers, case. For this module
// alone.
#pragma once

#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace beeline::sdp {

// Without the spaces and tabs around it.
std::string_view trim(std::string_view text);

// What stands before the first `separator`, which is consumed together with it; all of it where
// there is none.
std::string_view take_until(std::string_view& text, char separator);

// The next of the words that one or more spaces part; empty at the end.
std::string_view take_word(std::string_view& text);
std::vector<std::string_view> words(std::string_view text);

// The pieces between the separators, trimmed; empty ones are left out.
std::vector<std::string_view> pieces(std::string_view text, char separator);

// ASCII only.
std::string lower(std::string_view text);
bool equal_ignoring_case(std::string_view a, std::string_view b);

// Printable ASCII without spaces, 1 to `most` characters: what the RFCs' tokens are in the wild.
bool is_token(std::string_view text, std::size_t most);

// Decimal digits and nothing else, that fit; none otherwise.
template <typename Number>
std::optional<Number> number(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace beeline::sdp
