// Decoding, by kind of field. Bytes are uncompressed data, items are rows.
#include <benchmark/benchmark.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "column/column_set.h"
#include "decode/decoder.h"
#include "samples.h"

namespace jetliner {
namespace {

constexpr size_t kBlockBytes = 16'000;  // the default of fastavro

void decode_rows(benchmark::State& state, const Sample& sample, const std::vector<std::string>& columns = {}) {
  const std::vector<Rows> blocks = make_blocks(sample, kDistinctBlocks, kBlockBytes);
  size_t bytes = 0;
  size_t rows = 0;
  for (const Rows& block : blocks) {
    bytes += block.bytes.size();
    rows += block.count;
  }
  const auto plan = plan_for(sample.schema_json, columns);
  ColumnSet set(plan->columns);
  Decoder decoder(*plan, set);
  for (auto _ : state) {
    set.reserve(rows);
    for (const Rows& block : blocks) {
      const ByteSpan data = block.bytes.bytes();
      decoder.start_block(data.size());
      const Decoder::Result result = decoder.decode(data.data(), data.data() + data.size(), block.count);
      if (result.rows != block.count || result.next != data.data() + data.size()) {
        state.SkipWithError("the sample does not decode");
        return;
      }
    }
    const auto chunk = set.finish();
    size_t chunk_rows = chunk->rows;
    benchmark::DoNotOptimize(chunk_rows);
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * bytes));
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * rows));
}

// A record with one field: measures the operation of that field.
void decode_field(benchmark::State& state, const char* type_json, const RowWriter& write) {
  decode_rows(state, {record_json(field_json("f", type_json)), write});
}

// `before` fields are skipped, then one is read.
void skip_fields(benchmark::State& state, const char* type_json, const RowWriter& write) {
  const auto before = static_cast<size_t>(state.range(0));
  std::string fields;
  for (size_t i = 0; i < before; ++i) fields += field_json(numbered("s", i), type_json) + ',';
  const Sample sample{record_json(fields + field_json("f", R"("long")")),
                      [before, &write](Values& out, Random& random) {
                        for (size_t i = 0; i < before; ++i) write(out, random);
                        out.number(1);
                      }};
  decode_rows(state, sample, {"f"});
}

void write_int(Values& out, Random& random) { out.number(static_cast<int64_t>(below(random, 100'000))); }
void write_long(Values& out, Random& random) { out.number(static_cast<int64_t>(random() >> below(random, 63))); }
void write_double(Values& out, Random& random) { out.real64(static_cast<double>(random())); }
void write_boolean(Values& out, Random& random) { out.boolean(below(random, 2) == 1); }
void write_short_string(Values& out, Random& random) { out.string(std::string(below(random, 13), 's')); }
void write_long_string(Values& out, Random& random) { out.string(std::string(13 + below(random, 30), 'l')); }
void write_accents(Values& out, Random& random) {
  std::string text = "é";
  for (uint64_t i = below(random, 8); i > 0; --i) text += "ö";
  out.string(text);
}

RowWriter nullable(RowWriter write) {
  return [write = std::move(write)](Values& out, Random& random) {
    if (below(random, 5) == 0) {
      out.branch(0);
    } else {
      write(out.branch(1), random);
    }
  };
}

// A list of at most four items.
RowWriter list(RowWriter write) {
  return [write = std::move(write)](Values& out, Random& random) {
    const uint64_t count = below(random, 5);
    if (count > 0) out.number(static_cast<int64_t>(count));
    for (uint64_t i = 0; i < count; ++i) write(out, random);
    out.end();
  };
}

void write_entry(Values& out, Random& random) {
  out.string(numbered("key", below(random, 4)));
  write_short_string(out, random);
}

void write_decimal(Values& out, Random& random) { out.number(4).hex_bytes("00 12 34").boolean(below(random, 2) == 1); }

BENCHMARK_CAPTURE(decode_field, int, R"("int")", write_int);
BENCHMARK_CAPTURE(decode_field, long, R"("long")", write_long);
BENCHMARK_CAPTURE(decode_field, double, R"("double")", write_double);
BENCHMARK_CAPTURE(decode_field, boolean, R"("boolean")", write_boolean);
BENCHMARK_CAPTURE(decode_field, string_short, R"("string")", write_short_string);
BENCHMARK_CAPTURE(decode_field, string_long, R"("string")", write_long_string);
BENCHMARK_CAPTURE(decode_field, string_accents, R"("string")", write_accents);
BENCHMARK_CAPTURE(decode_field, enum, R"({"type":"enum","name":"E","symbols":["A","B","C","D"]})",
                  [](Values& out, Random& random) { out.number(static_cast<int64_t>(below(random, 4))); });
BENCHMARK_CAPTURE(decode_field, decimal, R"({"type":"bytes","logicalType":"decimal","precision":12,"scale":2})",
                  write_decimal);
BENCHMARK_CAPTURE(decode_field, nullable_int, R"(["null","int"])", nullable(write_int));
BENCHMARK_CAPTURE(decode_field, nullable_double, R"(["null","double"])", nullable(write_double));
BENCHMARK_CAPTURE(decode_field, nullable_string, R"(["null","string"])", nullable(write_short_string));
BENCHMARK_CAPTURE(decode_field, list_of_int, R"({"type":"array","items":"int"})", list(write_int));
BENCHMARK_CAPTURE(decode_field, list_of_string, R"({"type":"array","items":"string"})", list(write_short_string));
BENCHMARK_CAPTURE(decode_field, map_of_string, R"({"type":"map","values":"string"})", list(write_entry));
BENCHMARK_CAPTURE(decode_field, nullable_record,
                  R"(["null",{"type":"record","name":"N","fields":[{"name":"a","type":"int"},)"
                  R"({"name":"b","type":"string"}]}])",
                  nullable([](Values& out, Random& random) {
                    write_int(out, random);
                    write_short_string(out, random);
                  }));

BENCHMARK_CAPTURE(skip_fields, int, R"("int")", write_int)->ArgName("fields")->Arg(4)->Arg(32);
BENCHMARK_CAPTURE(skip_fields, double, R"("double")", write_double)->ArgName("fields")->Arg(4)->Arg(32);
BENCHMARK_CAPTURE(skip_fields, string, R"("string")", write_short_string)->ArgName("fields")->Arg(4)->Arg(32);
BENCHMARK_CAPTURE(skip_fields, nullable_int, R"(["null","int"])", nullable(write_int))->ArgName("fields")->Arg(32);
BENCHMARK_CAPTURE(skip_fields, list_of_int, R"({"type":"array","items":"int"})", list(write_int))
    ->ArgName("fields")
    ->Arg(4);

BENCHMARK_CAPTURE(decode_rows, flat, flat_sample());
BENCHMARK_CAPTURE(decode_rows, nested, nested_sample());
BENCHMARK_CAPTURE(decode_rows, wide, wide_sample());
BENCHMARK_CAPTURE(decode_rows, wide_5_of_100, wide_sample(), {"c3", "c20", "c45", "c62", "c97"});

}  // namespace
}  // namespace jetliner
