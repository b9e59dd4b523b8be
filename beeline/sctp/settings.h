// What an association is told when it is made.
#pragma once

#include <cstdint>

#include "beeline/base/instant.h"
#include "beeline/sctp/tx/congestion.h"
#include "beeline/sctp/wire/parameter.h"

namespace beeline::sctp {

struct Settings {
  // Of WebRTC, both sides (RFC 8841 §5).
  std::uint16_t local_port = 5000;
  std::uint16_t remote_port = 5000;
  // Bytes of an SCTP packet that passes everywhere: what a datagram of 1200 bytes leaves after a
  // DTLS 1.2 record of AES-GCM, down to a multiple of four. Larger ones: on_new_path().
  std::size_t packet = 1160;
  // Bytes of the largest packet that may be tried on the path; no more than `packet`: none is.
  std::size_t largest_packet = 0;
  // Bytes: a longer message of the other side ends the association; of ours, is refused.
  std::size_t max_message = 256 * 1024;
  // Bytes that may wait to be put in order or to be read, at most; the window begins at 1 MiB.
  std::size_t max_window = 16 * 1024 * 1024;
  std::uint16_t streams = 65535;  // each way
  Capabilities capabilities{true, true, true, true};
  CongestionModel congestion = CongestionModel::kRate;
  Duration round_trip = std::chrono::milliseconds(100);  // a guess; ICE knows better
};

}  // namespace beeline::sctp
