// Zeroed memory on cache-line boundaries, in huge pages where the system offers them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace nzip {

class ZeroedPages {
 public:
  // With small pages, what is never written takes no memory. Throws std::bad_alloc.
  explicit ZeroedPages(size_t bytes, bool small = false);
  ~ZeroedPages();
  ZeroedPages(const ZeroedPages&) = delete;
  ZeroedPages& operator=(const ZeroedPages&) = delete;
  template <class T>
  T* as() const {
    return reinterpret_cast<T*>(data_);
  }

 private:
  void* block_;
  uint8_t* data_;
};

// Zeroed memory on cache-line boundaries for things that are too small for huge pages by themselves.
class ZeroedArena {
 public:
  // Valid as long as the arena. Throws std::bad_alloc.
  uint8_t* take(size_t bytes);

 private:
  std::vector<std::unique_ptr<ZeroedPages>> chunks_;
  size_t used_ = 0, size_ = 0;  // of the last chunk
};

// A byte buffer that grows to what it is told and no further; unlike std::vector it is not zero-filled.
class ByteBuffer {
 public:
  ByteBuffer() = default;
  ~ByteBuffer();
  ByteBuffer(const ByteBuffer&) = delete;
  ByteBuffer& operator=(const ByteBuffer&) = delete;
  void grow_to(size_t size);  // throws std::bad_alloc
  uint8_t* data() { return data_; }

 private:
  uint8_t* data_ = nullptr;
  size_t capacity_ = 0;
};

}  // namespace nzip
