#include "base/memory.hpp"

#include <algorithm>
#include <cstdlib>
#include <new>

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace nzip {

ZeroedPages::ZeroedPages(size_t bytes, bool small) {
  constexpr size_t kHugePage = size_t(1) << 21;
  const size_t alignment = bytes >= kHugePage ? kHugePage : 64;
  block_ = std::calloc(bytes + alignment, 1);
  if (!block_) throw std::bad_alloc();
  data_ = reinterpret_cast<uint8_t*>((reinterpret_cast<uintptr_t>(block_) + alignment - 1) & ~uintptr_t(alignment - 1));
#ifdef __linux__
  // Best effort: only speed and the memory that is really taken depend on it.
  if (bytes >= kHugePage) madvise(data_, bytes, small ? MADV_NOHUGEPAGE : MADV_HUGEPAGE);
#endif
}

ZeroedPages::~ZeroedPages() { std::free(block_); }

uint8_t* ZeroedArena::take(size_t bytes) {
  constexpr size_t kChunk = size_t(1) << 23, kLine = 64;
  bytes = (bytes + kLine - 1) / kLine * kLine;
  if (size_ - used_ < bytes) {
    const size_t size = std::max(bytes, kChunk);
    chunks_.push_back(std::make_unique<ZeroedPages>(size));
    size_ = size;
    used_ = 0;
  }
  used_ += bytes;
  return chunks_.back()->as<uint8_t>() + used_ - bytes;
}

ByteBuffer::~ByteBuffer() { std::free(data_); }

void ByteBuffer::grow_to(size_t size) {
  if (size <= capacity_) return;
  void* data = std::realloc(data_, size);
  if (!data) throw std::bad_alloc();
  data_ = static_cast<uint8_t*>(data);
  capacity_ = size;
}

}  // namespace nzip
