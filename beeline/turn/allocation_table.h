// All allocations, found by client, by relay socket, by relayed address and by user.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "beeline/turn/allocation.h"

namespace beeline::turn {

class AllocationTable {
 public:
  explicit AllocationTable(std::uint64_t user_bytes_per_second)
      : user_bytes_per_second_(user_bytes_per_second) {}

  // Null where there is none.
  Allocation* of_client(const FiveTuple& client);
  const Allocation* of_client(const FiveTuple& client) const;
  Allocation* of_relay(RelayId relay);
  Allocation* of_relayed_address(const TransportAddress& address);

  Allocation& add(std::unique_ptr<Allocation> allocation);
  // Takes it out of every index.
  std::unique_ptr<Allocation> remove(const FiveTuple& client);

  std::size_t size() const { return by_client_.size(); }
  std::size_t count_of_user(std::string_view user) const;
  std::vector<FiveTuple> clients_of_user(std::string_view user) const;

  // False where the allocation or its user is over the limit.
  bool take_bandwidth(Allocation& allocation, std::size_t bytes, Instant now);

 private:
  struct User {
    std::size_t allocations = 0;
    TokenBucket bandwidth;
  };

  std::uint64_t user_bytes_per_second_;
  std::unordered_map<FiveTuple, std::unique_ptr<Allocation>> by_client_;
  std::unordered_map<std::uint64_t, Allocation*> by_relay_;
  std::unordered_map<TransportAddress, Allocation*> by_relayed_address_;
  std::map<std::string, User, std::less<>> users_;
};

}  // namespace beeline::turn
