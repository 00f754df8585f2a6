// Hands an Avro file to another library as an ArrowArrayStream. Here it is nanoarrow, which makes a table of it.
//
//     arrow_stream trips.avro
//
// DuckDB, Arrow C++ and others take such a stream too: duckdb_arrow_scan(), arrow::ImportRecordBatchReader().
#include <cstdint>
#include <exception>
#include <iostream>
#include <map>
#include <nanoarrow/nanoarrow.hpp>
#include <stdexcept>
#include <string>
#include <utility>

#include "jetliner/error.h"
#include "jetliner/reader.h"

namespace {

struct Station {
  int64_t trips = 0;
  int64_t seconds = 0;
};

// Knows Arrow, not Avro. Takes any stream of trips over: columns `station` (text) and `duration_s` (integer).
std::map<std::string, Station> trips_by_station(nanoarrow::UniqueArrayStream stream) {
  ArrowError error;
  ArrowErrorInit(&error);
  const auto check = [&](ArrowErrorCode code) {
    if (code != NANOARROW_OK) throw std::runtime_error(ArrowErrorMessage(&error));
  };
  nanoarrow::UniqueSchema schema;
  check(ArrowArrayStreamGetSchema(stream.get(), schema.get(), &error));
  nanoarrow::UniqueArrayView view;
  check(ArrowArrayViewInitFromSchema(view.get(), schema.get(), &error));

  std::map<std::string, Station> stations;
  for (;;) {
    nanoarrow::UniqueArray array;
    check(ArrowArrayStreamGetNext(stream.get(), array.get(), &error));
    if (array->release == nullptr) return stations;
    check(ArrowArrayViewSetArray(view.get(), array.get(), &error));
    for (int64_t row = 0; row < array->length; ++row) {
      const ArrowStringView name = ArrowArrayViewGetStringUnsafe(view->children[0], row);
      Station& station = stations[std::string(name.data, static_cast<size_t>(name.size_bytes))];
      station.trips += 1;
      station.seconds += ArrowArrayViewGetIntUnsafe(view->children[1], row);
    }
  }
}

void print_stations(const std::string& path) {
  jetliner::Reader reader({path}, {.columns = jetliner::ColumnNames{{"station", "duration_s"}}});
  if (reader.num_columns() != 2) throw std::runtime_error(path + " has no columns station and duration_s");
  nanoarrow::UniqueArrayStream stream;
  // The stream owns the reader, and reads as arrays are asked for. For a library without string views, such as
  // Arrow C++ before version 15, give TextForm::kLarge as third argument.
  jetliner::export_stream(std::move(reader), stream.get());
  for (const auto& [name, station] : trips_by_station(std::move(stream))) {
    std::cout << name << ": " << station.trips << " trips, " << station.seconds / station.trips << " s on average\n";
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: arrow_stream FILE\n";
    return 2;
  }
  try {
    print_stations(argv[1]);
    return 0;
  } catch (const jetliner::Error& error) {
    std::cerr << "arrow_stream: " << jetliner::describe(error) << '\n';
  } catch (const std::exception& error) {
    std::cerr << "arrow_stream: " << error.what() << '\n';
  }
  return 1;
}
