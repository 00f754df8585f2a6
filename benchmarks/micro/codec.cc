// Decompression of one block. Bytes are decompressed bytes.
#include <benchmark/benchmark.h>

#include <string>

#include "codec/codec.h"
#include "samples.h"

namespace jetliner {
namespace {

void decompress(benchmark::State& state, const char* name) {
  const Rows rows = rows_of_size(wide_sample(), static_cast<size_t>(state.range(0)));
  const Scratch packed = with_slack(pack(name, rows.bytes.bytes()));
  const auto codec = make_codec(name);
  Scratch scratch;
  for (auto _ : state) {
    const CodecResult plain = codec->decompress(packed.bytes(), scratch, SIZE_MAX);
    if (plain.bytes.size() != rows.bytes.size()) {
      state.SkipWithError("the block does not decompress");
      break;
    }
    benchmark::DoNotOptimize(plain.bytes.data());
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * rows.bytes.size()));
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * rows.count));
}

// Block sizes: the default of fastavro, and a large one.
BENCHMARK_CAPTURE(decompress, null, "null")->ArgName("bytes")->Arg(16'000)->Arg(1 << 20);
BENCHMARK_CAPTURE(decompress, snappy, "snappy")->ArgName("bytes")->Arg(16'000)->Arg(1 << 20);
BENCHMARK_CAPTURE(decompress, deflate, "deflate")->ArgName("bytes")->Arg(16'000)->Arg(1 << 20);
BENCHMARK_CAPTURE(decompress, zstandard, "zstandard")->ArgName("bytes")->Arg(16'000)->Arg(1 << 20);
BENCHMARK_CAPTURE(decompress, bzip2, "bzip2")->ArgName("bytes")->Arg(16'000)->Arg(1 << 20);
BENCHMARK_CAPTURE(decompress, xz, "xz")->ArgName("bytes")->Arg(16'000)->Arg(1 << 20);

}  // namespace
}  // namespace jetliner
