// Memory of the core, with pages without access around it. Takes the place of base/large_buffer.cc, and of
// aligned_alloc() and free() where the core calls them (--wrap). So the output of the codecs (Scratch) and the blocks
// of column memory (Arena) end exactly at such a page.
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "base/large_buffer.h"
#include "guard_page.h"

// NOLINTBEGIN(bugprone-reserved-identifier): the names are the linker's.
extern "C" {
void __real_free(void* data);
void* __wrap_aligned_alloc(size_t alignment, size_t bytes);
void __wrap_free(void* data);
}

namespace jetliner {
namespace {

// Freed pages are used again for memory of as many pages: mapping takes long.
class Mappings {
 public:
  // `bytes` that end at a page without access. nullptr without memory.
  uint8_t* add(size_t bytes) {
    const std::lock_guard lock(mutex_);
    try {
      std::unique_ptr<GuardedPages> pages = take_spare(bytes);
      if (pages == nullptr) pages = std::make_unique<GuardedPages>(bytes);
      uint8_t* const data = pages->end() - bytes;
      used_[data] = std::move(pages);
      return data;
    } catch (const std::bad_alloc&) {
      return nullptr;
    }
  }
  // False if the memory is not from here.
  bool remove(void* data) {
    const std::lock_guard lock(mutex_);
    const auto place = used_.find(static_cast<uint8_t*>(data));
    if (place == used_.end()) return false;
    if (place->second->size() <= kMaxSpareBytes) spare_[place->second->size()].push_back(std::move(place->second));
    used_.erase(place);
    return true;
  }

 private:
  static constexpr size_t kMaxSpareBytes = 64 << 10;
  static constexpr size_t kPageBytes = 4096;  // where pages are larger, no spare pages are found

  std::unique_ptr<GuardedPages> take_spare(size_t bytes) {
    const auto place = spare_.find((bytes + kPageBytes - 1) / kPageBytes * kPageBytes);
    if (place == spare_.end() || place->second.empty()) return nullptr;
    std::unique_ptr<GuardedPages> pages = std::move(place->second.back());
    place->second.pop_back();
    return pages;
  }

  std::mutex mutex_;
  std::map<uint8_t*, std::unique_ptr<GuardedPages>> used_;
  std::map<size_t, std::vector<std::unique_ptr<GuardedPages>>> spare_;  // by size
};

Mappings& mappings() {
  static auto* const all = new Mappings;  // memory may be freed after the end of main()
  return *all;
}

}  // namespace

uint8_t* resize_buffer(uint8_t* data, size_t old_bytes, size_t new_bytes) {
  uint8_t* const grown = mappings().add(new_bytes);
  if (grown == nullptr) return nullptr;
  if (data != nullptr) {
    std::memcpy(grown, data, std::min(old_bytes, new_bytes));
    mappings().remove(data);
  }
  return grown;
}

void free_buffer(uint8_t* data, size_t /*bytes*/) { mappings().remove(data); }

}  // namespace jetliner

// The size is a multiple of the alignment, so the data is aligned if its end is.
void* __wrap_aligned_alloc(size_t /*alignment*/, size_t bytes) { return jetliner::mappings().add(bytes); }

void __wrap_free(void* data) {
  if (!jetliner::mappings().remove(data)) __real_free(data);
}
// NOLINTEND(bugprone-reserved-identifier)
