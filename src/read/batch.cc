#include "task/batch.h"

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <vector>

#include "arrow/export.h"
#include "jetliner/reader.h"
#include "read/query_reader.h"

namespace jetliner {

size_t Batch::num_rows() const { return impl_ == nullptr ? 0 : impl_->rows; }

size_t Batch::num_columns() const { return impl_ == nullptr ? 0 : impl_->schema->num_columns(); }

size_t Batch::held_bytes() const {
  size_t bytes = 0;
  if (impl_ == nullptr) return bytes;
  const Chunk* last = nullptr;
  for (const Slice& slice : impl_->slices) {
    if (slice.chunk.get() != last) bytes += slice.chunk->allocated_bytes();
    last = slice.chunk.get();
  }
  return bytes;
}

void Batch::export_stream(ArrowArrayStream* out) const {
  if (impl_ != nullptr) {
    jetliner::export_stream(impl_->schema, impl_->slices, out);
    return;
  }
  auto no_columns = std::make_shared<BatchSchema>();
  no_columns->columns = std::make_shared<const ArrowType>();
  jetliner::export_stream(std::move(no_columns), {}, out);
}

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

}  // namespace jetliner
