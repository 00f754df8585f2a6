// Any schema (the text up to the first NUL) and any bytes as the plain data of a block. Reading ends with rows or with
// a status; the rows are arrays that an importer may trust; and reading some columns, or none, passes over exactly the
// bytes that reading all of them takes.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "arrow/export.h"
#include "arrow_reader.h"
#include "check.h"
#include "decode/decoder.h"
#include "jetliner/error.h"
#include "plan/plan.h"
#include "schema/arrow_type.h"
#include "schema/schema.h"

namespace jetliner {
namespace {

constexpr size_t kMaxRows = 64;
// Schemas that unfold to more than this take time that is better spent on others.
constexpr size_t kMaxFuzzedOps = 2000;
constexpr size_t kLimitBytes = 64 << 20;

using ColumnsPtr = std::shared_ptr<const ArrowType>;

ColumnsPtr numbered(ArrowType columns) {
  number_columns(columns);
  return std::make_shared<const ArrowType>(std::move(columns));
}

struct Rows {
  std::vector<size_t> ends;  // of each row in the data
  Status status = Status::kOk;
  std::shared_ptr<const Chunk> chunk;
};

// Row by row, as far as it goes; or all of `n` at once.
Rows decode(const std::shared_ptr<const Schema>& schema, const ColumnsPtr& columns, const uint8_t* data, size_t size,
            std::optional<size_t> n) {
  const auto plan = compile(schema, columns);
  ColumnSet set(columns);
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

// As text, after all checks.
std::vector<std::string> texts(const std::shared_ptr<const Chunk>& chunk) {
  auto schema = std::make_shared<BatchSchema>();
  schema->columns = chunk->columns;
  ArrowArrayStream stream;
  export_stream(schema, {Slice{.chunk = chunk, .rows = chunk->rows}}, &stream);
  return stream_rows(&stream);
}

ArrowType every_second(const ArrowType& columns) {
  ArrowType some{.format = columns.format, .layout = columns.layout};
  for (size_t i = 0; i < columns.children.size(); i += 2) some.children.push_back(columns.children[i]);
  return some;
}

// A row's text with only the columns in `kept`.
std::vector<std::string> projected_texts(const std::shared_ptr<const Chunk>& chunk, const ArrowType& kept) {
  auto part = std::make_shared<Chunk>();
  auto columns = std::make_shared<ArrowType>(ArrowType{.format = kept.format, .layout = kept.layout});
  for (const ArrowType& column : chunk->columns->children) {
    if (kept.child(column.name) != nullptr) columns->children.push_back(column);  // with its own number
  }
  part->columns = columns;
  part->data = chunk->data;
  part->rows = chunk->rows;
  return texts(part);
}

void run(std::string_view schema_json, const uint8_t* data, size_t size) {
  std::shared_ptr<const Schema> schema;
  ColumnsPtr all;
  try {
    schema = std::make_shared<const Schema>(parse_schema(schema_json));
    all = numbered(arrow_columns(*schema));
  } catch (const Error& error) {
    JETLINER_FUZZ_CHECK(error.kind() == ErrorKind::kSchema);
    return;
  }
  const auto plan = compile(schema, all);
  if (plan->ops.size() > kMaxFuzzedOps) return;
  (void)plan->dump();

  const Rows whole = decode(schema, all, data, size, std::nullopt);
  const std::vector<std::string> whole_texts = texts(whole.chunk);
  JETLINER_FUZZ_CHECK(whole_texts.size() == whole.ends.size());

  // The same rows in one go.
  const Rows at_once = decode(schema, all, data, size, whole.ends.size());
  JETLINER_FUZZ_CHECK(at_once.status == Status::kOk || at_once.status == Status::kMemory);
  if (at_once.status == Status::kOk && !whole.ends.empty()) {
    JETLINER_FUZZ_CHECK(at_once.ends.back() == whole.ends.back());
    JETLINER_FUZZ_CHECK(texts(at_once.chunk) == whole_texts);
  }

  for (const bool is_none : {false, true}) {
    const ColumnsPtr part = numbered(is_none ? project(*all, {}) : every_second(*all));
    const Rows some = decode(schema, part, data, size, std::nullopt);
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

}  // namespace
}  // namespace jetliner

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto* const nul = static_cast<const uint8_t*>(size == 0 ? nullptr : std::memchr(data, 0, size));
  if (nul == nullptr) return 0;
  const std::string_view schema(reinterpret_cast<const char*>(data), static_cast<size_t>(nul - data));
  const size_t rest = size - schema.size() - 1;
  // Exactly as long as promised, so that a byte read too far is seen; what is in the slack must not matter.
  const std::unique_ptr<uint8_t[]> block(new uint8_t[rest + jetliner::kSlackBytes]);
  if (rest > 0) std::memcpy(block.get(), nul + 1, rest);
  std::memset(block.get() + rest, 0x82, jetliner::kSlackBytes);
  try {
    jetliner::run(schema, block.get(), rest);
  } catch (const jetliner::BadArrow& bad) {
    std::fprintf(stderr, "bad array: %s\n", bad.what());
    __builtin_trap();
  }
  return 0;
}
