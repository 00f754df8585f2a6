#include "column/column_set.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <new>
#include <utility>

#include "base/bytes.h"
#include "base/view_layout.h"
#include "column/layout_bytes.h"

namespace jetliner {
namespace {

constexpr size_t kMaxFirstHeapBytes = 4 << 10;
constexpr size_t kMinFirstHeapBytes = 256;
constexpr size_t kUsualHeapBytes = 1 << 20;
constexpr size_t kFirstItems = 64;

// Headroom over the averages of the last chunk.
constexpr double kHeadroom = 1.1;
// Most bytes to reserve because of averages: the next rows may be smaller.
constexpr size_t kMaxExpectedBytes = 64 << 20;

bool has_heap(Layout layout) { return layout == Layout::kBinaryView || layout == Layout::kStringView; }

bool is_float(ArrowKind kind) {
  return kind == ArrowKind::kFloat16 || kind == ArrowKind::kFloat32 || kind == ArrowKind::kFloat64;
}

// Expected rows or bytes for `rows` top-level rows. Limited so that sums do not overflow.
size_t with_headroom(double average, size_t rows) {
  const double expected = average * kHeadroom * static_cast<double>(rows);
  return static_cast<size_t>(std::min(expected, static_cast<double>(kMaxExpectedBytes)));
}

// Turns 8-byte offsets of lists into 4-byte offsets of Arrow's Map, in place.
void narrow_offsets(uint8_t* offsets, size_t rows) {
  for (size_t i = 0; i <= rows; ++i) {
    int64_t offset = 0;
    std::memcpy(&offset, offsets + i * 8, 8);
    const auto narrow = static_cast<int32_t>(offset);
    std::memcpy(offsets + i * 4, &narrow, 4);
  }
}

size_t count_zeros(const uint8_t* bits, size_t n) {
  size_t ones = 0;
  size_t i = 0;
  for (; i + 64 <= n; i += 64) {
    uint64_t word = 0;
    std::memcpy(&word, bits + i / 8, 8);
    ones += static_cast<size_t>(std::popcount(word));
  }
  for (; i < n; ++i) ones += (bits[i >> 3] >> (i & 7)) & 1U;
  return n - ones;
}

}  // namespace

ColumnSet::ColumnSet(std::shared_ptr<const ArrowType> columns, std::shared_ptr<BlockPool> pool)
    : columns_(std::move(columns)), fixed_(pool), varying_(std::move(pool)) {
  scope_columns_.emplace_back();
  for (const ArrowType& type : columns_->children) flatten(type, 0, false);
  data_.resize(specs_.size());
  heaps_.resize(specs_.size());
  heap_average_.resize(specs_.size());
  scopes_.resize(scope_columns_.size());
  rows_average_.resize(scope_columns_.size());
  buffered_columns_.resize(scope_columns_.size());
  row_bytes_.resize(scope_columns_.size());
  for (ScopeId id = 0; id < scope_columns_.size(); ++id) {
    // Computed for 64 rows, since a row of bits takes less than a byte.
    for (const uint32_t column : scope_columns_[id]) {
      const ColumnSpec& spec = specs_[column];
      const size_t bytes = value_bytes(spec.layout, 64) + (spec.has_validity ? 8 : 0);
      if (bytes > 0) buffered_columns_[id].push_back(column);
      row_bytes_[id] += bytes;
    }
    row_bytes_[id] /= 64;
  }
}

void ColumnSet::flatten(const ArrowType& type, ScopeId scope, bool has_validity) {
  const uint32_t index = type.column;
  const bool validity = type.layout() != Layout::kNull && (has_validity || type.nullable || type.nulls_invalid);
  specs_.push_back({.layout = type.layout(),
                    .has_validity = validity,
                    .scope = scope,
                    .is_map = type.kind() == ArrowKind::kMap,
                    .is_float = is_float(type.kind()),
                    .symbols = type.layout() == Layout::kSymbolView ? type.symbols.get() : nullptr});
  scope_columns_[scope].push_back(index);
  if (type.layout() == Layout::kStruct) {
    for (const ArrowType& child : type.children) flatten(child, scope, validity);
  } else if (type.layout() == Layout::kList) {
    scope_columns_.emplace_back();
    specs_[index].item_scope = type.item_scope;
    flatten(type.children.front(), type.item_scope, false);
  }
  specs_[index].subtree_end = static_cast<uint32_t>(specs_.size());
}

uint8_t* ColumnSet::allocate(Arena& arena, size_t bytes) {
  const size_t other_bytes = (&arena == &fixed_ ? varying_ : fixed_).reserved_bytes();
  arena.set_limit(limit_bytes_ - std::min(limit_bytes_, other_bytes));
  return arena.allocate(bytes);
}

void ColumnSet::allocate_column(uint32_t column, size_t capacity, size_t rows) {
  const ColumnSpec& spec = specs_[column];
  ColumnData& data = data_[column];
  const size_t bytes = value_bytes(spec.layout, capacity);
  Arena& arena = arena_of(spec.scope);
  if (bytes > 0) {
    uint8_t* const values = allocate(arena, bytes);
    const size_t used = data.values == nullptr ? 0 : value_bytes(spec.layout, rows);
    if (used > 0) std::memcpy(values, data.values, used);
    if (spec.layout == Layout::kBit) std::memset(values + used, 0, bytes - used);
    if (spec.layout == Layout::kList && used == 0) std::memset(values, 0, 8);
    data.values = values;
  }
  if (spec.has_validity) {
    const size_t all = bitmap_bytes(capacity);
    uint8_t* const validity = allocate(arena, all);
    const size_t used = data.validity == nullptr ? 0 : bitmap_bytes(rows);
    if (used > 0) std::memcpy(validity, data.validity, used);
    std::memset(validity + used, 0xff, all - used);
    data.validity = validity;
  }
}

size_t ColumnSet::expected_row_bytes() const {
  double bytes = static_cast<double>(row_bytes_[0]);
  for (ScopeId id = 1; id < scopes_.size(); ++id) bytes += rows_average_[id] * static_cast<double>(row_bytes_[id]);
  for (const double heap_bytes : heap_average_) bytes += heap_bytes;
  return with_headroom(bytes, 1);
}

void ColumnSet::expect_text_bytes(size_t bytes) {
  first_heap_bytes_ = std::clamp(bytes, kMinFirstHeapBytes, kMaxFirstHeapBytes);
}

void ColumnSet::reserve(size_t rows) {
  Scope& top = scopes_[0];
  if (rows <= top.capacity) return;
  if (top.capacity != 0) {
    grow(0, rows - top.rows);
    return;
  }
  // Computes all sizes first, so that one block of an arena holds all its buffers.
  std::vector<size_t> capacities(scopes_.size());
  size_t fixed_bytes = 0;
  size_t varying_bytes = 0;
  for (ScopeId id = 0; id < scopes_.size(); ++id) {
    capacities[id] = id == 0 ? rows : with_headroom(rows_average_[id], rows);
    size_t& scope_bytes = id == 0 ? fixed_bytes : varying_bytes;
    for (const uint32_t column : scope_columns_[id]) {
      scope_bytes += value_bytes(specs_[column].layout, capacities[id]) + kBufferAlignment;
      if (specs_[column].has_validity) scope_bytes += bitmap_bytes(capacities[id]) + kBufferAlignment;
      varying_bytes += with_headroom(heap_average_[column], rows);
    }
  }
  const bool plausible = fixed_bytes + varying_bytes <= kMaxExpectedBytes;
  if (plausible) {
    fixed_.expect(fixed_bytes, fixed_bytes + varying_bytes);
    varying_.expect(varying_bytes, fixed_bytes + varying_bytes);
  } else {
    std::fill(capacities.begin() + 1, capacities.end(), 0);
  }
  for (ScopeId id = 0; id < scopes_.size(); ++id) {
    for (const uint32_t column : scope_columns_[id]) {
      allocate_column(column, capacities[id], 0);
      const size_t heap_bytes = with_headroom(heap_average_[column], rows);
      if (plausible && heap_bytes > 0) grow_heap(column, heap_bytes);
    }
    scopes_[id].capacity = capacities[id];
  }
}

void ColumnSet::grow(ScopeId id, size_t additional) {
  Scope& scope = scopes_[id];
  // The widest values take 16 bytes. More rows than this would overflow the sizes.
  if (additional > std::numeric_limits<size_t>::max() / 64 - scope.rows) throw std::bad_alloc();
  const size_t needed = scope.rows + additional;
  if (needed <= scope.capacity) return;
  const size_t capacity = std::max({needed, scope.capacity * 2, kFirstItems});
  for (const uint32_t column : scope_columns_[id]) allocate_column(column, capacity, scope.rows);
  scope.capacity = capacity;
}

void ColumnSet::close_heap(uint32_t column) {
  ColumnData& data = data_[column];
  if (data.heap_begin == nullptr) return;
  heaps_[column].push_back({data.heap_begin, static_cast<size_t>(data.heap - data.heap_begin)});
  data.heap = data.heap_end = data.heap_begin = nullptr;
}

void ColumnSet::grow_heap(uint32_t column, size_t bytes) {
  if (bytes > kMaxHeapBytes) throw std::bad_alloc();
  ColumnData& data = data_[column];
  const auto previous = static_cast<size_t>(data.heap_end - data.heap_begin);
  close_heap(column);
  const size_t size = std::max(bytes, std::clamp(previous * 2, first_heap_bytes_, kUsualHeapBytes));
  data.heap = data.heap_begin = allocate(varying_, size);
  data.heap_end = data.heap_begin + size;
  data.heap_index = static_cast<uint32_t>(heaps_[column].size());
}

void ColumnSet::write_null(uint32_t first, uint32_t last, size_t row) {
  for (uint32_t column = first; column < last;) {
    const ColumnSpec& spec = specs_[column];
    const ColumnData& data = data_[column];
    if (data.validity != nullptr) clear_bit(data.validity, row);
    // Sizes as constants: each write is one store.
    switch (spec.layout) {
      case Layout::kNull:
      case Layout::kBit:     // zero already
      case Layout::kStruct:  // its fields come next, and become null as well
        ++column;
        continue;
      case Layout::kFixed1:
        data.values[row] = 0;
        break;
      case Layout::kFixed2:
        std::memset(data.values + row * 2, 0, 2);
        break;
      case Layout::kFixed4:
      case Layout::kDictionary:
        std::memset(data.values + row * 4, 0, 4);
        break;
      case Layout::kFixed8:
        std::memset(data.values + row * 8, 0, 8);
        break;
      case Layout::kFixed16:
      case Layout::kBinaryView:
      case Layout::kStringView:
      case Layout::kSymbolView:
        std::memset(data.values + row * 16, 0, 16);
        break;
      case Layout::kList:
        // An empty list. Its items are in a scope of their own, which gets no row.
        std::memcpy(data.values + (row + 1) * 8, data.values + row * 8, 8);
        break;
    }
    column = spec.subtree_end;
  }
}

// Resets the bits from `from` on to their state before anything was written. Nothing was written from `end` on.
void ColumnSet::restore_bits(uint32_t column, size_t from, size_t end) {
  const auto restore = [from, end](uint8_t* bits, size_t capacity, bool ones) {
    const size_t bytes = bitmap_bytes(std::min(capacity, end));
    size_t byte = from / 8;
    if (byte >= bytes) return;
    const auto kept = static_cast<uint8_t>((1U << (from & 7)) - 1);
    bits[byte] = static_cast<uint8_t>(ones ? (bits[byte] | ~kept) : (bits[byte] & kept));
    ++byte;
    std::memset(bits + byte, ones ? 0xff : 0, bytes - byte);
  };
  const size_t capacity = scopes_[specs_[column].scope].capacity;
  const ColumnData& data = data_[column];
  if (data.validity != nullptr) restore(data.validity, capacity, true);
  if (specs_[column].layout == Layout::kBit && data.values != nullptr) restore(data.values, capacity, false);
}

void ColumnSet::truncate(size_t rows) {
  if (scopes_[0].capacity == 0) return;
  for (Scope& scope : scopes_) scope.written_rows = scope.rows;
  // Outer scopes come first: the rows of a list are cut before its items.
  scopes_[0].rows = rows;
  for (uint32_t column = 0; column < specs_.size(); ++column) {
    const ColumnSpec& spec = specs_[column];
    const size_t kept = scopes_[spec.scope].rows;
    restore_bits(column, kept, scopes_[spec.scope].written_rows);
    if (spec.layout != Layout::kList) continue;
    int64_t items = 0;
    if (data_[column].values != nullptr) std::memcpy(&items, data_[column].values + kept * 8, 8);
    scopes_[spec.item_scope].rows = static_cast<size_t>(items);
  }
}

void ColumnSet::assume_all_written() {
  for (Scope& scope : scopes_) scope.rows = scope.capacity;
}

void ColumnSet::clear() {
  std::fill(data_.begin(), data_.end(), ColumnData{});
  std::fill(heaps_.begin(), heaps_.end(), std::vector<HeapBuffer>{});
  std::fill(scopes_.begin(), scopes_.end(), Scope{});
  fixed_.clear();
  varying_.clear();
}

std::shared_ptr<const Chunk> ColumnSet::finish() {
  auto chunk = std::make_shared<Chunk>();
  chunk->columns = columns_;
  chunk->rows = rows();
  chunk->data.resize(specs_.size());
  const double top_rows = std::max<double>(1.0, static_cast<double>(rows()));
  for (uint32_t column = 0; column < specs_.size(); ++column) {
    const ColumnSpec& spec = specs_[column];
    FinishedColumn& finished = chunk->data[column];
    finished.rows = scopes_[spec.scope].rows;
    if (spec.layout == Layout::kList && data_[column].values == nullptr) allocate_column(column, 0, 0);
    if (spec.is_map) narrow_offsets(data_[column].values, finished.rows);
    finished.values = data_[column].values != nullptr ? data_[column].values : kNoBytes;
    if (data_[column].validity != nullptr) {
      finished.null_count = count_zeros(data_[column].validity, finished.rows);
      if (finished.null_count > 0) finished.validity = data_[column].validity;
    }
    if (spec.layout == Layout::kNull) finished.null_count = finished.rows;
    if (spec.layout == Layout::kSymbolView && !spec.symbols->views.heap().empty()) {
      const std::string& heap = spec.symbols->views.heap();
      finished.heaps.push_back({reinterpret_cast<const uint8_t*>(heap.data()), heap.size()});
      finished.heap_bytes.push_back(static_cast<int64_t>(heap.size()));
    }
    if (has_heap(spec.layout)) {
      close_heap(column);
      finished.heaps = std::exchange(heaps_[column], {});
      size_t total_bytes = 0;
      for (const HeapBuffer& heap : finished.heaps) {
        finished.heap_bytes.push_back(static_cast<int64_t>(heap.bytes));
        total_bytes += heap.bytes;
      }
      heap_average_[column] = static_cast<double>(total_bytes) / top_rows;
    }
    data_[column] = {};
  }
  for (ScopeId id = 0; id < scopes_.size(); ++id) {
    rows_average_[id] = static_cast<double>(scopes_[id].rows) / top_rows;
    scopes_[id] = {};
  }
  chunk->fixed = std::make_shared<const Arena>(fixed_.take());
  chunk->varying = varying_.take();
  return chunk;
}

}  // namespace jetliner
