// Memory for much that comes and goes, in pages of 2 MiB where the operating system has them. A
// page that is touched for the first time costs an interrupt, and on some virtual machines many
// times what is written to it; one large page costs about as much as one small one.
#pragma once

#include <cstdint>
#include <memory_resource>
#include <vector>

namespace beeline::net {

// Gives and takes back pieces of one size, kPieceBytes. Little is taken from small pages, so that a
// server nobody uses stays small. Throws std::bad_alloc where there is no memory. Not thread-safe.
class HugePages final : public std::pmr::memory_resource {
 public:
  static constexpr std::size_t kPieceBytes = 64 * 1024;
  static constexpr std::size_t kRegionBytes = 2 * 1024 * 1024;

  HugePages() = default;
  HugePages(const HugePages&) = delete;
  HugePages& operator=(const HugePages&) = delete;
  // Everything it gave must be back.
  ~HugePages() override;

  std::size_t regions() const { return regions_.size(); }

 private:
  struct Region {
    std::uint8_t* start;
    std::uint32_t free;  // a bit for each piece
  };
  void* do_allocate(std::size_t bytes, std::size_t alignment) override;
  void do_deallocate(void* place, std::size_t bytes, std::size_t alignment) override;
  bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override {
    return this == &other;
  }
  std::vector<Region>::iterator region_of(void* place);

  std::vector<Region> regions_;  // by address
  std::size_t small_out_ = 0;    // pieces that are in no region
  std::size_t regions_with_room_ = 0;
};

}  // namespace beeline::net
