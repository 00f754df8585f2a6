// Makes a chosen allocation or system call of this process fail.
#pragma once

#include <cstdint>

namespace jetliner::faults {

enum class What : uint8_t {
  kMemory,  // operator new, malloc, calloc, realloc, aligned_alloc, mmap, mremap: as if there were no memory left
  kRead,    // pread: EIO
  kWrite,   // write, rename: ENOSPC
};

// Call number `at` fails, counted from 0 over all threads. With `all_after`, every later call fails as well.
void arm(What what, int64_t at, bool all_after);
// Ends that. Returns whether any call has failed.
bool disarm();

// Every pread is interrupted (EINTR) a few times, and then reads at most this many bytes. 0: preads are not changed.
void disturb_reads(uint64_t most_bytes);
// Every write is interrupted (EINTR) a few times, and then writes at most this many bytes. 0: writes are not changed.
void disturb_writes(uint64_t most_bytes);

}  // namespace jetliner::faults
