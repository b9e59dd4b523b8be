#include "beeline/sctp/tx/path_mtu.h"

#include <algorithm>
#include <array>

namespace beeline::sctp {
namespace {

// What a link takes less IP (counted as IPv6, which IPv4 may become on the way), UDP and a DTLS
// record, largest first: Ethernet; a tunnel of 1420; one of 1320. More steps find little more.
constexpr std::array<std::size_t, 3> kSizes{1412, 1332, 1232};
//= RFC 8899 §5.1.2
constexpr std::uint32_t kTries = 3;
constexpr Duration kRaiseAfter = std::chrono::minutes(10);
constexpr Duration kLeastPatience = std::chrono::seconds(1);
// A path that swallowed large packets is not asked again at once.
constexpr Duration kAfterBlackHole = std::chrono::minutes(1);

}  // namespace

void PathMtu::begin(std::size_t most) {
  most_ = most;
  packet_ = base_;
  trying_.reset();
  answer_by_.reset();
  not_before_.reset();
  ++number_;  // answers of the former path are none of this one
}

void PathMtu::want(Instant now) {
  if (trying_ || packet_ >= most_ || (not_before_ && *not_before_ > now)) return;
  try_next(most_ + 1, now);
}

// The largest size below that, or none any more.
void PathMtu::try_next(std::size_t below, Instant now) {
  tries_ = 0;
  answer_by_.reset();
  trying_.reset();
  for (const std::size_t size : kSizes) {
    if (size >= below || size > most_ || size <= packet_) continue;
    trying_ = size;
    return;
  }
  not_before_ = now + kRaiseAfter;
}

void PathMtu::on_black_hole(Instant now) {
  begin(most_);
  not_before_ = now + kAfterBlackHole;
}

std::uint32_t PathMtu::sent(Duration patience, Instant now) {
  ++tries_;
  answer_by_ = now + std::max(patience, kLeastPatience);
  return ++number_;
}

bool PathMtu::on_answer(std::uint32_t number, std::size_t size, Instant now) {
  if (!answer_by_ || number != number_ || trying_ != size) return false;
  packet_ = size;
  try_next(0, now);
  return true;
}

void PathMtu::handle_timeout(Instant now) {
  if (!answer_by_ || *answer_by_ > now) return;
  answer_by_.reset();
  if (tries_ >= kTries) try_next(*trying_, now);
}

}  // namespace beeline::sctp
