#include "container/swallowed.h"

#include <gtest/gtest.h>

#include <memory>

#include "container_bytes.h"

namespace jetliner {
namespace {

// The data of a damaged block, the marker after it, and nothing more: a sanitizer sees every byte read too far.
std::vector<BlockRef> blocks_within(ByteSpan data, const SyncMarker& sync) {
  const size_t bytes = data.size() + sync.size();
  const std::unique_ptr<uint8_t[]> unit(new uint8_t[bytes]);
  std::copy(data.begin(), data.end(), unit.get());
  std::copy(sync.begin(), sync.end(), unit.get() + data.size());
  return swallowed_blocks(unit.get(), {.index = 7,
                                       .row_count = 1,
                                       .file_offset = 1000,
                                       .data_begin = 0,
                                       .data_bytes = data.size(),
                                       .block_bytes = bytes});
}

TEST(Swallowed, ChainOfBlocksUpToTheEnd) {
  ByteWriter data;
  data.raw({1, 2, 3}).raw(kTestSync);
  data.zigzag(2).zigzag(2).raw({4, 5}).raw(kTestSync);
  data.zigzag(1).zigzag(1).raw({6});
  const std::vector<BlockRef> blocks = blocks_within(ByteSpan(data.bytes()), kTestSync);
  ASSERT_EQ(blocks.size(), 2U);
  EXPECT_EQ(blocks[0].row_count, 2);
  EXPECT_EQ(blocks[0].file_offset, 1019U);
  EXPECT_EQ(blocks[0].block_bytes, 20U);
  EXPECT_EQ(blocks[1].row_count, 1);
  EXPECT_EQ(blocks[1].data_begin, 41U);
  EXPECT_EQ(blocks[1].data_bytes, 1U);
}

TEST(Swallowed, NoMarkerOrNoChain) {
  EXPECT_TRUE(blocks_within({}, kTestSync).empty());
  EXPECT_TRUE(blocks_within(ByteSpan(ByteWriter().raw({1, 2, 3}).bytes()), kTestSync).empty());
  EXPECT_TRUE(blocks_within(ByteSpan(ByteWriter().raw(kTestSync).bytes()), kTestSync).empty());
  EXPECT_TRUE(blocks_within(ByteSpan(ByteWriter().raw(kTestSync).zigzag(1).zigzag(9).bytes()), kTestSync).empty());
}

// Some markers look like themselves moved by a few bytes. Such a marker is found once more within the last one. A block
// that ended there made the search go on behind the data, and memmem() got a negative size.
TEST(Swallowed, MarkerWithinTheLastMarker) {
  SyncMarker zeros{};
  for (size_t early = 1; early < zeros.size(); ++early) {
    ByteWriter data;
    data.raw(zeros).zigzag(1).zigzag(3).raw({4, 5, 6});
    for (size_t i = 0; i < early; ++i) data.raw({0});
    EXPECT_TRUE(blocks_within(ByteSpan(data.bytes()), zeros).empty());
  }
  // If it ends with the last marker, it is a block.
  const ByteWriter whole = ByteWriter().raw(zeros).zigzag(1).zigzag(3).raw({4, 5, 6});
  EXPECT_EQ(blocks_within(ByteSpan(whole.bytes()), zeros).size(), 1U);
}

}  // namespace
}  // namespace jetliner
