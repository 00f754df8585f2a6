// Makes allocations and system calls of this process fail, at a chosen one of them.
#pragma once

#include <cstdint>

namespace jetliner::faults {

enum class What : uint8_t {
  kMemory,  // operator new, malloc, calloc, realloc, aligned_alloc, mmap, mremap: as if there were no memory left
  kRead,    // pread: EIO
};

// The call number `at` (from 0) fails, counted over all threads; with `all_after`, every later one as well.
void arm(What what, int64_t at, bool all_after);
// Ends that. Returns whether any call has failed.
bool disarm();

// Every pread is interrupted (EINTR) a few times and then reads at most so many bytes; 0 for none of this.
void disturb_reads(uint64_t most_bytes);

}  // namespace jetliner::faults
