// The second of two passes: all columns of chosen rows, with their numbers in the read and their places in the file.
#include "filter/chosen_pass.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "task_unit.h"

namespace jetliner {
namespace {

using Texts = std::vector<std::string>;
using Numbers = std::vector<uint64_t>;

const std::string kSchema = record_json(field_json("a", "\"long\"") + "," + field_json("b", "\"string\""));

// Chosen rows, put in by hand.
class Chosen {
 public:
  // A block of a file, of which some rows follow.
  Chosen& block(int64_t index, size_t plain_bytes) {
    rows_.unit.blocks.push_back({.index = index,
                                 .file_offset = static_cast<uint64_t>(index) * 1000,
                                 .data_begin = bytes_.size(),
                                 .block_bytes = 500});
    rows_.plain_bytes.push_back(plain_bytes);
    return *this;
  }
  Chosen& row(const RowOrigin& origin, const Values& data) {
    rows_.origins.push_back(origin);
    rows_.origins.back().begin = bytes_.size();
    bytes_.append(data);
    BlockRef& block = rows_.unit.blocks.back();
    ++block.row_count;
    block.data_bytes += data.size();
    return *this;
  }
  // Bytes behind the last block, which are of none.
  Chosen& behind(ByteSpan data) {
    bytes_.raw(data);
    return *this;
  }
  ChosenRows take() {
    rows_.unit.bytes.own().resize(bytes_.size());
    std::memcpy(rows_.unit.bytes.own().data(), bytes_.bytes().data(), bytes_.size());
    return std::move(rows_);
  }

 private:
  ChosenRows rows_;
  Values bytes_;
};

Values row(int64_t a, const std::string& b) { return Values().number(a).string(b); }

class ChosenPassTest : public testing::Test {
 protected:
  void start(Chosen& chosen, bool ignore_errors = false) {
    rows_ = chosen.take();
    pass_.begin(rows_.plain_bytes, rows_.origins);
    task_.emplace(TaskOptions{.ignore_errors = ignore_errors}, pass_);
    task_->start({.file = file_, .plan = file_->plan, .codec = "null", .unit = &rows_.unit});
  }
  bool next(size_t most_rows = SIZE_MAX) { return task_->next(most_rows, piece_); }
  Numbers numbers() { return *pass_.take_row_numbers(); }

  const std::shared_ptr<const FileContext> file_ = test_file(kSchema, "snappy");
  ChosenRows rows_;
  ChosenPass pass_;
  std::optional<BlockTask> task_;
  Piece piece_;
};

TEST_F(ChosenPassTest, AllColumnsWithTheNumbersOfTheRows) {
  Chosen chosen;
  chosen.block(3, 900).row({.row_number = 10}, row(1, "one")).row({.row_number = 17}, row(2, "two"));
  chosen.block(5, 900).row({.row_number = 40}, row(3, "three"));
  start(chosen);
  ASSERT_TRUE(next());
  EXPECT_EQ(chunk_rows(piece_.chunk), (Texts{R"({a:1,b:"one"})", R"({a:2,b:"two"})", R"({a:3,b:"three"})"}));
  EXPECT_EQ(numbers(), (Numbers{10, 17, 40}));
  EXPECT_FALSE(next());
}

TEST_F(ChosenPassTest, NumbersOfEachPiece) {
  Chosen chosen;
  chosen.block(3, 900).row({.row_number = 10}, row(1, "one")).row({.row_number = 17}, row(2, "two"));
  chosen.block(5, 900).row({.row_number = 40}, row(3, "three")).row({.row_number = 41}, row(4, "four"));
  start(chosen);
  ASSERT_TRUE(next(1));
  EXPECT_EQ(numbers(), Numbers{10});
  ASSERT_TRUE(next(2));
  EXPECT_EQ(numbers(), (Numbers{17, 40}));
  ASSERT_TRUE(next(2));
  EXPECT_EQ(numbers(), Numbers{41});
}

TEST_F(ChosenPassTest, BadRecordIsReportedWhereItLiesInTheFile) {
  Chosen chosen;
  chosen.block(3, 900).row({.row_number = 1}, row(1, "one"));
  chosen.block(5, 800)
      .row({.record = 4, .block_offset = 300, .row_number = 20}, row(2, "two"))
      .row({.record = 9, .block_offset = 600, .row_number = 25}, Values().number(3).hex_bytes("04 61 ff"));
  start(chosen);
  ASSERT_TRUE(next());
  EXPECT_EQ(piece_.num_rows(), 2U);
  EXPECT_EQ(numbers(), (Numbers{1, 20}));
  ASSERT_EQ(piece_.damage.size(), 1U);
  const BadBlock& damage = piece_.damage[0];
  EXPECT_EQ(damage.block_index, 5);
  EXPECT_EQ(damage.record_index, 9);
  EXPECT_GE(damage.block_offset, 601);  // in the text
  EXPECT_LE(damage.block_offset, 604);
  EXPECT_EQ(damage.variant, ErrorVariant::kInvalidUtf8);
}

TEST_F(ChosenPassTest, TextOfDamageIsThatOfTheWholeBlock) {
  Chosen chosen;
  chosen.block(5, 800).row({.record = 9, .block_offset = 600}, Values().number(3).hex_bytes("02 ff"));
  chosen.block(6, 900).row({.row_number = 30}, row(3, "three"));
  start(chosen, /*ignore_errors=*/true);
  ASSERT_TRUE(next());
  ASSERT_EQ(piece_.damage.size(), 1U);
  EXPECT_TRUE(piece_.damage[0].message.ends_with("; skipped 200 bytes, the rest of the block's 800 decompressed bytes"))
      << piece_.damage[0].message;
  EXPECT_EQ(numbers(), Numbers{30});  // the numbers of the next block are its own
}

TEST_F(ChosenPassTest, SwallowedBlocksAreNotLookedFor) {
  Values data = Values().number(3).hex_bytes("02 ff");
  const Values inner = row(7, "seven");
  data.raw(kTestSync).zigzag(1).zigzag(static_cast<int64_t>(inner.size())).raw(ByteSpan(inner.bytes()));
  Chosen chosen;
  chosen.block(5, 800).row({.record = 9, .block_offset = 600}, data).behind(kTestSync);
  start(chosen, /*ignore_errors=*/true);
  ASSERT_TRUE(next());
  EXPECT_EQ(piece_.chunk, nullptr);
  EXPECT_EQ(piece_.damage.size(), 1U);
  EXPECT_EQ(rows_.unit.blocks.size(), 1U);
}

TEST_F(ChosenPassTest, BeginsAnewWithOtherRows) {
  Chosen first;
  first.block(3, 900).row({.row_number = 1}, row(1, "one")).row({.row_number = 2}, row(2, "two"));
  start(first);
  ASSERT_TRUE(next(1));
  (void)numbers();
  Chosen second;
  second.block(8, 900).row({.row_number = 70}, row(7, "seven"));
  start(second);
  ASSERT_TRUE(next());
  EXPECT_EQ(numbers(), Numbers{70});
}

}  // namespace
}  // namespace jetliner
