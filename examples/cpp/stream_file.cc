// Streams Avro files: adds up a column, with one batch in memory at a time.
//
//     stream_file distance_km trips-2025.avro trips-2026.avro
#include <cstdint>
#include <exception>
#include <iomanip>
#include <iostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "jetliner/error.h"
#include "jetliner/owned.h"
#include "jetliner/reader.h"

namespace {

// Adds up an array of float64. Values are in buffers[1]. buffers[0] has one bit for each row, 0 if the row is null, or
// there is no such buffer if no row is null (https://arrow.apache.org/docs/format/Columnar.html).
double sum_of(const ArrowArray& array) {
  const auto* const valid = static_cast<const uint8_t*>(array.buffers[0]);
  const auto* const values = static_cast<const double*>(array.buffers[1]);
  double sum = 0;
  for (int64_t i = array.offset; i < array.offset + array.length; ++i) {
    if (valid == nullptr || (valid[i / 8] >> (i % 8) & 1) != 0) sum += values[i];
  }
  return sum;
}

// The stream of a batch has one or more arrays.
double sum_of(const jetliner::Batch& batch) {
  jetliner::Owned<ArrowArrayStream> stream;
  batch.export_column(0, &stream.c);
  double sum = 0;
  for (;;) {
    jetliner::Owned<ArrowArray> array;
    if (stream.c.get_next(&stream.c, &array.c) != 0) throw std::runtime_error(stream.c.get_last_error(&stream.c));
    if (!array) return sum;
    sum += sum_of(array.c);
  }
}

void check_type(const jetliner::Reader& reader, const std::string& column) {
  if (!reader.has_column(column)) throw std::runtime_error("there is no column " + column);
  jetliner::Owned<ArrowArrayStream> stream;
  reader.empty_batch().export_column(0, &stream.c);
  jetliner::Owned<ArrowSchema> schema;
  if (stream.c.get_schema(&stream.c, &schema.c) != 0) throw std::runtime_error(stream.c.get_last_error(&stream.c));
  if (std::string_view(schema.c.format) != "g") throw std::runtime_error("the column " + column + " is no double");
}

void add_up(const std::string& column, const std::vector<std::string>& paths) {
  // All other columns are skipped, not decoded.
  jetliner::Reader reader(paths, {.batch_size = 10'000, .columns = jetliner::ColumnNames{{column}}});
  check_type(reader, column);
  double sum = 0;
  for (jetliner::Batch batch; reader.next(batch);) {
    sum += sum_of(batch);
    std::cerr << 100 * reader.bytes_read() / reader.total_bytes() << " %\r" << std::flush;
  }
  std::cerr << '\n';
  std::cout << reader.rows_read() << " rows, " << column << ": " << std::fixed << std::setprecision(1) << sum << '\n';
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "usage: stream_file COLUMN FILE...\n";
    return 2;
  }
  try {
    add_up(argv[1], {argv + 2, argv + argc});
    return 0;
  } catch (const jetliner::Error& error) {
    std::cerr << "stream_file: " << jetliner::describe(error) << '\n';
  } catch (const std::exception& error) {
    std::cerr << "stream_file: " << error.what() << '\n';
  }
  return 1;
}
