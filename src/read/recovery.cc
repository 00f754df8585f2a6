#include "read/recovery.h"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include "base/bytes.h"
#include "codec/compressor.h"
#include "decode/locate.h"
#include "encode/put.h"
#include "files/file_list.h"
#include "files/with_path.h"
#include "read/check_options.h"
#include "task/block_task.h"

namespace jetliner {
namespace {

// Notes where the good rows of a block are. A piece ends with its block, as long as the bytes of the block are there.
class GoodRows final : public Pass {
 public:
  size_t begin_block(size_t /*index*/, const BlockRef& block, ByteSpan plain) override {
    block_ = block;
    plain_bytes_ = plain.size();
    rows_ = 0;
    runs_.clear();
    return plain.size();
  }
  void after_rows(const PlainBlock& block, size_t /*first_row*/, const Decoder::Result& result) override {
    if (result.status == Status::kOk) add(block.cursor, result.next, result.rows);
  }
  RecordPlace place_of(const Plan& plan, const PlainBlock& block, const Decoder::Result& result) override {
    RecordPlace place = Pass::place_of(plan, block, result);
    const uint8_t* const end = block.data.data() + place.row_begin;
    if (are_whole_rows(*plan.schema, block.cursor, end, result.rows)) add(block.cursor, end, result.rows);
    return place;
  }
  [[nodiscard]] bool has_enough(const Piece& piece, size_t rows, bool in_block) const override {
    return !in_block && (rows > 0 || !piece.damage.empty());
  }

  [[nodiscard]] const BlockRef& block() const { return block_; }
  [[nodiscard]] size_t rows() const { return rows_; }
  // True if every row of the block is good, and nothing else is in it.
  [[nodiscard]] bool are_all() const {
    return rows_ == static_cast<size_t>(block_.row_count) && block_.refused_rows == 0 && runs_.size() == 1 &&
           runs_.front().size() == plain_bytes_;
  }
  // Their bytes, in the block when decompressed.
  [[nodiscard]] std::span<const ByteSpan> runs() const { return runs_; }
  void clear() {
    rows_ = 0;
    runs_.clear();
  }

 private:
  void add(const uint8_t* begin, const uint8_t* end, size_t rows) {
    if (rows == 0) return;
    rows_ += rows;
    if (!runs_.empty() && runs_.back().data() + runs_.back().size() == begin) {
      runs_.back() = ByteSpan(runs_.back().data(), end);
    } else {
      runs_.emplace_back(begin, end);
    }
  }

  BlockRef block_;
  size_t plain_bytes_ = 0;
  size_t rows_ = 0;
  std::vector<ByteSpan> runs_;
};

ReadOptions skipping(ReadOptions options) {
  options.ignore_errors = true;
  return checked(std::move(options), 1);
}

}  // namespace

struct Recovery::Impl {
  Impl(const std::string& path, const ReadOptions& read_options, const SourceOpener& opener)
      : options(skipping(read_options)), files({path}, options, {}, opener), file(files.open(0)) {}

  bool next(ByteBuffer& bytes) {
    bytes.clear();
    if (!has_header) {
      copy_header(bytes);
      return true;
    }
    if (!file.next(unit)) return false;
    const Header& header = file.context->header;
    task.start({.file = file.context, .plan = file.context->plan, .codec = header.codec, .unit = &unit});
    for (Piece piece; task.next(SIZE_MAX, piece);) {
      bad_blocks += piece.damage.size();
      if (!task.in_block()) add_rows(bytes);
    }
    return true;
  }

  void copy_header(ByteBuffer& bytes) {
    const auto size = static_cast<size_t>(file.context->header.size_bytes);
    const std::string& path = *file.context->path;
    bytes.add_size(with_path(path, [&] { return file.source->read_at(0, {bytes.room(size), size}); }));
    if (bytes.size() < size) {
      throw Error(ErrorKind::kSource, ErrorVariant::kChanged, "the file became shorter while it was read",
                  {.path = path});
    }
    has_header = true;
  }

  // The good rows of the block that was read, as a block.
  void add_rows(ByteBuffer& bytes) {
    if (good.rows() == 0) return;
    ByteSpan data(unit.bytes.data() + good.block().data_begin, good.block().data_bytes);
    if (!good.are_all()) data = packed();
    const SyncMarker& sync = file.context->header.sync;
    uint8_t* const head = bytes.room(2 * kMostScalarBytes);
    uint8_t* const end = put_long(put_long(head, static_cast<int64_t>(good.rows())), static_cast<int64_t>(data.size()));
    bytes.add_size(static_cast<size_t>(end - head));
    bytes.append(data);
    bytes.append(sync);
    rows += good.rows();
    good.clear();
  }

  ByteSpan packed() {
    plain.clear();
    for (const ByteSpan run : good.runs()) plain.append(run);
    const std::string& codec = file.context->header.codec;
    if (codec == "null") return plain.bytes();
    if (compressor == nullptr) compressor = make_compressor(codec, std::nullopt);
    compressed.clear();
    // Some libraries refuse a null pointer.
    compressor->compress(plain.size() == 0 ? ByteSpan(kNoBytes, 0) : plain.bytes(), compressed);
    return compressed.bytes();
  }

  const ReadOptions options;
  FileList files;
  OpenFile file;
  GoodRows good;
  BlockTask task{task_options(options, std::make_shared<BlockPool>()), good};
  Unit unit;
  std::unique_ptr<Compressor> compressor;
  ByteBuffer plain;       // scratch
  ByteBuffer compressed;  // scratch
  bool has_header = false;
  uint64_t rows = 0;
  size_t bad_blocks = 0;
};

Recovery::Recovery(const std::string& path, const ReadOptions& options, const SourceOpener& opener)
    : impl_(std::make_unique<Impl>(path, options, opener)) {}
Recovery::~Recovery() = default;

bool Recovery::next(ByteBuffer& bytes) { return impl_->next(bytes); }
uint64_t Recovery::rows_read() const { return impl_->rows; }
uint64_t Recovery::bytes_read() const { return std::min(impl_->file.position(), total_bytes()); }
size_t Recovery::num_bad_blocks() const { return impl_->bad_blocks; }
uint64_t Recovery::total_bytes() const { return impl_->files.total_bytes(); }

}  // namespace jetliner
