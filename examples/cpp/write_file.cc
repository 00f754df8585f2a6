// Writes an Avro file: 100,000 made-up trips of rented bicycles, in batches of 10,000 rows.
//
//     write_file trips.avro
//
// nanoarrow builds the batches. Any library that makes ArrowArrays will do.
#include <cstdint>
#include <exception>
#include <iostream>
#include <nanoarrow/nanoarrow.hpp>
#include <random>
#include <string>

#include "jetliner/error.h"
#include "jetliner/sink.h"
#include "jetliner/writer.h"

namespace {

constexpr int64_t kBatches = 10;
constexpr int64_t kBatchRows = 10'000;
constexpr int64_t kFirstStart = 1'767'225'600'000'000;  // 2026-01-01, in microseconds since 1970

// Without a schema of one's own, jetliner makes one from the type: then each column may be null.
constexpr const char* kSchema = R"({"type":"record","name":"Trip","namespace":"com.example.bikes","fields":[)"
                                R"({"name":"trip_id","type":"long"},)"
                                R"({"name":"started_at","type":{"type":"long","logicalType":"timestamp-micros"}},)"
                                R"({"name":"station","type":"string"},)"
                                R"({"name":"duration_s","type":"int"},)"
                                R"({"name":"distance_km","type":["null","double"]}]})";

nanoarrow::UniqueSchema trip_type() {
  nanoarrow::UniqueSchema type;
  ArrowSchemaInit(type.get());
  NANOARROW_THROW_NOT_OK(ArrowSchemaSetTypeStruct(type.get(), 5));
  const auto set_column = [&](int i, const char* name, ArrowType value_type) {
    ArrowSchema* const column = type->children[i];
    if (value_type == NANOARROW_TYPE_TIMESTAMP) {
      NANOARROW_THROW_NOT_OK(ArrowSchemaSetTypeDateTime(column, value_type, NANOARROW_TIME_UNIT_MICRO, "UTC"));
    } else {
      NANOARROW_THROW_NOT_OK(ArrowSchemaSetType(column, value_type));
    }
    NANOARROW_THROW_NOT_OK(ArrowSchemaSetName(column, name));
  };
  set_column(0, "trip_id", NANOARROW_TYPE_INT64);
  set_column(1, "started_at", NANOARROW_TYPE_TIMESTAMP);
  set_column(2, "station", NANOARROW_TYPE_STRING);
  set_column(3, "duration_s", NANOARROW_TYPE_INT32);
  set_column(4, "distance_km", NANOARROW_TYPE_DOUBLE);
  return type;
}

nanoarrow::UniqueArray trips(const ArrowSchema& type, int64_t first_id, std::mt19937& random) {
  static constexpr const char* kStations[] = {"Hafnarfjörður", "Laugavegur", "Perlan", "Skólavörðustígur", "Vesturbær"};
  nanoarrow::UniqueArray batch;
  NANOARROW_THROW_NOT_OK(ArrowArrayInitFromSchema(batch.get(), &type, nullptr));
  NANOARROW_THROW_NOT_OK(ArrowArrayStartAppending(batch.get()));
  ArrowArray** const columns = batch->children;
  for (int64_t id = first_id; id < first_id + kBatchRows; ++id) {
    const int64_t seconds = 60 + static_cast<int64_t>(random() % 3600);
    NANOARROW_THROW_NOT_OK(ArrowArrayAppendInt(columns[0], id));
    NANOARROW_THROW_NOT_OK(ArrowArrayAppendInt(columns[1], kFirstStart + id * 20'000'000));
    NANOARROW_THROW_NOT_OK(ArrowArrayAppendString(columns[2], ArrowCharView(kStations[random() % 5])));
    NANOARROW_THROW_NOT_OK(ArrowArrayAppendInt(columns[3], seconds));
    if (random() % 20 == 0) {  // the bicycle could not tell
      NANOARROW_THROW_NOT_OK(ArrowArrayAppendNull(columns[4], 1));
    } else {
      NANOARROW_THROW_NOT_OK(ArrowArrayAppendDouble(columns[4], static_cast<double>(seconds) * 0.004));
    }
    NANOARROW_THROW_NOT_OK(ArrowArrayFinishElement(batch.get()));
  }
  NANOARROW_THROW_NOT_OK(ArrowArrayFinishBuildingDefault(batch.get(), nullptr));
  return batch;
}

void write(const std::string& path) {
  const nanoarrow::UniqueSchema type = trip_type();
  const jetliner::WriteOptions options{
      .schema = kSchema, .codec = "zstandard", .metadata = {{"written.by", "write_file"}}};
  // create_file() makes the file appear in close(), whole. If anything fails before, there is no file.
  jetliner::Writer writer([&](size_t) { return jetliner::create_file(path); }, options, type.get());
  std::mt19937 random(1);
  for (int64_t i = 0; i < kBatches; ++i) {
    nanoarrow::UniqueArray batch = trips(*type.get(), i * kBatchRows, random);
    writer.write(*type.get(), batch.get());  // takes the array over, and leaves it released
  }
  writer.close();
  std::cout << writer.rows_written() << " rows, " << writer.bytes_written() << " bytes\n";
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: write_file FILE\n";
    return 2;
  }
  try {
    write(argv[1]);
    return 0;
  } catch (const jetliner::Error& error) {
    std::cerr << "write_file: " << jetliner::describe(error) << '\n';
  } catch (const std::exception& error) {
    std::cerr << "write_file: " << error.what() << '\n';
  }
  return 1;
}
