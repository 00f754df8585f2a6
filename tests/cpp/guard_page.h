// Memory between two pages without access, so that a read or write outside ends the process. No sanitizer is needed.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>

#include "base/bytes.h"

namespace jetliner {

// Whole pages, with one page without access before them and one after them.
class GuardedPages {
 public:
  explicit GuardedPages(size_t bytes) : page_bytes_(static_cast<size_t>(::sysconf(_SC_PAGESIZE))) {
    bytes_ = (bytes + page_bytes_ - 1) / page_bytes_ * page_bytes_;
    void* const start = ::mmap(nullptr, bytes_ + 2 * page_bytes_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (start == MAP_FAILED) throw std::bad_alloc();
    begin_ = static_cast<uint8_t*>(start) + page_bytes_;
    if (bytes_ > 0 && ::mprotect(begin_, bytes_, PROT_READ | PROT_WRITE) != 0) throw std::bad_alloc();
  }
  GuardedPages(const GuardedPages&) = delete;
  GuardedPages& operator=(const GuardedPages&) = delete;
  ~GuardedPages() { ::munmap(begin_ - page_bytes_, bytes_ + 2 * page_bytes_); }

  [[nodiscard]] uint8_t* begin() const { return begin_; }
  [[nodiscard]] uint8_t* end() const { return begin_ + bytes_; }
  [[nodiscard]] size_t size() const { return bytes_; }

 private:
  size_t page_bytes_;
  size_t bytes_ = 0;
  uint8_t* begin_ = nullptr;
};

// Data as the decoder and the codecs get it: kSlackBytes behind it are readable, and nothing is writable.
class GuardedInput {
 public:
  // A page ends or begins in one place, so only one end of the data is exact at a time.
  enum class Exact : uint8_t {
    kEnd,    // the byte after the slack cannot be read
    kBegin,  // the byte before the data cannot be read
  };

  explicit GuardedInput(size_t max_bytes) : pages_(max_bytes + kSlackBytes) {
    // The same memory twice: it is written here, and read between the guards.
    const int file = ::memfd_create("guarded", MFD_CLOEXEC);
    if (file < 0 || ::ftruncate(file, static_cast<off_t>(pages_.size())) != 0) throw std::bad_alloc();
    void* const writable = ::mmap(nullptr, pages_.size(), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    void* const read_only = ::mmap(pages_.begin(), pages_.size(), PROT_READ, MAP_SHARED | MAP_FIXED, file, 0);
    ::close(file);
    if (writable == MAP_FAILED || read_only == MAP_FAILED) throw std::bad_alloc();
    writable_ = static_cast<uint8_t*>(writable);
  }
  GuardedInput(const GuardedInput&) = delete;
  GuardedInput& operator=(const GuardedInput&) = delete;
  ~GuardedInput() { ::munmap(writable_, pages_.size()); }

  // Puts `data` in place of what was there. The slack holds `rest`, and then `fill`.
  ByteSpan put(ByteSpan data, Exact exact, uint8_t fill, ByteSpan rest = {}) {
    const size_t offset = exact == Exact::kEnd ? pages_.size() - kSlackBytes - data.size() : 0;
    std::memset(writable_, fill, pages_.size());
    if (!data.empty()) std::memcpy(writable_ + offset, data.data(), data.size());
    rest = rest.first(rest.size() < kSlackBytes ? rest.size() : kSlackBytes);
    if (!rest.empty()) std::memcpy(writable_ + offset + data.size(), rest.data(), rest.size());
    return {pages_.begin() + offset, data.size()};
  }

 private:
  const GuardedPages pages_;
  uint8_t* writable_ = nullptr;
};

}  // namespace jetliner
