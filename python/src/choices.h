// Options that are one of several words.
#pragma once

#include <nanobind/nanobind.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace jetliner::python {

// The enumerator with the same place as the word. ValueError for any other word.
template <typename Choice, size_t kSize>
Choice chosen(const std::array<std::string_view, kSize>& names, const std::string& name) {
  const auto place = std::find(names.begin(), names.end(), name);
  if (place == names.end()) throw nanobind::value_error("no such choice");
  return static_cast<Choice>(place - names.begin());
}

}  // namespace jetliner::python
