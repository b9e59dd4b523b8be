// The numbers of SCTP as types of their own, and how those that wrap are made long: on the wire a
// TSN has 32 bits and an SSN 16; inside, both are counted in 64 and never wrap.
#pragma once

#include <compare>
#include <cstdint>
#include <type_traits>

namespace beeline::sctp {

struct StreamId {
  std::uint16_t value = 0;
  auto operator<=>(const StreamId&) const = default;
};

// RFC 9260 §3.3.1: what the bytes of a message are; RFC 8831 §8 gives those of data channels.
struct PayloadProtocolId {
  std::uint32_t value = 0;
  auto operator<=>(const PayloadProtocolId&) const = default;
};

struct VerificationTag {
  std::uint32_t value = 0;
  auto operator<=>(const VerificationTag&) const = default;
};

// A transmission sequence number as packets carry it; compared only after lengthening.
struct Tsn {
  std::uint32_t value = 0;
  bool operator==(const Tsn&) const = default;
};

// The same, counted in 64 bits from a point that leaves room below.
struct LongTsn {
  std::uint64_t value = 0;
  auto operator<=>(const LongTsn&) const = default;
  Tsn wire() const { return {static_cast<std::uint32_t>(value)}; }
  LongTsn next() const { return {value + 1}; }
  LongTsn previous() const { return {value - 1}; }
  friend LongTsn operator+(LongTsn at, std::uint64_t count) { return {at.value + count}; }
  friend std::uint64_t operator-(LongTsn later, LongTsn earlier) {
    return later.value - earlier.value;
  }
};

//= RFC 9260 §1.6
// The number nearest to `around` whose low bits are `wire`. `around` is at least 2^bits, so that
// nothing goes below zero (see kFirst).
template <typename Wire>
std::uint64_t lengthen(Wire wire, std::uint64_t around) {
  static_assert(std::is_unsigned_v<Wire> && sizeof(Wire) <= 4);
  const auto forward = static_cast<Wire>(wire - static_cast<Wire>(around));
  constexpr std::uint64_t kRange = std::uint64_t{1} << (8 * sizeof(Wire));
  return forward < kRange / 2 ? around + forward : around + forward - kRange;
}

// Where long numbers begin.
inline constexpr std::uint64_t kFirst = std::uint64_t{1} << 32;

inline LongTsn first_long(Tsn first) {
  return {kFirst + first.value};
}
inline LongTsn lengthen(Tsn wire, LongTsn around) {
  return {lengthen<std::uint32_t>(wire.value, around.value)};
}

}  // namespace beeline::sctp
