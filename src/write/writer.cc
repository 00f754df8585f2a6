// A batch is split into units. The first ones are encoded on the caller's thread: small files cost no threads. Then
// threads encode, and the caller's thread writes their blocks in order; while it waits it encodes as well.
#include "jetliner/writer.h"

#include <algorithm>
#include <iterator>
#include <random>
#include <utility>

#include "codec/codec.h"
#include "container/write_header.h"
#include "encode/plan.h"
#include "input/avro_schema.h"
#include "input/input_columns.h"
#include "input/input_type.h"
#include "pipeline/cores.h"
#include "pipeline/worker_threads.h"
#include "resolution/schema_faults.h"
#include "schema/path.h"
#include "write/block_cutter.h"
#include "write/encode_worker.h"
#include "write/output_files.h"

namespace jetliner {
namespace {

constexpr std::chrono::milliseconds kCheckInterval{50};
// Before threads are started: plain bytes that the caller's thread encodes.
constexpr size_t kAloneBytes = 256 << 10;
// Rows of a unit, before it is known how large they are.
constexpr size_t kFirstUnitRows = 2048;
constexpr size_t kMostUnitRows = 1 << 20;

[[noreturn]] void fail_option(const char* option, const std::string& message) {
  throw Error(ErrorKind::kConfiguration, ErrorVariant::kConfiguration, message, {.option = option});
}

void check(const WriteOptions& options) {
  if (!is_known_codec(options.codec)) {
    throw Error(ErrorKind::kCodec, ErrorVariant::kUnsupportedCodec,
                "unknown codec " + in_quotes(options.codec) + "; known are " + std::string(known_codecs()),
                {.codec = options.codec, .option = "codec"});
  }
  if (options.compression_level) {
    const std::optional<LevelRange> range = compression_levels(options.codec);
    if (!range) fail_option("compression_level", "the codec " + options.codec + " has no levels");
    if (*options.compression_level < range->least || *options.compression_level > range->most) {
      fail_option("compression_level", "the level of " + options.codec + " is " + std::to_string(range->least) +
                                           " to " + std::to_string(range->most) + ", got " +
                                           std::to_string(*options.compression_level));
    }
  }
  if (options.block_bytes == 0) fail_option("block_bytes", "block_bytes must be at least 1");
  if (options.max_rows_per_file == 0U) fail_option("max_rows_per_file", "max_rows_per_file must be at least 1");
  if (options.max_bytes_per_file == 0U) fail_option("max_bytes_per_file", "max_bytes_per_file must be at least 1");
  for (const auto& entry : options.metadata) {
    if (entry.first.starts_with("avro.")) {
      fail_option("metadata", "keys that begin with \"avro.\" are Avro's own, got " + in_quotes(entry.first));
    }
  }
}

SyncMarker random_marker() {
  std::random_device random;
  SyncMarker marker{};
  for (uint8_t& byte : marker) byte = static_cast<uint8_t>(random());
  return marker;
}

// All work is submitted.
class NoProducer final : public Producer<EncodeUnit> {
 public:
  bool next(EncodeUnit& /*work*/) override { return false; }
  [[nodiscard]] size_t next_bytes() const override { return 0; }
  [[nodiscard]] bool is_slow() const override { return false; }
  [[nodiscard]] bool has_plenty_left() const override { return false; }
  void close() override {}
};

}  // namespace

struct Writer::Impl {
  Impl(SinkOpener the_opener, WriteOptions the_options)
      : opener(std::move(the_opener)),
        options(std::move(the_options)),
        sync(options.sync_marker ? *options.sync_marker : random_marker()),
        cutter(options.block_bytes, options.max_rows_per_file),
        make_worker([this] {
          return std::make_unique<EncodeWorker>(cutter, spare, options.codec, options.compression_level, sync);
        }) {}
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() { give_up(); }

  // The schema is known from now on: opens the first file.
  void begin(std::string json) {
    schema_json = std::move(json);
    ByteBuffer header;
    if (!options.is_continuation) append_header(schema_json, options.codec, options.metadata, sync, header);
    files = std::make_unique<OutputFiles>(opener, std::move(header), options.max_bytes_per_file);
    files->open();
  }

