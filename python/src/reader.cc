// Reader: the core's Reader for Python's world of threads, signals and forks.
#include <nanobind/nanobind.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "base/system.h"
#include "bindings.h"
#include "call_thread.h"
#include "choices.h"
#include "gil.h"
#include "jetliner/options.h"
#include "mask.h"
#include "opener.h"
#include "read/query_reader.h"
#include "text.h"

namespace nb = nanobind;
using namespace nb::literals;

namespace jetliner::python {
namespace {

// Two locks are at work here, the GIL and mutex_. A thread never waits for one while it holds the other: mutex_ is
// taken after the GIL was let go and given back before the GIL is asked for. So several Python threads may share a
// reader (each batch goes to one of them), and a signal handler may call into the reader that it interrupted.
class PyReader {
 public:
  PyReader(const std::vector<std::string>& paths, ReadOptions options, QueryOptions query, const Inputs& inputs,
           nb::object on_wait)
      : owner_(sys::process_id()), store_(inputs.store), on_wait_(std::move(on_wait)) {
    const SourceOpener opener = opener_of(inputs);
    if (inputs.may_wait()) {
      caller_ = std::make_unique<CallThread>();
      run_interruptibly(
          *caller_, [&] { reader_ = std::make_unique<QueryReader>(paths, options, query, opener); },
          [this] { store_->store->close(); }, on_wait_);
    } else {
      const GilReleased released;
      reader_ = std::make_unique<QueryReader>(paths, std::move(options), std::move(query), opener, check_signals);
    }
    take_progress();
  }

  PyReader(const PyReader&) = delete;
  PyReader& operator=(const PyReader&) = delete;

  ~PyReader() {
    if (is_forked()) {
      // The threads that it would wait for did not follow into this process, nor did the owners of its locks.
      (void)reader_.release();
      (void)caller_.release();
      (void)new (std::nothrow) std::shared_ptr<StoreOwner>(std::move(store_));
      return;
    }
    const GilReleased released;
    reader_->close();
    caller_.reset();
    reader_.reset();
  }

  // The next batch; nothing at the end.
  std::optional<Batch> next() {
    Batch batch;
    if (wait_for(batch) == QueryPoll::kEnd) return std::nullopt;
    return batch;
  }

  // The next batch of a read with filter_columns, and what it is; None at the end.
  nb::object next_filtered() {
    Batch batch;
    const QueryPoll result = wait_for(batch);
    if (result == QueryPoll::kEnd) return nb::none();
    const char* const kind = result == QueryPoll::kCandidates   ? "candidates"
                             : result == QueryPoll::kUnfiltered ? "unfiltered"
                                                                : "rows";
    return nb::make_tuple(kind, std::move(batch));
  }

  // The answer to candidates.
  void keep(nb::handle column) {
    check_process();
    const Mask mask = mask_from_python(column);
    const GilReleased released;
    const MutexLock lock(mutex_);
    reader_->keep(mask.bits, mask.rows);
  }
  void kept(size_t num_rows, size_t num_kept) { reader_->kept(num_rows, num_kept); }

  // From any thread, also while another one waits in next().
  void close() {
    finished_ = true;
    if (is_forked()) return;
    const GilReleased released;
    reader_->close();
  }

  nb::list bad_blocks() {
    check_process();
    if (is_forked()) {
      // A thread that did not follow into this process may hold the mutex for ever, with the list half changed.
      if (!mutex_.try_lock()) {
        throw Error(ErrorKind::kSource, ErrorVariant::kIo,
                    "the process forked while this reader was in use: its errors are lost");
      }
      mutex_.unlock();
    }
    std::vector<BadBlock> blocks;
    {
      const GilReleased released;
      const MutexLock lock(mutex_);  // no poll is under way: as many blocks as num_bad_blocks_ tells
      blocks = reader_->bad_blocks();
    }
    nb::list list;
    for (BadBlock& block : blocks) list.append(nb::cast(std::move(block)));
    return list;
  }

