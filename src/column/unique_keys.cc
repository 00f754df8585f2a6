// Removes duplicate keys of maps. Keys of Arrow's Map are unique within a value, and Polars relies on it. Avro's data
// may have duplicates.
#include <algorithm>
#include <cstring>
#include <limits>
#include <new>
#include <numeric>
#include <string_view>

#include "base/bytes.h"
#include "base/view_layout.h"
#include "column/column_set.h"
#include "column/layout_bytes.h"

namespace jetliner {
namespace {

// Up to this many keys are compared in pairs. More keys are sorted, so that forged files cannot cost quadratic time.
constexpr size_t kMaxComparedKeys = 16;

uint64_t load_8(const uint8_t* p) {
  uint64_t word = 0;
  std::memcpy(&word, p, sizeof word);
  return word;
}

bool bit(const uint8_t* bits, size_t i) { return (bits[i >> 3] >> (i & 7) & 1) != 0; }

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

void ColumnSet::make_keys_unique(uint32_t map, uint32_t keys, size_t row) {
  const auto first = static_cast<size_t>(load_8(data_[map].values + row * 8));
  const auto end = static_cast<size_t>(load_8(data_[map].values + (row + 1) * 8));
  if (end > std::numeric_limits<int32_t>::max()) throw std::bad_alloc();
  const size_t n = end - first;
  if (n <= kMaxComparedKeys) {
    // Length and first bytes are equal for few keys only.
    const uint8_t* const views = data_[keys].values + first * kViewBytes;
    bool found = false;
    for (size_t i = 1; i < n && !found; ++i) {
      const uint64_t head = load_8(views + i * kViewBytes);
      for (size_t k = 0; k < i && !found; ++k) {
        found = head == load_8(views + k * kViewBytes) && text_at(keys, first + i) == text_at(keys, first + k);
      }
    }
    if (!found) return;
  }
  std::vector<size_t> order(n);
  std::iota(order.begin(), order.end(), first);
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    const int difference = text_at(keys, a).compare(text_at(keys, b));
    return difference != 0 ? difference < 0 : a < b;
  });
  // For each key its first place, and the place of its last value.
  std::vector<std::pair<size_t, size_t>> places;
  for (const size_t place : order) {
    if (!places.empty() && text_at(keys, places.back().first) == text_at(keys, place)) {
      places.back().second = place;
    } else {
      places.emplace_back(place, place);
    }
  }
  if (places.size() == n) return;
  std::sort(places.begin(), places.end());
  std::vector<size_t> kept;
  kept.reserve(places.size());
  for (const auto& [place, last] : places) kept.push_back(last);
  keep(specs_[map].item_scope, first, kept);
  const auto kept_end = static_cast<int64_t>(first + kept.size());
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

  restore_bits(column, from);
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
      const auto first = static_cast<size_t>(load_8(data.values + from * 8));
      std::vector<size_t> items;
      std::vector<uint64_t> ends;
      for (const size_t row : rows) {
        for (uint64_t item = load_8(data.values + row * 8); item < load_8(data.values + (row + 1) * 8); ++item) {
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
