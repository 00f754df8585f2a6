#include "base/string_views.h"

#include <cstring>

#include "base/bytes.h"

namespace jetliner {

void StringViews::add(std::string_view text, size_t times) {
  uint8_t view[kViewBytes];
  const uint8_t* const bytes = as_bytes(text).data();
  if (text.size() <= kMaxInlineBytes) {
    write_short_view(view, bytes, text.size());
  } else {
    write_heap_view(view, bytes, text.size(), 0, heap_.size());
    heap_ += text;
    heap_bytes_ = static_cast<int64_t>(heap_.size());
  }
  const size_t start = views_.size();
  views_.resize(start + kViewBytes * times);
  for (size_t i = 0; i < times; ++i) std::memcpy(views_.data() + start + kViewBytes * i, view, kViewBytes);
}

}  // namespace jetliner
