// Where blocks end: by bytes, by rows of a file, and whatever the units are.
#include "write/block_cutter.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <thread>
#include <vector>

namespace jetliner {
namespace {

using Sizes = std::vector<size_t>;

PlainRows rows_of(const Sizes& sizes) {
  PlainRows rows;
  for (const size_t size : sizes) {
    rows.bytes.append(as_bytes(std::string(size, 'x')));
    rows.ends.push_back(rows.bytes.size());
  }
  return rows;
}

struct Blocks {
  Sizes bytes;
  Sizes rows;
  std::vector<bool> ends_file;

  void add(const Cut& cut) {
    for (size_t i = 0; i < cut.blocks.size(); ++i) {
      const CutBlock& block = cut.blocks[i];
      bytes.push_back(block.end - block.begin + (i == 0 ? cut.carried.size() : 0));
      rows.push_back(block.rows);
      ends_file.push_back(block.ends_file);
    }
  }
};

// Cuts `units`, each in one step.
Blocks cut_units(BlockCutter& cutter, const std::vector<Sizes>& units) {
  Blocks blocks;
  Cut cut;
  for (size_t i = 0; i < units.size(); ++i) {
    EXPECT_TRUE(cutter.cut(i, rows_of(units[i]), true, cut));
    blocks.add(cut);
  }
  blocks.add(cutter.rest());
  return blocks;
}

TEST(BlockCutter, ABlockEndsBeforeTheRowThatWouldPassIt) {
  BlockCutter cutter(10, {});
  const Blocks blocks = cut_units(cutter, {{4, 4, 4, 6, 1}});
  EXPECT_EQ(blocks.bytes, (Sizes{8, 10, 1}));
  EXPECT_EQ(blocks.rows, (Sizes{2, 2, 1}));
}

TEST(BlockCutter, ALargeRowIsABlockOfItsOwn) {
  BlockCutter cutter(10, {});
  const Blocks blocks = cut_units(cutter, {{4, 25, 4}, {30}, {30, 1}});
  EXPECT_EQ(blocks.bytes, (Sizes{4, 25, 4, 30, 30, 1}));
}

TEST(BlockCutter, UnitsShareBlocks) {
  BlockCutter cutter(10, {});
  const Blocks blocks = cut_units(cutter, {{3}, {3}, {}, {3}, {3, 3, 3, 3}});
  EXPECT_EQ(blocks.bytes, (Sizes{9, 9, 3}));
  EXPECT_EQ(blocks.rows, (Sizes{3, 3, 1}));
}

TEST(BlockCutter, RowsWithoutBytes) {
  BlockCutter cutter(10, 1000);
  const Blocks blocks = cut_units(cutter, {Sizes(1500, 0), Sizes(500, 0), Sizes(7, 0)});
  EXPECT_EQ(blocks.rows, (Sizes{1000, 1000, 7}));
  EXPECT_EQ(blocks.ends_file, (std::vector<bool>{true, true, false}));
}

TEST(BlockCutter, NoBlockCrossesTheEndOfAFile) {
  BlockCutter cutter(10, 3);
  const Blocks blocks = cut_units(cutter, {{4, 4, 4, 4}, {4, 4}});
  EXPECT_EQ(blocks.rows, (Sizes{2, 1, 2, 1}));
  EXPECT_EQ(blocks.ends_file, (std::vector<bool>{false, true, false, true}));
}

TEST(BlockCutter, TheSameBlocksForAllUnitsAndSteps) {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    Sizes sizes(random() % 60);
    for (size_t& size : sizes) size = random() % 14;
    const std::optional<uint64_t> max_rows = round % 2 == 0 ? std::nullopt : std::optional<uint64_t>(1 + random() % 9);
    BlockCutter whole(10, max_rows);
    const Blocks wanted = cut_units(whole, {sizes});

    BlockCutter parted(10, max_rows);
    Blocks blocks;
    Cut cut;
    uint64_t unit = 0;
    for (size_t at = 0; at < sizes.size();) {
      const size_t end = std::min(sizes.size(), at + 1 + random() % 7);
      const bool is_last = random() % 3 != 0 || end == sizes.size();
      ASSERT_TRUE(parted.cut(
          unit, rows_of(Sizes(sizes.begin() + static_cast<ptrdiff_t>(at), sizes.begin() + static_cast<ptrdiff_t>(end))),
          is_last, cut));
      blocks.add(cut);
      unit += is_last ? 1 : 0;
      at = end;
    }
    blocks.add(parted.rest());
    EXPECT_EQ(blocks.bytes, wanted.bytes);
    EXPECT_EQ(blocks.rows, wanted.rows);
    EXPECT_EQ(blocks.ends_file, wanted.ends_file);
  }
}

TEST(BlockCutter, UnitsWaitForTheirTurn) {
  BlockCutter cutter(10, {});
  std::thread late([&] {
    Cut cut;
    EXPECT_TRUE(cutter.cut(1, rows_of({3}), true, cut));
  });
  Cut cut;
  EXPECT_TRUE(cutter.cut(0, rows_of({9}), true, cut));
  late.join();
  Blocks blocks;
  blocks.add(cutter.rest());
  EXPECT_EQ(blocks.bytes, (Sizes{3}));
}

TEST(BlockCutter, StopWakesThoseThatWait) {
  BlockCutter cutter(10, {});
  std::thread waiting([&] {
    Cut cut;
    EXPECT_FALSE(cutter.cut(5, rows_of({3}), true, cut));
  });
  cutter.stop();
  waiting.join();
}

}  // namespace
}  // namespace jetliner
