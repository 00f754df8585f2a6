#include "base/large_buffer.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "base/system.h"

namespace jetliner {
namespace {

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define JETLINER_HAS_ASAN
#endif
#if __has_feature(thread_sanitizer)
#define JETLINER_HAS_TSAN
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#define JETLINER_HAS_ASAN
#endif
#ifdef __SANITIZE_THREAD__
#define JETLINER_HAS_TSAN
#endif

#ifdef JETLINER_HAS_ASAN
// AddressSanitizer finds reads beyond a buffer on the heap only.
bool is_mapped(size_t /*bytes*/) { return false; }
#else
bool is_mapped(size_t bytes) { return bytes >= kLargeBufferBytes; }
#endif

uint8_t* allocate(size_t bytes) {
  if (!is_mapped(bytes)) return static_cast<uint8_t*>(std::malloc(bytes));
  return static_cast<uint8_t*>(sys::map_pages(bytes));
}

}  // namespace

uint8_t* resize_buffer(uint8_t* data, size_t old_bytes, size_t new_bytes) {
  if (data != nullptr && !is_mapped(old_bytes) && !is_mapped(new_bytes)) {
    return static_cast<uint8_t*>(std::realloc(data, new_bytes));
  }
// ThreadSanitizer does not know that mremap brings new memory. It would report a race with a thread that had used and
// unmapped the same addresses before.
#ifndef JETLINER_HAS_TSAN
  if (sys::can_remap_pages() && data != nullptr && is_mapped(old_bytes) && is_mapped(new_bytes)) {
    return static_cast<uint8_t*>(sys::remap_pages(data, old_bytes, new_bytes));
  }
#endif
  uint8_t* const moved = allocate(new_bytes);
  if (moved == nullptr || data == nullptr) return moved;
  std::memcpy(moved, data, std::min(old_bytes, new_bytes));
  free_buffer(data, old_bytes);
  return moved;
}

void free_buffer(uint8_t* data, size_t bytes) {
  if (is_mapped(bytes)) {
    sys::unmap_pages(data, bytes);
  } else {
    std::free(data);
  }
}

}  // namespace jetliner