  // Set when the reader was opened, so that no lock is needed.
  [[nodiscard]] nb::object schema_json() const { return text_to_python(reader_->schema_json()); }
  [[nodiscard]] nb::list column_names() const {
    nb::list names;
    for (const std::string& name : reader_->column_names()) names.append(text_to_python(name));
    return names;
  }
  [[nodiscard]] bool has_column(const nb::handle& path) const { return reader_->has_column(name_from_python(path)); }
  [[nodiscard]] nb::list variants() const {
    nb::list variants;
    for (const auto& [exported, name] : reader_->variants()) {
      variants.append(nb::make_tuple(text_to_python(exported), text_to_python(name)));
    }
    return variants;
  }
  [[nodiscard]] nb::list own_schemas() const {
    nb::list schemas;
    for (auto& [file_index, batch] : reader_->own_schemas())
      schemas.append(nb::make_tuple(file_index, nb::cast(batch)));
    return schemas;
  }
  [[nodiscard]] Batch empty_batch() const { return reader_->empty_batch(); }
  [[nodiscard]] size_t num_columns() const { return reader_->num_columns(); }
  [[nodiscard]] size_t num_sources() const { return reader_->num_sources(); }

  // As of the last batch handed out.
  [[nodiscard]] uint64_t rows_read() const { return rows_read_; }
  // None are, once it is finished: a thread that is still in next() may publish its progress after close().
  [[nodiscard]] uint64_t rows_pending() const { return finished_ ? 0 : rows_pending_.load(); }
  [[nodiscard]] size_t source_index() const { return source_index_; }
  [[nodiscard]] uint64_t bytes_read() const { return bytes_read_; }
  [[nodiscard]] uint64_t total_bytes() const { return reader_->total_bytes(); }
  [[nodiscard]] std::optional<uint64_t> estimated_rows() const {
    const int64_t rows = estimated_rows_;
    return rows < 0 ? std::nullopt : std::optional<uint64_t>(rows);
  }
  [[nodiscard]] uint64_t num_blocks() const { return reader_->num_blocks(); }
  [[nodiscard]] size_t num_bad_blocks() const { return num_bad_blocks_; }
  [[nodiscard]] bool is_finished() const { return finished_; }

 private:
  [[nodiscard]] bool is_forked() const { return sys::process_id() != owner_; }

  void check_process() const {
    if (!is_forked() || finished_) return;
    throw Error(ErrorKind::kSource, ErrorVariant::kIo,
                "this reader was opened before the process forked; open it again in the new process");
  }

  // Until there is a batch, or the end.
  QueryPoll wait_for(Batch& batch) {
    check_process();
    while (!finished_) {
      const QueryPoll result = poll(batch);
      if (result != QueryPoll::kPending) return result;
      look_while_waiting(on_wait_);
    }
    return QueryPoll::kEnd;
  }

  QueryPoll poll(Batch& batch) {
    const GilReleased released;
    const MutexLock lock(mutex_);
    if (caller_ != nullptr && !poll_by_caller()) return QueryPoll::kPending;
    struct Progress {
      PyReader* reader;
      ~Progress() { reader->take_progress(); }
    } const progress{this};  // after an error too: rows and damage before it count
    if (caller_ == nullptr) return reader_->poll_query(batch, kSignalInterval);
    if (poll_error_ != nullptr) std::rethrow_exception(std::exchange(poll_error_, nullptr));
    batch = std::exchange(polled_batch_, Batch());
    return polled_;
  }

  // Waits a short time for a poll by another thread. False if it goes on.
  bool poll_by_caller() {
    if (!caller_->is_busy()) {
      caller_->start([this] { polled_ = reader_->poll_query(polled_batch_, std::chrono::hours(1)); });
    }
    try {
      return caller_->wait_for(kSignalInterval);
    } catch (...) {
      poll_error_ = std::current_exception();
      return true;
    }
  }

