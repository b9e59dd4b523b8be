// What the TURN server has counted since it was made; read by metrics, written by the server only.
#pragma once

#include <array>
#include <cstdint>

#include "beeline/turn/refusal.h"

namespace beeline::turn {

// Why something that arrived went nowhere.
enum class Drop {
  kMalformed,       // neither STUN nor ChannelData, or broken
  kNoAllocation,    // data from an address without one
  kUnknownChannel,  // ChannelData on a channel that is not bound
  kNoPermission,    // no permission for that peer, in either direction
  kForbiddenPeer,   // the relay policy says no
  kTooFast,         // over the allocation's or the user's bytes per second
  kTooLarge,        // does not fit a packet with its header
  kStranger,        // a request that needs no credential or has none, over its network's budget
  kCount,
};
inline constexpr std::array<const char*, static_cast<std::size_t>(Drop::kCount)> kDropNames{
    "malformed",      "no_allocation", "unknown_channel", "no_permission",
    "forbidden_peer", "too_fast",      "too_large",       "stranger"};

struct Counters {
  std::uint64_t bindings = 0;
  std::uint64_t nat_tests = 0;  // those with a CHANGE-REQUEST that was obeyed
  std::uint64_t requests = 0;   // all authenticated methods
  std::array<std::uint64_t, kRefusals> refusals{};
  std::uint64_t allocations_created = 0;
  std::uint64_t packets_to_peer = 0;
  std::uint64_t bytes_to_peer = 0;  // application data, without headers
  std::uint64_t packets_to_client = 0;
  std::uint64_t bytes_to_client = 0;
  std::array<std::uint64_t, static_cast<std::size_t>(Drop::kCount)> drops{};
};

}  // namespace beeline::turn
