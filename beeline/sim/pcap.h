// A world's packets as a capture file that tcpdump and Wireshark open: every form a packet has on a
// wire, once (as it is sent, and again as each NAT makes it). LINKTYPE_RAW, microseconds since the
// world began.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "beeline/sim/trace.h"

namespace beeline::sim {

// The bytes of `packet` from the IP header on, with right lengths and checksums.
std::vector<std::uint8_t> wire_bytes(const IpPacket& packet);

// Writes everything `trace` sees from now on to the file at `path`, which it replaces, until the
// trace ends. A file that cannot be written is a programming error here.
void capture(Trace& trace, const std::string& path);

}  // namespace beeline::sim
