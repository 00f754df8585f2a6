#include "container/padding.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "framed_file.h"

namespace jetliner {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

uint64_t count(const std::vector<uint8_t>& bytes, uint64_t offset, uint64_t most_bytes) {
  TestSource source(bytes);
  ReadAhead input(source, offset, 7);
  return count_zero_bytes(input, most_bytes);
}

TEST(PaddingTest, CountsZeroBytesUpToOtherOnesTheEndAndTheLimit) {
  std::vector<uint8_t> bytes(100);
  EXPECT_EQ(count(bytes, 0, 1000), 100u);
  EXPECT_EQ(count(bytes, 30, 1000), 70u);
  EXPECT_EQ(count(bytes, 0, 99), 99u);
  EXPECT_EQ(count(bytes, 0, 0), 0u);
  EXPECT_EQ(count(bytes, 100, 1000), 0u);
  bytes[60] = 1;
  EXPECT_EQ(count(bytes, 0, 1000), 60u);
  EXPECT_EQ(count(bytes, 60, 1000), 0u);
  EXPECT_EQ(count(bytes, 61, 1000), 39u);
}

ByteWriter two_blocks() {
  ByteWriter file;
  append_header(file);
  append_block(file, 1, "a");
  append_block(file, 1, "b");
  return file;
}

TEST(PaddingTest, ZeroBytesAfterTheLastBlockAreNamedAndTheBlocksAreRead) {
  const ByteWriter file = two_blocks();
  for (const size_t zeros : {1, 2, 17, 18, 19, 512, 5000}) {
    std::vector<uint8_t> bytes = file.bytes();
    bytes.resize(bytes.size() + zeros);
    const std::string text = "padding follows the last block: " + std::to_string(zeros) + " zero bytes from offset " +
                             std::to_string(file.size()) + " on, to the end of the file";
    for (const size_t chunk_bytes : {1, 30, 4096}) {
      const Framed strict = frame(bytes, {.chunk_bytes = chunk_bytes});
      EXPECT_THAT(strict.data(), ElementsAre("a", "b"));
      ASSERT_EQ(strict.damages.size(), 1u);
      EXPECT_EQ(strict.damages[0].message, text);
      EXPECT_EQ(strict.damages[0].block_index, 2);
      EXPECT_EQ(strict.damages[0].file_offset, static_cast<int64_t>(file.size()));
      EXPECT_EQ(strict.damages[0].error_kind, ErrorKind::kParse);

      const Framed recovered = frame(bytes, {.chunk_bytes = chunk_bytes, .recover = true});
      EXPECT_THAT(recovered.data(), ElementsAre("a", "b"));
      ASSERT_EQ(recovered.damages.size(), 1u);
      EXPECT_EQ(recovered.damages[0].message,
                text + "; skipped " + std::to_string(zeros) + " bytes, the last of the file");
    }
  }
}

TEST(PaddingTest, PaddingWithoutAnyBlock) {
  ByteWriter file;
  append_header(file);
  std::vector<uint8_t> bytes = file.bytes();
  bytes.resize(bytes.size() + 100);
  const Framed framed = frame(bytes);
  EXPECT_TRUE(framed.blocks.empty());
  ASSERT_EQ(framed.damages.size(), 1u);
  EXPECT_THAT(framed.damages[0].message, StartsWith("padding"));
}

TEST(PaddingTest, ZeroBytesBeforeOtherBytesAreOrdinaryDamage) {
  ByteWriter file = two_blocks();
  file.raw(std::vector<uint8_t>(100));
  append_block(file, 1, "c");
  append_block(file, 1, "d");
  const Framed framed = frame(file.bytes(), {.recover = true});
  EXPECT_THAT(framed.data(), ElementsAre("a", "b", "d"));
  ASSERT_EQ(framed.damages.size(), 1u);
  EXPECT_THAT(framed.damages[0].message, Not(HasSubstr("padding")));
}

TEST(PaddingTest, FileThatShrankIsNotCalledPadded) {
  const ByteWriter file = two_blocks();
  std::vector<uint8_t> bytes = file.bytes();
  bytes.resize(bytes.size() + 100);
  for (const size_t chunk_bytes : {1, 30, 4096}) {
    TestSource source(bytes, 50);
    const Framed framed = frame(source, {.chunk_bytes = chunk_bytes});
    EXPECT_THAT(framed.data(), ElementsAre("a", "b"));
    ASSERT_EQ(framed.damages.size(), 1u);
    EXPECT_THAT(framed.damages[0].message, Not(HasSubstr("padding")));
  }
}

TEST(PaddingTest, BlocksWithoutRowsWhoseMarkerIsZeroAreBlocks) {
  ByteWriter file;
  append_header(file, SyncMarker{});
  append_block(file, 1, "a", SyncMarker{});
  append_block(file, 0, "", SyncMarker{});
  append_block(file, 1, "b", SyncMarker{});
  const Framed framed = frame(file.bytes());
  EXPECT_THAT(framed.data(), ElementsAre("a", "b"));
  EXPECT_TRUE(framed.damages.empty());
}

TEST(PaddingTest, HugeSparseFileIsNotReadToItsEnd) {
  TestSource source(two_blocks().bytes(), uint64_t{1} << 40, TestSource::More::kZeros);
  const Framed framed = frame(source);
  EXPECT_THAT(framed.data(), ElementsAre("a", "b"));
  ASSERT_EQ(framed.damages.size(), 1u);
  EXPECT_THAT(framed.damages[0].message,
              StartsWith("padding follows the last block: more than 67108864 zero bytes from offset "));
  EXPECT_LT(source.requested_bytes, 80u << 20);
}

}  // namespace
}  // namespace jetliner
