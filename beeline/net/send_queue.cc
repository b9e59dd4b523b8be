#include "beeline/net/send_queue.h"

namespace beeline::net {
namespace {

// So much of what is gone is not worth moving the rest for.
constexpr std::size_t kGoneBytes = 16384;
constexpr std::size_t kGoneTexts = 64;

iovec piece(std::string_view bytes) {
  return {const_cast<char*>(bytes.data()), bytes.size()};
}

}  // namespace

std::span<iovec> SendQueue::front(std::span<iovec> room) const {
  std::size_t count = 0;
  std::size_t own = own_gone_;
  const auto add = [&](std::string_view bytes) {
    if (!bytes.empty() && count < room.size()) room[count++] = piece(bytes);
  };
  const auto add_own_until = [&](std::size_t end) {
    add(std::string_view(own_).substr(own, end - own));
    own = end;
  };
  for (std::size_t i = shared_gone_; i < shared_.size() && count < room.size(); ++i) {
    add_own_until(shared_[i].after);
    add(shared_[i].text.view().substr(i == shared_gone_ ? text_gone_ : 0));
  }
  add_own_until(own_.size());
  return room.first(count);
}

void SendQueue::drop(std::size_t count) {
  size_ -= count;
  if (size_ == 0) return clear();
  while (count > 0) {
    const bool text_next = shared_gone_ < shared_.size();
    const std::size_t own_end = text_next ? shared_[shared_gone_].after : own_.size();
    const std::size_t own = std::min(count, own_end - own_gone_);
    own_gone_ += own;
    count -= own;
    if (count == 0) break;
    Shared& first = shared_[shared_gone_];
    const std::size_t of_text = std::min(count, first.text.size() - text_gone_);
    text_gone_ += of_text;
    count -= of_text;
    if (text_gone_ < first.text.size()) break;
    first.text = {};
    ++shared_gone_;
    text_gone_ = 0;
  }
  // A reader that is slow but steady never empties it.
  if (shared_gone_ >= kGoneTexts && shared_gone_ * 2 >= shared_.size()) {
    shared_.erase(shared_.begin(), shared_.begin() + static_cast<std::ptrdiff_t>(shared_gone_));
    shared_gone_ = 0;
  }
  if (own_gone_ >= kGoneBytes && own_gone_ * 2 >= own_.size()) {
    own_.erase(0, own_gone_);
    for (Shared& one : shared_) one.after -= std::min(one.after, own_gone_);
    own_gone_ = 0;
  }
}

void SendQueue::clear() {
  own_.clear();
  shared_.clear();
  own_gone_ = shared_gone_ = text_gone_ = size_ = 0;
}

}  // namespace beeline::net
