// Numbers of columns, whatever their width, for operations that convert.
#pragma once

#include "base/decimal_text.h"
#include "base/half.h"
#include "input/input_columns.h"

namespace jetliner {

// Integers, and the raw numbers of temporal types.
inline Int128 load_integer(const InputType& type, const InputColumn& column, size_t i) {
  switch (type.kind) {
    case InputKind::kInt8:
      return column.value<int8_t>(i);
    case InputKind::kInt16:
      return column.value<int16_t>(i);
    case InputKind::kInt32:
    case InputKind::kDate32:
    case InputKind::kTime32:
      return column.value<int32_t>(i);
    case InputKind::kUInt8:
      return column.value<uint8_t>(i);
    case InputKind::kUInt16:
      return column.value<uint16_t>(i);
    case InputKind::kUInt32:
      return column.value<uint32_t>(i);
    case InputKind::kUInt64:
      return column.value<uint64_t>(i);
    case InputKind::kInt128:
    case InputKind::kDecimal128: {
      Int128 value = 0;  // the buffer need not be aligned to 16 bytes
      std::memcpy(&value, column.fixed(i, sizeof value).data(), sizeof value);
      return value;
    }
    default:
      return column.value<int64_t>(i);
  }
}

// Any number as a double. Returns false where the double is another number. NaN is exact.
inline bool load_double(const InputType& type, const InputColumn& column, size_t i, double* out) {
  switch (type.kind) {
    case InputKind::kFloat16:
      *out = half_to_float(column.value<uint16_t>(i));
      return true;
    case InputKind::kFloat32:
      *out = column.value<float>(i);
      return true;
    case InputKind::kFloat64:
      *out = column.value<double>(i);
      return true;
    default: {
      const Int128 value = load_integer(type, column, i);
      *out = static_cast<double>(value);
      // Integers of 64 bits and their neighbours are far from the limits of 128 bits; larger ones are not asked for.
      return static_cast<Int128>(*out) == value;
    }
  }
}

}  // namespace jetliner
