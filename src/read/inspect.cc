#include "jetliner/inspect.h"

#include <algorithm>
#include <utility>

#include "codec/codec.h"
#include "files/file_list.h"
#include "files/with_path.h"
#include "plan/plan.h"
#include "read/check_options.h"
#include "schema/schema.h"
#include "task/damage.h"
#include "types/arrow_columns.h"

namespace jetliner {
namespace {

// Bytes of the file that one call decompresses, about.
constexpr size_t kUnitBytes = 1 << 20;

}  // namespace

struct Inspector::Impl {
  Impl(const std::string& path, const ReadOptions& read_options, const SourceOpener& opener)
      : options(checked(read_options, 1)) {
    with_path(path, [&] { open(path, opener); });
  }

  void open(const std::string& path, const SourceOpener& opener) {
    source = opener(path);
    const size_t chunk_bytes = options.read_chunk_bytes.value_or(source->preferred_chunk_bytes());
    Header header = read_header(*source, chunk_bytes);
    check_codec(header.codec);
    const Schema schema = parse_schema(header.schema_json);
    (void)arrow_columns(schema);  // or it cannot be read
    info = {.metadata = std::exchange(header.metadata, {}),
            .codec = header.codec,
            .schema_json = std::exchange(header.schema_json, {}),
            .sync_marker = header.sync,
            .header_bytes = header.size_bytes,
            .size_bytes = source->size()};
    max_block_bytes = options.max_block_bytes.value_or(SIZE_MAX);
    bound = row_bound(header.codec, min_encoded_bytes(schema)[schema.root()], max_block_bytes);
    framer.emplace(*source, header,
                   FramerOptions{.chunk_bytes = chunk_bytes,
                                 .unit_bytes = kUnitBytes,
                                 .recover = options.ignore_errors,
                                 .max_data_bytes = max_compressed_bytes(header.codec, max_block_bytes)});
    codec = make_codec(header.codec);
    file.path = std::make_shared<const std::string>(path);
    file.header = std::move(header);
  }

  bool next(std::vector<BlockInfo>& blocks) {
    blocks.clear();
    if (!with_path(*file.path, [&] { return framer->next(unit); })) return false;
    for (const BlockRef& block : unit.blocks) {
      const std::optional<uint64_t> plain_size = plain_bytes(block);
      if (block.row_count == 0 && plain_size == 0) continue;  // a writer had nothing to say
      blocks.push_back({.index = block.index,
                        .file_offset = block.file_offset,
                        .rows = static_cast<uint64_t>(block.row_count),
                        .compressed_bytes = block.data_bytes,
                        .uncompressed_bytes = plain_size});
    }
    if (unit.damage.has_value() && !options.ignore_errors) {
      unit.damage->path = *file.path;
      throw error_of(*unit.damage);
    }
    return true;
  }

  std::optional<uint64_t> plain_bytes(const BlockRef& block) {
    const ByteSpan compressed(unit.bytes.data() + block.data_begin, block.data_bytes);
    const CodecResult plain = codec->decompress(compressed, scratch, max_block_bytes);
    if (plain.status != CodecStatus::kOk) {
      if (options.ignore_errors) return std::nullopt;
      throw error_of(broken_block(file, block, plain, max_block_bytes, /*skips=*/false));
    }
    const uint64_t most_rows = bound.most_rows(block.data_bytes);
    if (static_cast<uint64_t>(block.row_count) > most_rows && !options.ignore_errors) {
      throw error_of(impossible_rows(file, block, most_rows, /*skips=*/false));
    }
    return plain.bytes.size();
  }

  const ReadOptions options;
  size_t max_block_bytes = SIZE_MAX;
  FileInfo info;
  FileContext file;  // without a plan
  std::unique_ptr<Source> source;
  RowBound bound;
  std::optional<BlockFramer> framer;
  std::unique_ptr<Codec> codec;
  Unit unit;
  Scratch scratch;
};

Inspector::Inspector(const std::string& path, const ReadOptions& options, const SourceOpener& opener)
    : impl_(std::make_unique<Impl>(path, options, opener)) {}
Inspector::Inspector(Inspector&&) noexcept = default;
Inspector& Inspector::operator=(Inspector&&) noexcept = default;
Inspector::~Inspector() = default;

const FileInfo& Inspector::file() const { return impl_->info; }
bool Inspector::next(std::vector<BlockInfo>& blocks) { return impl_->next(blocks); }

}  // namespace jetliner
