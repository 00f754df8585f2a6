// One unit of blocks: which rows come in which piece, what a Pass is told and may decide, and what becomes of damage.
#include "task/block_task.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "task_unit.h"

namespace jetliner {
namespace {

using Texts = std::vector<std::string>;

// Does what the test says, and notes what it is told.
class TestPass final : public Pass {
 public:
  size_t begin_block(size_t index, const BlockRef& block, ByteSpan plain) override {
    told.push_back("block " + std::to_string(index) + ": " + std::to_string(block.row_count) + " rows, " +
                   std::to_string(plain.size()) + " bytes");
    return whole_bytes > 0 ? whole_bytes : plain.size();
  }
  void before_rows(Decoder& /*decoder*/, size_t first_row, size_t rows) override {
    told.push_back("at most " + std::to_string(rows) + " from " + std::to_string(first_row));
  }
  void after_rows(const PlainBlock& block, size_t first_row, const Decoder::Result& result) override {
    told.push_back(std::to_string(result.rows) + " from " + std::to_string(first_row) + ", after " +
                   std::to_string(block.rows_done) + " of the block");
  }
  [[nodiscard]] bool has_enough(const Piece& piece, size_t rows, bool in_block) const override {
    return rows >= enough_rows || piece.damage.size() >= enough_damage || (ends_with_blocks && rows > 0 && !in_block);
  }
  [[nodiscard]] bool leaves_unsound_blocks() const override { return leaves; }
  [[nodiscard]] bool finds_swallowed_blocks() const override { return finds_swallowed; }
  RecordPlace place_of(const Plan& plan, const PlainBlock& block, const Decoder::Result& result) override {
    RecordPlace place = place_of_record(plan, block, result);
    place.record += records_before;
    return place;
  }

  Texts take_told() { return std::exchange(told, {}); }

  size_t enough_rows = SIZE_MAX;
  size_t enough_damage = SIZE_MAX;
  bool ends_with_blocks = false;
  bool leaves = false;
  bool finds_swallowed = true;
  size_t whole_bytes = 0;  // of a block; 0: the bytes that there are
  int64_t records_before = 0;
  Texts told;
};

class BlockTasks : public testing::Test {
 protected:
  // Starts with the unit. Each test starts what it wants; the task is made with the first unit.
  void start(const std::shared_ptr<const FileContext>& file, const TestUnit& unit, size_t first_block = 0) {
    unit_ = unit.unit();
    start_unit(file, first_block);
  }
  void start_unit(const std::shared_ptr<const FileContext>& file, size_t first_block = 0) {
    if (!task_.has_value()) task_.emplace(options_, pass_);
    task_->start({.file = file,
                  .plan = file->plan,
                  .codec = file->header.codec,
                  .unit = &unit_,
                  .first_block = first_block,
                  .max_chunk_rows = max_chunk_rows_});
  }
  // "1 2 3", and "!" for each damage; "end" at the end.
  std::string next(size_t most_rows = SIZE_MAX) {
    if (!task_->next(most_rows, piece_)) {
      EXPECT_EQ(piece_.chunk, nullptr);
      return "end";
    }
    return numbers_of(piece_) + std::string(piece_.damage.size(), '!');
  }
  Texts all(size_t most_rows = SIZE_MAX) {
    Texts pieces;
    for (std::string text = next(most_rows); text != "end"; text = next(most_rows)) pieces.push_back(text);
    return pieces;
  }

