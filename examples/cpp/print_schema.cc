// Prints what an Avro file is: codec, number of rows, metadata, Avro schema, and the Arrow type of each column.
//
//     print_schema trips.avro
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>

#include "jetliner/error.h"
#include "jetliner/inspect.h"
#include "jetliner/owned.h"
#include "jetliner/reader.h"

namespace {

// Columns and what is within them, indented. Formats are those of Arrow's C data interface: "l" is int64
// (https://arrow.apache.org/docs/format/CDataInterface.html).
void print_columns(const ArrowSchema& parent, const std::string& indent) {
  for (int64_t i = 0; i < parent.n_children; ++i) {
    const ArrowSchema& column = *parent.children[i];
    std::cout << indent << column.name << ": " << column.format;
    if (column.dictionary != nullptr) std::cout << " (dictionary of " << column.dictionary->format << ')';
    if ((column.flags & ARROW_FLAG_NULLABLE) != 0) std::cout << ", nullable";
    std::cout << '\n';
    print_columns(column, indent + "  ");
  }
}

void print(const std::string& path) {
  // Reads the header alone.
  const jetliner::Inspector inspector(path);
  const jetliner::FileInfo& file = inspector.file();
  std::cout << "codec: " << file.codec << '\n';
  std::cout << "bytes: " << file.size_bytes << '\n';
  // Reads the headers of the blocks.
  std::cout << "rows: " << jetliner::count_rows({path}) << '\n';
  for (const auto& [key, value] : file.metadata) {
    if (!key.starts_with("avro.")) std::cout << "metadata: " << key << " = " << value << '\n';
  }
  std::cout << "schema: " << file.schema_json << '\n';

  jetliner::Owned<ArrowArrayStream> stream;
  jetliner::Reader({path}).empty_batch().export_stream(&stream.c);
  jetliner::Owned<ArrowSchema> schema;
  if (stream.c.get_schema(&stream.c, &schema.c) != 0) throw std::runtime_error(stream.c.get_last_error(&stream.c));
  std::cout << "columns:\n";
  print_columns(schema.c, "  ");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: print_schema FILE\n";
    return 2;
  }
  try {
    print(argv[1]);
    return 0;
  } catch (const jetliner::Error& error) {
    std::cerr << "print_schema: " << jetliner::describe(error) << '\n';
  } catch (const std::exception& error) {
    std::cerr << "print_schema: " << error.what() << '\n';
  }
  return 1;
}
