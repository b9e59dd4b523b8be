// What a path is made of: a base of ours, an address of theirs, and what their checks have met (RFC
// 8445 §6.1.2).
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>

#include "beeline/base/host_io.h"
#include "beeline/base/instant.h"
#include "beeline/ice/candidate.h"
#include "beeline/ice/rules.h"
#include "beeline/stun/message.h"

namespace beeline::ice {

struct BaseId {
  std::uint32_t value = 0;
  auto operator<=>(const BaseId&) const = default;
};
struct RemoteId {
  std::uint32_t value = 0;
  auto operator<=>(const RemoteId&) const = default;
};
struct PairId {
  std::uint32_t value = 0;
  auto operator<=>(const PairId&) const = default;
};

// A place of ours that packets leave from and arrive at: a socket, a relayed address, or a place to
// open connections from.
struct Base {
  BaseId id;
  TransportAddress address;
  Candidate candidate;  // host or relayed: what this base is by itself
  // What a peer-reflexive candidate learned through this base is worth: PRIORITY of its checks.
  std::uint32_t reflexive_priority = 0;
  std::optional<IpAddress> relay;  // the TURN server's address, where this is a relayed address

  bool is_relayed() const { return candidate.type == CandidateType::kRelayed; }
  bool is_tcp() const { return !candidate.is_udp(); }
};

struct Remote {
  RemoteId id;
  Candidate candidate;  // with its address
  bool answered = false;
  bool signalled = false;   // or else learned from a check
  bool translated = false;  // IPv4, by the address that our NAT64 gives it
};

enum class PairState : std::uint8_t { kFrozen, kWaiting, kInProgress, kSucceeded, kFailed };

// Why a pair is as it is, for people.
enum class PairReason : std::uint8_t {
  kNotTriedYet,
  kBetterPathFound,  // not tried any more, because a better one works
  kChecking,
  kOutOfStep,         // a predicted address, and our own NAT has counted past its partner
  kNoAnswer,          // as many checks as are allowed, and silence
  kOtherAnswered,     // the answer came from another address than the question went to
  kRefused,           // the other side answered with an error
  kRelayRefused,      // the TURN server will not relay there
  kBudgetSpent,       // that address has had its packets
  kConnectionFailed,  // TCP
  kConsentLost,       // worked once
  kWorks,
  kInUse,
};

// One check that went out and may still be answered.
struct SentCheck {
  stun::TransactionId id{};
  Instant at;
  Role as = Role::kControlling;
  std::uint32_t nomination = 0;  // not 0: carried USE-CANDIDATE
};

struct Pair {
  PairId id;
  BaseId base;
  RemoteId remote;
  std::uint64_t priority = 0;
  std::uint32_t foundation = 0;  // numbered by the check list
  PairState state = PairState::kFrozen;
  PairReason reason = PairReason::kNotTriedYet;
  std::uint16_t error_code = 0;  // of kRefused and kRelayRefused

  std::optional<Instant> due;  // of its next check
  bool triggered = false;      // goes before what is merely due
  bool permitted = true;       // false while a relay has not opened the way

  int sends = 0;         // checks in this look around without any answer
  int unanswered = 0;    // checks in a row with nothing heard from there since
  int since_answer = 0;  // checks since the last answer
  std::uint64_t checks_sent = 0;
  std::uint64_t answers = 0;
  std::uint64_t requests_heard = 0;
  std::optional<Duration> round_trip;
  std::optional<Instant> answered;  // the last valid answer: consent
  std::optional<Instant> heard;     // anything at all from there
  bool other_answered = false;      // an answer came from another address
  bool authentic = false;           // a valid request came this way
  // What the answer says our address is, where that is not the base's own.
  std::optional<TransportAddress> mapped;

  std::uint32_t nomination = 0;         // last one that the other side confirmed, or asked for
  std::optional<Instant> nominated_at;  // by the other side
  std::uint32_t nominate_as = 0;        // not 0: the next check carries this nomination

  // The last checks; answers to older ones come too late to matter.
  std::array<SentCheck, 8> sent{};
  std::size_t next_sent = 0;

  bool succeeded() const { return state == PairState::kSucceeded; }
  bool doubted() const { return rules::is_doubted(unanswered); }
  const SentCheck* find(const stun::TransactionId& transaction) const {
    for (const SentCheck& check : sent)
      if (check.id == transaction && check.at != Instant{}) return &check;
    return nullptr;
  }
};

}  // namespace beeline::ice
