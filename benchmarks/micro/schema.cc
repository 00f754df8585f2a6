// The work done once per file: schema text to nodes, nodes to columns, both to a plan.
#include "schema/schema.h"

#include <benchmark/benchmark.h>

#include <utility>

#include "plan/plan.h"
#include "samples.h"
#include "types/arrow_columns.h"

namespace jetliner {
namespace {

// Items are schemas, bytes are schema text.
void count(benchmark::State& state, const Sample& sample) {
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations()));
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * sample.schema_json.size()));
}

void parse(benchmark::State& state, const Sample& sample) {
  for (auto _ : state) {
    const Schema schema = parse_schema(sample.schema_json);
    benchmark::DoNotOptimize(schema.root());
  }
  count(state, sample);
}

void make_columns(benchmark::State& state, const Sample& sample) {
  const Schema schema = parse_schema(sample.schema_json);
  for (auto _ : state) {
    ArrowType columns = arrow_columns(schema);
    benchmark::DoNotOptimize(number_columns(columns));
  }
  count(state, sample);
}

void compile_plan(benchmark::State& state, const Sample& sample) {
  const auto schema = std::make_shared<const Schema>(parse_schema(sample.schema_json));
  ArrowType type = arrow_columns(*schema);
  number_columns(type);
  const auto columns = std::make_shared<const ArrowType>(std::move(type));
  for (auto _ : state) {
    const auto plan = compile(schema, columns);
    benchmark::DoNotOptimize(plan->ops.data());
  }
  count(state, sample);
}

BENCHMARK_CAPTURE(parse, flat, flat_sample());
BENCHMARK_CAPTURE(parse, nested, nested_sample());
BENCHMARK_CAPTURE(parse, wide, wide_sample());
BENCHMARK_CAPTURE(make_columns, flat, flat_sample());
BENCHMARK_CAPTURE(make_columns, nested, nested_sample());
BENCHMARK_CAPTURE(make_columns, wide, wide_sample());
BENCHMARK_CAPTURE(compile_plan, flat, flat_sample());
BENCHMARK_CAPTURE(compile_plan, nested, nested_sample());
BENCHMARK_CAPTURE(compile_plan, wide, wide_sample());

}  // namespace
}  // namespace jetliner
