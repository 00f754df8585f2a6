#include "read/file_list.h"

#include <algorithm>
#include <utility>

#include "codec/codec.h"
#include "jetliner/error.h"
#include "schema/schema.h"

namespace jetliner {
namespace {

// Several units are on their way at once, and what is decoded of them: with a small buffer they are smaller.
size_t unit_bytes(const ReadOptions& options) {
  return std::clamp<size_t>(options.buffer_bytes / 32, 256 << 10, 1 << 20);
}

size_t chunk_bytes(const ReadOptions& options, const Source& source) {
  return options.read_chunk_bytes.value_or(source.preferred_chunk_bytes());
}

// Most bytes of schema text by which plans are found again.
constexpr size_t kMaxPlannedBytes = 32 << 20;

}  // namespace

void OpenFile::start(BlockFramer::Start start) {
  with_path(*context->path,
            [&] { framer = std::make_unique<BlockFramer>(*source, context->header, framer_options, start); });
}

bool OpenFile::next(Unit& unit) {
  if (!with_path(*context->path, [&] { return framer->next(unit); })) return false;
  if (context->plan->min_row_bytes == 0) bound_empty_rows(unit);
  return true;
}

// Rows that take no bytes (null, records without fields) are not bounded by the data: a block of a few bytes may claim
// any number. The whole read has a limit for them, counted here in file order. Only a record that holds itself without
// a union has no least size either, and that has no values at all.
void OpenFile::bound_empty_rows(Unit& unit) const {
  for (BlockRef& block : unit.blocks) {
    const auto rows = static_cast<int64_t>(std::min(static_cast<uint64_t>(block.row_count), *empty_rows_left));
    *empty_rows_left -= static_cast<uint64_t>(rows);
    block.refused_rows = block.row_count - rows;
    block.row_count = rows;
  }
}

FileList::FileList(const std::vector<std::string>& paths, const ReadOptions& options, SourceOpener opener)
    : options_(options), opener_(std::move(opener)), empty_rows_left_(options.max_empty_rows) {
  if (options.reader_schema.has_value()) {
    reader_schema_ = std::make_shared<const ReaderSchema>(*options.reader_schema);
    set_columns(reader_schema_->schema());
  }
  files_.reserve(paths.size());
  for (const std::string& path : paths) {
    with_path(path, [&] { add(path); });
  }
}

void FileList::add(const std::string& path) {
  auto file = std::make_shared<FileContext>();
  file->index = files_.size();
  file->path = std::make_shared<const std::string>(path);
  std::unique_ptr<Source> source = opener_(path);
  file->header = read_header(*source, chunk_bytes(options_, *source));
  if (!is_known_codec(file->header.codec)) {
    throw Error(ErrorKind::kCodec, "UnsupportedCodec",
                "unknown codec '" + file->header.codec + "'; known are " + std::string(known_codecs()),
                {.codec = file->header.codec});
  }
  file->plan = plan_for(file->header.schema_json);
  // Headers may be large and files many: what is compiled or never asked for again is not kept.
  file->header.metadata = {};
  if (file->index == 0) {
    schema_json_ = std::move(file->header.schema_json);
    first_source_ = std::move(source);
  }
  file->header.schema_json = {};
  files_.push_back(std::move(file));
}

// Plans are kept by the text that they are made of: files of one writer have the same.
std::shared_ptr<const Plan> FileList::plan_for(const std::string& schema_json) {
  const auto known = plans_.find(schema_json);
  if (known != plans_.end()) return known->second;
  std::shared_ptr<const Plan> plan = make_plan(schema_json);
  if (planned_bytes_ + schema_json.size() > kMaxPlannedBytes) {
    plans_.clear();
    planned_bytes_ = 0;
  }
  planned_bytes_ += schema_json.size();
  plans_.emplace(schema_json, plan);
  return plan;
}

std::shared_ptr<const Plan> FileList::make_plan(const std::string& schema_json) {
  auto schema = std::make_shared<const Schema>(parse_schema(schema_json));
  if (reader_schema_ != nullptr) return compile(std::move(schema), reader_schema_, columns_);
  if (columns_ == nullptr) {
    set_columns(*schema);
  } else {
    check_columns(*schema);
  }
  return compile(std::move(schema), columns_);
}

void FileList::set_columns(const Schema& schema) {
  ArrowType columns = arrow_columns(schema, options_.types);
  auto projected = options_.column_paths.has_value() ? project(columns, *options_.column_paths)
                   : options_.columns.has_value()    ? select(columns, *options_.columns)
                                                     : columns;
  number_columns(projected);
  columns_ = std::make_shared<const ArrowType>(std::move(projected));
  file_columns_ = std::make_shared<const ArrowType>(std::move(columns));
}

void FileList::check_columns(const Schema& schema) const {
  if (options_.rows_only) return;
  const std::string differs = difference(*file_columns_, arrow_columns(schema, options_.types));
  if (differs.empty()) return;
  throw Error(ErrorKind::kSchema, "IncompatibleSchemas",
              "schema mismatch with the first file, '" + *files_.front()->path + "': " + differs);
}

OpenFile FileList::open(size_t index) {
  OpenFile file;
  file.context = files_[index];
  file.empty_rows_left = &empty_rows_left_;
  const std::string& path = *file.context->path;
  file.source = index == 0 && first_source_ != nullptr ? std::move(first_source_) : opener_(path);
  file.max_block_bytes = options_.max_block_bytes.value_or(SIZE_MAX);
  file.framer_options = {.chunk_bytes = chunk_bytes(options_, *file.source),
                         .unit_bytes = unit_bytes(options_),
                         .recover = options_.ignore_errors,
                         .max_data_bytes = max_compressed_bytes(file.context->header.codec, file.max_block_bytes)};
  if (!options_.rows_only) file.start({.offset = file.context->header.size_bytes});
  return file;
}

}  // namespace jetliner
