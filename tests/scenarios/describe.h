// A packet's payload in a few words, for traces that people read.
#pragma once

#include <string>

#include "beeline/ice/explanation.h"
#include "beeline/sim/ip_packet.h"

namespace beeline::scenarios {

// "Binding request, nominates", "ChannelData 0x4000, 13 bytes", "data 7".
std::string describe(const sim::IpPacket& packet);

// What an agent says of itself, several lines.
std::string describe(const ice::Explanation& explanation);

}  // namespace beeline::scenarios
