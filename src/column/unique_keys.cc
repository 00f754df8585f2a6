// Removes duplicate keys of maps. Keys of Arrow's Map are unique within a value, and Polars relies on it. Avro's data
// may have duplicates. Keys may have any type: they are equal where Polars takes them for equal.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <new>
#include <numeric>
#include <string_view>

#include "base/bytes.h"
#include "base/half.h"
#include "base/view_layout.h"
#include "column/column_set.h"
#include "column/layout_bytes.h"

namespace jetliner {
namespace {

// Up to this many keys are compared in pairs. More keys are sorted, so that forged files cannot cost quadratic time.
constexpr size_t kMaxComparedKeys = 16;

uint64_t load_word(const uint8_t* p) {
  uint64_t word = 0;
  std::memcpy(&word, p, sizeof word);
  return word;
}

bool bit(const uint8_t* bits, size_t i) { return (bits[i >> 3] >> (i & 7) & 1) != 0; }

// Orders two values by their bits. As in Polars, 0.0 equals -0.0, and all NaN are equal.
template <typename Float, typename Bits>
int compare_floats(const uint8_t* values, size_t a, size_t b) {
  const auto bits_at = [values](size_t i) {
    Float value = 0;
    std::memcpy(&value, values + i * sizeof(Float), sizeof(Float));
    if (std::isnan(value)) value = std::numeric_limits<Float>::quiet_NaN();
    if (value == 0) value = 0;
    return std::bit_cast<Bits>(value);
  };
  const Bits one = bits_at(a);
  const Bits other = bits_at(b);
  return one == other ? 0 : one < other ? -1 : 1;
}

// The same for half-precision floats.
int compare_halves(const uint8_t* values, size_t a, size_t b) {
  const auto bits_at = [values](size_t i) {
    uint16_t half = 0;
    std::memcpy(&half, values + i * sizeof half, sizeof half);
    const float value = half_to_float(half);
    if (std::isnan(value)) return int{0x7e00};
    return value == 0 ? 0 : int{half};
  };
  return bits_at(a) - bits_at(b);
}

}  // namespace

// A string of a column that is still being written.
std::string_view ColumnSet::text_at(uint32_t column, size_t row) const {
  const ColumnData& data = data_[column];
  const ViewParts view = read_view(data.values + row * kViewBytes);
  const uint8_t* text = view.inline_bytes;
  if (text == nullptr) {
    const std::vector<HeapBuffer>& closed = heaps_[column];
    const uint8_t* const heap = view.heap_index < closed.size() ? closed[view.heap_index].data : data.heap_begin;
    text = heap + view.heap_offset;
  }
  return as_text({text, view.length});
}

// Orders two values of a column that is still being written. Equal values give 0, and null equals null. The order
// itself means nothing.
int ColumnSet::compare(uint32_t column, size_t a, size_t b) const {
  const ColumnSpec& spec = specs_[column];
  const ColumnData& data = data_[column];
  if (data.validity != nullptr) {
    const bool is_valid = bit(data.validity, a);
    if (is_valid != bit(data.validity, b)) return is_valid ? 1 : -1;
    if (!is_valid) return 0;
  }
  switch (spec.layout) {
    case Layout::kNull:
    case Layout::kStruct:  // its fields are columns of the same scope
      return 0;
    case Layout::kBit:
      return static_cast<int>(bit(data.values, a)) - static_cast<int>(bit(data.values, b));
    case Layout::kBinaryView:
    case Layout::kStringView:
      return text_at(column, a).compare(text_at(column, b));
    case Layout::kList:
      return compare_items(column, a, b);
    case Layout::kFixed2:
      if (spec.is_float) return compare_halves(data.values, a, b);
      break;
    case Layout::kFixed4:
      if (spec.is_float) return compare_floats<float, uint32_t>(data.values, a, b);
      break;
    case Layout::kFixed8:
      if (spec.is_float) return compare_floats<double, uint64_t>(data.values, a, b);
      break;
    case Layout::kFixed1:
    case Layout::kFixed16:
    case Layout::kDictionary:
    case Layout::kSymbolView:  // a symbol has only one view
      break;
  }
  const size_t width = value_width(spec.layout);
  return std::memcmp(data.values + a * width, data.values + b * width, width);
}

// Orders two lists of a column.
int ColumnSet::compare_items(uint32_t column, size_t a, size_t b) const {
  const uint8_t* const offsets = data_[column].values;
  const uint64_t first = load_word(offsets + a * 8);
  const uint64_t other = load_word(offsets + b * 8);
  const uint64_t length = load_word(offsets + (a + 1) * 8) - first;
  const uint64_t other_length = load_word(offsets + (b + 1) * 8) - other;
  if (length != other_length) return length < other_length ? -1 : 1;
  const std::vector<uint32_t>& columns = buffered_columns_[specs_[column].item_scope];
  for (uint64_t i = 0; i < length && !columns.empty(); ++i) {
    for (const uint32_t item : columns) {
      const int difference = compare(item, static_cast<size_t>(first + i), static_cast<size_t>(other + i));
      if (difference != 0) return difference;
    }
  }
  return 0;
}

// Orders two keys of a map. A key may be a struct, which is several columns.
int ColumnSet::compare_keys(uint32_t keys, size_t a, size_t b) const {
  for (const uint32_t column : buffered_columns_[specs_[keys].scope]) {
    if (column < keys) continue;
    if (column >= specs_[keys].subtree_end) break;
    if (const int difference = compare(column, a, b)) return difference;
  }
  return 0;
}

// True if two of a few keys are equal. Compares all pairs.
bool ColumnSet::has_equal_keys(uint32_t keys, size_t first, size_t n) const {
  const ColumnSpec& spec = specs_[keys];
  const size_t width = value_width(spec.layout);
  // The first bytes of strings (with their length) and of integers are equal for few keys only.
  const bool has_heads = width >= 8 && !spec.is_float;
  const auto head = [&](size_t i) { return load_word(data_[keys].values + (first + i) * width); };
  for (size_t i = 1; i < n; ++i) {
    for (size_t k = 0; k < i; ++k) {
      if (has_heads && head(i) != head(k)) continue;
      if (compare_keys(keys, first + i, first + k) == 0) return true;
    }
  }
  return false;
}

void ColumnSet::make_keys_unique(uint32_t map, uint32_t keys, size_t row) {
  const auto first = static_cast<size_t>(load_word(data_[map].values + row * 8));
  const auto end = static_cast<size_t>(load_word(data_[map].values + (row + 1) * 8));
  if (end > std::numeric_limits<int32_t>::max()) throw std::bad_alloc();
  const size_t n = end - first;
  if (n <= kMaxComparedKeys && !has_equal_keys(keys, first, n)) return;
  std::vector<size_t> order(n);
  std::iota(order.begin(), order.end(), first);
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    const int difference = compare_keys(keys, a, b);
    return difference != 0 ? difference < 0 : a < b;
  });
  // For each key its first place, and the place of its last value.
  std::vector<std::pair<size_t, size_t>> places;
  for (const size_t place : order) {
    if (!places.empty() && compare_keys(keys, places.back().first, place) == 0) {
      places.back().second = place;
    } else {
      places.emplace_back(place, place);
    }
  }
  if (places.size() == n) return;
  std::sort(places.begin(), places.end());
  std::vector<size_t> firsts;
  std::vector<size_t> lasts;
  for (const auto& [place, last] : places) {
    firsts.push_back(place);
    lasts.push_back(last);
  }
  // Keys that are equal may differ: 0.0 equals -0.0. The first one stays.
  const ScopeId entries = specs_[map].item_scope;
  for (const uint32_t column : scope_columns_[entries]) {
    const bool is_key = column >= keys && column < specs_[keys].subtree_end;
    keep_values(column, first, is_key ? firsts : lasts);
  }
  scopes_[entries].rows = first + places.size();
  const auto kept_end = static_cast<int64_t>(first + places.size());
  std::memcpy(data_[map].values + (row + 1) * 8, &kept_end, 8);
}

