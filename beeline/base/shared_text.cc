#include "beeline/base/shared_text.h"

#include <bit>
#include <cstring>
#include <limits>
#include <new>

#include "beeline/base/ensure.h"

namespace beeline {
namespace {

std::size_t total(std::initializer_list<std::string_view> parts) {
  std::size_t size = 0;
  for (const std::string_view part : parts) size += part.size();
  return size;
}

}  // namespace

//   |<------------------------------ kSlabBytes ------------------------------>|
//   | Slab | block | block | block, free: next free one | … | never used so far |
struct SharedText::Slab {
  TextPool* pool;
  std::size_t size_class;
  std::size_t used;   // blocks
  std::size_t fresh;  // where the part begins that was never used
  void* free;         // the first of the blocks that came back; each begins with the next one
  Slab* before;       // in the list of those of its class that have room
  Slab* after;

  bool has_room(std::size_t block_bytes) const {
    return free != nullptr || fresh + block_bytes <= TextPool::kSlabBytes;
  }
};

namespace {

constexpr std::size_t kFirstBlock = 64;

}  // namespace

SharedText SharedText::fill(void* place, Slab* slab, std::initializer_list<std::string_view> parts,
                            std::size_t size) {
  auto* const block = new (place) Block{slab, 1, static_cast<std::uint32_t>(size)};
  char* to = reinterpret_cast<char*>(block + 1);
  for (const std::string_view part : parts) {
    if (!part.empty()) std::memcpy(to, part.data(), part.size());
    to += part.size();
  }
  return SharedText(block);
}

SharedText::SharedText(std::initializer_list<std::string_view> parts) {
  const std::size_t size = total(parts);
  ensure(size <= std::numeric_limits<std::uint32_t>::max(), "a text of less than 4 GiB");
  *this = fill(::operator new(sizeof(Block) + size), nullptr, parts, size);
}

void SharedText::forget(Block* block) {
  if (block->slab != nullptr) return block->slab->pool->take_back(block);
  ::operator delete(block);
}

// Class kSteps * k + j holds blocks of (kSteps + j) / kSteps * 2^k * kLeast bytes.
std::size_t TextPool::block_bytes(std::size_t size_class) {
  return ((kSteps + size_class % kSteps) * (kLeast / kSteps)) << (size_class / kSteps);
}

std::size_t TextPool::class_of(std::size_t bytes) {
  static_assert(kLeast << ((kClasses - 1) / kSteps) == kMost);
  const auto doublings = static_cast<std::size_t>(std::bit_width((bytes - 1) / kLeast));
  if (doublings == 0) return 0;
  const std::size_t base = kLeast << (doublings - 1);
  const std::size_t step = base / kSteps;
  return kSteps * (doublings - 1) + (bytes - base + step - 1) / step;
}

TextPool::~TextPool() {
  ensure(live_ == 0, "a text outlived its pool");
  for (SharedText::Slab* slab : with_room_)
    while (slab != nullptr) slabs_.deallocate(std::exchange(slab, slab->after), kSlabBytes);
}

SharedText TextPool::make(std::initializer_list<std::string_view> parts) {
  const std::size_t size = total(parts);
  const std::size_t bytes = sizeof(SharedText::Block) + size;
  if (bytes < kLeast || bytes > kMost) return SharedText(parts);
  const std::size_t size_class = class_of(bytes);
  SharedText::Slab& slab = slab_with_room(size_class);
  void* place = slab.free;
  if (place != nullptr) {
    std::memcpy(&slab.free, place, sizeof slab.free);
  } else {
    place = reinterpret_cast<char*>(&slab) + slab.fresh;
    slab.fresh += block_bytes(size_class);
  }
  ++slab.used;
  ++live_;
  if (!slab.has_room(block_bytes(size_class))) unlink(slab);
  return SharedText::fill(place, &slab, parts, size);
}

SharedText::Slab& TextPool::slab_with_room(std::size_t size_class) {
  if (SharedText::Slab* slab = with_room_[size_class]) return *slab;
  static_assert(sizeof(SharedText::Slab) <= kFirstBlock);
  void* place = slabs_.allocate(kSlabBytes);
  ++slab_count_;
  auto* const slab =
      new (place) SharedText::Slab{this, size_class, 0, kFirstBlock, nullptr, nullptr, nullptr};
  link(*slab);
  return *slab;
}

void TextPool::take_back(SharedText::Block* block) {
  SharedText::Slab& slab = *block->slab;
  const bool was_full = !slab.has_room(block_bytes(slab.size_class));
  std::memcpy(static_cast<void*>(block), &slab.free, sizeof slab.free);
  slab.free = block;
  --slab.used;
  --live_;
  if (was_full) link(slab);
  // One slab of each size stays for what comes next.
  if (slab.used > 0 || (slab.before == nullptr && slab.after == nullptr)) return;
  unlink(slab);
  --slab_count_;
  slabs_.deallocate(&slab, kSlabBytes);
}

void TextPool::link(SharedText::Slab& slab) {
  SharedText::Slab*& first = with_room_[slab.size_class];
  slab.before = nullptr;
  slab.after = first;
  if (first != nullptr) first->before = &slab;
  first = &slab;
}

void TextPool::unlink(SharedText::Slab& slab) {
  (slab.before != nullptr ? slab.before->after : with_room_[slab.size_class]) = slab.after;
  if (slab.after != nullptr) slab.after->before = slab.before;
  slab.before = slab.after = nullptr;
}

}  // namespace beeline
