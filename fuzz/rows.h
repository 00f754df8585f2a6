// Decodes fuzzed data and checks the rows:
//
// - Decoding ends with rows or with an error status.
// - The rows are valid Arrow arrays.
// - Decoding some columns, or none, consumes the same bytes as decoding all.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "arrow/export.h"
#include "arrow_reader.h"
#include "check.h"
#include "decode/decoder.h"
#include "jetliner/options.h"
#include "plan/plan.h"
#include "schema/schema.h"
#include "types/arrow_type.h"
#include "types/projection.h"

namespace jetliner {

inline constexpr size_t kMaxRows = 64;
// Larger plans are skipped: they take too long.
inline constexpr size_t kMaxFuzzedOps = 2000;
inline constexpr size_t kLimitBytes = 64 << 20;

using ColumnsPtr = std::shared_ptr<const ArrowType>;

inline ColumnsPtr numbered(ArrowType columns) {
  number_columns(columns);
  return std::make_shared<const ArrowType>(std::move(columns));
}

// One of all combinations of options. `number` depends on the input.
inline TypeOptions options_of(size_t number) {
  return {.enum_as = static_cast<EnumAs>(number % 3),
          .map_as = static_cast<MapAs>(number / 3 % 2),
          .utf8 = static_cast<Utf8>(number / 6 % 2)};
}

struct Rows {
  std::vector<size_t> ends;  // end of each row in the data
  Status status = Status::kOk;
  std::shared_ptr<const Chunk> chunk;
};

// Decodes row by row up to the first error, or `n` rows at once.
inline Rows decode(const std::shared_ptr<const Plan>& plan, const uint8_t* data, size_t size, std::optional<size_t> n) {
  ColumnSet set(plan->columns);
  set.set_limit_bytes(kLimitBytes);
  Decoder decoder(*plan, set);
  decoder.start_block(size);
  Rows rows;
  const uint8_t* p = data;
  while (rows.ends.size() < n.value_or(kMaxRows) && rows.status == Status::kOk) {
    const size_t step = n.value_or(1);
    set.reserve(set.rows() + step);
    const Decoder::Result result = decoder.decode(p, data + size, step);
    JETLINER_FUZZ_CHECK((result.status == Status::kOk) == (result.rows == step));
    rows.status = result.status;
    if (result.status != Status::kOk) {
      JETLINER_FUZZ_CHECK(result.where >= data && result.where <= data + size);
      JETLINER_FUZZ_CHECK(result.op < plan->ops.size());
      break;
    }
    JETLINER_FUZZ_CHECK(result.next >= p && result.next <= data + size);
    JETLINER_FUZZ_CHECK(static_cast<uint64_t>(result.next - p) >= plan->min_row_bytes * step);
    p = result.next;
    rows.ends.resize(rows.ends.size() + step, static_cast<size_t>(p - data));
  }
  JETLINER_FUZZ_CHECK(set.rows() == rows.ends.size());
  rows.chunk = set.finish();
  return rows;
}

// Exports the rows, checks the arrays, and returns the rows as texts.
inline std::vector<std::string> texts(const std::shared_ptr<const Chunk>& chunk) {
  auto schema = std::make_shared<BatchSchema>();
  schema->columns = chunk->columns;
  ArrowArrayStream stream;
  export_stream(schema, {Slice{.chunk = chunk, .rows = chunk->rows}}, &stream);
  return stream_rows(&stream);
}

inline ArrowType every_second(const ArrowType& columns) {
  ArrowType some{.type = columns.type};
  for (size_t i = 0; i < columns.children.size(); i += 2) some.children.push_back(columns.children[i]);
  return some;
}

// The texts of rows with only the columns in `kept`.
inline std::vector<std::string> projected_texts(const std::shared_ptr<const Chunk>& chunk, const ArrowType& kept) {
  auto part = std::make_shared<Chunk>();
  auto columns = std::make_shared<ArrowType>(ArrowType{.type = kept.type});
  for (const ArrowType& column : chunk->columns->children) {
    if (kept.child(column.name) != nullptr) columns->children.push_back(column);  // keeps its column number
  }
  part->columns = columns;
  part->data = chunk->data;
  part->rows = chunk->rows;
  return texts(part);
}

// Decodes all columns, row by row and at once, then every second column, then none. `compiled(columns)` gives the plan.
template <typename Compiled>
void check_rows(const std::shared_ptr<const Plan>& plan, Compiled compiled, const uint8_t* data, size_t size) {
  const Rows whole = decode(plan, data, size, std::nullopt);
  const std::vector<std::string> whole_texts = texts(whole.chunk);
  JETLINER_FUZZ_CHECK(whole_texts.size() == whole.ends.size());

  // The same rows in one go.
  const Rows at_once = decode(plan, data, size, whole.ends.size());
  JETLINER_FUZZ_CHECK(at_once.status == Status::kOk || at_once.status == Status::kMemory);
  if (at_once.status == Status::kOk && !whole.ends.empty()) {
    JETLINER_FUZZ_CHECK(at_once.ends.back() == whole.ends.back());
    JETLINER_FUZZ_CHECK(texts(at_once.chunk) == whole_texts);
  }

  for (const bool is_none : {false, true}) {
    const ColumnsPtr part = numbered(is_none ? project(*plan->columns, {}) : every_second(*plan->columns));
    const Rows some = decode(compiled(part), data, size, std::nullopt);
    JETLINER_FUZZ_CHECK(some.ends.size() >= whole.ends.size() || some.status == Status::kMemory);
    const size_t both = std::min(some.ends.size(), whole.ends.size());
    JETLINER_FUZZ_CHECK(
        std::equal(whole.ends.begin(), whole.ends.begin() + static_cast<ptrdiff_t>(both), some.ends.begin()));
    std::vector<std::string> some_texts = texts(some.chunk);
    some_texts.resize(std::min(some_texts.size(), whole_texts.size()));
    if (some_texts.size() == whole_texts.size()) {
      JETLINER_FUZZ_CHECK(some_texts == projected_texts(whole.chunk, *part));
    }
  }
}

// Runs `action(data, size)` on a copy with kSlackBytes behind it. The copy has exact size, so a sanitizer sees a read
// beyond the slack. The slack holds garbage, since its content must not matter.
template <typename Action>
void with_slack(const uint8_t* data, size_t size, Action action) {
  const std::unique_ptr<uint8_t[]> block(new uint8_t[size + kSlackBytes]);
  if (size > 0) std::memcpy(block.get(), data, size);
  std::memset(block.get() + size, 0x82, kSlackBytes);
  try {
    action(block.get(), size);
  } catch (const BadArrow& bad) {
    std::fprintf(stderr, "bad array: %s\n", bad.what());
    __builtin_trap();
  }
}

// Runs `action(schema, data, size)` on an input that is the text of a schema, a NUL, and the plain data of a block.
template <typename Action>
void with_schema(const uint8_t* input, size_t input_bytes, Action action) {
  const auto* const nul = static_cast<const uint8_t*>(input_bytes == 0 ? nullptr : std::memchr(input, 0, input_bytes));
  if (nul == nullptr) return;
  const std::string_view schema(reinterpret_cast<const char*>(input), static_cast<size_t>(nul - input));
  with_slack(nul + 1, input_bytes - schema.size() - 1,
             [&](const uint8_t* data, size_t size) { action(schema, data, size); });
}

}  // namespace jetliner
