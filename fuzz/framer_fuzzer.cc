// Reads any bytes as the blocks of a file, strictly and with recovery.
//
// The first three bytes choose the chunk size, the unit size, and the number of bytes that the file lost after it was
// opened. The header is fixed; its marker is the text "0123456789abcdef" (see framer.dict).
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "check.h"
#include "container/block_framer.h"
#include "lending_source.h"

namespace {

using namespace jetliner;  // NOLINT(google-build-using-namespace): a program of one file

constexpr char kMarker[] = "0123456789abcdef";

// A file that shrank after it was opened: size() is larger than the number of bytes.
class ShrunkSource final : public Source {
 public:
  ShrunkSource(ByteSpan bytes, size_t missing_bytes) : bytes_(bytes), missing_bytes_(missing_bytes) {}
  size_t read_at(uint64_t offset, std::span<uint8_t> out) override {
    JETLINER_FUZZ_CHECK(offset + out.size() <= size());  // the framer never reads beyond size()
    JETLINER_FUZZ_CHECK(!out.empty());
    if (offset >= bytes_.size()) return 0;
    const size_t count = std::min<size_t>(out.size(), bytes_.size() - offset);
    std::memcpy(out.data(), bytes_.data() + offset, count);
    return count;
  }
  [[nodiscard]] uint64_t size() const override { return bytes_.size() + missing_bytes_; }
  [[nodiscard]] size_t preferred_chunk_bytes() const override { return 1 << 20; }

 private:
  ByteSpan bytes_;
  size_t missing_bytes_;
};

struct Framed {
  std::vector<BlockRef> blocks;
  std::vector<BadBlock> damages;
};

Framed frame(Source& source, ByteSpan file, size_t missing_bytes, FramerOptions options) {
  Header header;
  std::memcpy(header.sync.data(), kMarker, header.sync.size());
  BlockFramer framer(source, header, options);
  Framed all;
  uint64_t last_end = 0;
  int64_t last_index = -1;
  for (Unit unit; framer.next(unit);) {
    JETLINER_FUZZ_CHECK(!unit.blocks.empty() || unit.damage);
    size_t unit_end = 0;
    for (const BlockRef& block : unit.blocks) {
      JETLINER_FUZZ_CHECK(block.row_count > 0 || block.data_bytes > 0);
      JETLINER_FUZZ_CHECK(block.index > last_index);
      JETLINER_FUZZ_CHECK(block.file_offset >= last_end);
      JETLINER_FUZZ_CHECK(block.data_begin >= unit_end + 2);
      unit_end = block.data_begin + block.data_bytes + header.sync.size();
      JETLINER_FUZZ_CHECK(unit_end <= unit.bytes.size());
      // The block has the bytes of the file, and the marker stands behind it.
      JETLINER_FUZZ_CHECK(std::memcmp(unit.bytes.data() + unit_end - header.sync.size(), kMarker, header.sync.size()) ==
                          0);
      uint64_t data_offset = block.file_offset;
      for (int longs = 0; longs < 2; ++data_offset) longs += file[data_offset] < 0x80 ? 1 : 0;
      last_end = data_offset + block.data_bytes + header.sync.size();
      JETLINER_FUZZ_CHECK(last_end <= file.size());
      JETLINER_FUZZ_CHECK(block.data_bytes == 0 || std::memcmp(unit.bytes.data() + block.data_begin,
                                                               file.data() + data_offset, block.data_bytes) == 0);
      last_index = block.index;
      all.blocks.push_back(block);
    }
    if (unit.damage) {
      const auto offset = static_cast<uint64_t>(unit.damage->file_offset);
      JETLINER_FUZZ_CHECK(offset >= last_end && offset < file.size() + (missing_bytes > 0 ? 1 : 0));
      JETLINER_FUZZ_CHECK(unit.damage->block_index > last_index);
      last_end = offset + 1;
      last_index = unit.damage->block_index;
      all.damages.push_back(*unit.damage);
      JETLINER_FUZZ_CHECK(options.recover || all.damages.size() == 1);
    }
    for (size_t i = 0; i < kSlackBytes; ++i) {
      const uint8_t slack = unit.bytes.data()[unit.bytes.size() + i];
      JETLINER_FUZZ_CHECK(slack == 0 || unit.bytes.is_lent());
    }
  }
  return all;
}

Framed frame(ByteSpan file, size_t missing_bytes, FramerOptions options) {
  ShrunkSource source(file, missing_bytes);
  return frame(source, file, missing_bytes, options);
}

bool is_same(const BlockRef& a, const BlockRef& b) {
  return a.index == b.index && a.row_count == b.row_count && a.file_offset == b.file_offset &&
         a.data_bytes == b.data_bytes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 3) return 0;
  const size_t chunk_bytes = 1 + data[0];
  const size_t unit_bytes = 1 + data[1];
  const size_t missing_bytes = data[2];
  const ByteSpan file(data + 3, size - 3);
  const Framed strict = frame(file, missing_bytes, {.chunk_bytes = chunk_bytes, .unit_bytes = unit_bytes});
  const Framed whole = frame(file, missing_bytes, {.recover = true});
  const Framed recovered =
      frame(file, missing_bytes, {.chunk_bytes = chunk_bytes, .unit_bytes = unit_bytes, .recover = true});
  // The blocks of a strict read are the first blocks of a read with recovery.
  JETLINER_FUZZ_CHECK(strict.blocks.size() <= recovered.blocks.size());
  JETLINER_FUZZ_CHECK(std::equal(strict.blocks.begin(), strict.blocks.end(), recovered.blocks.begin(), is_same));
  JETLINER_FUZZ_CHECK(strict.damages.empty() == recovered.damages.empty());
  if (strict.damages.empty()) JETLINER_FUZZ_CHECK(strict.blocks.size() == recovered.blocks.size());
  // The chunk size changes nothing, unless the file shrank. Then the result depends on the bytes read near its end.
  if (missing_bytes == 0) {
    JETLINER_FUZZ_CHECK(std::equal(whole.blocks.begin(), whole.blocks.end(), recovered.blocks.begin(),
                                   recovered.blocks.end(), is_same));
    JETLINER_FUZZ_CHECK(whole.damages.size() == recovered.damages.size());
    for (size_t i = 0; i < whole.damages.size(); ++i) {
      JETLINER_FUZZ_CHECK(whole.damages[i].message == recovered.damages[i].message);
    }
  }
  // A source that lends its bytes gives the same blocks.
  if (missing_bytes == 0) {
    LendingSource source(file, kSlackBytes + 10 * chunk_bytes, size);
    const Framed lent = frame(source, file, 0, {.unit_bytes = unit_bytes, .recover = true});
    JETLINER_FUZZ_CHECK(
        std::equal(whole.blocks.begin(), whole.blocks.end(), lent.blocks.begin(), lent.blocks.end(), is_same));
    JETLINER_FUZZ_CHECK(whole.damages.size() == lent.damages.size());
  }
  return 0;
}
