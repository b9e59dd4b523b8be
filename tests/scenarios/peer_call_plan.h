// What was drawn for a call of whole peer connections: the world of a random call, what its two
// sides can do, and what they say on which channels.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "beeline/sctp/data_channel/channels.h"
#include "beeline/sctp/settings.h"
#include "tests/scenarios/random_call.h"

namespace beeline::scenarios {

struct MessagePlan {
  Duration at{};  // since the call began; later where nobody can send yet
  std::uint32_t bytes = 0;
  bool by_answerer = false;
  bool text = false;
};

struct ChannelPlan {
  sctp::ChannelOptions options;  // the label is its number in the plan
  bool by_answerer = false;      // who creates it; of an agreed one, both
  std::optional<sctp::StreamId> agreed;
  Duration opened{};
  std::optional<Duration> closed;
  bool closed_by_answerer = false;
  std::vector<MessagePlan> messages;

  bool is_reliable() const {
    return !options.reliability.lifetime && !options.reliability.retransmissions;
  }
};

struct PeerCallPlan {
  CallPlan call;
  sctp::Settings offerers;
  sctp::Settings answerers;
  bool snap = false;      // descriptions keep the INIT chunks that they carry
  bool impostor = false;  // the answerer's certificate is not the one that was announced
  std::vector<ChannelPlan> channels;

  // Nothing is ever lost, damaged or late.
  bool is_clean() const;
  std::string to_string() const;
};

PeerCallPlan draw_peer_call(std::uint64_t seed);

}  // namespace beeline::scenarios
