#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>
#ifdef __linux__
#include <sched.h>
#include <sys/syscall.h>
#endif

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "base/system.h"

namespace jetliner::sys {
namespace {

FileInfo info_from(const struct stat& status) {
  FileInfo info{.size_bytes = static_cast<uint64_t>(status.st_size)};
  if (S_ISREG(status.st_mode)) info.kind = FileKind::kRegular;
  if (S_ISDIR(status.st_mode)) info.kind = FileKind::kDirectory;
  if (S_ISFIFO(status.st_mode)) info.kind = FileKind::kPipe;
  return info;
}

int open_retrying(const std::string& path, int flags) {
  int descriptor = -1;
  do {
    descriptor = ::open(path.c_str(), flags | O_CLOEXEC, 0666);
  } while (descriptor < 0 && errno == EINTR);
  return descriptor;
}

}  // namespace

void* map_pages(size_t bytes, size_t alignment) noexcept {
  // The system aligns to small pages only. So map more, and unmap both ends.
  const size_t extra = alignment > 1 ? alignment : 0;
  if (bytes + extra < bytes) return nullptr;
  void* const start = ::mmap(nullptr, bytes + extra, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (start == MAP_FAILED) return nullptr;
  if (extra == 0) return start;
  auto* const first = static_cast<uint8_t*>(start);
  const size_t before = (alignment - reinterpret_cast<uintptr_t>(first) % alignment) % alignment;
  if (before > 0) ::munmap(first, before);
  if (before < extra) ::munmap(first + before + bytes, extra - before);
  return first + before;
}

void unmap_pages(void* pages, size_t bytes) noexcept { ::munmap(pages, bytes); }

void prefer_huge_pages([[maybe_unused]] void* pages, [[maybe_unused]] size_t bytes) noexcept {
#ifdef MADV_HUGEPAGE
  (void)::madvise(pages, bytes, MADV_HUGEPAGE);
#endif
}

#ifdef MREMAP_MAYMOVE
void* remap_pages(void* pages, size_t old_bytes, size_t new_bytes) noexcept {
  void* const start = ::mremap(pages, old_bytes, new_bytes, MREMAP_MAYMOVE);
  return start == MAP_FAILED ? nullptr : start;
}
bool can_remap_pages() noexcept { return true; }
#else
void* remap_pages(void* /*pages*/, size_t /*old_bytes*/, size_t /*new_bytes*/) noexcept { return nullptr; }
bool can_remap_pages() noexcept { return false; }
#endif

void* allocate_aligned(size_t alignment, size_t bytes) noexcept { return ::aligned_alloc(alignment, bytes); }
void free_aligned(void* memory) noexcept { std::free(memory); }

int64_t process_id() noexcept { return ::getpid(); }

size_t allowed_cores() noexcept {
#ifdef __linux__
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) == 0) return static_cast<size_t>(CPU_COUNT(&set));
#endif
  return 0;
}

void name_own_thread([[maybe_unused]] const char* name) noexcept {
#ifdef __linux__
  (void)::pthread_setname_np(::pthread_self(), name);
#elif defined(__APPLE__)
  (void)::pthread_setname_np(name);
#endif
}

std::string_view path_separators() noexcept { return "/"; }

bool get_info(const std::string& path, FileInfo* info) noexcept {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return false;
  *info = info_from(status);
  return true;
}

bool get_info(int descriptor, FileInfo* info) noexcept {
  struct stat status{};
  if (::fstat(descriptor, &status) != 0) return false;
  *info = info_from(status);
  return true;
}

// O_NONBLOCK: opening a FIFO must not wait for its writer. For regular files it has no effect.
int open_to_read(const std::string& path) noexcept { return open_retrying(path, O_RDONLY | O_NONBLOCK); }
int open_to_write(const std::string& path) noexcept { return open_retrying(path, O_WRONLY); }
int open_to_append(const std::string& path) noexcept { return open_retrying(path, O_WRONLY | O_APPEND); }
int create_to_write(const std::string& path) noexcept { return open_retrying(path, O_WRONLY | O_CREAT | O_EXCL); }
int duplicate(int descriptor) noexcept { return ::fcntl(descriptor, F_DUPFD_CLOEXEC, 0); }

