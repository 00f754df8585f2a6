// Batches cut from pieces: their sizes, the numbers of their rows, and how far in the files they are.
#include "task/batcher.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "task/batch.h"

namespace jetliner {
namespace {

class BatcherTest : public testing::Test {
 protected:
  static std::shared_ptr<const FileContext> file_of(size_t index, uint64_t bytes_before = 0,
                                                    uint64_t size_bytes = 1000) {
    auto file = std::make_shared<FileContext>();
    file->index = index;
    file->path = std::make_shared<const std::string>("file" + std::to_string(index));
    file->size_bytes = size_bytes;
    file->bytes_before = bytes_before;
    return file;
  }
  static Piece piece(size_t rows, uint64_t end_offset = 0,
                     const std::shared_ptr<const FileContext>& file = file_of(0)) {
    static const auto no_columns = std::make_shared<const ArrowType>();
    auto chunk = std::make_shared<Chunk>();
    chunk->columns = no_columns;
    chunk->rows = rows;
    Piece piece;
    piece.file = file;
    piece.chunk = std::move(chunk);
    piece.end_offset = end_offset;
    return piece;
  }
  // "offset+rows#number" for each slice.
  static std::string slices(const Batch& batch) {
    std::string text;
    size_t rows = 0;
    for (const Slice& slice : batch.impl()->slices) {
      text += (text.empty() ? "" : " ") + std::to_string(slice.offset_rows) + "+" + std::to_string(slice.rows) + "#" +
              std::to_string(slice.first_row_index);
      rows += slice.rows;
    }
    EXPECT_EQ(rows, batch.num_rows());
    return text;
  }

