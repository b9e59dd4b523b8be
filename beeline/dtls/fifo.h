// A queue that gives its memory back to itself: where it is emptied now and then, as drain() does,
// pushing and popping allocate nothing after a warm-up. std::deque allocates with every few
// packets.
#pragma once

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

namespace beeline::dtls {

template <typename T>
class Fifo {
 public:
  bool empty() const { return front_ == items_.size(); }
  std::size_t size() const { return items_.size() - front_; }

  void push(T item) {
    // Never emptied: what was taken makes room before more memory is asked for.
    if (items_.size() == items_.capacity() && front_ > items_.size() / 2) {
      items_.erase(items_.begin(), items_.begin() + static_cast<std::ptrdiff_t>(front_));
      front_ = 0;
    }
    items_.push_back(std::move(item));
  }
  std::optional<T> pop() {
    if (empty()) return std::nullopt;
    std::optional<T> item(std::move(items_[front_++]));
    if (empty()) clear();
    return item;
  }
  void clear() {
    items_.clear();
    front_ = 0;
  }

 private:
  std::vector<T> items_;
  std::size_t front_ = 0;  // items before it were taken
};

}  // namespace beeline::dtls
