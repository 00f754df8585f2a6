// operator new is replaced as the language allows. C functions are replaced by the linker's option --wrap
// (tests/cpp/CMakeLists.txt): calls of `f` go to `__wrap_f`. This reaches the library, and the codecs' libraries that
// are linked as archives. It does not reach calls of malloc in shared libraries (snappy, simdjson, the C++ runtime).
#include "faults/faults.h"

#include <sys/mman.h>
#include <sys/types.h>
#include <sys/uio.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <new>

namespace jetliner::faults {
namespace {

// Counts down to the call that fails. Far below zero if no call should fail.
constexpr int64_t kDisarmed = INT64_MIN / 2;
std::atomic<int64_t> g_memory_countdown = kDisarmed;
std::atomic<int64_t> g_read_countdown = kDisarmed;
std::atomic<int64_t> g_write_countdown = kDisarmed;
std::atomic<bool> g_all_after = false;
std::atomic<bool> g_has_failed = false;
std::atomic<uint64_t> g_most_read_bytes = 0;
std::atomic<uint64_t> g_most_write_bytes = 0;

bool fails(std::atomic<int64_t>& countdown) {
  if (countdown.load(std::memory_order_relaxed) <= kDisarmed / 2) return false;
  const int64_t left = countdown.fetch_sub(1);
  if (left != 0 && !(left < 0 && g_all_after)) return false;
  g_has_failed = true;
  return true;
}

std::atomic<int64_t>& countdown_of(What what) {
  switch (what) {
    case What::kRead:
      return g_read_countdown;
    case What::kWrite:
      return g_write_countdown;
    default:
      return g_memory_countdown;
  }
}

// Shortens a call. True: it is interrupted instead.
bool disturb(uint64_t most_bytes, size_t& bytes) {
  if (most_bytes == 0) return false;
  static std::atomic<int> calls = 0;
  bytes = std::min<size_t>(bytes, most_bytes);
  return ++calls % 3 != 0;
}

}  // namespace

void arm(What what, int64_t at, bool all_after) {
  g_has_failed = false;
  g_all_after = all_after;
  countdown_of(what) = at;
}

bool disarm() {
  g_memory_countdown = g_read_countdown = g_write_countdown = kDisarmed;
  return g_has_failed;
}

void disturb_reads(uint64_t most_bytes) { g_most_read_bytes = most_bytes; }
void disturb_writes(uint64_t most_bytes) { g_most_write_bytes = most_bytes; }

}  // namespace jetliner::faults

namespace faults = jetliner::faults;

void* operator new(size_t bytes) {
  void* const memory = faults::fails(faults::g_memory_countdown) ? nullptr : std::malloc(bytes > 0 ? bytes : 1);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void* operator new[](size_t bytes) { return operator new(bytes); }
void* operator new(size_t bytes, const std::nothrow_t& /*tag*/) noexcept {
  return faults::fails(faults::g_memory_countdown) ? nullptr : std::malloc(bytes > 0 ? bytes : 1);
}
void* operator new[](size_t bytes, const std::nothrow_t& tag) noexcept { return operator new(bytes, tag); }
void* operator new(size_t bytes, std::align_val_t alignment) {
  void* memory = nullptr;
  const size_t step = std::max(static_cast<size_t>(alignment), sizeof(void*));
  const bool failed = faults::fails(faults::g_memory_countdown) || posix_memalign(&memory, step, bytes) != 0;
  if (failed) throw std::bad_alloc();
  return memory;
}
void* operator new[](size_t bytes, std::align_val_t alignment) { return operator new(bytes, alignment); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t /*bytes*/) noexcept { std::free(memory); }
void operator delete[](void* memory, size_t /*bytes*/) noexcept { std::free(memory); }
void operator delete(void* memory, const std::nothrow_t& /*tag*/) noexcept { std::free(memory); }
void operator delete[](void* memory, const std::nothrow_t& /*tag*/) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t /*alignment*/) noexcept { std::free(memory); }
void operator delete[](void* memory, std::align_val_t /*alignment*/) noexcept { std::free(memory); }
void operator delete(void* memory, size_t /*bytes*/, std::align_val_t /*alignment*/) noexcept { std::free(memory); }
void operator delete[](void* memory, size_t /*bytes*/, std::align_val_t /*alignment*/) noexcept { std::free(memory); }

