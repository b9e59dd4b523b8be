// What a TURN server is told when it is made: its addresses, its secret, its limits.
#pragma once

#include <string>
#include <vector>

#include "beeline/base/address.h"
#include "beeline/base/instant.h"
#include "beeline/turn/relay_policy.h"
#include "beeline/turn/stranger_budget.h"

namespace beeline::turn {

// Limits that are on by default. An eight-person meeting in which everybody is relayed needs about
// 112 allocations a member (seven links, two families, several URLs and interfaces), each with a
// few permissions and channels.
struct Limits {
  std::size_t allocations = 10'000;
  std::size_t allocations_per_user = 128;
  // An IPv4 address or IPv6 /64: an office of forty people in such meetings behind one address.
  std::size_t allocations_per_source = 5'000;
  std::size_t permissions_per_allocation = 64;
  std::size_t channels_per_allocation = 64;
  // Both directions together. 20 Mbit/s carries a 1080p call with ease; a member of an eight-person
  // mesh gets 100 Mbit/s.
  std::uint64_t bytes_per_second_per_allocation = 2'500'000;
  std::uint64_t bytes_per_second_per_user = 12'500'000;
  // Answers to those without a valid credential, per network and transport. A hundred people of one
  // office who join at once cause 3,500 (seven links, five URLs); whom forged packets aim at gets
  // less than 1 Mbit/s (1.3 from a server with IPv6 that tests NATs: its answers are larger).
  StrangerBudget::Rate strangers{1'000, 4'000};
  // Whose credentials were taken back, remembered until those have expired by themselves.
  std::size_t revoked_users = 100'000;

  // For benchmarks and labs, where one machine plays thousands of people: nothing of the above
  // bites.
  static Limits lab() {
    constexpr std::uint64_t kPlenty = 1'000'000'000;
    return {.allocations = kPlenty,
            .allocations_per_user = kPlenty,
            .allocations_per_source = kPlenty,
            .permissions_per_allocation = 64,
            .channels_per_allocation = 64,
            .bytes_per_second_per_allocation = 1'000 * kPlenty,
            .bytes_per_second_per_user = 1'000 * kPlenty,
            .strangers = {kPlenty, kPlenty}};
  }
};

// One relayed family: where relay sockets are bound and what clients are told.
struct RelayFamily {
  IpAddress bound;
  IpAddress advertised;
};

struct Settings {
  std::string realm = "beeline";
  std::string secret;                 // of the ephemeral credentials
  std::vector<RelayFamily> families;  // at most one IPv4 and one IPv6
  Port first_relay_port{49152};
  Port last_relay_port{65535};
  RelayPolicy::Settings policy;
  Limits limits;
  std::chrono::seconds nonce_lifetime{600};
  std::chrono::seconds credential_lifetime{3600};  // the longest of those that are minted
  std::chrono::seconds default_lifetime{600};      // RFC 8656 §3.2
  std::chrono::seconds max_lifetime{3600};         // of one Allocate or Refresh
  std::chrono::seconds max_allocation_age{12 *
                                          3600};  // then it ends, however often it was refreshed
};

}  // namespace beeline::turn