  const std::shared_ptr<const BatchSchema> schema_ = std::make_shared<BatchSchema>();
};

TEST_F(BatcherTest, BatchesAreCutAcrossPieces) {
  Batcher batcher(schema_, {.batch_size = 5});
  batcher.add(piece(3));
  EXPECT_FALSE(batcher.has_full_batch());
  batcher.add(piece(4));
  batcher.add(piece(5));
  EXPECT_TRUE(batcher.has_full_batch());
  EXPECT_EQ(batcher.rows_pending(), 12U);
  EXPECT_EQ(slices(batcher.take()), "0+3#0 0+2#3");
  EXPECT_EQ(batcher.rows_pending(), 7U);
  EXPECT_EQ(slices(batcher.take()), "2+2#5 0+3#7");
  EXPECT_FALSE(batcher.has_full_batch());
  EXPECT_EQ(slices(batcher.take()), "3+2#10");
  EXPECT_EQ(batcher.rows_pending(), 0U);
}

TEST_F(BatcherTest, PieceOfSeveralBatches) {
  Batcher batcher(schema_, {.batch_size = 2});
  batcher.add(piece(5));
  EXPECT_EQ(slices(batcher.take()), "0+2#0");
  EXPECT_EQ(slices(batcher.take()), "2+2#2");
  EXPECT_EQ(slices(batcher.take()), "4+1#4");
}

TEST_F(BatcherTest, NothingToTakeIsAnEmptyBatch) {
  Batcher batcher(schema_, {.batch_size = 2});
  batcher.add(piece(0));
  const Batch batch = batcher.take();
  EXPECT_EQ(batch.num_rows(), 0U);
  EXPECT_TRUE(batch.impl()->slices.empty());
  EXPECT_EQ(batch.impl()->schema, schema_);
}

TEST_F(BatcherTest, RowsBeyondNRowsAreLeftOut) {
  Batcher batcher(schema_, {.batch_size = 100, .n_rows = 6});
  EXPECT_EQ(batcher.rows_wanted(), 6U);
  batcher.add(piece(4));
  EXPECT_EQ(batcher.rows_wanted(), 2U);
  batcher.add(piece(4));
  batcher.add(piece(4));
  EXPECT_EQ(batcher.rows_wanted(), 0U);
  EXPECT_EQ(slices(batcher.take()), "0+4#0 0+2#4");
}

TEST_F(BatcherTest, WithoutNRowsAllAreWanted) {
  Batcher batcher(schema_, {});
  batcher.add(piece(1 << 20));
  EXPECT_EQ(batcher.rows_wanted(), UINT64_MAX - (1 << 20));
  EXPECT_TRUE(batcher.has_full_batch());
}

TEST_F(BatcherTest, NumbersBeginAtTheOffset) {
  Batcher batcher(schema_, {.batch_size = 4, .row_index_offset = 4'000'000'000});
  batcher.add(piece(3));
  batcher.add(piece(3));
  EXPECT_EQ(slices(batcher.take()), "0+3#4000000000 0+1#4000000003");
  EXPECT_EQ(slices(batcher.take()), "1+2#4000000004");
}

TEST_F(BatcherTest, RowsMayBeNumberedAndPushedLaterOrNever) {
  Batcher batcher(schema_, {.batch_size = 10, .n_rows = 7});
  const Piece first = piece(2);
  const Piece second = piece(3);
  Slice slice = batcher.number(first);
  EXPECT_EQ(batcher.rows_wanted(), 5U);
  EXPECT_EQ(batcher.number(second).first_row_index, 2U);  // never pushed
  EXPECT_EQ(batcher.rows_pending(), 0U);
  batcher.push(slice, first);
  batcher.add(piece(5));
  EXPECT_EQ(slices(batcher.take()), "0+2#0 0+2#5");
}

TEST_F(BatcherTest, RowsKeepThePathOfTheirFile) {
  Batcher batcher(schema_, {.batch_size = 10});
  batcher.add(piece(1, 0, file_of(0)));
  batcher.add(piece(2, 0, file_of(1)));
  const Batch batch = batcher.take();
  const std::vector<Slice>& all = batch.impl()->slices;
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(*all[0].path, "file0");
  EXPECT_EQ(*all[1].path, "file1");
}

TEST_F(BatcherTest, FileAndBytesAreThoseOfTheLastRowTaken) {
  Batcher batcher(schema_, {.batch_size = 5});
  batcher.add(piece(5, 600, file_of(0)));
  batcher.add(piece(10, 500, file_of(1, 1000)));
  EXPECT_EQ(batcher.bytes_passed(), 0U);
  (void)batcher.take();
  EXPECT_EQ(batcher.file_index(), 0U);
  EXPECT_EQ(batcher.bytes_passed(), 600U);
  (void)batcher.take();
  EXPECT_EQ(batcher.file_index(), 1U);
  EXPECT_EQ(batcher.bytes_passed(), 1050U);  // half of the rows, half of the way from 600 to 1500
  (void)batcher.take();
  EXPECT_EQ(batcher.bytes_passed(), 1500U);
}

TEST_F(BatcherTest, BytesPassedNeverGoBackNorBeyondTheFile) {
  Batcher batcher(schema_, {.batch_size = 1});
  const auto file = file_of(0, 100, 1000);
  batcher.add(piece(1, 800, file));
  batcher.add(piece(1, 300, file));  // damage led back
  batcher.add(piece(1, 5000, file));
  (void)batcher.take();
  EXPECT_EQ(batcher.bytes_passed(), 900U);
  (void)batcher.take();
  EXPECT_EQ(batcher.bytes_passed(), 900U);
  (void)batcher.take();
  EXPECT_EQ(batcher.bytes_passed(), 1100U);
}

TEST_F(BatcherTest, ClearDropsRowsAndKeepsCounting) {
  Batcher batcher(schema_, {.batch_size = 3, .n_rows = 10});
  batcher.add(piece(4));
  batcher.clear();
  EXPECT_EQ(batcher.rows_pending(), 0U);
  EXPECT_FALSE(batcher.has_full_batch());
  EXPECT_EQ(batcher.take().num_rows(), 0U);
  EXPECT_EQ(batcher.rows_wanted(), 6U);
  batcher.add(piece(1));
  EXPECT_EQ(slices(batcher.take()), "0+1#4");
}

TEST_F(BatcherTest, BatchesKeepTheChunkAlive) {
  Batcher batcher(schema_, {.batch_size = 1});
  Piece first = piece(2);
  const std::weak_ptr<const Chunk> chunk = first.chunk;
  batcher.add(first);
  first = {};
  {
    const Batch batch = batcher.take();
    (void)batcher.take();
    EXPECT_FALSE(chunk.expired());
  }
  EXPECT_TRUE(chunk.expired());
}

TEST_F(BatcherTest, ManySmallPiecesBecomeOneChunk) {
  Batcher batcher(schema_, {.batch_size = 12});
  for (size_t i = 0; i < 10; ++i) batcher.add(piece(2, 0, file_of(i)));
  const Batch first = batcher.take();
  EXPECT_EQ(slices(first), "0+2#0 2+2#2 4+2#4 6+2#6 8+2#8 10+2#10");
  std::string paths;
  for (const Slice& slice : first.impl()->slices) {
    EXPECT_EQ(slice.chunk, first.impl()->slices.front().chunk);
    paths += *slice.path + " ";
  }
  EXPECT_EQ(paths, "file0 file1 file2 file3 file4 file5 ");
  EXPECT_EQ(batcher.file_index(), 5U);
  EXPECT_EQ(slices(batcher.take()), "12+2#12 14+2#14 16+2#16 18+2#18");
}

// Numbers with gaps are those of chosen rows.
TEST_F(BatcherTest, RowNumbersStayWithTheirRows) {
  Batcher batcher(schema_, {.batch_size = 100});
  for (uint64_t i = 0; i < 8; ++i) {
    const Piece chosen = piece(2);
    Slice slice{.chunk = chosen.chunk, .rows = 2, .first_row_index = 100 + i};
    if (i % 2 == 0)
      slice.row_numbers = std::make_shared<std::vector<uint64_t>>(std::vector<uint64_t>{10 * i, 10 * i + 5});
    batcher.push(slice, chosen);
  }
  const Batch batch = batcher.take();
  ASSERT_EQ(batch.impl()->slices.size(), 8U);
  for (uint64_t i = 0; i < 8; ++i) {
    const Slice& slice = batch.impl()->slices[i];
    EXPECT_EQ(slice.offset_rows, 2 * i);
    EXPECT_EQ(slice.row_number(0), i % 2 == 0 ? 10 * i : 100 + i);
    EXPECT_EQ(slice.row_number(1), i % 2 == 0 ? 10 * i + 5 : 101 + i);
  }
}

TEST_F(BatcherTest, FewSmallPiecesStayAsTheyAre) {
  Batcher batcher(schema_, {.batch_size = 100});
  const Piece only = piece(3);
  batcher.add(only);
  EXPECT_EQ(batcher.take().impl()->slices.front().chunk, only.chunk);
}

}  // namespace
}  // namespace jetliner
