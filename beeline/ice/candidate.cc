#include "beeline/ice/candidate.h"

#include <algorithm>

namespace beeline::ice {

std::uint32_t type_preference(CandidateType type, CandidateTransport transport, RelayHop hop) {
  //= RFC 8445 §5.1.2.2
  const bool udp = transport == CandidateTransport::kUdp;
  switch (type) {
    case CandidateType::kHost:
      return udp ? 126 : 90;
    case CandidateType::kPeerReflexive:
      return udp ? 110 : 80;
    case CandidateType::kServerReflexive:
      return udp ? 100 : 70;
    case CandidateType::kRelayed:
      break;
  }
  // A relay that is reached over a stream waits for what was lost: the last choice.
  switch (hop) {
    case RelayHop::kUdp:
      return 2;
    case RelayHop::kTcp:
      return 1;
    case RelayHop::kTls:
      break;
  }
  return 0;
}

std::uint32_t candidate_priority(std::uint32_t type_preference, std::uint32_t local_preference,
                                 std::uint32_t component) {
  //= RFC 8445 §5.1.2.1
  return (type_preference << 24) + (local_preference << 8) + (256 - component);
}

std::uint32_t local_preference(IpFamily family, std::uint32_t rank) {
  //= RFC 8421 §4
  const std::uint32_t place = 2 * rank + (family == IpFamily::kV6 ? 0 : 1);
  return 65535 - std::min<std::uint32_t>(place, 65535);
}

CandidateTransport opposite(CandidateTransport transport) {
  switch (transport) {
    case CandidateTransport::kTcpActive:
      return CandidateTransport::kTcpPassive;
    case CandidateTransport::kTcpPassive:
      return CandidateTransport::kTcpActive;
    case CandidateTransport::kTcpSimultaneous:
      return CandidateTransport::kTcpSimultaneous;
    case CandidateTransport::kUdp:
      break;
  }
  return CandidateTransport::kUdp;
}

std::string_view to_string(CandidateType type) {
  switch (type) {
    case CandidateType::kHost:
      return "host";
    case CandidateType::kServerReflexive:
      return "srflx";
    case CandidateType::kPeerReflexive:
      return "prflx";
    case CandidateType::kRelayed:
      break;
  }
  return "relay";
}

std::string_view to_string(CandidateTransport transport) {
  switch (transport) {
    case CandidateTransport::kUdp:
      return "udp";
    case CandidateTransport::kTcpActive:
      return "tcp active";
    case CandidateTransport::kTcpPassive:
      return "tcp passive";
    case CandidateTransport::kTcpSimultaneous:
      break;
  }
  return "tcp so";
}

}  // namespace beeline::ice
