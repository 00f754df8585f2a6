#include "container/padding.h"

#include <algorithm>

namespace jetliner {

uint64_t count_zero_bytes(ReadAhead& input, uint64_t most_bytes) {
  uint64_t count = 0;
  while (count < most_bytes) {
    ByteSpan view = input.view(1);
    view = view.first(static_cast<size_t>(std::min<uint64_t>(view.size(), most_bytes - count)));
    const auto end = std::find_if(view.begin(), view.end(), [](uint8_t byte) { return byte != 0; });
    count += static_cast<uint64_t>(end - view.begin());
    if (view.empty() || end != view.end()) break;
    input.seek(input.position() + view.size());
  }
  return count;
}

}  // namespace jetliner