  // The plan for data of this type.
  const std::shared_ptr<const EncodePlan>& plan_for(const ArrowSchema& arrow) {
    InputType type = input_type(arrow);
    if (plan != nullptr && same_type(plan->columns, type)) return plan;
    if (options.schema) {
      plan = compile_encode(parse_schema(*options.schema), std::move(type), MatchFields::kByName);
      if (files == nullptr) begin(*options.schema);
    } else if (files == nullptr) {
      std::string json = avro_schema(type, options.derived);
      plan = compile_encode(parse_schema(json), std::move(type), MatchFields::kByPosition);
      begin(std::move(json));
    } else {
      plan = compile_encode(parse_schema(schema_json), std::move(type), MatchFields::kByName);
    }
    return plan;
  }

  void write(const ArrowSchema& type, ArrowArray* array, const WriteCheck& check) {
    try {
      if (is_failed || is_closed) {
        throw Error(ErrorKind::kSource, ErrorVariant::kIo,
                    is_closed ? "the writer is closed" : "the writer has failed");
      }
      plan_for(type);
      const auto batch = std::make_shared<const InputBatch>(plan->columns, array);
      const uint64_t first_row = rows;
      for (size_t row = 0; row < batch->num_rows();) {
        const size_t end = std::min(batch->num_rows(), row + unit_rows());
        submit({plan, batch, row, end, first_row, num_units++}, check);
        rows = first_row + end;
        row = end;
      }
    } catch (...) {
      if (array->release != nullptr) array->release(array);
      give_up();
      throw;
    }
  }

  void submit(EncodeUnit unit, const WriteCheck& check) {
    if (threads == nullptr && !start_threads(unit.end - unit.begin)) {
      if (own_worker == nullptr) own_worker = make_worker();
      own_worker->start(std::move(unit));
      for (EncodedBlocks blocks; own_worker->next(SIZE_MAX, blocks); blocks = EncodedBlocks()) put(blocks);
      if (check) check();
      return;
    }
    while (units_in_flight > 2 * n_threads) take(Clock::now() + kCheckInterval, check);
    threads->submit(std::move(unit));
    ++units_in_flight;
    while (units_in_flight > 0 && take(Clock::time_point::min(), {})) {
    }
  }

  // Takes the next blocks of the threads, if they come in time, and writes them.
  bool take(Clock::time_point deadline, const WriteCheck& check) {
    EncodedBlocks blocks;
    if (threads->next(0, deadline, blocks) != StreamPoll::kResult) {
      if (check) check();
      return false;
    }
    if (blocks.error != nullptr) std::rethrow_exception(blocks.error);
    if (blocks.ends_unit) --units_in_flight;
    put(blocks);
    return true;
  }

  void put(EncodedBlocks& blocks) {
    plain_bytes += blocks.plain_bytes;
    plain_rows += blocks.plain_rows;
    files->write(blocks);
    spare.give(std::move(blocks.bytes));
    spare.give(std::move(blocks.plain));
  }

  // False: not worth it yet.
  bool start_threads(size_t next_rows) {
    if (n_threads == 0) n_threads = options.n_threads > 0 ? options.n_threads : usable_cores();
    const bool is_much =
        plain_bytes >= kAloneBytes || (plain_rows > 0 && next_rows * plain_bytes / plain_rows >= kAloneBytes);
    if (n_threads == 1 || !is_much) return false;
    // The caller's thread is one of them.
    threads = std::make_unique<WorkerThreads<EncodeUnit, EncodedBlocks>>(producer, make_worker, PipelineLimits{},
                                                                         n_threads - 1, /*takes_submitted=*/true);
    return true;
  }

  // Rows that take about kUnitBytes.
  [[nodiscard]] size_t unit_rows() const {
    if (plain_rows == 0) return kFirstUnitRows;
    return std::clamp<size_t>(kUnitBytes / std::max<size_t>(plain_bytes / plain_rows, 1), 1, kMostUnitRows);
  }

