#include "jetliner/reader.h"

#include <utility>

#include "read/reader_impl.h"
#include "task/batch.h"
#include "types/projection.h"

namespace jetliner {

Reader::Reader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Reader::Reader(const std::vector<std::string>& paths, ReadOptions options, SourceOpener opener,
               const OpeningCheck& check)
    : Reader(std::make_unique<Impl>(paths, std::move(options), QueryOptions{}, std::move(opener), check)) {}
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
  while (result == Poll::kPending) result = poll(out, std::chrono::milliseconds::max());
  return result == Poll::kBatch;
}

void Reader::close() { impl_->close(); }

const std::string& Reader::schema_json() const { return impl_->files().schema_json(); }
const std::vector<std::string>& Reader::column_names() const { return impl_->column_names(); }

bool Reader::has_column(const std::string& path) const {
  return !project(impl_->files().plans().file_columns(), {path}).children.empty();
}

Batch Reader::empty_batch() const { return empty_batch_of(impl_->schema()); }
size_t Reader::num_columns() const { return impl_->schema()->num_columns(); }
uint64_t Reader::rows_read() const { return impl_->rows_read(); }
uint64_t Reader::bytes_read() const { return impl_->bytes_read(); }
uint64_t Reader::total_bytes() const { return impl_->files().total_bytes(); }
std::optional<uint64_t> Reader::estimated_rows() const { return impl_->estimated_rows(); }
uint64_t Reader::rows_pending() const { return impl_->rows_pending(); }
bool Reader::is_finished() const { return impl_->is_finished(); }
std::vector<BadBlock> Reader::bad_blocks() const { return impl_->damage().kept(); }
size_t Reader::num_bad_blocks() const { return impl_->damage().count(); }
size_t Reader::num_sources() const { return impl_->files().size(); }
size_t Reader::source_index() const { return impl_->source_index(); }

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

}  // namespace jetliner
