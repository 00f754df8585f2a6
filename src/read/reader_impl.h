// The implementation of Reader: files, a source of rows, a batcher, and the progress.
//
// Order of locks: poll_mutex_, then Stream's, then WorkerThreads'. OpenSources holds its mutex while it calls
// Source::interrupt(). close() takes poll_mutex_ only if nobody holds it; whoever does closes the source when it is
// done.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "arrow/export.h"
#include "base/mutex.h"
#include "column/block_pool.h"
#include "files/file_list.h"
#include "filter/filtered_read.h"
#include "jetliner/reader.h"
#include "read/damage_log.h"
#include "read/query_reader.h"
#include "task/batcher.h"
#include "task/row_source.h"

namespace jetliner {

struct Reader::Impl {
 public:
  Impl(const std::vector<std::string>& paths, ReadOptions read_options, QueryOptions query_options, SourceOpener opener,
       const OpeningCheck& check);
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() { files_.interrupt(); }  // threads that wait for a source are about to be joined

  // The functions of Reader and QueryReader.
  QueryPoll poll(Batch& out, std::chrono::milliseconds timeout) JETLINER_EXCLUDES(poll_mutex_);
  void keep(std::span<const uint8_t> bits, size_t num_rows) JETLINER_EXCLUDES(poll_mutex_);
  void kept(size_t num_rows, size_t num_kept) JETLINER_EXCLUDES(poll_mutex_);
  void close() JETLINER_EXCLUDES(poll_mutex_);
  [[nodiscard]] const FileList& files() const { return files_; }
  [[nodiscard]] const std::shared_ptr<const BatchSchema>& schema() const { return schema_; }
  [[nodiscard]] const std::vector<std::string>& column_names() const { return column_names_; }
  [[nodiscard]] uint64_t rows_read() const { return rows_read_; }
  [[nodiscard]] uint64_t bytes_read() const { return bytes_read_; }
  [[nodiscard]] uint64_t rows_pending() const { return is_finished_ ? 0 : batcher_.rows_pending(); }
  [[nodiscard]] std::optional<uint64_t> estimated_rows() const;
  [[nodiscard]] bool is_finished() const { return is_finished_; }
  [[nodiscard]] size_t source_index() const { return source_index_; }
  [[nodiscard]] const DamageLog& damage() const { return damage_; }

 private:
  std::unique_ptr<RowSource> make_source();
  QueryPoll poll_source(Batch& out, Clock::time_point deadline) JETLINER_REQUIRES(poll_mutex_);
  QueryPoll hand_out(Batch& out) JETLINER_REQUIRES(poll_mutex_);
  void keep_locked(std::span<const uint8_t> bits, size_t num_rows) JETLINER_REQUIRES(poll_mutex_);
  QueryPoll end() JETLINER_REQUIRES(poll_mutex_);
  void take_damage(Piece piece) JETLINER_REQUIRES(poll_mutex_);
  // Runs `action`. After an exception the read is over: rows on their way are lost, so nothing may follow them.
  template <typename Action>
  void guarded(Action action) JETLINER_REQUIRES(poll_mutex_);
  void close_source() JETLINER_REQUIRES(poll_mutex_);

  const ReadOptions options_;
  const QueryOptions query_;
  FileList files_;
  const std::shared_ptr<const BatchSchema> schema_;
  std::vector<std::string> column_names_;
  const std::shared_ptr<BlockPool> pool_;
  Batcher batcher_;                   // of whoever holds poll_mutex_, but for rows_pending()
  FilteredRead* filtered_ = nullptr;  // source_, if rows are filtered
  const std::unique_ptr<RowSource> source_;

  Mutex poll_mutex_;                                           // held while one thread polls
  bool is_over_ JETLINER_GUARDED_BY(poll_mutex_) = false;      // the source has no more rows; the batcher may have some
  std::exception_ptr error_ JETLINER_GUARDED_BY(poll_mutex_);  // to be thrown after these rows
  std::atomic<bool> is_finished_ = false;
  std::atomic<bool> is_exhausted_ = false;
  std::atomic<uint64_t> rows_read_ = 0;
  std::atomic<uint64_t> bytes_read_ = 0;
  std::atomic<size_t> source_index_ = 0;
  DamageLog damage_;
};

}  // namespace jetliner
