// One batch of Arrow data that is to be written: its buffers by column.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/bytes.h"
#include "base/view_layout.h"
#include "input/input_type.h"
#include "jetliner/arrow_abi.h"

namespace jetliner {

// A column. All functions take the index of a value in the array, from 0.
struct InputColumn {
  size_t offset = 0;                  // of value 0 in all buffers
  size_t length = 0;                  // values
  const uint8_t* validity = nullptr;  // nullptr: no value is null
  const void* values = nullptr;       // numbers, bits, indices; views; bytes of text
  const void* offsets = nullptr;
  const void* const* heaps = nullptr;  // of views

  [[nodiscard]] bool is_valid(size_t i) const { return validity == nullptr || bit(validity, i); }
  [[nodiscard]] bool boolean(size_t i) const { return bit(static_cast<const uint8_t*>(values), i); }
  template <typename T>
  [[nodiscard]] T value(size_t i) const {
    return static_cast<const T*>(values)[offset + i];
  }
  // Text and bytes, by their extent.
  [[nodiscard]] ByteSpan view(size_t i) const {
    const ViewParts parts = read_view(static_cast<const uint8_t*>(values) + kViewBytes * (offset + i));
    if (parts.inline_bytes != nullptr) return {parts.inline_bytes, parts.length};
    return {static_cast<const uint8_t*>(heaps[parts.heap_index]) + parts.heap_offset, parts.length};
  }
  template <typename Offset>
  [[nodiscard]] ByteSpan between(size_t i) const {
    const auto* const bounds = static_cast<const Offset*>(offsets) + offset + i;
    return {static_cast<const uint8_t*>(values) + bounds[0], static_cast<size_t>(bounds[1] - bounds[0])};
  }
  [[nodiscard]] ByteSpan fixed(size_t i, size_t width) const {
    return {static_cast<const uint8_t*>(values) + width * (offset + i), width};
  }

 private:
  [[nodiscard]] bool bit(const uint8_t* bits, size_t i) const {
    const size_t place = offset + i;
    return (bits[place / 8] >> (place % 8) & 1) != 0;
  }
};

// Text or bytes of any extent.
ByteSpan bytes_of(const InputType& type, const InputColumn& column, size_t i);

// The items of a list or map: indices in its child.
struct ItemRange {
  size_t begin = 0;
  size_t end = 0;
};
ItemRange items_of(const InputType& type, const InputColumn& column, size_t i);

// The index of a value of a dictionary.
size_t index_of(const InputType& type, const InputColumn& column, size_t i);

// The columns of a batch. It owns the array.
class InputBatch {
 public:
  // Takes the array over: it is released here, and `array` is marked as released. Throws Error (kSource) where the
  // array does not have the shape of the type.
  InputBatch(const InputType& type, ArrowArray* array);
  InputBatch(const InputBatch&) = delete;
  InputBatch& operator=(const InputBatch&) = delete;
  ~InputBatch();

  [[nodiscard]] size_t num_rows() const { return columns_[0].length; }
  // A number that no other batch of the process has.
  [[nodiscard]] uint64_t id() const { return id_; }
  // By InputType::column. A struct's fields and the struct have the same indices.
  [[nodiscard]] const InputColumn& operator[](size_t column) const { return columns_[column]; }
  [[nodiscard]] const std::vector<InputColumn>& columns() const { return columns_; }

 private:
  void add(const InputType& type, const ArrowArray& array, size_t struct_offset);

  ArrowArray array_{};
  std::vector<InputColumn> columns_;
  const uint64_t id_;
};

}  // namespace jetliner
