#include "input/input_columns.h"

#include <algorithm>
#include <atomic>

#include "jetliner/error.h"

namespace jetliner {
namespace {

[[noreturn]] void fail(const InputType& type) {
  throw Error(ErrorKind::kSource, ErrorVariant::kInvalidData,
              "the Arrow array of column \"" + type.name + "\" does not have the form of its type");
}

int64_t num_buffers(const InputType& type) {
  switch (type.kind) {
    case InputKind::kNull:
    case InputKind::kUnsupported:
      return 0;
    case InputKind::kStruct:
      return 1;
    case InputKind::kList:
      return type.extent == Extent::kFixedWidth ? 1 : 2;
    case InputKind::kText:
    case InputKind::kBinary:
      return type.extent == Extent::kFixedWidth ? 2 : 3;  // of views: at least three, with the sizes of the heaps
    default:
      return 2;
  }
}

// The number to add to a child's own offset. A field of a struct then has the indices of the struct, and an item of a
// list has the index that the list gives.
//
// Arrow: the offset of a struct or a fixed-size list counts in its child as well. Old versions of Polars (1.37) export
// children that are sliced already, and the offset all the same. Such a child is too short for the rule of Arrow.
size_t child_shift(const InputType& type, const ArrowArray& array, const ArrowArray& child, size_t struct_offset) {
  const auto length = static_cast<size_t>(array.length);
  const auto offset = static_cast<size_t>(array.offset);
  const auto child_length = static_cast<size_t>(std::max<int64_t>(child.length, 0));
  if (type.kind == InputKind::kStruct) {
    if (child_length >= offset + length) return offset + struct_offset;
    if (child_length != length) fail(type);
    return struct_offset;
  }
  if (type.kind == InputKind::kList && type.extent == Extent::kFixedWidth) {
    const size_t width = type.width;
    if (width == 0 || child_length / width >= offset + length) return 0;
    if (type.children[0].kind == InputKind::kNull) return 0;  // has no buffers, and no offset
    const auto child_offset = static_cast<size_t>(child.offset);
    if (child_length != length * width || child.offset < 0 || child_offset < offset * width) fail(type);
    return 0 - offset * width;  // the sum with the child's own offset is not negative
  }
  return 0;
}

// Items that a list or map has at most; the offsets of all others are believed.
size_t items_end(const InputType& type, const InputColumn& column) {
  return column.offsets == nullptr || column.length == 0 ? 0 : items_of(type, column, column.length - 1).end;
}

std::atomic<uint64_t> next_id = 1;

}  // namespace

ByteSpan bytes_of(const InputType& type, const InputColumn& column, size_t i) {
  switch (type.extent) {
    case Extent::kOffsets32:
      return column.between<int32_t>(i);
    case Extent::kOffsets64:
      return column.between<int64_t>(i);
    case Extent::kViews:
      return column.view(i);
    case Extent::kFixedWidth:
      return column.fixed(i, type.width);
  }
  return {};
}

ItemRange items_of(const InputType& type, const InputColumn& column, size_t i) {
  const size_t place = column.offset + i;
  switch (type.extent) {
    case Extent::kOffsets64: {
      const auto* const offsets = static_cast<const int64_t*>(column.offsets);
      return {static_cast<size_t>(offsets[place]), static_cast<size_t>(offsets[place + 1])};
    }
    case Extent::kFixedWidth:
      return {place * type.width, (place + 1) * type.width};
    default: {
      const auto* const offsets = static_cast<const int32_t*>(column.offsets);
      return {static_cast<size_t>(offsets[place]), static_cast<size_t>(offsets[place + 1])};
    }
  }
}

size_t index_of(const InputType& type, const InputColumn& column, size_t i) {
  switch (type.index_kind) {
    case InputKind::kInt8:
      return static_cast<size_t>(column.value<int8_t>(i));
    case InputKind::kUInt8:
      return column.value<uint8_t>(i);
    case InputKind::kInt16:
      return static_cast<size_t>(column.value<int16_t>(i));
    case InputKind::kUInt16:
      return column.value<uint16_t>(i);
    case InputKind::kInt32:
      return static_cast<size_t>(column.value<int32_t>(i));
    case InputKind::kUInt32:
      return column.value<uint32_t>(i);
    default:
      return static_cast<size_t>(column.value<int64_t>(i));
  }
}

InputBatch::InputBatch(const InputType& type, ArrowArray* array) : array_(*array), id_(next_id++) {
  array->release = nullptr;
  try {
    columns_.resize(jetliner::num_columns(type));
    add(type, array_, 0);
    columns_[0].validity = nullptr;  // a row is never null
  } catch (...) {
    array_.release(&array_);
    throw;
  }
}

InputBatch::~InputBatch() { array_.release(&array_); }

void InputBatch::add(const InputType& type, const ArrowArray& array, size_t struct_offset) {
  const bool is_views = type.extent == Extent::kViews;
  const int64_t buffers = num_buffers(type);
  if (array.length < 0 || array.offset < 0 || array.n_buffers < buffers) fail(type);
  const bool is_dictionary = type.kind == InputKind::kDictionary;
  if ((array.dictionary != nullptr) != is_dictionary) fail(type);
  if (!is_dictionary && static_cast<size_t>(array.n_children) != type.children.size()) fail(type);

  InputColumn& column = columns_[type.column];
  column.offset = static_cast<size_t>(array.offset) + struct_offset;
  column.length = static_cast<size_t>(array.length);
  if (buffers > 0 && array.null_count != 0) column.validity = static_cast<const uint8_t*>(array.buffers[0]);
  if (buffers == 3 && !is_views) {
    column.offsets = array.buffers[1];
    column.values = array.buffers[2];
  } else if (type.kind == InputKind::kList || type.kind == InputKind::kMap) {
    if (buffers == 2) column.offsets = array.buffers[1];
    if (items_end(type, column) > static_cast<size_t>(std::max<int64_t>(array.children[0]->length, 0))) fail(type);
  } else if (buffers > 1) {
    column.values = array.buffers[1];
    column.heaps = is_views ? array.buffers + 2 : nullptr;
  }
  if (is_dictionary) {
    add(type.children[0], *array.dictionary, 0);
    if (array.dictionary->null_count > 0) {
      throw Error(ErrorKind::kSource, ErrorVariant::kUnsupportedType,
                  "column \"" + type.name + "\": a dictionary with a null among its values cannot be written");
    }
    return;
  }
  for (size_t i = 0; i < type.children.size(); ++i) {
    add(type.children[i], *array.children[i], child_shift(type, array, *array.children[i], struct_offset));
  }
}

}  // namespace jetliner
