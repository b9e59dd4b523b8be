#include "beeline/net/huge_pages.h"

#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <functional>
#include <limits>
#include <new>

#include "beeline/base/ensure.h"

namespace beeline::net {
namespace {

constexpr std::size_t kSmallPieces = 16;
constexpr std::size_t kPieces = HugePages::kRegionBytes / HugePages::kPieceBytes;
constexpr std::uint32_t kAllFree = std::numeric_limits<std::uint32_t>::max();
static_assert(kPieces == std::numeric_limits<std::uint32_t>::digits);

// A region on a boundary of its own size, which is what the operating system asks for.
std::uint8_t* map_region() {
  constexpr std::size_t kSize = HugePages::kRegionBytes;
  void* const place =
      ::mmap(nullptr, 2 * kSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (place == MAP_FAILED) throw std::bad_alloc();
  auto* const begin = static_cast<std::uint8_t*>(place);
  const std::size_t before = (kSize - reinterpret_cast<std::uintptr_t>(begin) % kSize) % kSize;
  if (before > 0) ::munmap(begin, before);
  ::munmap(begin + before + kSize, kSize - before);
  // Where it has none, small pages come as they are touched.
  ::madvise(begin + before, kSize, MADV_HUGEPAGE);
  return begin + before;
}

}  // namespace

HugePages::~HugePages() {
  ensure(regions_.empty() && small_out_ == 0, "memory that was not given back");
}

std::vector<HugePages::Region>::iterator HugePages::region_of(void* place) {
  const auto after = std::ranges::upper_bound(regions_, static_cast<std::uint8_t*>(place),
                                              std::less<>(), &Region::start);
  if (after == regions_.begin() || place >= (after - 1)->start + kRegionBytes)
    return regions_.end();
  return after - 1;
}

void* HugePages::do_allocate(std::size_t bytes, std::size_t) {
  ensure(bytes == kPieceBytes, "a piece");
  if (small_out_ < kSmallPieces) {
    void* const place = ::operator new(bytes);
    ++small_out_;
    return place;
  }
  if (regions_with_room_ == 0) {
    std::uint8_t* const start = map_region();
    regions_.insert(std::ranges::upper_bound(regions_, start, std::less<>(), &Region::start),
                    {start, kAllFree});
    ++regions_with_room_;
  }
  const auto region =
      std::ranges::find_if(regions_, [](const Region& one) { return one.free != 0; });
  const auto piece = static_cast<unsigned>(std::countr_zero(region->free));
  region->free &= region->free - 1;
  if (region->free == 0) --regions_with_room_;
  return region->start + piece * kPieceBytes;
}

void HugePages::do_deallocate(void* place, std::size_t, std::size_t) {
  const auto region = region_of(place);
  if (region == regions_.end()) {
    --small_out_;
    return ::operator delete(place);
  }
  const auto piece =
      static_cast<std::size_t>(static_cast<std::uint8_t*>(place) - region->start) / kPieceBytes;
  if (region->free == 0) ++regions_with_room_;
  region->free |= std::uint32_t{1} << piece;
  if (region->free != kAllFree) return;
  ::munmap(region->start, kRegionBytes);
  regions_.erase(region);
  --regions_with_room_;
}

}  // namespace beeline::net
