// Header and block framing, from memory.
#include <benchmark/benchmark.h>

#include "container/block_framer.h"
#include "container/header.h"
#include "jetliner/source.h"
#include "samples.h"

namespace jetliner {
namespace {

constexpr size_t kHeaderChunkBytes = 64 << 10;
constexpr size_t kFileBytes = 16 << 20;

void header(benchmark::State& state, const Sample& sample) {
  const Bytes file = make_file(sample, "null", 1, 1);
  const auto source = open_memory(file);
  for (auto _ : state) {
    Header read = read_header(*source, kHeaderChunkBytes);
    benchmark::DoNotOptimize(read.size_bytes);
  }
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations()));
  state.SetBytesProcessed(
      static_cast<int64_t>(state.iterations() * read_header(*source, kHeaderChunkBytes).size_bytes));
}
BENCHMARK_CAPTURE(header, flat, flat_sample());
BENCHMARK_CAPTURE(header, wide, wide_sample());

// Items are blocks.
void frame_blocks(benchmark::State& state) {
  const auto block_bytes = static_cast<size_t>(state.range(0));
  const Bytes file = make_file(flat_sample(), "null", kFileBytes / block_bytes, block_bytes);
  const auto source = open_memory(file);
  const Header header = read_header(*source, kHeaderChunkBytes);
  size_t blocks = 0;
  Unit unit;
  for (auto _ : state) {
    BlockFramer framer(*source, header, {});
    while (framer.next(unit)) blocks += unit.blocks.size();
  }
  state.SetItemsProcessed(static_cast<int64_t>(blocks));
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * file.size()));
}
BENCHMARK(frame_blocks)->ArgName("bytes")->Arg(100)->Arg(16'000)->Arg(1 << 20)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace jetliner
