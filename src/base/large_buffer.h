// Memory for large byte buffers, outside the heap.
#pragma once

#include <cstddef>
#include <cstdint>

namespace jetliner {

// From this size on a buffer has a mapping of its own. The heap of the C library keeps freed memory of each thread,
// several MiB, until the process ends.
inline constexpr size_t kLargeBufferBytes = 128 << 10;

// Changes the size of a buffer and keeps its content, as std::realloc() does. `data` may be nullptr, with `old_bytes`
// 0. Returns nullptr where there is no memory, and leaves `data` as it is then.
uint8_t* resize_buffer(uint8_t* data, size_t old_bytes, size_t new_bytes);
// `bytes`: the present size of the buffer.
void free_buffer(uint8_t* data, size_t bytes);

}  // namespace jetliner
