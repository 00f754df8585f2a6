// Writes any rows by any schema. The input is that of decode_fuzzer.cc: the text of a schema, a NUL, and the plain data
// of a block. The rows that it gives are written by the same schema, and by the one that is made from their types.
// Writing ends with an error of the schema or of a value, or the reader reads the same rows.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "check.h"
#include "jetliner/error.h"
#include "jetliner/reader.h"
#include "jetliner/writer.h"
#include "memory_sink.h"
#include "plan/plan.h"
#include "rows.h"
#include "schema/schema.h"
#include "types/arrow_columns.h"

namespace jetliner {
namespace {

void export_chunk(const std::shared_ptr<const Chunk>& chunk, ArrowArrayStream* stream) {
  auto schema = std::make_shared<BatchSchema>();
  schema->columns = chunk->columns;
  export_stream(schema, {Slice{.chunk = chunk, .rows = chunk->rows}}, stream);
}

// Nothing where the rows cannot be written.
std::optional<std::vector<uint8_t>> write(const std::shared_ptr<const Chunk>& chunk, const WriteOptions& options) {
  WrittenFiles files;
  ArrowArrayStream stream;
  export_chunk(chunk, &stream);
  try {
    Writer writer(files.opener(), options);
    writer.write(&stream);
    writer.close();
  } catch (const Error& error) {
    if (stream.release != nullptr) stream.release(&stream);
    JETLINER_FUZZ_CHECK(error.kind() == ErrorKind::kSchema || error.kind() == ErrorKind::kEncode);
    JETLINER_FUZZ_CHECK(files.finished.empty());
    return std::nullopt;
  }
  JETLINER_FUZZ_CHECK(files.finished.size() == 1);
  return files.finished[0];
}

std::vector<std::string> read(const std::vector<uint8_t>& file, const ReadOptions& options) {
  Reader reader({"written"}, options, [&](const std::string&) { return open_memory(file); });
  std::vector<std::string> rows;
  for (Batch batch; reader.next(batch);) {
    ArrowArrayStream stream;
    batch.export_stream(&stream);
    for (std::string& row : stream_rows(&stream)) rows.push_back(std::move(row));
  }
  return rows;
}

void run(std::string_view schema_json, const uint8_t* data, size_t size) {
  std::shared_ptr<const Schema> schema;
  ColumnsPtr columns;
  const TypeOptions types = options_of(size);
  try {
    schema = std::make_shared<const Schema>(parse_schema(schema_json));
    columns = numbered(arrow_columns(*schema, types));
  } catch (const Error&) {
    return;  // decode_fuzzer.cc checks the error
  }
  const auto plan = compile(schema, columns);
  if (plan->ops.size() > kMaxFuzzedOps) return;
  const Rows rows = decode(plan, data, size, std::nullopt);
  const std::vector<std::string> wanted = texts(rows.chunk);

  WriteOptions options;
  options.block_bytes = 1 + size % 300;
  options.n_threads = 1 + size % 2;
  options.codec = size % 3 == 0 ? "deflate" : "null";
  options.sync_marker.emplace().fill(7);
  for (const bool is_derived : {false, true}) {
    options.schema.reset();
    options.derived.invalid_names = is_derived ? InvalidNames::kReplace : InvalidNames::kKeep;
    if (!is_derived) {
      options.schema = std::string(schema_json);
      (void)schema_faults(*options.schema);
    }
    const std::optional<std::vector<uint8_t>> file = write(rows.chunk, options);
    if (!file) continue;
    ReadOptions read_options;
    if (!is_derived) read_options.types = types;
    const std::vector<std::string> got = read(*file, read_options);
    JETLINER_FUZZ_CHECK(got.size() == wanted.size());
    if (!is_derived) JETLINER_FUZZ_CHECK(got == wanted);
  }
}

}  // namespace
}  // namespace jetliner

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  jetliner::with_schema(data, size, jetliner::run);
  return 0;
}
