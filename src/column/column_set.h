// Growable columns in Arrow's layout. The decoder writes them row by row.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

#include "column/arena.h"
#include "column/chunk.h"
#include "types/arrow_type.h"

namespace jetliner {

// A scope is a set of columns with the same number of rows. The top level is one; the items of each list column are
// another. Fields of a struct belong to the scope of the struct: in a null struct they are null.
using ScopeId = uint32_t;

struct ColumnSpec {
  Layout layout = Layout::kNull;
  bool has_validity = false;  // may be null itself, or is a field of a nullable struct
  ScopeId scope = 0;
  ScopeId item_scope = 0;                // lists: the scope of the items
  uint32_t subtree_end = 0;              // columns [own index, subtree_end): this one and all below it
  bool is_map = false;                   // lists: become Arrow's Map in finish()
  bool is_float = false;                 // half, float or double
  const EnumSymbols* symbols = nullptr;  // symbol views
};

// The buffers that the decoder writes to. They have room for the capacity of the scope.
struct alignas(64) ColumnData {
  uint8_t* values = nullptr;    // values, bits, views or indices; for lists offsets, one more than rows
  uint8_t* validity = nullptr;  // bitmap of ones, where nulls clear a bit; nullptr without nulls
  uint8_t* heap = nullptr;      // views: next free byte of the current heap buffer
  uint8_t* heap_end = nullptr;
  uint8_t* heap_begin = nullptr;
  uint32_t heap_index = 0;  // views: index of the current heap buffer
};

struct Scope {
  size_t rows = 0;
  size_t capacity = 0;
  size_t written_rows = 0;  // within truncate(): the rows before it
};

// Writes a value of fixed width.
template <typename T>
inline void store(const ColumnData& column, size_t row, T value) {
  std::memcpy(column.values + row * sizeof(T), &value, sizeof(T));
}

inline void clear_bit(uint8_t* bits, size_t i) { bits[i >> 3] &= static_cast<uint8_t>(~(1U << (i & 7))); }

class ColumnSet {
 public:
  // `columns` has numbers (number_columns). Chunks share `columns` and `pool`.
  explicit ColumnSet(std::shared_ptr<const ArrowType> columns,
                     std::shared_ptr<BlockPool> pool = std::make_shared<BlockPool>());

  [[nodiscard]] const std::vector<ColumnSpec>& specs() const { return specs_; }
  [[nodiscard]] ColumnData* data() { return data_.data(); }
  [[nodiscard]] Scope& scope(ScopeId id) { return scopes_[id]; }
  [[nodiscard]] size_t rows() const { return scopes_[0].rows; }

  // Bytes that a row takes at least: at top level, or in a scope.
  [[nodiscard]] size_t row_bytes() const { return row_bytes_[0]; }
  [[nodiscard]] size_t row_bytes(ScopeId id) const { return row_bytes_[id]; }
  // Average bytes of a top-level row in the last chunk, with headroom. row_bytes() for the first chunk.
  [[nodiscard]] size_t expected_row_bytes() const;
  // Bytes of the buffers so far.
  [[nodiscard]] size_t allocated_bytes() const { return fixed_.allocated_bytes() + varying_.allocated_bytes(); }

  // Makes growing fail (std::bad_alloc) where the rows would take more than this.
  void set_limit_bytes(size_t bytes) { limit_bytes_ = bytes; }

  // The next rows have at most this much text. For small files: text gets less room at first then.
  void expect_text_bytes(size_t bytes);

  // Makes room for `rows` rows in all at top level. On empty columns also makes room for items and string bytes, by the
  // averages of the last chunk.
  void reserve(size_t rows);
  // Makes room for `additional` more rows in a scope. Throws std::bad_alloc.
  void grow(ScopeId id, size_t additional);
  // Starts a new heap buffer of the column, with room for `bytes`.
  void grow_heap(uint32_t column, size_t bytes);

  // Writes null as row `row` to the columns in [first, last) that belong to the scope of `first`.
  void write_null(uint32_t first, uint32_t last, size_t row);

  // Removes duplicate keys from the map at `row`, the last row of its scope. A key keeps its first place and its last
  // value. `keys` is the column of the keys, of any type. Throws std::bad_alloc, also where there are more entries than
  // Arrow's Map can hold.
  void make_keys_unique(uint32_t map, uint32_t keys, size_t row);

  // Drops all top-level rows from `rows` on, also those that are only written in part. Scope::rows must count the
  // latter too. Takes time for the dropped rows only, since a block may have very many rows that are dropped.
  void truncate(size_t rows);
  // For truncate(), where it is not known which rows were written.
  void assume_all_written();

  // Drops all rows and their memory.
  void clear();

  // Hands out the rows. The columns are empty afterwards.
  [[nodiscard]] std::shared_ptr<const Chunk> finish();

 private:
  void flatten(const ArrowType& type, ScopeId scope, bool has_validity);
  uint8_t* allocate(Arena& arena, size_t bytes);
  // The arena of the buffers of a scope; heaps are always in `varying_`.
  [[nodiscard]] Arena& arena_of(ScopeId id) { return id == 0 ? fixed_ : varying_; }
  void allocate_column(uint32_t column, size_t capacity, size_t rows);
  void close_heap(uint32_t column);
  void restore_bits(uint32_t column, size_t from, size_t end);
  // unique_keys.cc:
  [[nodiscard]] std::string_view text_at(uint32_t column, size_t row) const;
  [[nodiscard]] int compare(uint32_t column, size_t a, size_t b) const;
  [[nodiscard]] int compare_items(uint32_t column, size_t a, size_t b) const;
  [[nodiscard]] int compare_keys(uint32_t keys, size_t a, size_t b) const;
  [[nodiscard]] bool has_equal_keys(uint32_t keys, size_t first, size_t n) const;
  void keep(ScopeId id, size_t from, const std::vector<size_t>& rows);
  void keep_values(uint32_t column, size_t from, const std::vector<size_t>& rows);

  std::shared_ptr<const ArrowType> columns_;
  std::vector<ColumnSpec> specs_;
  std::vector<std::vector<uint32_t>> scope_columns_;     // for each scope, its columns
  std::vector<std::vector<uint32_t>> buffered_columns_;  // of these, those that have values or validity
  std::vector<size_t> row_bytes_;                        // by scope

  Arena fixed_;  // see Chunk
  Arena varying_;
  size_t limit_bytes_ = SIZE_MAX / 2;  // of both
  size_t first_heap_bytes_ = 4 << 10;
  std::vector<ColumnData> data_;
  std::vector<Scope> scopes_;
  std::vector<std::vector<HeapBuffer>> heaps_;  // by column: heap buffers that are full
  // Averages of the last chunk:
  std::vector<double> rows_average_;  // by scope: rows for a top-level row
  std::vector<double> heap_average_;  // by column: heap bytes for a top-level row
};

}  // namespace jetliner
