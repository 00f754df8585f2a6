// The whole read, from a file in memory to batches. Bytes are those of the file, items are rows.
#include "jetliner/reader.h"

#include <benchmark/benchmark.h>

#include <string>
#include <utility>

#include "jetliner/source.h"
#include "samples.h"

namespace jetliner {
namespace {

constexpr size_t kBlockBytes = 16'000;

void read_file(benchmark::State& state, const Sample& sample, const char* codec, ReadOptions options = {}) {
  const auto blocks = static_cast<size_t>(state.range(0));
  const Bytes file = make_file(sample, codec, blocks, kBlockBytes);
  options.n_threads = static_cast<size_t>(state.range(1));
  uint64_t rows = 0;
  for (auto _ : state) {
    Reader reader({"memory"}, options, [&file](const std::string&) { return open_memory(file); });
    Batch batch;
    while (reader.next(batch)) rows += batch.num_rows();
  }
  state.SetItemsProcessed(static_cast<int64_t>(rows));
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * file.size()));
}

ReadOptions five_columns() {
  ReadOptions options;
  options.columns = ColumnNames{{"c3", "c20", "c45", "c62", "c97"}};
  return options;
}

void sizes(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgNames({"blocks", "threads"})->Args({1, 0})->Args({2000, 1})->Args({2000, 0});
  benchmark->Unit(benchmark::kMicrosecond)->MeasureProcessCPUTime()->UseRealTime();
}

BENCHMARK_CAPTURE(read_file, flat_null, flat_sample(), "null")->Apply(sizes);
BENCHMARK_CAPTURE(read_file, flat_snappy, flat_sample(), "snappy")->Apply(sizes);
BENCHMARK_CAPTURE(read_file, nested_snappy, nested_sample(), "snappy")->Apply(sizes);
BENCHMARK_CAPTURE(read_file, wide_snappy, wide_sample(), "snappy")->Apply(sizes);
BENCHMARK_CAPTURE(read_file, wide_snappy_5_of_100, wide_sample(), "snappy", five_columns())->Apply(sizes);

}  // namespace
}  // namespace jetliner
