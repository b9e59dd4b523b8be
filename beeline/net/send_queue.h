// What a stream has still to send: bytes of its own and texts that it shares with others, in order.
// No system calls; tcp_stream has those.
#pragma once

#include <sys/uio.h>

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "beeline/base/shared_text.h"

namespace beeline::net {

//   own_:     |--- gone ---|-- own bytes --|-- own bytes --|
//                       own_gone_          ^ shared_[1].after
//   shared_:  one text after so many of the own bytes
class SendQueue {
 public:
  // Shorter ones cost less where they are copied.
  static constexpr std::size_t kWorthSharing = 512;

  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  // What it holds on to when it is empty.
  std::size_t own_capacity() const { return own_.capacity(); }

  void append(std::string_view bytes) {
    own_ += bytes;
    size_ += bytes.size();
  }
  void append(SharedText text) {
    if (text.size() < kWorthSharing) return append(text.view());
    size_ += text.size();
    shared_.push_back({std::move(text), own_.size()});
  }
  // For whoever writes to a string: `write(std::string&)` may append to it.
  template <typename Write>
  auto append_with(Write write) {
    struct Count {
      SendQueue& queue;
      std::size_t before;
      ~Count() { queue.size_ += queue.own_.size() - before; }
    } const count{*this, own_.size()};
    return write(own_);
  }

  // The pieces at the front, as many as there is room for. They are valid until something is
  // appended or dropped.
  std::span<iovec> front(std::span<iovec> room) const;
  // `count` bytes of the front have been sent.
  void drop(std::size_t count);
  void clear();

 private:
  struct Shared {
    SharedText text;
    std::size_t after;  // so many bytes of own_
  };

  std::string own_;
  std::vector<Shared> shared_;
  std::size_t own_gone_ = 0;
  std::size_t shared_gone_ = 0;  // texts that are out
  std::size_t text_gone_ = 0;    // of the first that is not
  std::size_t size_ = 0;
};

}  // namespace beeline::net
