// The first of two passes: where the rows of a piece lie, in whose memory, and when a piece ends.
#include "filter/candidate_pass.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "task_unit.h"

namespace jetliner {
namespace {

const std::string kSchema = record_json(field_json("a", "\"long\"") + "," + field_json("b", "\"string\""));

// Rows {first, text}, {first + 1, text} and so on.
Values rows(int64_t first, int64_t count, const std::string& text = "text") {
  Values out;
  for (int64_t i = 0; i < count; ++i) out.number(first + i).string(text);
  return out;
}

class CandidatePassTest : public testing::Test {
 protected:
  void start(const TestUnit& unit, const std::string& codec = "null") { start(unit.unit(), codec); }
  void start(Unit unit, const std::string& codec = "null") {
    if (!task_.has_value()) task_.emplace(options_, pass_);
    unit_ = std::move(unit);
    Unit& used = pass_.begin_unit(unit_, codec != "null");
    const auto schema = std::make_shared<const Schema>(parse_schema(kSchema));
    const std::vector<std::string> filter_columns = {"a"};
    static const auto plan = compile(schema, columns_of(*schema, filter_columns), nullptr, RowStarts::kNoted);
    task_->start({.file = test_file(plan, codec), .plan = plan, .codec = codec, .unit = &used});
  }
  // False at the end of the unit.
  bool next(size_t most_rows = SIZE_MAX) {
    pass_.begin_piece(task_->in_block());
    if (!task_->next(most_rows, piece_)) return false;
    candidates_ = piece_.chunk == nullptr ? nullptr : pass_.take(piece_.num_rows(), task_->in_block());
    return true;
  }
  // The bytes of all rows, one after the other.
  [[nodiscard]] static Bytes bytes_of(const Candidates& candidates) {
    Bytes all;
    for (const RowRun& run : candidates.runs) {
      for (size_t i = 0; i < run.rows; ++i) {
        const uint8_t* const begin = candidates.row_starts[run.first_row + i];
        const uint8_t* const end = i + 1 < run.rows ? candidates.row_starts[run.first_row + i + 1] : run.end;
        EXPECT_LT(begin, end);
        all.insert(all.end(), begin, end);
      }
    }
    return all;
  }

