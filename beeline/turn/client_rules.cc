#include "beeline/turn/client_rules.h"

#include <algorithm>

namespace beeline::turn::rules {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr Duration kPermission = seconds(300);  // RFC 8656 §9
constexpr Duration kChannel = seconds(600);     // RFC 8656 §12
// A request that nobody answers takes 39.5 s; there is time for one, a pause and another.
constexpr Duration kAllocationMargin = seconds(120);
constexpr Duration kPermissionMargin = seconds(60);
constexpr Duration kChannelMargin = seconds(120);
constexpr Duration kJoin = seconds(60);
constexpr Duration kFirstRetry = seconds(2);
constexpr Duration kLongestRetry = seconds(32);
constexpr int kChallenges = 4;  // two happen where a nonce grows old at the wrong moment

}  // namespace

Instant allocation_expires(Instant asked, Duration lifetime) {
  return asked + lifetime;
}
Instant refresh_allocation_at(Instant asked, Duration lifetime) {
  return asked + std::max(lifetime - kAllocationMargin, lifetime / 2);
}
Instant permission_expires(Instant asked) {
  return asked + kPermission;
}
Instant refresh_permission_at(Instant asked) {
  return asked + (kPermission - kPermissionMargin);
}
Instant channel_expires(Instant asked) {
  return asked + kChannel;
}
Instant refresh_channel_at(Instant asked) {
  return asked + (kChannel - kChannelMargin);
}
bool joins_refresh(Instant refresh_at, Instant now) {
  return refresh_at <= now + kJoin;
}

Duration retry_after(int failures) {
  Duration wait = kFirstRetry;
  for (int i = 1; i < failures && wait < kLongestRetry; ++i) wait *= 2;
  return wait;
}

//= RFC 8656 §7.4
Duration retry_allocation_after(ClientError reason) {
  switch (reason) {
    case ClientError::kQuota:
    case ClientError::kNoCapacity:
    case ClientError::kForbidden:
    case ClientError::kRefused:
      return minutes(1);
    default:
      return {};
  }
}

bool may_answer_challenge(int challenges) {
  return challenges <= kChallenges;
}

bool may_be_one_peer(int code) {
  return code == 400 || code == 403 || code == 443 || code == 508;
}

bool is_final(int code) {
  return code != 0 && !is_challenge(code);
}

bool is_challenge(int code) {
  return code == 401 || code == 438;
}

//= RFC 8489 §9.2.5
// A server that asks who we are cannot know the key yet.
bool needs_integrity(int code) {
  return !is_challenge(code);
}

// Who asks for less than before is not the one who asked before.
bool accepts_algorithm(std::optional<stun::PasswordAlgorithm> before,
                       stun::PasswordAlgorithm wanted) {
  return before != stun::PasswordAlgorithm::kSha256 || wanted == stun::PasswordAlgorithm::kSha256;
}

bool refuses_credentials(int code) {
  return code == 401 || code == 441;
}

bool may_send(bool wanted) {
  return wanted;
}
bool may_receive(bool wanted) {
  return wanted;
}
bool may_use_channel(bool ready, Instant expires, Instant now) {
  return ready && now < expires;
}

ClientError error_of(int code) {
  switch (code) {
    case 300:
      return ClientError::kAlternateServer;
    case 401:
    case 438:
      return ClientError::kUnauthorized;
    case 403:
      return ClientError::kForbidden;
    case 437:
      return ClientError::kMismatch;
    case 440:
    case 443:
      return ClientError::kUnsupportedFamily;
    case 441:
      return ClientError::kWrongCredentials;
    case 442:
      return ClientError::kUnsupportedTransport;
    case 486:
      return ClientError::kQuota;
    case 508:
      return ClientError::kNoCapacity;
    default:
      return ClientError::kRefused;
  }
}

}  // namespace beeline::turn::rules
