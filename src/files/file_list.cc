#include "files/file_list.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "codec/codec.h"
#include "files/with_path.h"
#include "jetliner/error.h"

namespace jetliner {
namespace {

// Several units are on their way at once, and what is decoded of them. A small buffer has smaller units.
size_t unit_bytes(const ReadOptions& options) {
  return std::clamp<size_t>(options.buffer_bytes / 32, 256 << 10, 1 << 20);
}

}  // namespace

void check_codec(const std::string& codec) {
  if (is_known_codec(codec)) return;
  throw Error(ErrorKind::kCodec, ErrorVariant::kUnsupportedCodec,
              "unknown codec '" + codec + "'; known are " + std::string(known_codecs()), {.codec = codec});
}

FileList::FileList(const std::vector<std::string>& paths, const ReadOptions& options, const QueryOptions& query,
                   SourceOpener opener, const std::function<void()>& check)
    : options_(options), opener_(std::move(opener)), plans_(options, query), empty_rows_left_(options.max_empty_rows) {
  files_.reserve(paths.size());
  open_headers(paths, options, opener_, *sources_, check,
               [this](const std::string& path, OpenedFile file) { add(path, std::move(file)); });
  plans_.finish();
}

void FileList::add(const std::string& path, OpenedFile opened) {
  auto file = std::make_shared<FileContext>();
  file->index = files_.size();
  file->path = std::make_shared<const std::string>(path);
  file->header = std::move(opened.header);
  file->size_bytes = opened.source->size();
  file->bytes_before = total_bytes_;
  if (options_.range) {
    // Progress counts from the start of the range. The sum of this number and an offset in the range is not negative.
    file->size_bytes = std::min(file->size_bytes, options_.range->end);
    file->bytes_before -= std::min(file->size_bytes, options_.range->begin);
  }
  total_bytes_ = file->bytes_before + file->size_bytes;
  check_codec(file->header.codec);
  // Headers may be large and files many: what is compiled, or never asked for again, is not kept.
  file->header.metadata = {};
  std::string schema_json = std::exchange(file->header.schema_json, {});
  plans_.add(file, schema_json);
  if (file->index == 0) {
    schema_json_ = std::move(schema_json);
    first_source_ = std::move(opened.source);
  }
  files_.push_back(std::move(file));
}

OpenFile FileList::open(size_t index) {
  OpenFile file;
  file.context = files_[index];
  file.empty_rows_left = &empty_rows_left_;
  file.num_blocks = &num_blocks_;
  const std::string& path = *file.context->path;
  with_path(path, [&] {
    file.source = index == 0 && first_source_ ? std::move(first_source_) : sources_->hold(opener_(path));
  });
  file.max_block_bytes = options_.max_block_bytes.value_or(SIZE_MAX);
  file.framer_options = {.chunk_bytes = chunk_bytes(options_, *file.source),
                         .unit_bytes = unit_bytes(options_),
                         .recover = options_.ignore_errors,
                         .max_data_bytes = max_compressed_bytes(file.context->header.codec, file.max_block_bytes)};
  if (options_.range) {
    file.start_range(*options_.range);
  } else if (!std::holds_alternative<RowsOnly>(options_.columns)) {
    file.start({.offset = file.context->header.size_bytes, .first_row = 0});
  }
  return file;
}

}  // namespace jetliner
