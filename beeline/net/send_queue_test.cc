// SendQueue: whatever is appended comes out in the same order, however much of it is sent at once.
#include "beeline/net/send_queue.h"

#include <gtest/gtest.h>

#include <array>

#include "beeline/base/random.h"

namespace beeline::net {
namespace {

// Sends at most `most` bytes, and returns them.
std::string send(SendQueue& queue, std::size_t most, std::size_t pieces = 64) {
  std::array<iovec, 64> room{};
  std::string sent;
  for (const iovec& piece : queue.front(std::span(room).first(pieces)))
    sent.append(static_cast<const char*>(piece.iov_base), piece.iov_len);
  sent.resize(std::min(most, sent.size()));
  queue.drop(sent.size());
  return sent;
}

SharedText shared(char of, std::size_t size) {
  return SharedText(std::string(size, of));
}

TEST(SendQueue, what_is_long_is_not_copied_and_what_is_short_is_one_piece_with_its_neighbours) {
  SendQueue queue;
  const SharedText text = shared('x', SendQueue::kWorthSharing);
  queue.append("head");
  queue.append(text);
  queue.append("more");
  queue.append(shared('y', SendQueue::kWorthSharing - 1));
  std::array<iovec, 8> room{};
  const auto pieces = queue.front(room);
  ASSERT_EQ(pieces.size(), 3U);
  EXPECT_EQ(pieces[1].iov_base, text.view().data());
  EXPECT_EQ(pieces[2].iov_len, 4 + SendQueue::kWorthSharing - 1);
  EXPECT_EQ(queue.size(), 8 + 2 * SendQueue::kWorthSharing - 1);
}

TEST(SendQueue, comes_out_in_order_wherever_the_socket_is_full) {
  std::string whole;
  const auto fill = [&](SendQueue& queue) {
    whole.clear();
    for (const char c : {'a', 'b', 'c'}) {
      queue.append(std::string(3, c));
      queue.append(shared(c, 600));
      queue.append(shared(c, 700));
      whole += std::string(1303, c);
    }
    queue.append_with([](std::string& wire) { wire += "end"; });
    whole += "end";
  };
  constexpr std::size_t kWhole = 3 * 1303 + 3;
  for (std::size_t first = 0; first <= kWhole; first += 7) {
    SendQueue queue;
    fill(queue);
    std::string sent = send(queue, first);
    EXPECT_EQ(sent.size(), first);
    while (!queue.empty()) sent += send(queue, 1000, 2);
    ASSERT_EQ(sent, whole) << first;
  }
}

TEST(SendQueue, of_a_reader_that_never_quite_catches_up_is_not_kept_what_is_gone) {
  Random random = Random::from_number(1);
  SendQueue queue;
  std::string expected;
  const SharedText text = shared('s', 600);
  for (int i = 0; i < 5000; ++i) {
    const std::string own(random.below(200), static_cast<char>('a' + i % 26));
    queue.append(own);
    expected += own;
    if (random.below(2) == 0) {
      queue.append(text);
      expected += text.view();
    }
    if (queue.size() <= 2000) continue;
    const std::string sent =
        send(queue, queue.size() - random.below(1000) - 1, 1 + random.below(63));
    ASSERT_EQ(sent, expected.substr(0, sent.size()));
    expected.erase(0, sent.size());
    ASSERT_EQ(queue.size(), expected.size());
  }
  EXPECT_LT(queue.own_capacity(), 100'000U);
}

}  // namespace
}  // namespace beeline::net
