// Sizes of buffers in each layout of a column.
#pragma once

#include <cstddef>

#include "base/view_layout.h"
#include "types/arrow_type.h"

namespace jetliner {

constexpr size_t bitmap_bytes(size_t rows) { return (rows + 7) / 8; }

// Bytes of one value; 0 for layouts whose values are not whole bytes of a row each: bits, lists, and those without
// values.
constexpr size_t value_width(Layout layout) {
  switch (layout) {
    case Layout::kFixed1:
      return 1;
    case Layout::kFixed2:
      return 2;
    case Layout::kFixed4:
    case Layout::kDictionary:
      return 4;
    case Layout::kFixed8:
      return 8;
    case Layout::kFixed16:
      return 16;
    case Layout::kBinaryView:
    case Layout::kStringView:
    case Layout::kSymbolView:
      return kViewBytes;
    case Layout::kNull:
    case Layout::kStruct:
    case Layout::kBit:
    case Layout::kList:
      return 0;
  }
  return 0;
}

// Bytes of the values of `rows` rows. A list has one offset more than rows.
constexpr size_t value_bytes(Layout layout, size_t rows) {
  if (layout == Layout::kBit) return bitmap_bytes(rows);
  if (layout == Layout::kList) return (rows + 1) * 8;
  return rows * value_width(layout);
}

}  // namespace jetliner
