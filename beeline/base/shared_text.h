// Text that never changes and has several owners: what many people are told is written once, and
// what is kept for them and what is still to be sent are the same bytes. And a pool to make it in.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory_resource>
#include <string_view>
#include <utility>

namespace beeline {

class TextPool;

// Empty, or one of the owners of a text. Copying copies no text. All owners live on one thread.
class SharedText {
 public:
  SharedText() = default;
  // The parts one after the other, copied, in memory of their own; less than 4 GiB.
  explicit SharedText(std::initializer_list<std::string_view> parts);
  explicit SharedText(std::string_view text) : SharedText({text}) {}
  SharedText(const SharedText& other) : block_(other.block_) {
    if (block_ != nullptr) ++block_->owners;
  }
  SharedText(SharedText&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  SharedText& operator=(SharedText other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  ~SharedText() {
    if (block_ != nullptr && --block_->owners == 0) forget(block_);
  }

  std::size_t size() const { return block_ == nullptr ? 0 : block_->size; }
  std::string_view view() const {
    return block_ == nullptr ? std::string_view()
                             : std::string_view(reinterpret_cast<const char*>(block_ + 1), size());
  }
  // True where both are owners of the same bytes.
  bool same_as(const SharedText& other) const { return block_ == other.block_; }

 private:
  friend class TextPool;
  struct Slab;
  // The text follows it.
  struct Block {
    Slab* slab;  // null: memory of its own
    std::uint32_t owners;
    std::uint32_t size;
  };
  explicit SharedText(Block* block) : block_(block) {}
  static SharedText fill(void* place, Slab* slab, std::initializer_list<std::string_view> parts,
                         std::size_t size);
  static void forget(Block* block);

  Block* block_ = nullptr;
};

// Makes texts of a few hundred bytes to a few kilobytes, which come and go by the thousand: in
// slabs of blocks of one size, so that their memory is used again by whatever comes next and is
// asked for in large pieces. Everything it made must be gone before it is; all of it lives on one
// thread.
class TextPool {
 public:
  static constexpr std::size_t kSlabBytes = 64 * 1024;
  static constexpr std::size_t kLeast = 256;  // smaller and larger ones get memory of their own
  static constexpr std::size_t kMost = 8192;

  // `slabs` is borrowed: where slabs of kSlabBytes come from and go to.
  explicit TextPool(std::pmr::memory_resource& slabs) : slabs_(slabs) {}
  TextPool(const TextPool&) = delete;
  TextPool& operator=(const TextPool&) = delete;
  ~TextPool();

  SharedText make(std::initializer_list<std::string_view> parts);

  std::size_t live() const { return live_; }  // texts
  std::size_t slabs() const { return slab_count_; }

 private:
  friend class SharedText;
  // Sixteen sizes for each doubling: a block is hardly larger than what it holds.
  static constexpr std::size_t kSteps = 16;
  static constexpr std::size_t kClasses = 5 * kSteps + 1;
  static std::size_t class_of(std::size_t bytes);
  static std::size_t block_bytes(std::size_t size_class);

  SharedText::Slab& slab_with_room(std::size_t size_class);
  void take_back(SharedText::Block* block);
  void link(SharedText::Slab& slab);
  void unlink(SharedText::Slab& slab);

  std::pmr::memory_resource& slabs_;
  std::array<SharedText::Slab*, kClasses> with_room_{};
  std::size_t live_ = 0;
  std::size_t slab_count_ = 0;
};

}  // namespace beeline
