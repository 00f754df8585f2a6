#include "read/query_reader.h"

#include <memory>

#include "files/file_plans.h"
#include "read/reader_impl.h"
#include "task/batch.h"

namespace jetliner {

QueryReader::QueryReader(const std::vector<std::string>& paths, ReadOptions options, QueryOptions query,
                         SourceOpener opener, const OpeningCheck& check)
    : Reader(std::make_unique<Impl>(paths, std::move(options), std::move(query), std::move(opener), check)) {}

QueryPoll QueryReader::poll_query(Batch& out, std::chrono::milliseconds timeout) { return impl_->poll(out, timeout); }
uint64_t QueryReader::num_blocks() const { return impl_->files().num_blocks(); }
void QueryReader::keep(std::span<const uint8_t> bits, size_t num_rows) { impl_->keep(bits, num_rows); }
void QueryReader::kept(size_t num_rows, size_t num_kept) { impl_->kept(num_rows, num_kept); }

std::vector<std::pair<std::string, std::string>> QueryReader::variants() const {
  std::vector<std::pair<std::string, std::string>> variants;
  for (const ArrowType& column : impl_->schema()->columns->children) {
    if (!column.exported_as.empty()) variants.emplace_back(column.exported_as, column.name);
  }
  return variants;
}

std::vector<std::pair<size_t, Batch>> QueryReader::own_schemas() const {
  std::vector<std::pair<size_t, Batch>> schemas;
  for (const FilePlans::OwnColumns& own : impl_->files().plans().own_columns()) {
    auto schema = std::make_shared<BatchSchema>();
    schema->columns = own.columns;
    schemas.emplace_back(own.file_index, empty_batch_of(std::move(schema)));
  }
  return schemas;
}

}  // namespace jetliner