  void take_progress() {
    rows_read_ = reader_->rows_read();
    rows_pending_ = reader_->rows_pending();
    source_index_ = reader_->source_index();
    bytes_read_ = reader_->bytes_read();
    const std::optional<uint64_t> estimate = reader_->estimated_rows();
    estimated_rows_ = estimate.has_value() ? static_cast<int64_t>(std::min<uint64_t>(*estimate, INT64_MAX)) : -1;
    num_bad_blocks_ = reader_->num_bad_blocks();
    if (reader_->is_finished()) finished_ = true;
  }

  const FreesDroppedBuffers frees_buffers_;
  const int64_t owner_;  // the process that opened it
  std::shared_ptr<StoreOwner> store_;
  nb::object on_wait_;  // called while a thread waits for rows or for the opening; None
  std::unique_ptr<QueryReader> reader_;
  std::unique_ptr<CallThread> caller_;  // polls the reader, if its source may wait for long
  Mutex mutex_;                         // held in calls of reader_, but for close() and what is set at opening

  // What caller_ polled. Of the thread that polls, while caller_ is not busy.
  QueryPoll polled_ = QueryPoll::kPending;
  Batch polled_batch_;
  std::exception_ptr poll_error_;

  std::atomic<uint64_t> rows_read_ = 0;
  std::atomic<uint64_t> rows_pending_ = 0;
  std::atomic<size_t> source_index_ = 0;
  std::atomic<uint64_t> bytes_read_ = 0;
  std::atomic<int64_t> estimated_rows_ = -1;  // negative: nothing is known
  std::atomic<size_t> num_bad_blocks_ = 0;
  std::atomic<bool> finished_ = false;
};

std::vector<std::string> names_from_python(const nb::list& list) {
  std::vector<std::string> names;
  names.reserve(nb::len(list));
  for (nb::handle name : list) names.push_back(name_from_python(name));
  return names;
}

// The values of options that are one of several, in the order of their names; Python knows no others.
constexpr auto kEnumAs = std::to_array<std::string_view>({"enum", "categorical", "string"});
constexpr auto kMapAs = std::to_array<std::string_view>({"list", "map"});
constexpr auto kUtf8 = std::to_array<std::string_view>({"strict", "replace"});
constexpr auto kInvalidValues = std::to_array<std::string_view>({"raise", "null"});

// Values were checked in Python (jetliner/_options/read_options.py), where argument names are known.
void construct(PyReader* self, const nb::list& paths, size_t batch_size, size_t buffer_blocks, size_t buffer_bytes,
               std::optional<size_t> read_chunk_size, std::optional<size_t> max_block_size, uint64_t max_empty_rows,
               bool ignore_errors, std::optional<nb::list> columns, std::optional<nb::list> column_paths,
               bool rows_only, std::optional<std::string> reader_schema, const std::optional<nb::list>& filter_columns,
               bool merge_columns, size_t batch_bytes, std::optional<std::pair<uint64_t, uint64_t>> byte_range,
               std::optional<uint64_t> n_rows, std::optional<std::string> row_index_name, uint32_t row_index_offset,
               std::optional<std::string> path_column, size_t n_threads, const std::optional<nb::dict>& descriptors,
               const std::optional<nb::dict>& buffers, const std::optional<std::shared_ptr<StoreOwner>>& store,
               nb::object on_wait, const std::string& enum_as, const std::string& map_as, const std::string& utf8,
               const std::string& invalid_values) {
  std::vector<std::string> path_bytes;
  path_bytes.reserve(nb::len(paths));
  for (nb::handle path : paths) path_bytes.push_back(path_from_python(path));

  ReadOptions options;
  options.batch_size = batch_size;
  options.buffer_blocks = buffer_blocks;
  options.buffer_bytes = buffer_bytes;
  options.read_chunk_bytes = read_chunk_size;
  options.max_block_bytes = max_block_size;
  options.max_empty_rows = max_empty_rows;
  options.ignore_errors = ignore_errors;
  if (columns) options.columns = ColumnNames{names_from_python(*columns)};
  if (column_paths) options.columns = ColumnPaths{names_from_python(*column_paths)};
  if (rows_only) options.columns = RowsOnly{};
  options.reader_schema = std::move(reader_schema);
  options.types = {.enum_as = chosen<EnumAs>(kEnumAs, enum_as),
                   .map_as = chosen<MapAs>(kMapAs, map_as),
                   .utf8 = chosen<Utf8>(kUtf8, utf8),
                   .invalid_values = chosen<InvalidValues>(kInvalidValues, invalid_values)};
  if (byte_range) options.range = ByteRange{byte_range->first, byte_range->second};
  options.n_rows = n_rows;
  options.row_index_name = std::move(row_index_name);
  options.row_index_offset = row_index_offset;
  options.path_column = std::move(path_column);
  options.n_threads = n_threads;
  QueryOptions query{.merge_columns = merge_columns, .batch_bytes = batch_bytes};
  if (filter_columns) query.filter_columns = names_from_python(*filter_columns);
  const Inputs inputs{.descriptors = descriptors, .buffers = buffers, .store = store.value_or(nullptr)};
  new (self) PyReader(path_bytes, std::move(options), std::move(query), inputs, std::move(on_wait));
}

}  // namespace

void bind_reader(nb::module_& module) {
  const ReadOptions defaults;
  nb::class_<PyReader>(module, "Reader", nb::is_final())
      .def("__init__", &construct, "paths"_a, nb::kw_only(), "batch_size"_a = defaults.batch_size,
           "buffer_blocks"_a = defaults.buffer_blocks, "buffer_bytes"_a = defaults.buffer_bytes,
           "read_chunk_size"_a = defaults.read_chunk_bytes, "max_block_size"_a = defaults.max_block_bytes,
           "max_empty_rows"_a = defaults.max_empty_rows, "ignore_errors"_a = defaults.ignore_errors,
           "columns"_a = nb::none(), "column_paths"_a = nb::none(), "rows_only"_a = false,
           "reader_schema"_a = nb::none(), "filter_columns"_a = nb::none(), "merge_columns"_a = false,
           "batch_bytes"_a = SIZE_MAX, "byte_range"_a = nb::none(), "n_rows"_a = nb::none(),
           "row_index_name"_a = nb::none(), "row_index_offset"_a = 0, "path_column"_a = nb::none(),
           "n_threads"_a = defaults.n_threads, "descriptors"_a = nb::none(), "buffers"_a = nb::none(),
           "store"_a = nb::none(), "on_wait"_a = nb::none(), "enum_as"_a = kEnumAs[0], "map_as"_a = kMapAs[0],
           "utf8"_a = kUtf8[0], "invalid_values"_a = kInvalidValues[0])
      .def("next", &PyReader::next)
      .def("next_filtered", &PyReader::next_filtered)
      .def("keep", &PyReader::keep, "mask"_a)
      .def("kept", &PyReader::kept, "num_rows"_a, "num_kept"_a)
      .def("close", &PyReader::close)
      .def("empty_batch", &PyReader::empty_batch)
      .def("has_column", &PyReader::has_column, "path"_a)
      .def("variants", &PyReader::variants)
      .def("own_schemas", &PyReader::own_schemas)
      .def("bad_blocks", &PyReader::bad_blocks)
      .def_prop_ro("schema_json", &PyReader::schema_json)
      .def_prop_ro("column_names", &PyReader::column_names)
      .def_prop_ro("num_columns", &PyReader::num_columns)
      .def_prop_ro("num_sources", &PyReader::num_sources)
      .def_prop_ro("source_index", &PyReader::source_index)
      .def_prop_ro("bytes_read", &PyReader::bytes_read)
      .def_prop_ro("total_bytes", &PyReader::total_bytes)
      .def_prop_ro("estimated_rows", &PyReader::estimated_rows)
      .def_prop_ro("rows_read", &PyReader::rows_read)
      .def_prop_ro("rows_pending", &PyReader::rows_pending)
      .def_prop_ro("num_blocks", &PyReader::num_blocks)
      .def_prop_ro("num_bad_blocks", &PyReader::num_bad_blocks)
      .def_prop_ro("is_finished", &PyReader::is_finished);
}

}  // namespace jetliner::python
