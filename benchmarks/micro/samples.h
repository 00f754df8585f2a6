// Input of the micro-benchmarks; the same in every run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "avro_writer.h"
#include "base/bytes.h"
#include "plan/plan.h"

namespace jetliner {

using Random = std::mt19937_64;

// Appends one row or one value.
using RowWriter = std::function<void(Values&, Random&)>;

// A schema, and a function that writes a row of it.
struct Sample {
  std::string schema_json;
  RowWriter write;
};

// Six columns: a row of 45 bytes.
Sample flat_sample();
// Nested records, lists, maps and nulls: a row of 165 bytes.
Sample nested_sample();
// A hundred columns of ten types: a row of 680 bytes.
Sample wide_sample();

// Rows in Avro's binary encoding, with kSlackBytes readable after them.
struct Rows {
  Scratch bytes;
  size_t count = 0;
};

Scratch with_slack(ByteSpan bytes);

// Makes `count` rows.
Rows make_rows(const Sample& sample, size_t count);
// Makes rows until they take at least `bytes` bytes.
Rows rows_of_size(const Sample& sample, size_t bytes, uint64_t seed = 1);

// Blocks of about `block_bytes` each, all different. A short input that repeats would train the branch predictor.
std::vector<Rows> make_blocks(const Sample& sample, size_t blocks, size_t block_bytes);
inline constexpr size_t kDistinctBlocks = 64;

// A container file of `blocks` blocks, each of about `block_bytes` uncompressed. They repeat after kDistinctBlocks.
Bytes make_file(const Sample& sample, const std::string& codec, size_t blocks, size_t block_bytes);

// The plan that reads the named columns; all if no name is given.
std::shared_ptr<const Plan> plan_for(std::string_view schema_json, const std::vector<std::string>& columns = {});

// A name such as "prefix17".
std::string numbered(std::string_view prefix, uint64_t number);

// Evenly distributed in [0, below).
inline uint64_t below(Random& random, uint64_t below) { return random() % below; }

}  // namespace jetliner