  void close(const WriteCheck& check) {
    if (is_closed) return;
    if (is_failed) throw Error(ErrorKind::kSource, ErrorVariant::kIo, "the writer has failed");
    try {
      if (files == nullptr) {
        if (!options.schema) {
          throw Error(ErrorKind::kConfiguration, ErrorVariant::kConfiguration,
                      "nothing was written, and no schema is given: there is nothing to make a file of");
        }
        begin(*options.schema);
      }
      while (units_in_flight > 0) take(Clock::now() + kCheckInterval, check);
      threads.reset();
      const Cut rest = cutter.rest();
      EncodedBlocks last;
      ByteBuffer no_rows;
      BlockWriter(options.codec, options.compression_level, sync).write(rest, no_rows, last);
      files->write(last);
      files->finish();
      is_closed = true;
    } catch (...) {
      give_up();
      throw;
    }
  }

  // Nothing more is written, and the file does not appear.
  void give_up() {
    is_failed = !is_closed;
    cutter.stop();
    threads.reset();
    if (!is_closed) files.reset();
  }

  const SinkOpener opener;
  const WriteOptions options;
  const SyncMarker sync;
  BlockCutter cutter;
  SpareBuffers spare;
  const MakeWorker<EncodeUnit, EncodedBlocks> make_worker;
  NoProducer producer;
  size_t n_threads = 0;  // once it was asked for

  std::string schema_json;
  std::shared_ptr<const EncodePlan> plan;  // of the last batch
  std::unique_ptr<OutputFiles> files;
  std::unique_ptr<Worker<EncodeUnit, EncodedBlocks>> own_worker;
  std::unique_ptr<WorkerThreads<EncodeUnit, EncodedBlocks>> threads;
  size_t units_in_flight = 0;
  uint64_t num_units = 0;
  uint64_t rows = 0;
  size_t plain_bytes = 0;  // of the rows that were encoded
  size_t plain_rows = 0;
  bool is_failed = false;
  bool is_closed = false;
};

Writer::Writer(SinkOpener opener, WriteOptions options, const ArrowSchema* columns) {
  check(options);
  if (options.schema) (void)parse_schema(*options.schema);
  impl_ = std::make_unique<Impl>(std::move(opener), std::move(options));
  if (columns != nullptr) (void)impl_->plan_for(*columns);
}
Writer::Writer(Writer&&) noexcept = default;
Writer& Writer::operator=(Writer&&) noexcept = default;
Writer::~Writer() = default;

void Writer::write(const ArrowSchema& type, ArrowArray* array, const WriteCheck& check) {
  impl_->write(type, array, check);
}

void Writer::write(ArrowArrayStream* stream, const WriteCheck& check) {
  struct Release {
    ArrowArrayStream* stream;
    ArrowSchema schema{};
    ~Release() {
      if (schema.release != nullptr) schema.release(&schema);
      stream->release(stream);
    }
  } taken{.stream = stream};
  const auto check_code = [&](int code) {
    if (code == 0) return;
    const char* const text = stream->get_last_error(stream);
    throw Error(ErrorKind::kSource, ErrorVariant::kIo,
                std::string("the Arrow stream failed") + (text == nullptr ? "" : std::string(": ") + text));
  };
  check_code(stream->get_schema(stream, &taken.schema));
  for (;;) {
    ArrowArray array{};
    check_code(stream->get_next(stream, &array));
    if (array.release == nullptr) return;
    impl_->write(taken.schema, &array, check);
  }
}

void Writer::close(const WriteCheck& check) { impl_->close(check); }
void Writer::abort() { impl_->give_up(); }

const std::string& Writer::schema_json() const { return impl_->schema_json; }
uint64_t Writer::rows_written() const { return impl_->rows; }
uint64_t Writer::bytes_written() const { return impl_->files == nullptr ? 0 : impl_->files->num_bytes(); }
uint64_t Writer::blocks_written() const { return impl_->files == nullptr ? 0 : impl_->files->num_blocks(); }
uint64_t Writer::files_written() const { return impl_->files == nullptr ? 0 : impl_->files->num_files(); }

std::string derive_schema(const ArrowSchema& columns, const SchemaOptions& options) {
  return avro_schema(input_type(columns), options);
}

std::vector<std::string> schema_faults(std::string_view schema_json, InvalidNames invalid_names) {
  const Schema schema = parse_schema(schema_json);
  std::vector<std::string> lines = bad_defaults(schema);
  if (invalid_names == InvalidNames::kKeep) return lines;
  std::vector<std::string> names = bad_names(schema);
  lines.insert(lines.begin(), std::make_move_iterator(names.begin()), std::make_move_iterator(names.end()));
  return lines;
}

}  // namespace jetliner