  const std::shared_ptr<const FileContext> longs_ = test_file("\"long\"");
  TaskOptions options_;
  TestPass pass_;
  size_t max_chunk_rows_ = SIZE_MAX;
  std::optional<BlockTask> task_;
  Unit unit_;
  Piece piece_;
};

// A block of the schema "long" whose second row is cut.
const Bytes& bad_longs() {
  static const Bytes bytes = Values().number(1).hex_bytes("80").bytes();
  return bytes;
}

TEST_F(BlockTasks, RowsOfAllBlocksAreOnePiece) {
  start(longs_, TestUnit().block(2, longs(1, 2)).block(3, longs(3, 3)));
  EXPECT_EQ(next(), "1 2 3 4 5");
  EXPECT_EQ(piece_.file, longs_);
  EXPECT_EQ(piece_.end_offset, unit_.blocks[1].file_offset + unit_.blocks[1].block_bytes);
  EXPECT_FALSE(task_->in_block());
  EXPECT_EQ(next(), "end");
  EXPECT_EQ(next(), "end");
}

TEST_F(BlockTasks, EmptyUnitHasNoPieces) {
  start(longs_, TestUnit());
  EXPECT_EQ(next(), "end");
}

TEST_F(BlockTasks, PieceHasAtMostTheRowsAskedFor) {
  start(longs_, TestUnit().block(3, longs(1, 3)).block(3, longs(4, 3)));
  EXPECT_EQ(next(2), "1 2");
  EXPECT_TRUE(task_->in_block());
  // Two of the block's three rows: about two thirds of its bytes.
  const BlockRef& block = unit_.blocks[0];
  EXPECT_EQ(piece_.end_offset, block.file_offset + block.block_bytes * 2 / 3);
  EXPECT_EQ(next(3), "3 4 5");
  EXPECT_EQ(next(3), "6");
  EXPECT_FALSE(task_->in_block());
  EXPECT_EQ(next(3), "end");
}

TEST_F(BlockTasks, ChunkHasAtMostTheRowsOfTheInput) {
  max_chunk_rows_ = 2;
  start(longs_, TestUnit().block(5, longs(1, 5)));
  EXPECT_EQ(all(), (Texts{"1 2", "3 4", "5"}));
}

TEST_F(BlockTasks, BeginsWithTheFirstBlockOfTheInput) {
  start(longs_, TestUnit().block(1, longs(1, 1)).block(1, longs(2, 1)).block(1, longs(3, 1)), 1);
  EXPECT_EQ(all(), Texts{"2 3"});
}

TEST_F(BlockTasks, UnitsOfOtherCodecsAndSchemasFollowEachOther) {
  for (int round = 0; round < 2; ++round) {
    for (const char* const codec : {"null", "deflate", "snappy", "zstandard", "bzip2", "xz"}) {
      start(test_file("\"long\"", codec), TestUnit().packed(codec, 2, longs(7, 2)));
      EXPECT_EQ(all(), Texts{"7 8"}) << codec;
    }
    const auto strings = test_file("\"string\"");
    start(strings, TestUnit().block(1, Values().string("text")));
    EXPECT_EQ(all(), Texts{"\"text\""});
  }
}

TEST_F(BlockTasks, UnitIsLeftInTheMiddle) {
  start(longs_, TestUnit().block(3, longs(1, 3)));
  EXPECT_EQ(next(1), "1");
  start(longs_, TestUnit().block(2, longs(8, 2)));
  EXPECT_EQ(all(), Texts{"8 9"});
}

TEST_F(BlockTasks, PassIsToldOfBlocksAndSteps) {
  start(longs_, TestUnit().block(2, longs(1, 2)).block(20, longs(3, 20)));
  (void)all();
  EXPECT_EQ(pass_.take_told(),
            (Texts{"block 0: 2 rows, 2 bytes", "at most 2 from 0", "2 from 0, after 0 of the block",
                   "block 1: 20 rows, 20 bytes", "at most 20 from 2", "20 from 2, after 0 of the block"}));
}

TEST_F(BlockTasks, FirstStepIsSmall) {
  start(longs_, TestUnit().block(40, longs(1, 40)));
  (void)all();
  EXPECT_EQ(pass_.take_told(),
            (Texts{"block 0: 40 rows, 40 bytes", "at most 16 from 0", "16 from 0, after 0 of the block",
                   "at most 24 from 16", "24 from 16, after 16 of the block"}));
}

TEST_F(BlockTasks, PassSaysWhenRowsAreEnough) {
  pass_.enough_rows = 16;
  start(longs_, TestUnit().block(40, longs(1, 40)));
  const std::string rows = next();
  EXPECT_EQ(rows, numbers_of({.chunk = piece_.chunk}));
  EXPECT_EQ(piece_.num_rows(), 16U);
  EXPECT_TRUE(task_->in_block());
  (void)next();
  EXPECT_EQ(piece_.num_rows(), 24U);
  EXPECT_EQ(next(), "end");
}

TEST_F(BlockTasks, PassMayEndPiecesWithBlocks) {
  pass_.ends_with_blocks = true;
  start(longs_, TestUnit().block(2, longs(1, 2)).block(1, longs(3, 1)).block(2, longs(4, 2)));
  EXPECT_EQ(all(), (Texts{"1 2", "3", "4 5"}));
}

TEST_F(BlockTasks, DamageFollowsTheRowsBeforeItAndEndsStrictReading) {
  start(longs_, TestUnit().block(1, longs(7, 1)).block(2, bad_longs()).block(1, longs(9, 1)));
  EXPECT_EQ(next(), "7 1!");
  EXPECT_EQ(piece_.damage[0].block_index, 1);
  EXPECT_EQ(piece_.damage[0].record_index, 1);
  EXPECT_EQ(piece_.damage[0].path, "a.avro");
  EXPECT_EQ(next(), "end");
  EXPECT_FALSE(task_->block_left().has_value());
}

TEST_F(BlockTasks, DamageIsPassedOverIfErrorsAreIgnored) {
  options_.ignore_errors = true;
  start(longs_, TestUnit().block(1, longs(7, 1)).block(2, bad_longs()).block(1, longs(9, 1)));
  EXPECT_EQ(all(), Texts{"7 1 9!"});
}

TEST_F(BlockTasks, PassMayEndPiecesWithDamage) {
  options_.ignore_errors = true;
  pass_.enough_damage = 1;
  start(longs_, TestUnit().block(2, bad_longs()).block(2, bad_longs()).block(1, longs(9, 1)));
  EXPECT_EQ(all(), (Texts{"1!", "1!", "9"}));
}

TEST_F(BlockTasks, PassSaysWhereBadRecordsAre) {
  pass_.records_before = 100;
  pass_.whole_bytes = 1000;
  options_.ignore_errors = true;
  start(longs_, TestUnit().block(2, bad_longs()));
  (void)next();
  ASSERT_EQ(piece_.damage.size(), 1U);
  EXPECT_EQ(piece_.damage[0].record_index, 101);
  EXPECT_EQ(piece_.damage[0].block_offset, 1);
  EXPECT_TRUE(piece_.damage[0].message.ends_with("; skipped 999 bytes, the rest of the block's 1000 bytes"))
      << piece_.damage[0].message;
}

TEST_F(BlockTasks, BytesAfterTheLastRecordAreDamage) {
  start(longs_, TestUnit().block(1, longs(7, 2)));
  EXPECT_EQ(all(), Texts{"7!"});
}

TEST_F(BlockTasks, BlockWithoutRowsHasNoBytes) {
  const auto file = test_file("\"long\"", "deflate");
  start(file, TestUnit().packed("deflate", 0, Values()).packed("deflate", 1, longs(1, 1)));
  EXPECT_EQ(all(), Texts{"1"});
  start(file, TestUnit().packed("deflate", 0, longs(1, 1)));
  EXPECT_EQ(next(), "!");
  EXPECT_EQ(piece_.damage[0].message, "the block claims no records, but has 1 bytes of data");
}

TEST_F(BlockTasks, BlockThatDoesNotDecompressIsDamage) {
  options_.ignore_errors = true;
  const auto file = test_file("\"long\"", "snappy");
  start(file, TestUnit().packed("snappy", 1, longs(1, 1)).block(1, hex("ffffff")).packed("snappy", 1, longs(3, 1)));
  EXPECT_EQ(next(), "1 3!");
  EXPECT_EQ(piece_.damage[0].kind, BadBlockKind::kDecompressionFailed);
  EXPECT_EQ(piece_.damage[0].block_index, 1);
}

TEST_F(BlockTasks, BlockBeyondTheLimitIsDamage) {
  options_.max_block_bytes = 10;
  const auto file = test_file("\"long\"", "deflate");
  start(file, TestUnit().packed("deflate", 10, longs(1, 10)).packed("deflate", 11, longs(1, 11)));
  EXPECT_EQ(next(), "1 2 3 4 5 6 7 8 9 10!");
  EXPECT_STREQ(piece_.damage[0].option, "max_block_bytes");
}

TEST_F(BlockTasks, DamageOfTheUnitComesLast) {
  for (const bool ignore_errors : {false, true}) {
    task_.reset();
    options_.ignore_errors = ignore_errors;
    unit_ = TestUnit().block(1, longs(7, 1)).unit();
    unit_.damage = BadBlock{.message = "a wrong marker"};
    start_unit(longs_);
    EXPECT_EQ(next(), "7!");
    EXPECT_EQ(piece_.damage[0].message, "a wrong marker");
    EXPECT_EQ(piece_.damage[0].path, "a.avro");
    EXPECT_EQ(next(), "end");
  }
}

TEST_F(BlockTasks, RefusedRowsAreDamageAfterThoseThatWereAllowed) {
  const auto nulls = test_file("\"null\"");
  start(nulls, TestUnit().block(2, Values()).refuse_rows(3));
  EXPECT_EQ(next(), "null null!");
  EXPECT_EQ(piece_.damage[0].record_index, 2);
  EXPECT_STREQ(piece_.damage[0].option, "max_empty_rows");
  EXPECT_EQ(next(), "end");
}

TEST_F(BlockTasks, BlockWhoseRowsAreAllRefusedIsNotDecompressed) {
  options_.ignore_errors = true;
  const auto nulls = test_file("\"null\"", "snappy");
  start(nulls, TestUnit().block(0, hex("ffffff")).refuse_rows(3).packed("snappy", 1, Values()));
  EXPECT_EQ(next(), "null!");
  EXPECT_EQ(piece_.damage[0].variant, ErrorVariant::kInvalidData);
  EXPECT_EQ(pass_.told.size(), 3U);  // of the second block alone
}

TEST_F(BlockTasks, PieceHasABoundOfDamage) {
  options_.ignore_errors = true;
  TestUnit unit;
  for (size_t i = 0; i < kMaxPieceDamage + 2; ++i) unit.block(1, hex("80"));
  start(longs_, unit.block(1, longs(7, 1)));
  (void)next();
  EXPECT_EQ(piece_.damage.size(), kMaxPieceDamage);
  EXPECT_EQ(piece_.chunk, nullptr);
  EXPECT_EQ(piece_.damage.back().block_index, static_cast<int64_t>(kMaxPieceDamage) - 1);
  EXPECT_EQ(next(), "7!!");
  EXPECT_EQ(next(), "end");
}

// The data of a block whose size swallows the two blocks after it.
Values swallowing() {
  Values data;
  data.hex_bytes("80").raw(kTestSync);
  append_block(data, 2, ByteSpan(longs(3, 2).bytes()));
  data.zigzag(1).zigzag(1).raw({10});  // the marker of the outer block is its own
  return data;
}

TEST_F(BlockTasks, SwallowedBlocksAreReadIfErrorsAreIgnored) {
  options_.ignore_errors = true;
  start(longs_, TestUnit().block(1, swallowing()).block(1, longs(9, 1)));
  EXPECT_EQ(next(), "3 4 5 9!");
  EXPECT_TRUE(piece_.damage[0].message.ends_with("; within them are 2 whole blocks, which are read"))
      << piece_.damage[0].message;
}

TEST_F(BlockTasks, SwallowedBlocksAreReadOnlyIfThePassSaysSo) {
  options_.ignore_errors = true;
  pass_.finds_swallowed = false;
  start(longs_, TestUnit().block(1, swallowing()).block(1, longs(9, 1)));
  EXPECT_EQ(next(), "9!");
}

TEST_F(BlockTasks, StrictReadingLooksForNoSwallowedBlocks) {
  start(longs_, TestUnit().block(1, swallowing()));
  EXPECT_EQ(all(), Texts{"!"});
  EXPECT_EQ(unit_.blocks.size(), 1U);
}

TEST_F(BlockTasks, UnsoundBlockAndThoseAfterItAreLeft) {
  pass_.leaves = true;
  options_.ignore_errors = true;
  start(longs_, TestUnit().block(1, longs(7, 1)).block(2, bad_longs()).block(1, longs(9, 1)));
  EXPECT_EQ(next(), "7");  // none of the bad block's rows, sound ones neither
  EXPECT_EQ(next(), "end");
  EXPECT_EQ(task_->block_left(), 1U);
}

TEST_F(BlockTasks, BlocksThatDoNotDecompressOrHaveBytesLeftAreLeft) {
  pass_.leaves = true;
  const auto file = test_file("\"long\"", "snappy");
  start(file, TestUnit().packed("snappy", 1, longs(1, 1)).block(1, hex("ffffff")));
  EXPECT_EQ(all(), Texts{"1"});
  EXPECT_EQ(task_->block_left(), 1U);
  start(longs_, TestUnit().block(1, longs(1, 1)).block(1, longs(2, 1)).block(1, longs(3, 2)));
  EXPECT_FALSE(task_->block_left().has_value());  // of the unit before
  EXPECT_EQ(all(), Texts{"1 2"});
  EXPECT_EQ(task_->block_left(), 2U);
}

TEST_F(BlockTasks, NothingIsLeftOfASoundUnit) {
  pass_.leaves = true;
  start(longs_, TestUnit().block(1, longs(1, 1)).block(2, longs(2, 2)));
  EXPECT_EQ(all(), Texts{"1 2 3"});
  EXPECT_FALSE(task_->block_left().has_value());
}

TEST_F(BlockTasks, BlockThatDoesNotFitIntoTheChunkIsBegunAgain) {
  pass_.leaves = true;
  start(longs_, TestUnit().block(3, longs(1, 3)).block(4, longs(4, 4)));
  EXPECT_EQ(next(5), "1 2 3");
  EXPECT_FALSE(task_->in_block());
  EXPECT_EQ(next(5), "4 5 6 7");
  EXPECT_EQ(next(5), "end");
  EXPECT_FALSE(task_->block_left().has_value());
  EXPECT_EQ(pass_.take_told(),
            (Texts{"block 0: 3 rows, 3 bytes", "at most 3 from 0", "3 from 0, after 0 of the block",
                   "block 1: 4 rows, 4 bytes", "at most 2 from 3", "2 from 3, after 0 of the block",
                   "block 1: 4 rows, 4 bytes", "at most 4 from 0", "4 from 0, after 0 of the block"}));
}

TEST_F(BlockTasks, BlockThatDoesNotFitIntoAChunkOfItsOwnIsLeft) {
  pass_.leaves = true;
  start(longs_, TestUnit().block(1, longs(1, 1)).block(6, longs(2, 6)).block(1, longs(8, 1)));
  EXPECT_EQ(next(5), "1");
  EXPECT_EQ(next(5), "end");
  EXPECT_EQ(task_->block_left(), 1U);
}

TEST_F(BlockTasks, OtherPassGoesOnWithTheBlockThatWasLeft) {
  pass_.leaves = true;
  options_.ignore_errors = true;
  start(longs_, TestUnit().block(1, longs(7, 1)).block(2, bad_longs()).block(1, longs(9, 1)));
  EXPECT_EQ(all(), Texts{"7"});
  Pass ordinary;
  BlockTask other(options_, ordinary);
  other.start({.file = longs_, .plan = longs_->plan, .codec = "null", .unit = &unit_, .first_block = 1});
  ASSERT_TRUE(other.next(SIZE_MAX, piece_));
  EXPECT_EQ(numbers_of(piece_), "1 9");
  EXPECT_EQ(piece_.damage.size(), 1U);
}

}  // namespace
}  // namespace jetliner
