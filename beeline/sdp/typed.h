// Lines as values: a type says which line it is (kKey), how it is read (parse) and how it is
// written (text), and the functions here do the rest for all of them. The types are in session.h
// and attribute/.
#pragma once

#include <concepts>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "beeline/sdp/section.h"

namespace beeline::sdp {

// Why there is no value.
enum class ValueError { kAbsent, kMalformed, kOutOfRange };
std::string_view to_string(ValueError error);  // "is not there", …

template <typename T>
concept Typed = requires(const T& value, std::string_view text) {
  { T::kKey } -> std::convertible_to<Key>;
  { T::parse(text) } -> std::same_as<std::expected<T, ValueError>>;
  { value.text() } -> std::same_as<std::string>;
};

// The first of its kind; where it is written twice the later one is passed over.
template <Typed T>
std::expected<T, ValueError> first(const Section& section) {
  const Line* line = section.find(T::kKey);
  if (line == nullptr) return std::unexpected(ValueError::kAbsent);
  return T::parse(line->value());
}

// All of them in their order, maybe none; or what is wrong with the first that cannot be read.
template <Typed T>
std::expected<std::vector<T>, ValueError> all(const Section& section) {
  std::vector<T> values;
  for (const Line& line : section.lines) {
    if (!line.is(T::kKey)) continue;
    auto value = T::parse(line.value());
    if (!value) return std::unexpected(value.error());
    values.push_back(std::move(*value));
  }
  return values;
}

// Those that can be read, in their order. For what is merely missed where it is wrong: a candidate,
// a codec.
template <Typed T>
std::vector<T> readable(const Section& section) {
  std::vector<T> values;
  for (const Line& line : section.lines)
    if (line.is(T::kKey))
      if (auto value = T::parse(line.value())) values.push_back(std::move(*value));
  return values;
}

template <Typed T>
void add(Section& section, const T& value) {
  section.add(T::kKey, value.text());
}

// Replaces all of its kind.
template <Typed T>
void set(Section& section, const T& value) {
  section.set(T::kKey, value.text());
}

}  // namespace beeline::sdp
