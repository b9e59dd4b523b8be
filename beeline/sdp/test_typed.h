// For tests of Typed values: what was read, written and read again is the same, also where the text
// is cut anywhere or a bit of it flips.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "beeline/sdp/typed.h"

namespace beeline::sdp {

template <Typed T>
void expect_same_again(std::string_view text) {
  const auto value = T::parse(text);
  if (!value) return;
  const auto again = T::parse(value->text());
  EXPECT_TRUE(again && *again == *value) << '"' << text << "\" became \"" << value->text() << '"';
}

// `text` is good, and what it would be written as.
template <Typed T>
void expect_round_trip(std::string_view text) {
  const auto value = T::parse(text);
  ASSERT_TRUE(value) << '"' << text << "\" " << to_string(value.error());
  EXPECT_EQ(value->text(), text);
  expect_same_again<T>(text);
  for (std::size_t size = 0; size < text.size(); ++size)
    expect_same_again<T>(std::string(text.substr(0, size)));  // its own end is guarded
  for (std::size_t bit = 0; bit < 8 * text.size(); ++bit) {
    std::string flipped(text);
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ 1 << bit % 8);
    expect_same_again<T>(flipped);
  }
}

template <Typed T>
void expect_refused(std::string_view text, ValueError error) {
  const auto value = T::parse(text);
  ASSERT_FALSE(value) << '"' << text << '"';
  EXPECT_EQ(value.error(), error) << '"' << text << '"';
}

}  // namespace beeline::sdp
