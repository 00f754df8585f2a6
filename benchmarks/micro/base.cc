// Variable-length integers and UTF-8.
#include <benchmark/benchmark.h>

#include "base/utf8.h"
#include "base/varint.h"
#include "decode/scan.h"
#include "samples.h"

namespace jetliner {
namespace {

constexpr size_t kNumbers = 1 << 16;

// Numbers of up to `bits` bits; every length is equally likely.
Scratch numbers(int64_t bits) {
  Random random(1);
  Values out;
  for (size_t i = 0; i < kNumbers; ++i) {
    out.number(static_cast<int64_t>(random() >> (64 - 1 - below(random, static_cast<uint64_t>(bits)))));
  }
  return with_slack(out.bytes());
}

void scan_longs(benchmark::State& state) {
  const Scratch bytes = numbers(state.range(0));
  for (auto _ : state) {
    const uint8_t* p = bytes.data();
    uint64_t sum = 0;
    for (size_t i = 0; i < kNumbers; ++i) {
      int64_t value = 0;
      p = scan_long(p, &value);
      sum += static_cast<uint64_t>(value);
    }
    benchmark::DoNotOptimize(sum);
  }
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * kNumbers));
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * bytes.size()));
}
BENCHMARK(scan_longs)->ArgName("bits")->Arg(6)->Arg(13)->Arg(20)->Arg(40)->Arg(63);

void read_longs_checked(benchmark::State& state) {
  const Scratch bytes = numbers(state.range(0));
  for (auto _ : state) {
    const uint8_t* p = bytes.data();
    uint64_t sum = 0;
    for (int64_t value = 0; read_long_checked(&p, bytes.data() + bytes.size(), &value) == VarintStatus::kOk;) {
      sum += static_cast<uint64_t>(value);
    }
    benchmark::DoNotOptimize(sum);
  }
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * kNumbers));
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * bytes.size()));
}
BENCHMARK(read_longs_checked)->ArgName("bits")->Arg(6)->Arg(20)->Arg(63);

void check_utf8(benchmark::State& state, std::string_view pattern) {
  const auto size = static_cast<size_t>(state.range(0));
  std::string text;
  while (text.size() + pattern.size() <= size) text += pattern;
  text.resize(size, '.');
  const Scratch bytes = with_slack(as_bytes(text));
  bool valid = true;
  for (auto _ : state) {
    const uint8_t* data = bytes.data();
    benchmark::DoNotOptimize(data);
    valid = valid_utf8_slack(data, size);
    benchmark::DoNotOptimize(valid);
  }
  if (!valid) state.SkipWithError("the sample is not UTF-8");
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations()));
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * size));
}
BENCHMARK_CAPTURE(check_utf8, ascii, "text")->ArgName("bytes")->Arg(8)->Arg(24)->Arg(200)->Arg(4096);
BENCHMARK_CAPTURE(check_utf8, latin, "größe ")->ArgName("bytes")->Arg(24)->Arg(200)->Arg(4096);
BENCHMARK_CAPTURE(check_utf8, chinese, "航空公司")->ArgName("bytes")->Arg(24)->Arg(200)->Arg(4096);

}  // namespace
}  // namespace jetliner