// Through the descriptor, because the path may name another file by now.
int reopen_to_read(int descriptor) noexcept {
  char self[64];
  (void)std::snprintf(self, sizeof self, "/proc/thread-self/fd/%d", descriptor);
  return ::open(self, O_RDONLY | O_CLOEXEC);
}

bool close_file(int descriptor) noexcept { return ::close(descriptor) == 0 || errno == EINTR; }

int64_t read_at(int descriptor, void* out, size_t bytes, uint64_t offset) noexcept {
  return ::pread(descriptor, out, bytes, static_cast<off_t>(offset));
}

int64_t write_some(int descriptor, const void* from, size_t bytes) noexcept { return ::write(descriptor, from, bytes); }

int64_t write_some(int descriptor, std::span<const ByteSpan> pieces) noexcept {
  std::array<iovec, 64> buffers;  // fewer than any system takes
  const size_t count = std::min(pieces.size(), buffers.size());
  for (size_t i = 0; i < count; ++i) {
    buffers[i] = {.iov_base = const_cast<uint8_t*>(pieces[i].data()), .iov_len = pieces[i].size()};
  }
  return ::writev(descriptor, buffers.data(), static_cast<int>(count));
}

bool cut_back(int descriptor, uint64_t size_bytes) noexcept {
  return ::ftruncate(descriptor, static_cast<off_t>(size_bytes)) == 0;
}

void expect_sequential_reads([[maybe_unused]] int descriptor) noexcept {
#ifdef POSIX_FADV_SEQUENTIAL
  (void)::posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL);
#endif
}

void expect_reads([[maybe_unused]] int descriptor, [[maybe_unused]] uint64_t offset,
                  [[maybe_unused]] uint64_t bytes) noexcept {
#ifdef POSIX_FADV_WILLNEED
  (void)::posix_fadvise(descriptor, static_cast<off_t>(offset), static_cast<off_t>(bytes), POSIX_FADV_WILLNEED);
#endif
}

// Asking for one byte is much quicker than posix_fadvise(), which looks at every page of a range.
bool is_in_cache([[maybe_unused]] int descriptor, [[maybe_unused]] uint64_t offset) noexcept {
#if defined(RWF_NOWAIT) && defined(SYS_preadv2) && defined(__LP64__)
  uint8_t byte = 0;
  const iovec target{.iov_base = &byte, .iov_len = 1};
  // By number: musl has preadv2() only since 1.2.5. An older one would not load what needs it by name.
  return ::syscall(SYS_preadv2, descriptor, &target, 1L, static_cast<long>(offset), 0L, RWF_NOWAIT) == 1;
#else
  return false;
#endif
}

std::string follow_link(const std::string& path) {
  struct stat status{};
  if (::lstat(path.c_str(), &status) != 0 || !S_ISLNK(status.st_mode)) return path;
  char* const real = ::realpath(path.c_str(), nullptr);
  if (real == nullptr) return path;
  std::string followed = real;
  std::free(real);
  return followed;
}

bool may_write(const std::string& path) noexcept { return ::access(path.c_str(), W_OK) == 0; }

bool rename_over(const std::string& from, const std::string& to) noexcept {
  return std::rename(from.c_str(), to.c_str()) == 0;
}

bool remove_file(const std::string& path) noexcept { return ::unlink(path.c_str()) == 0; }

const void* find(const void* whole, size_t whole_bytes, const void* part, size_t part_bytes) noexcept {
  return memmem(whole, whole_bytes, part, part_bytes);
}

}  // namespace jetliner::sys
