// A queue for what passes through all the time: a ring in one piece of memory that is used again
// and again. After a warm-up nothing is allocated, where std::deque asks for memory with every few
// items.
#pragma once

#include <cstddef>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "beeline/base/ensure.h"

namespace beeline {

// Items must be default-constructible: free places hold such ones. References stay valid until the
// next push.
template <typename T>
class Fifo {
 public:
  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  // Counted from the front; `index` < size().
  T& operator[](std::size_t index) { return items_[checked(index)]; }
  const T& operator[](std::size_t index) const { return items_[checked(index)]; }
  T& front() { return (*this)[0]; }
  const T& front() const { return (*this)[0]; }
  T& back() { return (*this)[size_ - 1]; }

  // Returns the item, which is the last one now.
  T& push(T item) {
    if (size_ == items_.size()) grow();
    T& last = items_[place(size_++)];
    last = std::move(item);
    return last;
  }
  // The queue must not be empty.
  void drop() {
    ensure(!empty(), "something to drop");
    // What the item holds is given back now, not when its place is used again.
    if constexpr (!std::is_trivially_destructible_v<T>) front() = T();
    first_ = place(1);
    if (--size_ > 0 || items_.size() <= kKept) return;
    items_ = std::vector<T>();
    first_ = 0;
  }
  // None where it is empty.
  std::optional<T> pop() {
    if (empty()) return std::nullopt;
    std::optional<T> item(std::move(front()));
    drop();
    return item;
  }
  void clear() {
    while (!empty()) drop();
  }

 private:
  static constexpr std::size_t kFirst = 8;
  // Items for which an empty queue keeps room: 64 KiB.
  static constexpr std::size_t kKept = 64 * 1024 / sizeof(T);

  // The ring is a power of two long.
  std::size_t place(std::size_t index) const { return (first_ + index) & (items_.size() - 1); }
  // A free place of the ring looks like any other.
  std::size_t checked(std::size_t index) const {
    ensure(index < size_, "a place of the queue");
    return place(index);
  }
  void grow() {
    std::vector<T> larger(items_.empty() ? kFirst : 2 * items_.size());
    for (std::size_t i = 0; i < size_; ++i) larger[i] = std::move((*this)[i]);
    items_ = std::move(larger);
    first_ = 0;
  }

  std::vector<T> items_;
  std::size_t first_ = 0;
  std::size_t size_ = 0;
};

}  // namespace beeline
