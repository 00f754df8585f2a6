// Rows of a chunk, of a step and of a reservation, by the memory that rows take.
#include "task/chunk_size.h"

#include <gtest/gtest.h>

#include <string>

#include "decoded.h"

namespace jetliner {
namespace {

constexpr size_t kAll = SIZE_MAX;

class ChunkSizeTest : public testing::Test {
 protected:
  // Columns of one long: 8 bytes a row.
  ColumnSet columns_{columns_of(parse_schema("\"long\""))};
  ChunkSize size_;

  void begin(size_t max_rows = kAll, size_t most_rows = kAll) {
    size_.begin_unit(columns_, max_rows);
    size_.begin_chunk(columns_, most_rows);
  }
  // As if that many rows took that much memory together.
  void fill(size_t rows, size_t bytes) {
    columns_.clear();
    columns_.reserve(bytes / columns_.row_bytes());
    columns_.scope(0).rows = rows;
  }
};

TEST_F(ChunkSizeTest, ChunkHasAsManyRowsAsItsMemoryHolds) {
  ASSERT_EQ(columns_.row_bytes(), 8U);
  begin();
  EXPECT_EQ(size_.chunk_rows(), kChunkBytes / 8);
}

TEST_F(ChunkSizeTest, ChunkHasNoMoreRowsThanTheUnitAndTheCallerAllow) {
  begin(1000, kAll);
  EXPECT_EQ(size_.chunk_rows(), 1000U);
  begin(1000, 10);
  EXPECT_EQ(size_.chunk_rows(), 10U);
  begin(10, 1000);
  EXPECT_EQ(size_.chunk_rows(), 10U);
}

TEST_F(ChunkSizeTest, LaterChunksFollowTheRowsBefore) {
  constexpr size_t kMiB = 1 << 20;
  TestDecoder decoder("\"string\"");
  size_.begin_unit(decoder.columns(), kAll);
  size_.begin_chunk(decoder.columns(), kAll);
  EXPECT_GT(size_.chunk_rows(), kChunkBytes / 32);  // views alone
  ASSERT_EQ(decoder.decode(Values().string(std::string(kMiB, 'x')), 1).status, Status::kOk);
  (void)decoder.finish();
  size_.begin_chunk(decoder.columns(), kAll);
  EXPECT_LE(size_.chunk_rows(), kChunkBytes / kMiB);
  EXPECT_GE(size_.chunk_rows(), kChunkBytes / kMiB / 2);
}

TEST_F(ChunkSizeTest, FirstStepIsSmallAndTheNextOnesAreNot) {
  begin();
  EXPECT_EQ(size_.step_rows(0, kAll), kFirstStepRows);
  fill(16, 16 * 8);
  size_.note_step(columns_);
  EXPECT_EQ(size_.step_rows(16, kAll), kStepRows);
  size_.reset();
  EXPECT_EQ(size_.step_rows(0, kAll), kFirstStepRows);
}

TEST_F(ChunkSizeTest, StepEndsWithTheBlockAndWithTheChunk) {
  begin(kAll, 100);
  EXPECT_EQ(size_.step_rows(0, 3), 3U);
  EXPECT_EQ(size_.step_rows(98, kAll), 2U);
}

TEST_F(ChunkSizeTest, StepFollowsTheMemoryOfTheRowsBefore) {
  begin();
  constexpr size_t kMiB = 1 << 20;
  fill(4, 8 * kMiB);  // 2 MiB a row: 16 rows are two chunks
  size_.note_step(columns_);
  EXPECT_EQ(size_.step_rows(0, kAll), 16U);
  fill(1, 40 * kMiB);
  size_.note_step(columns_);
  EXPECT_EQ(size_.step_rows(0, kAll), 1U);
}

TEST_F(ChunkSizeTest, StepThatDidNotFitBecomesSmallerDownToARow) {
  begin();
  size_.shrink_step(4096);
  EXPECT_EQ(size_.step_rows(0, kAll), 256U);
  size_.shrink_step(16);
  EXPECT_EQ(size_.step_rows(0, kAll), 1U);
  size_.shrink_step(2);
  EXPECT_EQ(size_.step_rows(0, kAll), 1U);
}

TEST_F(ChunkSizeTest, ClaimsOfBlocksAreBelievedUpToAChunk) {
  begin(1000);
  EXPECT_EQ(size_.claimed_rows({.row_count = 7}), 7U);
  EXPECT_EQ(size_.claimed_rows({.row_count = 1000}), 1000U);
  EXPECT_EQ(size_.claimed_rows({.row_count = INT64_MAX}), 1000U);
}

TEST_F(ChunkSizeTest, RoomIsMadeForWhatIsClaimedUpToTheChunk) {
  begin(1000);
  EXPECT_EQ(size_.rows_to_reserve(10, 20, 30), 60U);
  EXPECT_EQ(size_.rows_to_reserve(10, 20, 971), 1000U);
  EXPECT_EQ(size_.rows_to_reserve(10, 20, UINT64_MAX), 1000U);
  begin(1000, 50);
  EXPECT_EQ(size_.rows_to_reserve(10, 20, 30), 50U);
}

TEST(MaxChunkBytes, FollowsTheBytesOfTheBlock) {
  EXPECT_EQ(max_chunk_bytes(0), kMaxChunkBytes);
  EXPECT_EQ(max_chunk_bytes(1000), kMaxChunkBytes + 2000);
  EXPECT_GE(max_chunk_bytes(SIZE_MAX), SIZE_MAX / 4);  // no overflow
  EXPECT_LE(max_chunk_bytes(SIZE_MAX), SIZE_MAX / 2);
}

}  // namespace
}  // namespace jetliner
