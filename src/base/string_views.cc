#include "base/string_views.h"

#include <cstring>

namespace jetliner {

// Arrow columnar format, "Variable-size Binary View Layout": 4 bytes length; then up to 12 bytes of data, or 4 bytes of
// prefix, the index of a heap buffer and the offset in it.
void StringViews::add(std::string_view text, size_t times) {
  constexpr size_t kMaxInlineBytes = 12;
  uint8_t view[16] = {};
  const auto length = static_cast<uint32_t>(text.size());
  std::memcpy(view, &length, 4);
  if (text.size() <= kMaxInlineBytes) {
    if (!text.empty()) std::memcpy(view + 4, text.data(), text.size());
  } else {
    const auto offset = static_cast<uint32_t>(heap_.size());
    std::memcpy(view + 4, text.data(), 4);
    std::memcpy(view + 12, &offset, 4);  // of heap buffer 0
    heap_ += text;
    heap_bytes_ = static_cast<int64_t>(heap_.size());
  }
  const size_t start = views_.size();
  views_.resize(start + sizeof view * times);
  for (size_t i = 0; i < times; ++i) std::memcpy(views_.data() + start + sizeof view * i, view, sizeof view);
}

}  // namespace jetliner
