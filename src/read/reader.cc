#include "read/query_reader.h"

#include <algorithm>
#include <atomic>
#include <limits>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <utility>
#include <variant>

#include "count/count_stream.h"
#include "files/file_list.h"
#include "filter/filtered_read.h"
#include "pipeline/piece_stream.h"
#include "pipeline/threaded_stream.h"
#include "read/check_options.h"
#include "task/bad_block.h"
#include "task/batch.h"
#include "task/batcher.h"
#include "types/arrow_type.h"
#include "types/projection.h"

namespace jetliner {

size_t Batch::num_rows() const { return impl_ == nullptr ? 0 : impl_->rows; }

size_t Batch::num_columns() const { return impl_ == nullptr ? 0 : impl_->schema->num_columns(); }

bool is_flat(const Batch& batch) {
  if (batch.impl() == nullptr) return true;
  const BatchSchema& schema = *batch.impl()->schema;
  if ((schema.has_row_index && schema.row_index_name.empty()) || (schema.has_path && schema.path_name.empty())) {
    return false;
  }
  return std::all_of(schema.columns->children.begin(), schema.columns->children.end(), [](const ArrowType& column) {
    return column.children.empty() && column.layout() != Layout::kDictionary && !column.exported_name().empty();
  });
}

size_t Batch::held_bytes() const {
  size_t bytes = 0;
  if (impl_ == nullptr) return bytes;
  for (const Slice& slice : impl_->slices) bytes += slice.chunk->allocated_bytes();
  return bytes;
}

void Batch::export_stream(ArrowArrayStream* out) const { jetliner::export_stream(impl_->schema, impl_->slices, out); }

void Batch::export_column(size_t index, ArrowArrayStream* out) const {
  if (index >= num_columns()) throw std::out_of_range("there is no such column in the batch");
  jetliner::export_column_stream(impl_->schema, impl_->slices, index, out);
}

std::vector<Batch::Run> Batch::runs() const {
  std::vector<Run> runs;
  if (impl_ == nullptr) return runs;
  const std::string* last = nullptr;
  for (const Slice& slice : impl_->slices) {
    if (slice.path.get() != last) runs.push_back({.path = *slice.path});
    last = slice.path.get();
    runs.back().rows += slice.rows;
  }
  return runs;
}

struct Reader::Impl {
  Impl(const std::vector<std::string>& paths, ReadOptions read_options, QueryOptions query_options, SourceOpener opener)
      : options(checked(std::move(read_options), paths.size())),
        query(std::move(query_options)),
        files(paths, options, query, std::move(opener)),
        schema(make_schema()),
        batcher(schema, options),
        filter(query.filter_columns.has_value() ? std::make_shared<FilterState>(spare_bytes(options)) : nullptr),
        stream(rows_only() ? make_count_stream(files, options) : make_stream(files, options, pool, filter)) {
    for (const ArrowType& column : files.file_columns().children) {
      if (column.exported_as.empty()) column_names.push_back(column.name);
    }
    if (filter != nullptr) filtered_read.emplace(options, make_candidate_schema(), batcher, *filter);
    if ((num_columns() == 0 && !rows_only() && !query.merge_columns) || options.n_rows == 0) close_stream();
  }

  std::shared_ptr<const BatchSchema> make_schema() {
    auto made = std::make_shared<BatchSchema>();
    made->columns = files.columns();
    made->has_row_index = options.row_index_name.has_value();
    made->has_path = options.path_column.has_value();
    made->row_index_name = options.row_index_name.value_or("");
    made->path_name = options.path_column.value_or("");
    check_names(*made);
    return made;
  }

  [[nodiscard]] std::shared_ptr<const BatchSchema> make_candidate_schema() const {
    auto made = std::make_shared<BatchSchema>(*schema);
    made->columns = files.candidate_columns();
    const std::vector<std::string>& wanted = *query.filter_columns;
    const auto is_wanted = [&](const std::string& name) {
      return std::find(wanted.begin(), wanted.end(), name) != wanted.end();
    };
    made->has_row_index = made->has_row_index && is_wanted(made->row_index_name);
    made->has_path = made->has_path && is_wanted(made->path_name);
    return made;
  }

