#include "beeline/net/huge_pages.h"

#include <gtest/gtest.h>

#include <cstring>

#include "beeline/base/random.h"

namespace beeline::net {
namespace {

constexpr std::size_t kPiece = HugePages::kPieceBytes;
constexpr std::size_t kSmall = 16;
constexpr std::size_t kOfRegion = HugePages::kRegionBytes / kPiece;

TEST(HugePages, are_taken_once_there_is_much_and_go_back_when_there_is_not) {
  HugePages pages;
  std::vector<void*> out;
  for (std::size_t i = 0; i < kSmall; ++i) out.push_back(pages.allocate(kPiece));
  EXPECT_EQ(pages.regions(), 0U);
  for (std::size_t i = 0; i < kOfRegion; ++i) out.push_back(pages.allocate(kPiece));
  EXPECT_EQ(pages.regions(), 1U);
  out.push_back(pages.allocate(kPiece));
  EXPECT_EQ(pages.regions(), 2U);
  for (void* place : out) pages.deallocate(place, kPiece);
  EXPECT_EQ(pages.regions(), 0U);
}

TEST(HugePages, no_two_pieces_share_a_byte_whatever_comes_and_goes) {
  HugePages pages;
  Random random = Random::from_number(1);
  std::vector<std::pair<std::uint8_t*, std::uint8_t>> out(100);
  for (int i = 0; i < 2000; ++i) {
    auto& [place, mark] = out[random.below(100)];
    if (place != nullptr) {
      ASSERT_EQ(place[0], mark);
      ASSERT_EQ(place[kPiece - 1], mark);
      pages.deallocate(std::exchange(place, nullptr), kPiece);
      continue;
    }
    place = static_cast<std::uint8_t*>(pages.allocate(kPiece));
    mark = static_cast<std::uint8_t>(i);
    place[0] = place[kPiece - 1] = mark;
  }
  for (const auto& [place, mark] : out)
    if (place != nullptr) pages.deallocate(place, kPiece);
  EXPECT_EQ(pages.regions(), 0U);
}

}  // namespace
}  // namespace beeline::net
