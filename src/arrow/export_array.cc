#include <algorithm>
#include <limits>
#include <memory>
#include <utility>

#include "arrow/export.h"
#include "base/bytes.h"
#include "base/string_views.h"

namespace jetliner {
namespace {

const void* or_no_bytes(const void* data) { return data != nullptr ? data : kNoBytes; }

struct ArrayPrivate {
  ArrayPrivate() = default;
  ArrayPrivate(const ArrayPrivate&) = delete;
  ArrayPrivate& operator=(const ArrayPrivate&) = delete;
  // A child that the importer moved out has no release callback.
  ~ArrayPrivate() {
    for (ArrowArray& child : children) {
      if (child.release != nullptr) child.release(&child);
    }
    if (dictionary.release != nullptr) dictionary.release(&dictionary);
  }

  std::shared_ptr<const void> memory;  // owns the memory that the buffers point to
  std::vector<const void*> buffers;
  std::vector<ArrowArray> children;
  std::vector<ArrowArray*> child_pointers;
  ArrowArray dictionary{};
};

void release_array(ArrowArray* array) {
  delete static_cast<ArrayPrivate*>(array->private_data);
  array->release = nullptr;
}

struct Extent {
  size_t offset = 0;
  size_t rows = 0;
};

void finish(std::unique_ptr<ArrayPrivate> owned, Extent extent, int64_t null_count, ArrowArray* out) {
  for (ArrowArray& child : owned->children) owned->child_pointers.push_back(&child);
  *out = {.length = static_cast<int64_t>(extent.rows),
          .null_count = null_count,
          .offset = static_cast<int64_t>(extent.offset),
          .n_buffers = static_cast<int64_t>(owned->buffers.size()),
          .n_children = static_cast<int64_t>(owned->children.size()),
          .buffers = owned->buffers.data(),
          .children = owned->child_pointers.data(),
          .dictionary = owned->dictionary.release != nullptr ? &owned->dictionary : nullptr,
          .release = release_array,
          .private_data = owned.get()};
  (void)owned.release();
}

// `memory` keeps the strings alive.
void strings_array(const StringViews& strings, std::shared_ptr<const void> memory, ArrowArray* out) {
  auto owned = std::make_unique<ArrayPrivate>();
  owned->buffers = {nullptr, or_no_bytes(strings.views())};
  if (!strings.heap().empty()) owned->buffers.push_back(strings.heap().data());
  owned->buffers.push_back(strings.heap_bytes());
  owned->memory = std::move(memory);
  finish(std::move(owned), {0, strings.size()}, 0, out);
}

// True if parts of the column are in Chunk::varying.
bool varies(const ArrowType& type) {
  switch (type.layout()) {
    case Layout::kBinaryView:
    case Layout::kStringView:
    case Layout::kSymbolView:  // the array of its heaps' sizes is in the chunk
    case Layout::kList:
      return true;
    default:
      return std::any_of(type.children.begin(), type.children.end(), varies);
  }
}

// `in_list`: the column is below a list, whose items are in Chunk::varying.
void column_array(const std::shared_ptr<const Chunk>& chunk, const ArrowType& type, Extent extent, bool in_list,
                  ArrowArray* out) {
  const FinishedColumn& column = chunk->data[type.column];
  auto owned = std::make_unique<ArrayPrivate>();
  if (in_list || varies(type)) {
    owned->memory = chunk;
  } else {
    owned->memory = chunk->fixed;
  }
  int64_t null_count = 0;
  if (column.validity != nullptr) {
    const bool whole = extent.offset == 0 && extent.rows == column.rows;
    null_count = whole ? static_cast<int64_t>(column.null_count) : -1;  // -1: not counted
  }
  if (type.layout() == Layout::kNull) {
    finish(std::move(owned), {0, extent.rows}, static_cast<int64_t>(extent.rows), out);
    return;
  }
  owned->buffers.reserve(3 + column.heaps.size());
  owned->buffers.push_back(column.validity);
  if (type.layout() != Layout::kStruct) owned->buffers.push_back(column.values);
  if (type.layout() == Layout::kBinaryView || type.layout() == Layout::kStringView ||
      type.layout() == Layout::kSymbolView) {
    for (const HeapBuffer& heap : column.heaps) owned->buffers.push_back(heap.data);
    owned->buffers.push_back(or_no_bytes(column.heap_bytes.data()));
  }
  owned->children.resize(type.children.size());
  for (size_t i = 0; i < type.children.size(); ++i) {
    // Children are exported whole. The offset of a struct applies to its children too; that of a list to its offsets.
    column_array(chunk, type.children[i], {0, chunk->data[type.children[i].column].rows},
                 in_list || type.layout() == Layout::kList, &owned->children[i]);
  }
  if (type.layout() == Layout::kDictionary) {
    strings_array(type.symbols->views, type.symbols, &owned->dictionary);
  }
  finish(std::move(owned), extent, null_count, out);
}

size_t all_rows(std::span<const Slice> slices) {
  size_t rows = 0;
  for (const Slice& slice : slices) rows += slice.rows;
  return rows;
}

// Row numbers. Those above the largest UInt32 become the largest UInt32.
void row_index_array(std::span<const Slice> slices, ArrowArray* out) {
  const size_t rows = all_rows(slices);
  auto numbers = std::make_shared<std::vector<uint32_t>>(rows);
  uint32_t* next = numbers->data();
  for (const Slice& slice : slices) {
    for (size_t i = 0; i < slice.rows; ++i) {
      *next++ = static_cast<uint32_t>(std::min<uint64_t>(slice.row_number(i), std::numeric_limits<uint32_t>::max()));
    }
  }
  auto owned = std::make_unique<ArrayPrivate>();
  owned->buffers = {nullptr, or_no_bytes(numbers->data())};
  owned->memory = std::move(numbers);
  finish(std::move(owned), {0, rows}, 0, out);
}

void path_array(std::span<const Slice> slices, ArrowArray* out) {
  const auto strings = std::make_shared<StringViews>();
  for (const Slice& slice : slices) strings->add(*slice.path, slice.rows);
  strings_array(*strings, strings, out);
}

}  // namespace

void export_column_array(const BatchSchema& schema, std::span<const Slice> slices, size_t index, ArrowArray* out) {
  const std::vector<ArrowType>& columns = schema.columns->children;
  const size_t first = schema.has_row_index ? 1 : 0;
  if (index < first) {
    row_index_array(slices, out);
  } else if (index < first + columns.size()) {
    const Slice& slice = slices.front();
    column_array(slice.chunk, columns[index - first], {slice.offset_rows, all_rows(slices)}, /*in_list=*/false, out);
  } else {
    path_array(slices, out);
  }
}

void export_array(const BatchSchema& schema, std::span<const Slice> slices, ArrowArray* out) {
  auto owned = std::make_unique<ArrayPrivate>();
  owned->buffers = {nullptr};
  owned->children.resize(schema.num_columns());
  for (size_t i = 0; i < owned->children.size(); ++i) export_column_array(schema, slices, i, &owned->children[i]);
  finish(std::move(owned), {0, all_rows(slices)}, 0, out);
}

}  // namespace jetliner