  void check_names(const BatchSchema& made) const {
    const ArrowType& columns = files.file_columns();
    const auto refuse = [](const std::string& name) {
      throw Error(ErrorKind::kSchema, ErrorVariant::kDuplicate, "there is already a column named '" + name + "'",
                  {.context = name});
    };
    if (made.has_row_index && columns.child(made.row_index_name) != nullptr) refuse(made.row_index_name);
    if (made.has_path && columns.child(made.path_name) != nullptr) refuse(made.path_name);
    if (made.has_row_index && made.has_path && made.row_index_name == made.path_name) refuse(made.path_name);
  }

  [[nodiscard]] bool rows_only() const { return std::holds_alternative<RowsOnly>(options.columns); }
  [[nodiscard]] size_t num_columns() const { return schema->num_columns(); }

  QueryPoll poll(Batch& out, std::chrono::milliseconds timeout) {
    QueryPoll result = QueryPoll::kEnd;
    {
      const std::lock_guard polling(poll_mutex);
      try {
        result = filtered_read.has_value() ? poll_filtered(out, timeout) : poll_locked(out, timeout);
      } catch (...) {
        // Memory may run out at any place here: rows that were on their way are lost, so nothing may follow them.
        finished = true;
        close_stream();
        clear();
        throw;
      }
    }
    // close() may have come after the last look at `finished`, and left the stream to this thread.
    if (finished) close();
    return result;
  }

  QueryPoll poll_locked(Batch& out, std::chrono::milliseconds timeout) {
    const Clock::time_point deadline = Clock::now() + timeout;
    while (!finished && !batcher.has_full_batch() && !ended) {
      const uint64_t wanted = batcher.rows_wanted();
      if (wanted == 0) {
        close_stream();
        ended = true;
        break;
      }
      Piece piece;
      const auto most_rows = static_cast<size_t>(std::min<uint64_t>(wanted, std::numeric_limits<size_t>::max()));
      const Demand demand = {.most_rows = most_rows, .enough_rows = std::min(most_rows, batcher.rows_to_fill())};
      switch (stream->next(demand, deadline, piece)) {
        case StreamPoll::kPending:
          return QueryPoll::kPending;
        case StreamPoll::kEnd:
          ended = true;
          break;
        case StreamPoll::kPiece:
          take(piece);
          if (Clock::now() >= deadline && !batcher.has_full_batch() && !ended) return QueryPoll::kPending;
          break;
      }
    }
    if (finished) return QueryPoll::kEnd;
    if (batcher.rows_pending() > 0) {
      hand_out(out);
      return QueryPoll::kRows;
    }
    return end();
  }

  QueryPoll poll_filtered(Batch& out, std::chrono::milliseconds timeout) {
    const Clock::time_point deadline = Clock::now() + timeout;
    if (filtered_read->is_asking()) refuse_poll();
    while (!finished && !ended) {
      switch (filtered_read->next(*stream, deadline)) {
        case FilteredRead::Step::kRows: {
          const bool is_unfiltered = filtered_read->is_unfiltered();
          hand_out(out);
          return is_unfiltered ? QueryPoll::kUnfiltered : QueryPoll::kRows;
        }
        case FilteredRead::Step::kCandidates:
          out = filtered_read->candidates();
          return QueryPoll::kCandidates;
        case FilteredRead::Step::kDamage: {
          Piece piece = filtered_read->damage();
          take_damage(piece);
          break;
        }
        case FilteredRead::Step::kPending:
          return QueryPoll::kPending;
        case FilteredRead::Step::kEnd:
          ended = true;
          break;
      }
    }
    return finished ? QueryPoll::kEnd : end();
  }

  [[noreturn]] static void refuse_poll() {
    throw Error(ErrorKind::kConfiguration, ErrorVariant::kConfiguration,
                "keep() is to be called before the next poll()");
  }