extern "C" {

void* __real_malloc(size_t bytes);
void* __real_calloc(size_t count, size_t bytes);
void* __real_mremap(void* address, size_t old_bytes, size_t new_bytes, int flags);
void* __real_realloc(void* memory, size_t bytes);
void* __real_aligned_alloc(size_t alignment, size_t bytes);
void* __real_mmap(void* address, size_t bytes, int protection, int flags, int fd, off_t offset);
ssize_t __real_pread(int fd, void* buffer, size_t bytes, off_t offset);
ssize_t __real_write(int fd, const void* buffer, size_t bytes);
ssize_t __real_writev(int fd, const struct iovec* buffers, int count);
int __real_rename(const char* from, const char* to);

void* __wrap_malloc(size_t bytes) { return faults::fails(faults::g_memory_countdown) ? nullptr : __real_malloc(bytes); }

void* __wrap_calloc(size_t count, size_t bytes) {
  return faults::fails(faults::g_memory_countdown) ? nullptr : __real_calloc(count, bytes);
}

void* __wrap_mremap(void* address, size_t old_bytes, size_t new_bytes, int flags) {
  if (faults::fails(faults::g_memory_countdown)) {
    errno = ENOMEM;
    return MAP_FAILED;
  }
  return __real_mremap(address, old_bytes, new_bytes, flags);
}

void* __wrap_realloc(void* memory, size_t bytes) {
  return faults::fails(faults::g_memory_countdown) ? nullptr : __real_realloc(memory, bytes);
}

void* __wrap_aligned_alloc(size_t alignment, size_t bytes) {
  return faults::fails(faults::g_memory_countdown) ? nullptr : __real_aligned_alloc(alignment, bytes);
}

void* __wrap_mmap(void* address, size_t bytes, int protection, int flags, int fd, off_t offset) {
  if (faults::fails(faults::g_memory_countdown)) {
    errno = ENOMEM;
    return MAP_FAILED;
  }
  return __real_mmap(address, bytes, protection, flags, fd, offset);
}

ssize_t __wrap_pread(int fd, void* buffer, size_t bytes, off_t offset) {
  if (faults::fails(faults::g_read_countdown)) {
    errno = EIO;
    return -1;
  }
  if (faults::disturb(faults::g_most_read_bytes, bytes)) {
    errno = EINTR;
    return -1;
  }
  return __real_pread(fd, buffer, bytes, offset);
}

ssize_t __wrap_write(int fd, const void* buffer, size_t bytes) {
  if (faults::fails(faults::g_write_countdown)) {
    errno = ENOSPC;
    return -1;
  }
  if (faults::disturb(faults::g_most_write_bytes, bytes)) {
    errno = EINTR;
    return -1;
  }
  return __real_write(fd, buffer, bytes);
}

ssize_t __wrap_writev(int fd, const struct iovec* buffers, int count) {
  if (faults::fails(faults::g_write_countdown)) {
    errno = ENOSPC;
    return -1;
  }
  size_t bytes = SIZE_MAX;
  if (faults::disturb(faults::g_most_write_bytes, bytes)) {
    errno = EINTR;
    return -1;
  }
  if (bytes == SIZE_MAX) return __real_writev(fd, buffers, count);
  ssize_t done = 0;  // of a short write
  for (int i = 0; i < count && bytes > 0; ++i) {
    const size_t part = std::min(bytes, buffers[i].iov_len);
    if (__real_write(fd, buffers[i].iov_base, part) != static_cast<ssize_t>(part)) std::abort();
    done += static_cast<ssize_t>(part);
    bytes -= part;
  }
  return done;
}

int __wrap_rename(const char* from, const char* to) {
  if (faults::fails(faults::g_write_countdown)) {
    errno = ENOSPC;
    return -1;
  }
  return __real_rename(from, to);
}

}  // extern "C"
