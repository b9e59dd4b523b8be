#include "beeline/ice/rules.h"

#include <algorithm>
#include <utility>

namespace beeline::ice::rules {

using std::chrono::milliseconds;
using std::chrono::seconds;

std::uint64_t pair_priority(std::uint32_t controlling, std::uint32_t controlled) {
  //= RFC 8445 §6.1.2.3
  const std::uint64_t low = std::min(controlling, controlled);
  const std::uint64_t high = std::max(controlling, controlled);
  return (low << 32) + 2 * high + (controlling > controlled ? 1 : 0);
}

Duration check_spacing(std::size_t sent) {
  //= RFC 8445 §14.2
  // Ta is 50 ms unless there is a reason, and 5 ms at least. The reason: most calls have ten pairs,
  // and whoever waits for the tenth should not wait half a second. What follows is slow.
  if (sent < 10) return milliseconds(5);
  if (sent < 30) return milliseconds(20);
  return milliseconds(50);
}

Duration repeat_after(int sends, std::optional<Duration> round_trip) {
  // RFC 8445 §14.3 asks for 500 ms at least where nothing is known of the network. Checks are lost
  // by design while NATs are being opened, so the first repeats come sooner and the rest thin out;
  // the number of packets (7) is the RFC's.
  const Duration first =
      round_trip ? std::clamp<Duration>(*round_trip * 2, milliseconds(100), milliseconds(500))
                 : Duration(milliseconds(250));
  return first * (1 << std::min(sends - 1, 5));
}

Duration last_wait() {
  return seconds(4);
}

bool may_be_a_host(const IpAddress& local, const TransportAddress& remote) {
  const IpAddress& ip = remote.ip;
  if (ip.family() != local.family() || remote.port.value == 0) return false;
  if (ip.is_unspecified() || ip.is_multicast()) return false;
  return ip.is_v6() || ip.v4_value() != 0xFFFF'FFFF;
}

bool may_check(const IpAddress& local, const TransportAddress& remote) {
  if (!may_be_a_host(local, remote)) return false;
  const IpAddress& ip = remote.ip;
  // Whoever is told to check 127.0.0.1 or fe80::1 would be checking itself or a neighbour that
  // nobody chose.
  if (ip.is_loopback() != local.is_loopback()) return false;
  return !ip.is_link_local() || local.is_link_local();
}

bool may_send_check(int sent_on_pair, int unanswered_at_address, bool urgent) {
  // Seven in all. What has not answered five in four seconds will not answer because of a sixth;
  // but whoever is heard from later has opened a way that was closed before.
  return sent_on_pair < (urgent ? 7 : 5) && unanswered_at_address < 100;
}

bool may_look_again(Instant last, Instant now) {
  return now - last >= kLookInterval;
}

bool is_symmetric(const TransportAddress& checked, const TransportAddress& answered_from,
                  bool same_base) {
  return same_base && checked == answered_from;
}

bool admits_request(bool username_is_ours, bool integrity_is_right) {
  return username_is_ours && integrity_is_right;
}

bool admits_response(bool integrity_is_right) {
  return integrity_is_right;
}

bool triggers_check(bool usable) {
  return !usable;
}

Conflict role_conflict(Role own, std::uint64_t own_tie_breaker, Role theirs,
                       std::uint64_t their_tie_breaker) {
  if (own != theirs) return Conflict::kNone;
  const bool larger = own_tie_breaker >= their_tie_breaker;
  if (own == Role::kControlling) return larger ? Conflict::kRefuse : Conflict::kSwitchRole;
  return larger ? Conflict::kSwitchRole : Conflict::kRefuse;
}

Role role_after_487(Role sent_as) {
  //= RFC 8445 §7.2.5.1
  return sent_as == Role::kControlling ? Role::kControlled : Role::kControlling;
}

Duration consent_interval(Random& random) {
  //= RFC 7675 §5.1
  // 5 s, each time anew between 80 and 120 per cent of that.
  return milliseconds(4000 + random.below(2001));
}

bool consent_expired(Instant answered, Instant now) {
  //= RFC 7675 §5.1
  return now - answered >= kConsentLifetime;
}

bool is_lost(bool expired, int since_answer) {
  return expired && since_answer >= 4;
}

bool may_send_on(bool succeeded, Instant answered, Instant now) {
  return succeeded && !consent_expired(answered, now);
}

bool may_receive_from(bool succeeded, bool request_was_authentic) {
  return succeeded || request_was_authentic;
}

Duration backup_interval() {
  return seconds(12);
}

Duration nudge_after(std::uint64_t answers) {
  return std::min<Duration>(milliseconds(500) * (1 << std::min<std::uint64_t>(answers, 5)),
                            backup_interval());
}

Duration silence_to_ask() {
  return milliseconds(700);
}

bool is_doubted(int unanswered) {
  return unanswered >= 4;
}

Standing standing(bool doubted, Instant heard, Instant silent_since) {
  if (doubted) return Standing::kDoubted;
  return heard > silent_since ? Standing::kProven : Standing::kUnproven;
}

bool prefers(std::uint64_t other_priority, Standing other, std::uint64_t current_priority,
             Standing current) {
  return std::pair(other, other_priority) > std::pair(current, current_priority);
}

bool follows_nomination(std::uint32_t counter, std::uint64_t priority,
                        std::uint32_t current_counter, std::uint64_t current_priority) {
  if (counter != 0 || current_counter != 0) return counter >= current_counter;
  return priority > current_priority;
}

Duration wait_before_nomination() {
  return milliseconds(500);
}

Duration first_wait_for_servers() {
  return seconds(3);
}

Duration next_wait_for_servers(Duration last) {
  return std::min<Duration>(last * 2, seconds(60));
}

Duration first_wait_for_relay() {
  return milliseconds(200);
}

Duration next_wait_for_relay(Duration last) {
  return std::min<Duration>(last * 2, seconds(30));
}

Duration stream_patience() {
  return seconds(4);
}

Duration wait_before_streams() {
  return milliseconds(400);
}

Duration patience() {
  return milliseconds(39'500);
}

bool has_failed(bool nothing_left_to_try, Instant began, Instant now) {
  return nothing_left_to_try && now - began >= patience();
}

}  // namespace beeline::ice::rules