  void keep(std::span<const uint8_t> bits, size_t num_rows) {
    const std::lock_guard polling(poll_mutex);
    if (finished) return;
    if (!filtered_read.has_value() || !filtered_read->is_asking() || num_rows != filtered_read->candidate_rows() ||
        bits.size() < (num_rows + 7) / 8) {
      throw Error(ErrorKind::kConfiguration, ErrorVariant::kConfiguration,
                  "keep() takes one bit for each of the candidates that poll() handed out");
    }
    try {
      filtered_read->keep(bits, *stream);
    } catch (...) {
      finished = true;
      close_stream();
      clear();
      throw;
    }
  }

  void hand_out(Batch& out) {
    out = batcher.take();
    pool->expect_back(out.held_bytes());
    rows_read += out.num_rows();
    source_index = batcher.file_index();
    bytes_read = batcher.bytes_passed();
  }

  QueryPoll end() {
    finished = true;
    source_index = files.size();
    if (error != nullptr) std::rethrow_exception(std::exchange(error, nullptr));
    bytes_read = files.total_bytes();
    is_exhausted = true;
    return QueryPoll::kEnd;
  }

  void clear() {
    batcher.clear();
    if (filtered_read.has_value()) filtered_read->clear();
  }

  // Rows first: what was decoded before the damage is handed out before an error is thrown.
  void take(Piece& piece) {
    if (piece.chunk != nullptr) batcher.add(piece);
    take_damage(piece);
  }

  void take_damage(Piece& piece) {
    if (options.ignore_errors) {
      const std::lock_guard lock(mutex);
      for (BadBlock& damage : piece.damage) {
        if (bad_blocks.size() < kMaxKeptBadBlocks) bad_blocks.push_back(std::move(damage));
        ++num_bad_blocks;
      }
    } else if (!piece.damage.empty() && piece.error == nullptr) {
      piece.error = std::make_exception_ptr(error_of(piece.damage.front()));
    }
    // With n_rows rows in hand, what comes after them does not matter.
    if (piece.error == nullptr || (batcher.rows_wanted() == 0 && !filtered_read.has_value())) return;
    error = piece.error;
    close_stream();
    ended = true;
  }

  void close() {
    finished = true;
    // A thread that polls just now sees it in a moment, and closes the stream itself.
    const std::unique_lock polling(poll_mutex, std::try_to_lock);
    if (!polling.owns_lock()) return;
    close_stream();
    clear();
  }

  void close_stream() {
    stream->close();
    files.close();
    pool->close();
  }

  const ReadOptions options;
  const QueryOptions query;
  FileList files;
  const std::shared_ptr<const BatchSchema> schema;
  std::vector<std::string> column_names;
  Batcher batcher;
  const std::shared_ptr<BlockPool> pool = std::make_shared<BlockPool>(spare_bytes(options));
  const std::shared_ptr<FilterState> filter;  // nullptr where all rows are wanted
  std::unique_ptr<PieceStream> stream;
  std::optional<FilteredRead> filtered_read;  // with `filter`

  std::mutex poll_mutex;  // held while one thread polls
  bool ended = false;     // the stream has; rows may be pending
  std::exception_ptr error;
  std::atomic<bool> finished = false;
  std::atomic<uint64_t> rows_read = 0;
  std::atomic<size_t> source_index = 0;
  std::atomic<uint64_t> bytes_read = 0;
  std::atomic<bool> is_exhausted = false;

