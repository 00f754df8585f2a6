#include "column/join.h"

#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/view_layout.h"
#include "column/layout_bytes.h"

namespace jetliner {
namespace {

// Rows of one column of a chunk, at least one.
struct Part {
  const Chunk* chunk;
  size_t first;
  size_t rows;
};
using Parts = std::vector<Part>;

bool is_set(const uint8_t* bits, size_t i) { return ((bits[i >> 3] >> (i & 7)) & 1U) != 0; }
void set_bit(uint8_t* bits, size_t i) { bits[i >> 3] |= static_cast<uint8_t>(1U << (i & 7)); }

size_t all_rows(const Parts& parts) {
  size_t rows = 0;
  for (const Part& part : parts) rows += part.rows;
  return rows;
}

// The first item of the list at `row`. If `row` is the number of rows: the end of the last list's items.
size_t list_offset(const ArrowType& type, const FinishedColumn& column, size_t row) {
  if (type.kind() == ArrowKind::kMap) {
    int32_t offset = 0;
    std::memcpy(&offset, column.values + row * 4, 4);
    return static_cast<size_t>(offset);
  }
  int64_t offset = 0;
  std::memcpy(&offset, column.values + row * 8, 8);
  return static_cast<size_t>(offset);
}

class Joiner {
 public:
  Joiner(std::span<const ChunkRows> parts, const std::shared_ptr<BlockPool>& pool) : fixed_(pool), varying_(pool) {
    for (const ChunkRows& part : parts) {
      if (part.rows > 0) top_.push_back({part.chunk, part.first, part.rows});
    }
    chunk_->columns = parts.front().chunk->columns;
    chunk_->data.resize(parts.front().chunk->data.size());
    chunk_->rows = all_rows(top_);
  }

  std::shared_ptr<const Chunk> join() {
    for (const ArrowType& type : chunk_->columns->children) add_column(type, top_, fixed_);
    chunk_->fixed = std::make_shared<const Arena>(fixed_.take());
    chunk_->varying = varying_.take();
    return std::move(chunk_);
  }

 private:
  static const FinishedColumn& column_of(const ArrowType& type, const Part& part) {
    return part.chunk->data[type.column];
  }

  // `arena`: for the values and validity of the column.
  void add_column(const ArrowType& type, const Parts& parts, Arena& arena) {
    FinishedColumn& joined = chunk_->data[type.column];
    joined.rows = all_rows(parts);
    joined.values = kNoBytes;
    add_validity(type, parts, arena, joined);
    switch (type.layout()) {
      case Layout::kNull:
        joined.null_count = joined.rows;
        return;
      case Layout::kBit:
        add_bits(type, parts, arena, joined);
        return;
      case Layout::kFixed1:
      case Layout::kFixed2:
      case Layout::kFixed4:
      case Layout::kFixed8:
      case Layout::kFixed16:
      case Layout::kDictionary:
      case Layout::kSymbolView:
        add_values(type, parts, arena, joined);
        return;
      case Layout::kBinaryView:
      case Layout::kStringView:
        add_views(type, parts, arena, joined);
        return;
      case Layout::kList:
        add_lists(type, parts, arena, joined);
        return;
      case Layout::kStruct:
        for (const ArrowType& child : type.children) add_column(child, parts, arena);
        return;
    }
  }

  static void add_validity(const ArrowType& type, const Parts& parts, Arena& arena, FinishedColumn& joined) {
    bool has_nulls = false;
    for (const Part& part : parts) has_nulls = has_nulls || column_of(type, part).validity != nullptr;
    if (!has_nulls) return;
    const size_t bytes = bitmap_bytes(joined.rows);
    uint8_t* const bits = arena.allocate(bytes);
    std::memset(bits, 0, bytes);
    size_t row = 0;
    size_t ones = 0;
    for (const Part& part : parts) {
      const uint8_t* const from = column_of(type, part).validity;
      for (size_t i = 0; i < part.rows; ++i, ++row) {
        if (from != nullptr && !is_set(from, part.first + i)) continue;
        set_bit(bits, row);
        ++ones;
      }
    }
    joined.null_count = joined.rows - ones;
    if (joined.null_count > 0) joined.validity = bits;
  }

  static void add_bits(const ArrowType& type, const Parts& parts, Arena& arena, FinishedColumn& joined) {
    const size_t bytes = bitmap_bytes(joined.rows);
    uint8_t* const bits = arena.allocate(bytes);
    std::memset(bits, 0, bytes);
    size_t row = 0;
    for (const Part& part : parts) {
      const uint8_t* const from = column_of(type, part).values;
      for (size_t i = 0; i < part.rows; ++i, ++row) {
        if (is_set(from, part.first + i)) set_bit(bits, row);
      }
    }
    joined.values = bits;
  }

