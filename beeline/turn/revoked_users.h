// Users whose credentials were taken back before they expired: names are not kept otherwise, and a
// credential proves itself.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>

#include "beeline/base/instant.h"

namespace beeline::turn {

// Bounded in time, for after a credential's lifetime nothing of that user is valid any more, and in
// number: the oldest goes first.
class RevokedUsers {
 public:
  explicit RevokedUsers(std::size_t most) : most_(most) {}

  // `until`: by when every credential that `user` has now will have expired.
  void add(std::string_view user, WallTime until) {
    users_.insert_or_assign(std::string(user), until);
    order_.push_back({std::string(user), until});
    if (order_.size() > most_) drop_oldest();
  }
  void forget_expired(WallTime now) {
    while (!order_.empty() && order_.front().until < now) drop_oldest();
  }
  // One that was made later lets the user in again.
  bool refuse(const std::string& user, WallTime credential_expires) const {
    const auto it = users_.find(user);
    return it != users_.end() && credential_expires <= it->second;
  }
  std::size_t size() const { return order_.size(); }

 private:
  struct Entry {
    std::string user;
    WallTime until;
  };
  void drop_oldest() {
    const auto it = users_.find(order_.front().user);
    if (it != users_.end() && it->second <= order_.front().until) users_.erase(it);
    order_.pop_front();
  }

  std::size_t most_;
  std::unordered_map<std::string, WallTime> users_;
  std::deque<Entry> order_;
};

}  // namespace beeline::turn
