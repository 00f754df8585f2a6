/// @file
/// Writes Arrow batches as an object container file.
///
///     jetliner::Writer writer([](size_t) { return jetliner::create_file("orders.avro"); }, {.codec = "zstandard"});
///     writer.write(&stream);  // an ArrowArrayStream of any library
///     writer.close();  // now the file is there
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "jetliner/arrow_abi.h"
#include "jetliner/error.h"
#include "jetliner/export.h"
#include "jetliner/sink.h"
#include "jetliner/write_options.h"

namespace jetliner {

/// Called on the thread that writes, about every 50 ms while it waits for other threads. It may throw, which ends the
/// writing.
using WriteCheck = std::function<void()>;

/// Writes one file, or several that follow each other. Columns are encoded and compressed by several threads; blocks
/// leave in order. Memory is bounded by the batches at hand and a few MiB for each thread. The result does not depend
/// on how rows come in batches, nor on the threads.
///
/// For one thread at a time. Throws std::bad_alloc where memory runs out. A writer that is destroyed before close()
/// leaves no file.
class JETLINER_API Writer {
 public:
  /// `columns`: the type of the batches, a struct; it stays the caller's. nullptr where WriteOptions::schema is set and
  /// the first batch shall tell. Opens the first sink and writes the header. Throws Error: kSchema, kConfiguration,
  /// kCodec for an unknown codec, and what the sink throws.
  explicit Writer(SinkOpener opener, WriteOptions options = {}, const ArrowSchema* columns = nullptr);
  Writer(Writer&&) noexcept;             ///< the other one may only be destroyed or assigned to
  Writer& operator=(Writer&&) noexcept;  ///< likewise
  ~Writer();                             ///< abort()

  /// Takes the array over. `type` is of this array, and may differ from batch to batch as far as the schema takes it.
  /// Throws Error: kEncode for a value that does not fit, with field and row; kSchema; what the sink throws. After an
  /// exception the writer is of no use: no file appears.
  void write(const ArrowSchema& type, ArrowArray* array, const WriteCheck& check = {});
  /// Takes the stream over, and writes all of its arrays.
  void write(ArrowArrayStream* stream, const WriteCheck& check = {});
  /// Writes what is left and finishes the file. May be called twice.
  void close(const WriteCheck& check = {});
  /// Gives up: no file appears. Has no effect after close().
  void abort();

  [[nodiscard]] const std::string& schema_json() const;  ///< "" before the first batch tells
  [[nodiscard]] uint64_t rows_written() const;           ///< rows taken
  [[nodiscard]] uint64_t bytes_written() const;          ///< bytes given to sinks
  [[nodiscard]] uint64_t blocks_written() const;         ///< in them
  [[nodiscard]] uint64_t files_written() const;          ///< begun

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// The Avro schema of a batch's type, as JSON text. Throws Error (kSchema).
JETLINER_API std::string derive_schema(const ArrowSchema& columns, const SchemaOptions& options = {});

/// What other programs may refuse in an Avro schema: a line for each name that is not valid, unless names are kept, and
/// for each default that does not fit its type; at most 100 of each. The writer takes such a schema, so that files
/// which have one can be written again. Throws Error (kSchema) if the text is no schema.
JETLINER_API std::vector<std::string> schema_faults(std::string_view schema_json,
                                                    InvalidNames invalid_names = InvalidNames::kError);

}  // namespace jetliner
