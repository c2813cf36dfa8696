// Zeroed memory on cache-line boundaries, in huge pages where the system offers them.
#pragma once

#include <cstddef>
#include <cstdint>

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