  // Values of fixed width. Those of dictionaries and symbols point into texts of the type, which all parts share.
  static void add_values(const ArrowType& type, const Parts& parts, Arena& arena, FinishedColumn& joined) {
    const size_t width = value_width(type.layout());
    uint8_t* out = arena.allocate(joined.rows * width);
    joined.values = out;
    for (const Part& part : parts) {
      std::memcpy(out, column_of(type, part).values + part.first * width, part.rows * width);
      out += part.rows * width;
    }
    if (type.layout() != Layout::kSymbolView || parts.empty()) return;
    joined.heaps = column_of(type, parts.front()).heaps;
    joined.heap_bytes = column_of(type, parts.front()).heap_bytes;
  }

  // Long texts go into one new heap buffer.
  void add_views(const ArrowType& type, const Parts& parts, Arena& arena, FinishedColumn& joined) {
    add_values(type, parts, arena, joined);
    size_t heap_bytes = 0;
    for (size_t row = 0; row < joined.rows; ++row) {
      const ViewParts view = read_view(joined.values + row * kViewBytes);
      if (view.inline_bytes == nullptr) heap_bytes += view.length;
    }
    if (heap_bytes == 0) return;
    uint8_t* const heap = varying_.allocate(heap_bytes);
    joined.heaps.push_back({heap, heap_bytes});
    joined.heap_bytes.push_back(static_cast<int64_t>(heap_bytes));
    size_t used = 0;
    auto* out = const_cast<uint8_t*>(joined.values);
    for (const Part& part : parts) {
      const std::vector<HeapBuffer>& from = column_of(type, part).heaps;
      for (size_t i = 0; i < part.rows; ++i, out += kViewBytes) {
        const ViewParts view = read_view(out);
        if (view.inline_bytes != nullptr) continue;
        std::memcpy(heap + used, from[view.heap_index].data + view.heap_offset, view.length);
        write_heap_view(out, heap + used, view.length, 0, used);
        used += view.length;
      }
    }
  }

  void add_lists(const ArrowType& type, const Parts& parts, Arena& arena, FinishedColumn& joined) {
    const size_t width = type.kind() == ArrowKind::kMap ? 4 : 8;
    uint8_t* out = arena.allocate((joined.rows + 1) * width);
    joined.values = out;
    // The low bytes of a count that fits both widths.
    const auto put = [&](size_t offset) {
      const auto narrow = static_cast<int32_t>(offset);
      const auto wide = static_cast<int64_t>(offset);
      std::memcpy(out, width == 4 ? static_cast<const void*>(&narrow) : &wide, width);
      out += width;
    };
    put(0);
    Parts items;
    size_t end = 0;
    for (const Part& part : parts) {
      const FinishedColumn& column = column_of(type, part);
      const size_t first_item = list_offset(type, column, part.first);
      const size_t base = end;
      for (size_t i = 1; i <= part.rows; ++i) {
        end = base + list_offset(type, column, part.first + i) - first_item;
        put(end);
      }
      if (end > base) items.push_back({part.chunk, first_item, end - base});
    }
    add_column(type.children.front(), items, varying_);
  }

  Parts top_;
  std::shared_ptr<Chunk> chunk_ = std::make_shared<Chunk>();
  Arena fixed_;
  Arena varying_;
};

size_t data_bytes(const ArrowType& type, const Chunk& chunk) {
  const FinishedColumn& column = chunk.data[type.column];
  size_t bytes = value_bytes(type.layout(), column.rows);
  if (column.validity != nullptr) bytes += bitmap_bytes(column.rows);
  if (type.layout() == Layout::kBinaryView || type.layout() == Layout::kStringView) {
    for (const HeapBuffer& heap : column.heaps) bytes += heap.bytes;
  }
  for (const ArrowType& child : type.children) bytes += data_bytes(child, chunk);
  return bytes;
}

}  // namespace

size_t data_bytes(const Chunk& chunk) {
  size_t bytes = 0;
  for (const ArrowType& type : chunk.columns->children) bytes += data_bytes(type, chunk);
  return bytes;
}

std::shared_ptr<const Chunk> join(std::span<const ChunkRows> parts, const std::shared_ptr<BlockPool>& pool) {
  return Joiner(parts, pool).join();
}

}  // namespace jetliner
