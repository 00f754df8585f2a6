// Memory of the core, with pages without access around it. Takes the place of base/large_buffer.cc, and of
// aligned_alloc() and free() where the core calls them (--wrap). So the output of the codecs (Scratch) and the blocks
// of column memory (Arena) end exactly at such a page.
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>

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

class Mappings {
 public:
  // `bytes` that end at a page without access. nullptr without memory.
  uint8_t* add(size_t bytes) {
    try {
      auto pages = std::make_unique<GuardedPages>(bytes);
      uint8_t* const data = pages->end() - bytes;
      const std::lock_guard lock(mutex_);
      pages_[data] = std::move(pages);
      return data;
    } catch (const std::bad_alloc&) {
      return nullptr;
    }
  }
  // False if the memory is not from here.
  bool remove(void* data) {
    const std::lock_guard lock(mutex_);
    return pages_.erase(static_cast<uint8_t*>(data)) > 0;
  }

 private:
  std::mutex mutex_;
  std::map<uint8_t*, std::unique_ptr<GuardedPages>> pages_;
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
