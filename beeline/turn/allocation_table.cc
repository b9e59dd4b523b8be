#include "beeline/turn/allocation_table.h"

#include "beeline/base/ensure.h"

namespace beeline::turn {

Allocation* AllocationTable::of_client(const FiveTuple& client) {
  const auto it = by_client_.find(client);
  return it == by_client_.end() ? nullptr : it->second.get();
}

const Allocation* AllocationTable::of_client(const FiveTuple& client) const {
  const auto it = by_client_.find(client);
  return it == by_client_.end() ? nullptr : it->second.get();
}

Allocation* AllocationTable::of_relay(RelayId relay) {
  const auto it = by_relay_.find(relay.value);
  return it == by_relay_.end() ? nullptr : it->second;
}

Allocation* AllocationTable::of_relayed_address(const TransportAddress& address) {
  const auto it = by_relayed_address_.find(address);
  return it == by_relayed_address_.end() ? nullptr : it->second;
}

Allocation& AllocationTable::add(std::unique_ptr<Allocation> allocation) {
  Allocation& added = *allocation;
  const bool fresh = by_client_.emplace(added.client, std::move(allocation)).second;
  ensure(fresh, "one allocation per five-tuple");
  for (const RelayedAddress& relayed : added.relayed) {
    by_relay_[relayed.id.value] = &added;
    by_relayed_address_[relayed.advertised] = &added;
  }
  const auto user =
      users_
          .try_emplace(added.user,
                       User{0, TokenBucket(user_bytes_per_second_, user_bytes_per_second_)})
          .first;
  ++user->second.allocations;
  return added;
}

std::unique_ptr<Allocation> AllocationTable::remove(const FiveTuple& client) {
  const auto it = by_client_.find(client);
  if (it == by_client_.end()) return nullptr;
  std::unique_ptr<Allocation> removed = std::move(it->second);
  by_client_.erase(it);
  for (const RelayedAddress& relayed : removed->relayed) {
    by_relay_.erase(relayed.id.value);
    by_relayed_address_.erase(relayed.advertised);
  }
  const auto user = users_.find(removed->user);
  if (--user->second.allocations == 0) users_.erase(user);
  return removed;
}

std::size_t AllocationTable::count_of_user(std::string_view user) const {
  const auto it = users_.find(user);
  return it == users_.end() ? 0 : it->second.allocations;
}

std::vector<FiveTuple> AllocationTable::clients_of_user(std::string_view user) const {
  std::vector<FiveTuple> clients;
  if (users_.find(user) == users_.end()) return clients;
  for (const auto& [client, allocation] : by_client_)
    if (allocation->user == user) clients.push_back(client);
  return clients;
}

bool AllocationTable::take_bandwidth(Allocation& allocation, std::size_t bytes, Instant now) {
  return allocation.bandwidth.take(bytes, now) &&
         users_.find(allocation.user)->second.bandwidth.take(bytes, now);
}

}  // namespace beeline::turn
