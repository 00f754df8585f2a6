#include "read/reader_impl.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "count/count_stream.h"
#include "read/batch_schemas.h"
#include "read/check_options.h"
#include "task/all_rows.h"
#include "task/damage.h"
#include "task/piece_stream.h"

namespace jetliner {

Reader::Impl::Impl(const std::vector<std::string>& paths, ReadOptions read_options, QueryOptions query_options,
                   SourceOpener opener, const OpeningCheck& check)
    : options_(checked(std::move(read_options), paths.size())),
      query_(std::move(query_options)),
      files_(paths, options_, query_, std::move(opener), check),
      schema_(batch_schema(files_.plans(), options_)),
      pool_(std::make_shared<BlockPool>(spare_bytes(options_))),
      batcher_(schema_, options_, pool_, query_.batch_bytes),
      source_(make_source()) {
  for (const ArrowType& column : files_.plans().file_columns().children) {
    if (column.exported_as.empty()) column_names_.push_back(column.name);
  }
  const bool has_no_columns = schema_->num_columns() == 0 && !query_.merge_columns;
  const bool rows_only = std::holds_alternative<RowsOnly>(options_.columns);
  if ((has_no_columns && !rows_only) || options_.n_rows == 0) {
    const MutexLock lock(poll_mutex_);
    close_source();
    is_over_ = true;
  }
}

std::unique_ptr<RowSource> Reader::Impl::make_source() {
  if (query_.filter_columns.has_value()) {
    auto source = std::make_unique<FilteredRead>(files_, options_, candidate_schema(*schema_, files_.plans(), query_),
                                                 batcher_, pool_);
    filtered_ = source.get();
    return source;
  }
  std::unique_ptr<PieceStream> stream = std::holds_alternative<RowsOnly>(options_.columns)
                                            ? make_count_stream(files_, options_)
                                            : make_decode_stream(files_, options_, pool_);
  return std::make_unique<AllRows>(std::move(stream), batcher_);
}

QueryPoll Reader::Impl::poll(Batch& out, std::chrono::milliseconds timeout) {
  QueryPoll result = QueryPoll::kEnd;
  {
    const MutexLock polling(poll_mutex_);
    guarded([&]() JETLINER_REQUIRES(poll_mutex_) { result = poll_source(out, deadline_after(timeout)); });
  }
  // close() may have come meanwhile, and left the source to this thread.
  if (is_finished_) close();
  return result;
}

QueryPoll Reader::Impl::poll_source(Batch& out, Clock::time_point deadline) {
  if (filtered_ != nullptr && filtered_->is_asking() && !is_finished_) {
    throw Error(ErrorKind::kConfiguration, ErrorVariant::kConfiguration,
                "keep() is to be called before the next poll()");
  }
  while (!is_finished_ && !is_over_) {
    switch (source_->next(deadline)) {
      case RowSource::Step::kRows:
        return is_finished_ ? QueryPoll::kEnd : hand_out(out);
      case RowSource::Step::kCandidates:
        if (is_finished_) return QueryPoll::kEnd;
        out = filtered_->candidates();
        return QueryPoll::kCandidates;
      case RowSource::Step::kDamage:
        take_damage(source_->take_damage());
        break;
      case RowSource::Step::kPending:
        return QueryPoll::kPending;
      case RowSource::Step::kEnd:
        is_over_ = true;
        close_source();
        break;
    }
  }
  if (is_finished_) return QueryPoll::kEnd;
  return batcher_.rows_pending() > 0 ? hand_out(out) : end();
}

QueryPoll Reader::Impl::hand_out(Batch& out) {
  const bool is_unfiltered = filtered_ != nullptr && filtered_->is_unfiltered();
  out = batcher_.take();
  pool_->expect_back(out.held_bytes());
  rows_read_ += out.num_rows();
  source_index_ = batcher_.file_index();
  bytes_read_ = batcher_.bytes_passed();
  return is_unfiltered ? QueryPoll::kUnfiltered : QueryPoll::kRows;
}

QueryPoll Reader::Impl::end() {
  is_finished_ = true;
  source_index_ = files_.size();
  if (error_ != nullptr) std::rethrow_exception(std::exchange(error_, nullptr));
  bytes_read_ = files_.total_bytes();
  is_exhausted_ = true;
  return QueryPoll::kEnd;
}

void Reader::Impl::take_damage(Piece piece) {
  if (options_.ignore_errors) {
    damage_.add(std::move(piece.damage));
  } else if (!piece.damage.empty() && piece.error == nullptr) {
    piece.error = std::make_exception_ptr(error_of(piece.damage.front()));
  }
  // Without a filter, an error after n_rows rows does not matter.
  if (piece.error == nullptr || (filtered_ == nullptr && batcher_.rows_wanted() == 0)) return;
  error_ = piece.error;
  is_over_ = true;
  close_source();
}

void Reader::Impl::keep(std::span<const uint8_t> bits, size_t num_rows) {
  {
    const MutexLock polling(poll_mutex_);
    if (!is_finished_) keep_locked(bits, num_rows);
  }
  if (is_finished_) close();  // as in poll()
}

void Reader::Impl::keep_locked(std::span<const uint8_t> bits, size_t num_rows) {
  if (filtered_ == nullptr || !filtered_->is_asking() || num_rows != filtered_->candidate_rows() ||
      bits.size() < (num_rows + 7) / 8) {
    throw Error(ErrorKind::kConfiguration, ErrorVariant::kConfiguration,
                "keep() takes one bit for each of the candidates that poll() handed out");
  }
  guarded([&] { filtered_->keep(bits); });
}

void Reader::Impl::kept(size_t num_rows, size_t num_kept) {
  const MutexLock polling(poll_mutex_);
  if (filtered_ != nullptr) filtered_->note_kept(num_rows, num_kept);
}

template <typename Action>
void Reader::Impl::guarded(Action action) {
  try {
    action();
  } catch (...) {
    const bool was_closed = is_finished_ && error_ == nullptr && !is_over_;
    is_finished_ = true;
    close_source();
    batcher_.clear();
    if (!was_closed) throw;  // or else the exception is only the effect of close()
  }
}

void Reader::Impl::close() {
  is_finished_ = true;
  files_.interrupt();
  source_->stop();
  // A thread that polls just now ends soon, and closes the source itself.
  if (!poll_mutex_.try_lock()) return;
  close_source();
  batcher_.clear();
  poll_mutex_.unlock();
}

void Reader::Impl::close_source() {
  files_.interrupt();  // threads that wait for a source are about to be joined
  source_->close();
  files_.close();
  pool_->close();
}

std::optional<uint64_t> Reader::Impl::estimated_rows() const {
  const uint64_t rows = rows_read_;
  const uint64_t bytes = bytes_read_;
  if (is_exhausted_) return rows;
  if (rows == 0 || bytes == 0) return std::nullopt;
  const double estimate =
      static_cast<double>(rows) / static_cast<double>(bytes) * static_cast<double>(files_.total_bytes());
  const uint64_t most = options_.n_rows.value_or(UINT64_MAX);
  constexpr double kLargest = 9e18;
  return std::clamp(static_cast<uint64_t>(std::min(estimate, kLargest)), rows, std::max(rows, most));
}

}  // namespace jetliner
