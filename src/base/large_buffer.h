// Memory for large byte buffers, apart from the heap.
#pragma once

#include <cstddef>
#include <cstdint>

namespace jetliner {

// From this size on a buffer is mapped by itself. The C library's heap would keep what other threads have given back,
// several MiB for each of them, until the process ends.
inline constexpr size_t kLargeBufferBytes = 128 << 10;

// Changes the size of a buffer and keeps its content, as std::realloc() does; `data` may be nullptr and `old_bytes` 0.
// The buffer goes to free_buffer() with its size. nullptr where there is no memory; then `data` is as before.
uint8_t* resize_buffer(uint8_t* data, size_t old_bytes, size_t new_bytes);
void free_buffer(uint8_t* data, size_t bytes);

}  // namespace jetliner
