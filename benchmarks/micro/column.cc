// Finishing chunks and exporting arrays. Items are columns.
#include <benchmark/benchmark.h>

#include <memory>

#include "arrow/export.h"
#include "column/column_set.h"
#include "decode/decoder.h"
#include "samples.h"

namespace jetliner {
namespace {

constexpr size_t kRows = 100;

// Reserves space and decodes rows.
bool fill(ColumnSet& columns, Decoder& decoder, const Rows& rows) {
  columns.reserve(rows.count);
  decoder.start_block(rows.bytes.size());
  return decoder.decode(rows.bytes.data(), rows.bytes.data() + rows.bytes.size(), rows.count).rows == rows.count;
}

// Reserves, finishes and drops a chunk. It has one row, so decoding takes no time.
void reserve_and_finish(benchmark::State& state, const Sample& sample) {
  const auto plan = plan_for(sample.schema_json);
  const Rows rows = make_rows(sample, 1);
  ColumnSet columns(plan->columns);
  Decoder decoder(*plan, columns);
  for (auto _ : state) {
    if (!fill(columns, decoder, rows)) {
      state.SkipWithError("the sample does not decode");
      return;
    }
    const auto chunk = columns.finish();
    size_t chunk_rows = chunk->rows;
    benchmark::DoNotOptimize(chunk_rows);
  }
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * columns.specs().size()));
}

void export_and_release(benchmark::State& state, const Sample& sample) {
  const auto plan = plan_for(sample.schema_json);
  ColumnSet columns(plan->columns);
  Decoder decoder(*plan, columns);
  if (!fill(columns, decoder, make_rows(sample, kRows))) {
    state.SkipWithError("the sample does not decode");
    return;
  }
  const auto chunk = columns.finish();
  auto schema = std::make_shared<BatchSchema>();
  schema->columns = chunk->columns;
  for (auto _ : state) {
    ArrowArrayStream stream;
    export_stream(schema, {Slice{.chunk = chunk, .rows = chunk->rows}}, &stream);
    ArrowSchema out_schema;
    ArrowArray out_array;
    stream.get_schema(&stream, &out_schema);
    stream.get_next(&stream, &out_array);
    benchmark::DoNotOptimize(out_array.length);
    out_array.release(&out_array);
    out_schema.release(&out_schema);
    stream.release(&stream);
  }
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * columns.specs().size()));
}

BENCHMARK_CAPTURE(reserve_and_finish, flat, flat_sample());
BENCHMARK_CAPTURE(reserve_and_finish, nested, nested_sample());
BENCHMARK_CAPTURE(reserve_and_finish, wide, wide_sample());
BENCHMARK_CAPTURE(export_and_release, flat, flat_sample());
BENCHMARK_CAPTURE(export_and_release, nested, nested_sample());
BENCHMARK_CAPTURE(export_and_release, wide, wide_sample());

}  // namespace
}  // namespace jetliner
