#include "files/file_list.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <utility>
#include <variant>

#include "codec/codec.h"
#include "files/known_plans.h"
#include "jetliner/error.h"
#include "pipeline/in_order.h"
#include "schema/schema.h"
#include "types/arrow_columns.h"
#include "types/difference.h"
#include "types/merged_columns.h"
#include "types/projection.h"

namespace jetliner {
namespace {

// Several units are on their way at once, and what is decoded of them: with a small buffer they are smaller.
size_t unit_bytes(const ReadOptions& options) {
  return std::clamp<size_t>(options.buffer_bytes / 32, 256 << 10, 1 << 20);
}

size_t chunk_bytes(const ReadOptions& options, const Source& source) {
  return options.read_chunk_bytes.value_or(source.preferred_chunk_bytes());
}

ArrowType selected(const ArrowType& columns, const Selection& selection) {
  if (const auto* const by_name = std::get_if<ColumnNames>(&selection)) return select(columns, by_name->names);
  if (const auto* const by_path = std::get_if<ColumnPaths>(&selection)) return project(columns, by_path->paths);
  return std::holds_alternative<RowsOnly>(selection) ? select(columns, {}) : columns;
}

using Clock = std::chrono::steady_clock;

// Files are slow to answer where so many of them took so long each for their headers.
constexpr size_t kFirstHeaders = 4;
constexpr std::chrono::microseconds kSlowHeader{300};
// Then so many are asked at once, and so many headers may wait for their turn: they may be large, and each has its file
// open.
constexpr size_t kHeaderThreads = 16;
constexpr size_t kHeadersAhead = 32;

// Most bytes of schema text by which plans are found again.
constexpr size_t kMaxPlannedBytes = 32 << 20;

}  // namespace

void check_codec(const std::string& codec) {
  if (is_known_codec(codec)) return;
  throw Error(ErrorKind::kCodec, ErrorVariant::kUnsupportedCodec,
              "unknown codec '" + codec + "'; known are " + std::string(known_codecs()), {.codec = codec});
}

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

FileList::FileList(const std::vector<std::string>& paths, const ReadOptions& options, const QueryOptions& query,
                   SourceOpener opener)
    : options_(options), query_(query), opener_(std::move(opener)), empty_rows_left_(options.max_empty_rows) {
  if (options.reader_schema.has_value()) {
    reader_schema_ = std::make_shared<const ReaderSchema>(*options.reader_schema);
    set_columns(arrow_columns(reader_schema_->schema(), options_.types));
  }
  files_.reserve(paths.size());
  if (query.merge_columns && reader_schema_ == nullptr) {
    merging_.emplace().columns = {.type = {.kind = ArrowKind::kStruct}};
  }
  add_all(paths);
  if (merging_.has_value()) finish_merging();
}

// One after the other at first; several at once where the files turn out to be slow to answer, and only there: from the
// page cache a header comes sooner than it is passed from thread to thread. The first bad file of the list is the one
// that is reported either way.
void FileList::add_all(const std::vector<std::string>& paths) {
  size_t num_added = 0;
  const auto add_next = [&](Opened opened) {
    const std::string& path = paths[num_added++];
    with_path(path, [&] { add(path, std::move(opened)); });
  };
  Clock::duration reading{0};  // what plans take is not the files' fault
  while (num_added < paths.size()) {
    if (num_added >= kFirstHeaders && paths.size() - num_added > 1 &&
        reading > static_cast<int64_t>(num_added) * kSlowHeader)
      break;
    const auto before = Clock::now();
    Opened opened = read_header_of(paths[num_added]);
    reading += Clock::now() - before;
    add_next(std::move(opened));
  }
  if (num_added == paths.size()) return;
  const size_t num_first = num_added;
  const size_t num_left = paths.size() - num_first;
  InOrder<Opened> headers(
      num_left, std::min(num_left, kHeaderThreads), kHeadersAhead,
      [&](size_t index, size_t, const std::atomic<bool>&) { return read_header_of(paths[num_first + index]); });
  while (num_added < paths.size()) {
    add_next(headers.has_threads() ? headers.take() : read_header_of(paths[num_added]));
  }
}

// Called from several threads.
FileList::Opened FileList::read_header_of(const std::string& path) const {
  return with_path(path, [&] {
    Opened opened;
    opened.source = opener_(path);
    opened.header = read_header(*opened.source, chunk_bytes(options_, *opened.source));
    return opened;
  });
}

void FileList::add(const std::string& path, Opened opened) {
  auto file = std::make_shared<FileContext>();
  file->index = files_.size();
  file->path = std::make_shared<const std::string>(path);
  file->header = std::move(opened.header);
  file->size_bytes = opened.source->size();
  file->bytes_before = total_bytes_;
  total_bytes_ += file->size_bytes;
  check_codec(file->header.codec);
  // Headers may be large and files many: what is compiled or never asked for again is not kept.
  file->header.metadata = {};
  std::string schema_json = std::exchange(file->header.schema_json, {});
  if (file->index == 0) {
    schema_json_ = schema_json;
    first_source_ = std::move(opened.source);
  }
  files_.push_back(file);
  if (merging_.has_value()) {
    merge(std::move(file), std::move(schema_json));
  } else {
    use_plans(*file, plans_for(schema_json));
  }
}

void FileList::merge(std::shared_ptr<FileContext> file, std::string schema_json) {
  const auto [place, is_new] = merging_->indices.try_emplace(std::move(schema_json), own_columns_.size());
  if (is_new) {
    auto schema = std::make_shared<const Schema>(parse_schema(place->first));
    auto columns = std::make_shared<const ArrowType>(arrow_columns(*schema, options_.types));
    if (own_columns_.empty()) {
      merging_->columns = *columns;
    } else {
      merge_columns(merging_->columns, *columns);
    }
    own_columns_.push_back({.schema = std::move(schema), .columns = std::move(columns), .file_index = file->index});
  }
  merging_->files.emplace_back(std::move(file), place->second);
}

// The columns are known, and plans can be made, when all headers are.
void FileList::finish_merging() {
  std::erase_if(merging_->columns.children, [this](const ArrowType& column) {
    return column.name == options_.row_index_name || column.name == options_.path_column;
  });
  name_variants(merging_->columns, {options_.row_index_name.value_or(""), options_.path_column.value_or("")});
  set_columns(std::move(merging_->columns));
  std::vector<Plans> plans;
  plans.reserve(own_columns_.size());
  for (const OwnColumns& own : own_columns_) plans.push_back(make_plans(own.schema, own.columns.get()));
  for (const auto& [file, index] : merging_->files) use_plans(*file, plans[index]);
  merging_.reset();
}

// Plans are kept by the text that they are made of: files of one writer have the same.
FileList::Plans FileList::plans_for(const std::string& schema_json) {
  const auto known = plans_.find(schema_json);
  if (known != plans_.end()) return known->second;
  return columns_ == nullptr ? first_plans(schema_json) : new_plans(schema_json);
}

// Of the first file, which says what the columns are.
FileList::Plans FileList::first_plans(const std::string& schema_json) {
  PlanKey key{.schema_json = schema_json,
              .types = options_.types,
              .columns = options_.columns,
              .filter_columns = query_.filter_columns};
  if (std::optional<KnownPlans> known = find_plans(key); known.has_value()) {
    file_columns_ = std::move(known->file_columns);
    columns_ = std::move(known->columns);
    candidate_columns_ = std::move(known->candidate_columns);
    return plans_.emplace(schema_json, Plans{std::move(known->plan), std::move(known->candidate_plan)}).first->second;
  }
  Plans plans = new_plans(schema_json);
  keep_plans(std::move(key), {.file_columns = file_columns_,
                              .columns = columns_,
                              .candidate_columns = candidate_columns_,
                              .plan = plans.plan,
                              .candidate_plan = plans.candidate_plan});
  return plans;
}

FileList::Plans FileList::new_plans(const std::string& schema_json) {
  const auto schema = std::make_shared<const Schema>(parse_schema(schema_json));
  if (columns_ == nullptr) {
    set_columns(arrow_columns(*schema, options_.types));
  } else if (reader_schema_ == nullptr) {
    check_columns(*schema);
  }
  Plans plans = make_plans(schema, nullptr);
  if (planned_bytes_ + schema_json.size() > kMaxPlannedBytes) {
    plans_.clear();
    planned_bytes_ = 0;
  }
  planned_bytes_ += schema_json.size();
  plans_.emplace(schema_json, plans);
  return plans;
}

FileList::Plans FileList::make_plans(const std::shared_ptr<const Schema>& schema, const ArrowType* own) const {
  const auto made = [&](const std::shared_ptr<const ArrowType>& columns, RowStarts row_starts) {
    if (reader_schema_ != nullptr) return compile(schema, reader_schema_, columns, row_starts);
    return compile(schema, columns, own, row_starts);
  };
  Plans plans{.plan = made(columns_, RowStarts::kIgnored)};
  // Rows that take no bytes cost nothing to build.
  if (candidate_columns_ != nullptr && plans.plan->min_row_bytes > 0) {
    plans.candidate_plan = made(candidate_columns_, RowStarts::kNoted);
  }
  return plans;
}

void FileList::use_plans(FileContext& file, const Plans& plans) {
  file.plan = plans.plan;
  file.candidate_plan = plans.candidate_plan;
}

void FileList::set_columns(ArrowType columns) {
  ArrowType projected = selected(columns, options_.columns);
  number_columns(projected);
  columns_ = std::make_shared<const ArrowType>(std::move(projected));
  if (query_.filter_columns.has_value()) {
    ArrowType candidates = select(columns, *query_.filter_columns);
    number_columns(candidates);
    candidate_columns_ = std::make_shared<const ArrowType>(std::move(candidates));
  }
  file_columns_ = std::make_shared<const ArrowType>(std::move(columns));
}

void FileList::check_columns(const Schema& schema) const {
  if (std::holds_alternative<RowsOnly>(options_.columns)) return;
  const std::string differs = difference(*file_columns_, arrow_columns(schema, options_.types));
  if (differs.empty()) return;
  throw Error(ErrorKind::kSchema, ErrorVariant::kIncompatibleSchemas,
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
  if (!std::holds_alternative<RowsOnly>(options_.columns)) file.start({.offset = file.context->header.size_bytes});
  return file;
}

}  // namespace jetliner