  mutable std::mutex mutex;
  std::vector<BadBlock> bad_blocks;  // guarded by mutex; the first kMaxKeptBadBlocks
  size_t num_bad_blocks = 0;         // guarded by mutex
};

uint64_t count_rows(const std::vector<std::string>& paths, ReadOptions options, SourceOpener opener) {
  options.columns = RowsOnly{};
  options.batch_size = SIZE_MAX;
  options.row_index_name.reset();
  options.path_column.reset();
  Reader reader(paths, std::move(options), std::move(opener));
  uint64_t rows = 0;
  for (Batch batch; reader.next(batch);) rows += batch.num_rows();
  return rows;
}

Reader::Reader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Reader::Reader(const std::vector<std::string>& paths, ReadOptions options, SourceOpener opener,
               const OpeningCheck& /*check*/)
    : Reader(std::make_unique<Impl>(paths, std::move(options), QueryOptions{}, std::move(opener))) {}
Reader::Reader(Reader&&) noexcept = default;
Reader& Reader::operator=(Reader&&) noexcept = default;
Reader::~Reader() = default;

Poll Reader::poll(Batch& out, std::chrono::milliseconds timeout) {
  switch (impl_->poll(out, timeout)) {
    case QueryPoll::kRows:
      return Poll::kBatch;
    case QueryPoll::kPending:
      return Poll::kPending;
    default:
      return Poll::kEnd;
  }
}

bool Reader::next(Batch& out) {
  Poll result = Poll::kPending;
  while (result == Poll::kPending) result = poll(out, std::chrono::hours(1));
  return result == Poll::kBatch;
}

QueryReader::QueryReader(const std::vector<std::string>& paths, ReadOptions options, QueryOptions query,
                         SourceOpener opener, const OpeningCheck& /*check*/)
    : Reader(std::make_unique<Impl>(paths, std::move(options), std::move(query), std::move(opener))) {}

QueryPoll QueryReader::poll_query(Batch& out, std::chrono::milliseconds timeout) { return impl_->poll(out, timeout); }

void QueryReader::keep(std::span<const uint8_t> bits, size_t num_rows) { impl_->keep(bits, num_rows); }

void QueryReader::kept(size_t num_rows, size_t num_kept) {
  if (impl_->filter != nullptr) impl_->filter->choice.kept(num_rows, num_kept);
}

void Reader::close() { impl_->close(); }

const std::string& Reader::schema_json() const { return impl_->files.schema_json(); }
const std::vector<std::string>& Reader::column_names() const { return impl_->column_names; }

bool Reader::has_column(const std::string& path) const {
  return !project(impl_->files.file_columns(), {path}).children.empty();
}

namespace {

Batch empty(std::shared_ptr<const BatchSchema> schema) {
  auto batch = std::make_shared<Batch::Impl>();
  batch->schema = std::move(schema);
  return Batch(std::move(batch));
}

}  // namespace

std::vector<std::pair<std::string, std::string>> QueryReader::variants() const {
  std::vector<std::pair<std::string, std::string>> variants;
  for (const ArrowType& column : impl_->schema->columns->children) {
    if (!column.exported_as.empty()) variants.emplace_back(column.exported_as, column.name);
  }
  return variants;
}

std::vector<std::pair<size_t, Batch>> QueryReader::own_schemas() const {
  std::vector<std::pair<size_t, Batch>> schemas;
  for (const FileList::OwnColumns& own : impl_->files.own_columns()) {
    auto schema = std::make_shared<BatchSchema>();
    schema->columns = own.columns;
    schemas.emplace_back(own.file_index, empty(std::move(schema)));
  }
  return schemas;
}

Batch Reader::empty_batch() const { return empty(impl_->schema); }

size_t Reader::num_columns() const { return impl_->num_columns(); }
uint64_t Reader::rows_read() const { return impl_->rows_read; }
uint64_t Reader::rows_pending() const { return impl_->batcher.rows_pending(); }
bool Reader::is_finished() const { return impl_->finished; }

std::vector<BadBlock> Reader::bad_blocks() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->bad_blocks;
}

size_t Reader::num_bad_blocks() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->num_bad_blocks;
}

uint64_t Reader::bytes_read() const { return impl_->bytes_read; }
uint64_t Reader::total_bytes() const { return impl_->files.total_bytes(); }

std::optional<uint64_t> Reader::estimated_rows() const {
  const uint64_t rows = impl_->rows_read;
  const uint64_t bytes = impl_->bytes_read;
  if (impl_->is_exhausted) return rows;
  if (rows == 0 || bytes == 0) return std::nullopt;
  const double estimate = static_cast<double>(rows) / static_cast<double>(bytes) * static_cast<double>(total_bytes());
  const uint64_t most = impl_->options.n_rows.value_or(UINT64_MAX);
  constexpr double kLargest = 9e18;
  return std::clamp(static_cast<uint64_t>(std::min(estimate, kLargest)), rows, std::max(rows, most));
}

size_t Reader::num_sources() const { return impl_->files.size(); }
size_t Reader::source_index() const { return impl_->source_index; }

}  // namespace jetliner
