// A few strings in the form of Arrow's views, with what does not fit into them in one heap buffer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace jetliner {

class StringViews {
 public:
  // Appends `times` views of a string. All of them together are not longer than 2 GiB.
  void add(std::string_view text, size_t times);

  [[nodiscard]] size_t size() const { return views_.size() / 16; }
  [[nodiscard]] const uint8_t* views() const { return views_.data(); }
  [[nodiscard]] const std::string& heap() const { return heap_; }  // heap buffer 0
  // Arrow's last buffer of a view array: the size of each heap buffer, which is one here.
  [[nodiscard]] const int64_t* heap_bytes() const { return &heap_bytes_; }

 private:
  std::vector<uint8_t> views_;
  std::string heap_;
  int64_t heap_bytes_ = 0;
};

}  // namespace jetliner