// Replaces the rows of a scope from `from` on by `rows`, in that order. They are the last rows of the scope.
void ColumnSet::keep(ScopeId id, size_t from, const std::vector<size_t>& rows) {
  for (const uint32_t column : scope_columns_[id]) keep_values(column, from, rows);
  scopes_[id].rows = from + rows.size();
}

void ColumnSet::keep_values(uint32_t column, size_t from, const std::vector<size_t>& rows) {
  const ColumnSpec& spec = specs_[column];
  const ColumnData& data = data_[column];
  std::vector<bool> valid(data.validity == nullptr ? 0 : rows.size());
  for (size_t i = 0; i < valid.size(); ++i) valid[i] = bit(data.validity, rows[i]);
  std::vector<bool> bits(spec.layout == Layout::kBit ? rows.size() : 0);
  for (size_t i = 0; i < bits.size(); ++i) bits[i] = bit(data.values, rows[i]);

  restore_bits(column, from, scopes_[spec.scope].capacity);
  for (size_t i = 0; i < valid.size(); ++i) {
    if (!valid[i]) clear_bit(data.validity, from + i);
  }
  for (size_t i = 0; i < bits.size(); ++i) {
    if (bits[i]) data.values[(from + i) >> 3] |= static_cast<uint8_t>(1U << ((from + i) & 7));
  }
  switch (spec.layout) {
    case Layout::kNull:
    case Layout::kStruct:
    case Layout::kBit:
      return;
    case Layout::kList: {
      // Keeps the items of these rows, in order.
      const auto first = static_cast<size_t>(load_word(data.values + from * 8));
      std::vector<size_t> items;
      std::vector<uint64_t> ends;
      for (const size_t row : rows) {
        for (uint64_t item = load_word(data.values + row * 8); item < load_word(data.values + (row + 1) * 8); ++item) {
          items.push_back(static_cast<size_t>(item));
        }
        ends.push_back(first + items.size());
      }
      if (!ends.empty()) std::memcpy(data.values + (from + 1) * 8, ends.data(), ends.size() * 8);
      keep(spec.item_scope, first, items);
      return;
    }
    default: {
      const size_t width = value_width(spec.layout);
      std::vector<uint8_t> values(rows.size() * width);
      for (size_t i = 0; i < rows.size(); ++i) {
        std::memcpy(values.data() + i * width, data.values + rows[i] * width, width);
      }
      if (!values.empty()) std::memcpy(data.values + from * width, values.data(), values.size());
      return;
    }
  }
}

}  // namespace jetliner
