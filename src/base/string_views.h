// A few strings as Arrow's views, with one heap buffer for the long ones.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/view_layout.h"

namespace jetliner {

class StringViews {
 public:
  // Appends `times` views of one string. All strings together take at most kMaxHeapBytes.
  void add(std::string_view text, size_t times);

  [[nodiscard]] size_t size() const { return views_.size() / kViewBytes; }
  [[nodiscard]] const uint8_t* views() const { return views_.data(); }
  [[nodiscard]] const std::string& heap() const { return heap_; }  // heap buffer 0
  // The last buffer of an Arrow array of views: the size of each heap buffer. There is one heap buffer here.
  [[nodiscard]] const int64_t* heap_bytes() const { return &heap_bytes_; }

 private:
  std::vector<uint8_t> views_;
  std::string heap_;
  int64_t heap_bytes_ = 0;
};

}  // namespace jetliner