  TaskOptions options_;
  std::shared_ptr<PlainPool> pool_ = std::make_shared<PlainPool>(size_t{1} << 20);
  CandidatePass pass_{pool_};
  std::optional<BlockTask> task_;
  Unit unit_;
  Piece piece_;
  std::shared_ptr<const Candidates> candidates_;
};

TEST_F(CandidatePassTest, LentBytesStayAsLongAsTheirCandidates) {
  Unit unit = TestUnit().block(2, rows(1, 2)).unit();
  const size_t size = unit.bytes.size();
  auto lent = std::make_shared<Bytes>(unit.bytes.data(), unit.bytes.data() + size + kSlackBytes);
  const std::weak_ptr<Bytes> watched = lent;
  unit.bytes.lend({ByteSpan(*lent).first(size), std::move(lent)});
  start(std::move(unit));
  ASSERT_TRUE(next());
  std::shared_ptr<const Candidates> candidates = std::exchange(candidates_, nullptr);
  EXPECT_FALSE(next());
  unit_ = {};
  pass_.end_unit();
  EXPECT_FALSE(watched.expired());
  EXPECT_EQ(bytes_of(*candidates), rows(1, 2).bytes());
  candidates = nullptr;
  EXPECT_TRUE(watched.expired());
}

TEST_F(CandidatePassTest, NotesWhereRowsLieWithEveryCodec) {
  for (const char* const codec : {"null", "deflate", "snappy", "zstandard", "bzip2", "xz"}) {
    SCOPED_TRACE(codec);
    start(TestUnit(5).packed(codec, 2, rows(1, 2)).packed(codec, 3, rows(3, 3)), codec);
    ASSERT_TRUE(next());
    EXPECT_EQ(chunk_rows(piece_.chunk).back(), "{a:5}");  // the filter's column alone
    EXPECT_EQ(bytes_of(*candidates_), rows(1, 5).bytes());
    EXPECT_TRUE(candidates_->ends_block);
    ASSERT_EQ(candidates_->runs.size(), 2U);
    const RowRun& run = candidates_->runs[1];
    EXPECT_EQ(run.block.index, 6);
    EXPECT_EQ(run.first_row, 2U);
    EXPECT_EQ(run.first_record, 0);
    EXPECT_EQ(run.rows, 3U);
    EXPECT_EQ(run.plain, candidates_->row_starts[2]);
    EXPECT_EQ(run.plain_bytes, rows(3, 3).size());
    EXPECT_EQ(run.end, run.plain + run.plain_bytes);
    EXPECT_FALSE(next());
  }
}

TEST_F(CandidatePassTest, PieceWithinABlockGoesOnInTheNextOne) {
  for (const char* const codec : {"null", "deflate"}) {
    SCOPED_TRACE(codec);
    start(TestUnit().packed(codec, 5, rows(1, 5)), codec);
    ASSERT_TRUE(next(2));
    EXPECT_FALSE(candidates_->ends_block);
    EXPECT_EQ(bytes_of(*candidates_), rows(1, 2).bytes());
    const std::shared_ptr<const Candidates> first = candidates_;
    ASSERT_TRUE(next(10));
    EXPECT_TRUE(candidates_->ends_block);
    EXPECT_EQ(candidates_->runs.at(0).first_record, 2);
    EXPECT_EQ(candidates_->runs.at(0).first_row, 0U);
    EXPECT_EQ(candidates_->runs.at(0).plain, first->runs.at(0).plain);
    EXPECT_EQ(candidates_->memory, first->memory);
    EXPECT_EQ(bytes_of(*candidates_), rows(3, 3).bytes());
    EXPECT_EQ(bytes_of(*first), rows(1, 2).bytes());
  }
}

TEST_F(CandidatePassTest, PieceAfterABlockHasOtherMemoryIfBlocksAreCompressed) {
  start(TestUnit().packed("snappy", 2, rows(1, 2)).packed("snappy", 2, rows(3, 2)), "snappy");
  ASSERT_TRUE(next(2));
  const std::shared_ptr<const Candidates> first = candidates_;
  ASSERT_TRUE(next(2));
  EXPECT_NE(candidates_->memory, first->memory);
  EXPECT_EQ(bytes_of(*first), rows(1, 2).bytes());
  EXPECT_EQ(bytes_of(*candidates_), rows(3, 2).bytes());
}

TEST_F(CandidatePassTest, PlainUnitItselfIsKept) {
  start(TestUnit().block(2, rows(1, 2)));
  EXPECT_EQ(unit_.bytes.size(), 0U);  // it lies with the candidates now
  ASSERT_TRUE(next());
  EXPECT_EQ(candidates_->runs[0].plain,
            candidates_->memory->unit.bytes.data() + candidates_->memory->unit.blocks[0].data_begin);
  const std::shared_ptr<const Candidates> before = candidates_;
  start(TestUnit().block(2, rows(8, 2)));
  ASSERT_TRUE(next());
  EXPECT_EQ(bytes_of(*before), rows(1, 2).bytes());
  EXPECT_EQ(bytes_of(*candidates_), rows(8, 2).bytes());
}

TEST_F(CandidatePassTest, MemoryComesBackToThePool) {
  start(TestUnit().packed("snappy", 2, rows(1, 2)), "snappy");
  ASSERT_TRUE(next());
  const PlainUnit* const memory = candidates_->memory.get();
  candidates_.reset();
  start(TestUnit().packed("snappy", 2, rows(1, 2)), "snappy");  // the pass lets go of it
  start(TestUnit().packed("snappy", 2, rows(1, 2)), "snappy");
  ASSERT_TRUE(next());
  EXPECT_EQ(candidates_->memory.get(), memory);
}

TEST_F(CandidatePassTest, HeldBytesAreThoseOfBlocksAndRowStarts) {
  start(TestUnit().block(2, rows(1, 2)).packed("null", 0, Values()).block(1, rows(3, 1)));
  ASSERT_TRUE(next());
  EXPECT_EQ(candidates_->held_bytes, rows(1, 3).size() + 3 * sizeof(const uint8_t*));
}

TEST_F(CandidatePassTest, EnoughBytesEndAPieceAfterTheirBlock) {
  const std::string text(kMaxHeldBytes / 2, 'x');
  TestUnit unit;
  for (int i = 0; i < 5; ++i) unit.block(1, rows(i, 1, text));
  start(unit);
  std::vector<size_t> pieces;
  while (next()) pieces.push_back(piece_.num_rows());
  EXPECT_EQ(pieces, (std::vector<size_t>{2, 2, 1}));
}

TEST_F(CandidatePassTest, DamageEndsAPieceAndItsRowsEndBeforeTheBadOne) {
  options_.ignore_errors = true;
  Values bad = rows(7, 1);
  bad.number(8).hex_bytes("7e");  // a string longer than the block
  start(TestUnit().block(1, rows(1, 1)).block(3, bad).block(1, rows(9, 1)));
  ASSERT_TRUE(next());
  EXPECT_EQ(piece_.damage.size(), 1U);
  ASSERT_EQ(candidates_->row_starts.size(), 2U);
  ASSERT_EQ(candidates_->runs.size(), 2U);
  EXPECT_EQ(candidates_->runs[1].rows, 1U);
  EXPECT_EQ(bytes_of(*candidates_), Values().append(rows(1, 1)).append(rows(7, 1)).bytes());
  ASSERT_TRUE(next());
  EXPECT_TRUE(piece_.damage.empty());
  EXPECT_EQ(bytes_of(*candidates_), rows(9, 1).bytes());
  EXPECT_FALSE(next());
}

TEST_F(CandidatePassTest, BlockWhoseFirstRowIsBadHasNoRun) {
  options_.ignore_errors = true;
  start(TestUnit().block(1, hex("02 7e")).block(1, rows(9, 1)));
  ASSERT_TRUE(next());
  EXPECT_EQ(piece_.chunk, nullptr);
  EXPECT_EQ(piece_.damage.size(), 1U);
  ASSERT_TRUE(next());
  EXPECT_EQ(candidates_->runs.size(), 1U);
}

}  // namespace
}  // namespace jetliner
