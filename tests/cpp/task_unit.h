// Units of blocks and the file they are of, for tests of what workers do with them. Written field by field, without a
// framer.
#pragma once

#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "container/block_framer.h"
#include "decoded.h"
#include "files/file_context.h"
#include "task/block_task.h"

namespace jetliner {

// Where the first block of a TestUnit lies in its file.
inline constexpr uint64_t kTestUnitOffset = 1000;

inline std::shared_ptr<FileContext> test_file(std::shared_ptr<const Plan> plan, std::string codec = "null") {
  auto file = std::make_shared<FileContext>();
  file->path = std::make_shared<const std::string>("a.avro");
  file->header.codec = std::move(codec);
  file->header.sync = kTestSync;
  file->plan = std::move(plan);
  return file;
}

inline std::shared_ptr<FileContext> test_file(std::string_view schema_json, std::string codec = "null") {
  return test_file(plan_of(schema_json), std::move(codec));
}

class TestUnit {
 public:
  // The first block has this index in the file.
  explicit TestUnit(int64_t first_index = 0) : next_index_(first_index) {}

  // A block with the data as it stands on disk.
  TestUnit& block(int64_t rows, ByteSpan data) {
    const size_t begin = out_.size();
    out_.zigzag(rows).zigzag(static_cast<int64_t>(data.size()));
    blocks_.push_back({.index = next_index_++,
                       .row_count = rows,
                       .file_offset = kTestUnitOffset + begin,
                       .data_begin = out_.size(),
                       .data_bytes = data.size()});
    out_.raw(data).raw(kTestSync);
    blocks_.back().block_bytes = out_.size() - begin;
    return *this;
  }
  TestUnit& block(int64_t rows, const Values& data) { return block(rows, ByteSpan(data.bytes())); }
  TestUnit& packed(std::string_view codec, int64_t rows, const Values& plain) {
    return block(rows, ByteSpan(pack(codec, ByteSpan(plain.bytes()))));
  }
  // The last block has more rows, which must not be read.
  TestUnit& refuse_rows(int64_t rows) {
    blocks_.back().refused_rows = rows;
    return *this;
  }

  [[nodiscard]] const std::vector<BlockRef>& blocks() const { return blocks_; }
  [[nodiscard]] Unit unit() const {
    Unit unit;
    unit.bytes.own().resize(out_.size());
    if (out_.size() > 0) std::memcpy(unit.bytes.own().data(), out_.bytes().data(), out_.size());
    unit.blocks = blocks_;
    return unit;
  }

 private:
  ByteWriter out_;
  std::vector<BlockRef> blocks_;
  int64_t next_index_;
};

// The numbers of a piece of the schema "long", as text: "1 2 3".
inline std::string numbers_of(const Piece& piece) {
  std::string all;
  if (piece.chunk == nullptr) return all;
  for (const std::string& row : chunk_rows(piece.chunk)) {
    const size_t colon = row.find(':');  // {value:7}
    all += (all.empty() ? "" : " ") + row.substr(colon + 1, row.size() - colon - 2);
  }
  return all;
}

}  // namespace jetliner
