// All blocks and all damage that a framer finds in a file, for tests.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "container/block_framer.h"
#include "container_bytes.h"
#include "lending_source.h"

namespace jetliner {

struct FramedBlock {
  int64_t index = 0;
  int64_t row_count = 0;
  uint64_t file_offset = 0;
  std::string data;
  bool operator==(const FramedBlock&) const = default;
};

struct Framed {
  std::vector<FramedBlock> blocks;
  std::vector<BadBlock> damages;

  [[nodiscard]] std::vector<std::string> data() const {
    std::vector<std::string> all;
    for (const FramedBlock& block : blocks) all.push_back(block.data);
    return all;
  }
  [[nodiscard]] std::vector<std::string> messages() const {
    std::vector<std::string> all;
    for (const BadBlock& damage : damages) all.push_back(damage.message);
    return all;
  }
  [[nodiscard]] std::vector<int64_t> indexes() const {
    std::vector<int64_t> all;
    for (const FramedBlock& block : blocks) all.push_back(block.index);
    return all;
  }
};

// Also checks the invariants of every unit.
inline Framed frame(Source& source, FramerOptions options = {}) {
  const Header header = read_header(source, 4096);
  BlockFramer framer(source, header, options);
  Framed all;
  Unit unit;
  int64_t rows = 0;  // so far; -1: not known
  while (framer.next(unit)) {
    EXPECT_TRUE(!unit.blocks.empty() || unit.damage);
    size_t end = 0;
    for (const BlockRef& block : unit.blocks) {
      EXPECT_GT(block.row_count + static_cast<int64_t>(block.data_bytes), 0);
      EXPECT_EQ(block.first_row, rows);
      if (rows >= 0 && __builtin_add_overflow(rows, block.row_count, &rows)) rows = -1;
      EXPECT_GE(block.data_begin, end + 2);
      end = block.data_begin + block.data_bytes + header.sync.size();
      EXPECT_LE(end, unit.bytes.size());
      all.blocks.push_back({block.index, block.row_count, block.file_offset,
                            std::string(as_text(unit.bytes.bytes().subspan(block.data_begin, block.data_bytes)))});
    }
    if (unit.damage) {
      all.damages.push_back(*unit.damage);
      rows = -1;
    }
  }
  EXPECT_FALSE(framer.next(unit));
  return all;
}

// Sources that lend their bytes must give the same.
inline Framed frame(const std::vector<uint8_t>& file, FramerOptions options = {}) {
  const auto source = open_memory(file);
  Framed framed = frame(*source, options);
  for (const size_t most_bytes : {700, 5000, 1 << 20}) {
    LendingSource lending(file, most_bytes, file.size());
    const Framed lent = frame(lending, options);
    EXPECT_EQ(lent.blocks, framed.blocks) << most_bytes;
    EXPECT_EQ(lent.messages(), framed.messages()) << most_bytes;
  }
  return framed;
}

}  // namespace jetliner
