// Reads any bytes as a container file. The result is rows or an Error, nothing else. The rows of a strict read are the
// first rows of a read with `ignore_errors`. Batch size, chunk size and lent bytes do not change the result.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "arrow_reader.h"
#include "check.h"
#include "jetliner/reader.h"
#include "lending_source.h"

namespace jetliner {
namespace {

constexpr uint64_t kMaxRows = 1000;
constexpr size_t kMostLentBytes = 2000;

struct Outcome {
  std::vector<std::string> rows;
  std::optional<Error> error;
  size_t bad_blocks = 0;
};

// `lends`: units point into memory of the source.
Outcome read(std::span<const uint8_t> bytes, bool ignore_errors, size_t batch_size, size_t chunk_bytes,
             bool lends = false) {
  ReadOptions options;
  options.batch_size = batch_size;
  options.read_chunk_bytes = chunk_bytes;
  options.ignore_errors = ignore_errors;
  options.max_block_bytes = 1 << 20;
  options.n_rows = kMaxRows;
  options.n_threads = 1;
  options.row_index_name = "row index of the fuzzer";
  Outcome outcome;
  try {
    Reader reader({"fuzz.avro"}, options, [&](const std::string&) -> std::unique_ptr<Source> {
      if (lends) return std::make_unique<LendingSource>(bytes, kMostLentBytes, bytes.size());
      return open_memory(bytes);
    });
    Batch batch;
    while (reader.next(batch)) {
      JETLINER_FUZZ_CHECK(batch.num_rows() > 0 && batch.num_rows() <= batch_size);
      ArrowArrayStream stream;
      batch.export_stream(&stream);
      const std::vector<std::string> rows = stream_rows(&stream);
      JETLINER_FUZZ_CHECK(rows.size() == batch.num_rows());
      outcome.rows.insert(outcome.rows.end(), rows.begin(), rows.end());
    }
    JETLINER_FUZZ_CHECK(reader.is_finished() && reader.rows_read() == outcome.rows.size());
    outcome.bad_blocks = reader.num_bad_blocks();
    JETLINER_FUZZ_CHECK(ignore_errors || outcome.bad_blocks == 0);
  } catch (const Error& error) {
    outcome.error = error;
    JETLINER_FUZZ_CHECK(error.place().path == "fuzz.avro" && error.what()[0] != 0);
  }
  return outcome;
}

void run(std::span<const uint8_t> bytes) {
  const Outcome strict = read(bytes, false, 100, 1 << 20);
  const Outcome strict_in_bits = read(bytes, false, 7, 13, true);
  JETLINER_FUZZ_CHECK(strict.error.has_value() == strict_in_bits.error.has_value());
  JETLINER_FUZZ_CHECK(strict.rows == strict_in_bits.rows);
  if (strict.error.has_value()) JETLINER_FUZZ_CHECK(strict.error->variant() == strict_in_bits.error->variant());

  const Outcome lenient = read(bytes, true, 100, 1 << 20);
  JETLINER_FUZZ_CHECK(lenient.rows.size() >= strict.rows.size());
  JETLINER_FUZZ_CHECK(std::equal(strict.rows.begin(), strict.rows.end(), lenient.rows.begin()));
  if (!strict.error.has_value()) JETLINER_FUZZ_CHECK(lenient.bad_blocks == 0 && lenient.rows == strict.rows);
  const Outcome lenient_in_bits = read(bytes, true, 7, 13, true);
  JETLINER_FUZZ_CHECK(lenient.rows == lenient_in_bits.rows);
  // After the last row of the limit, a read may or may not have seen the next damage.
  JETLINER_FUZZ_CHECK(lenient.bad_blocks == lenient_in_bits.bad_blocks || lenient.rows.size() == kMaxRows);
}

}  // namespace
}  // namespace jetliner

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    jetliner::run({data, size});
  } catch (const jetliner::BadArrow& bad) {
    std::fprintf(stderr, "bad array: %s\n", bad.what());
    __builtin_trap();
  }
  return 0;
}
