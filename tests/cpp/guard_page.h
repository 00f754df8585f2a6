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
    allow(PROT_READ | PROT_WRITE);
  }
  GuardedPages(const GuardedPages&) = delete;
  GuardedPages& operator=(const GuardedPages&) = delete;
  ~GuardedPages() { ::munmap(begin_ - page_bytes_, bytes_ + 2 * page_bytes_); }

  [[nodiscard]] uint8_t* begin() const { return begin_; }
  [[nodiscard]] uint8_t* end() const { return begin_ + bytes_; }
  [[nodiscard]] size_t size() const { return bytes_; }
  // `protection`: PROT_READ and others.
  void allow(int protection) {
    if (bytes_ > 0 && ::mprotect(begin_, bytes_, protection) != 0) throw std::bad_alloc();
  }

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

  explicit GuardedInput(size_t max_bytes) : pages_(max_bytes + kSlackBytes) {}

  // Puts `data` in place of what was there. The slack holds `rest`, and then `fill`.
  ByteSpan put(ByteSpan data, Exact exact, uint8_t fill, ByteSpan rest = {}) {
    pages_.allow(PROT_READ | PROT_WRITE);
    uint8_t* const begin = exact == Exact::kEnd ? pages_.end() - kSlackBytes - data.size() : pages_.begin();
    std::memset(pages_.begin(), fill, pages_.size());
    if (!data.empty()) std::memcpy(begin, data.data(), data.size());
    rest = rest.first(rest.size() < kSlackBytes ? rest.size() : kSlackBytes);
    if (!rest.empty()) std::memcpy(begin + data.size(), rest.data(), rest.size());
    pages_.allow(PROT_READ);
    return {begin, data.size()};
  }

 private:
  GuardedPages pages_;
};

}  // namespace jetliner
