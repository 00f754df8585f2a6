// The rows that a filter keeps, copied out of the candidates: which ones, where they come from, and in which blocks.
#include "filter/chosen_rows.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace jetliner {
namespace {

// Candidates whose rows are texts.
class TextCandidates {
 public:
  // A run of rows of the block at `file_offset`. `before`: what lies before them in the block.
  void run(uint64_t file_offset, const std::vector<std::string>& rows, const std::string& before = "",
           int64_t first_record = 0) {
    std::string plain = before;
    std::vector<size_t> offsets;
    for (const std::string& row : rows) {
      offsets.push_back(plain.size());
      plain += row;
    }
    texts_.push_back(std::make_unique<std::string>(plain + "behind"));
    const auto* const begin = reinterpret_cast<const uint8_t*>(texts_.back()->data());
    all_.runs.push_back({.block = {.index = static_cast<int64_t>(file_offset) / 100,
                                   .row_count = 1000,
                                   .refused_rows = 7,
                                   .file_offset = file_offset,
                                   .data_begin = 12345},
                         .plain = begin,
                         .plain_bytes = plain.size() + 6,
                         .first_record = first_record,
                         .first_row = all_.row_starts.size(),
                         .rows = rows.size(),
                         .end = begin + plain.size()});
    for (const size_t offset : offsets) all_.row_starts.push_back(begin + offset);
  }
  [[nodiscard]] const Candidates& all() const { return all_; }

 private:
  std::vector<std::unique_ptr<std::string>> texts_;
  Candidates all_;
};

std::string text_of(const ChosenRows& chosen) { return std::string(as_text(chosen.unit.bytes.bytes())); }

// One byte of bits from the digits "1011": the first one is the first bit.
std::vector<uint8_t> bits(const std::string& digits) {
  std::vector<uint8_t> bytes((digits.size() + 7) / 8);
  for (size_t i = 0; i < digits.size(); ++i) {
    if (digits[i] == '1') bytes[i / 8] |= static_cast<uint8_t>(1U << (i % 8));
  }
  return bytes;
}

TEST(ChosenRows, RowsWhoseBitIsSet) {
  TextCandidates candidates;
  candidates.run(100, {"one", "two", "", "four"}, "before ", 20);
  ChosenRows chosen;
  EXPECT_TRUE(chosen.empty());
  EXPECT_EQ(chosen.add(candidates.all(), 4, 500, bits("1011"), 0), 3U);
  EXPECT_FALSE(chosen.empty());
  EXPECT_EQ(text_of(chosen), "onefour");
  ASSERT_EQ(chosen.origins.size(), 3U);
  const RowOrigin& last = chosen.origins[2];
  EXPECT_EQ(last.record, 23);
  EXPECT_EQ(last.block_offset, 13U);
  EXPECT_EQ(last.row_number, 503U);
  EXPECT_EQ(last.begin, 3U);
  EXPECT_EQ(chosen.origins[1].record, 22);
  EXPECT_EQ(chosen.origins[1].begin, 3U);  // it takes no bytes
}

TEST(ChosenRows, BlockHasOnlyTheChosenRows) {
  TextCandidates candidates;
  candidates.run(100, {"one", "two", "three"});
  ChosenRows chosen;
  chosen.add(candidates.all(), 3, 0, bits("011"), 0);
  ASSERT_EQ(chosen.unit.blocks.size(), 1U);
  const BlockRef& block = chosen.unit.blocks[0];
  EXPECT_EQ(block.index, 1);
  EXPECT_EQ(block.file_offset, 100U);
  EXPECT_EQ(block.row_count, 2);
  EXPECT_EQ(block.refused_rows, 0);
  EXPECT_EQ(block.data_begin, 0U);
  EXPECT_EQ(block.data_bytes, 8U);
  EXPECT_EQ(chosen.plain_bytes, std::vector<size_t>{17});  // of the whole block
}

TEST(ChosenRows, NoBlockWithoutChosenRows) {
  TextCandidates candidates;
  candidates.run(100, {"one", "two"});
  candidates.run(200, {"three", "four"});
  ChosenRows chosen;
  EXPECT_EQ(chosen.add(candidates.all(), 4, 0, bits("0001"), 0), 1U);
  ASSERT_EQ(chosen.unit.blocks.size(), 1U);
  EXPECT_EQ(chosen.unit.blocks[0].file_offset, 200U);
  EXPECT_EQ(chosen.origins[0].row_number, 3U);
  EXPECT_EQ(chosen.add(candidates.all(), 4, 0, bits("0000"), 0), 0U);
  EXPECT_EQ(chosen.unit.blocks.size(), 1U);
}

TEST(ChosenRows, BitsBeginAnywhere) {
  TextCandidates candidates;
  std::vector<std::string> rows;
  std::string digits(5, '1');  // for candidates before these
  std::string expected;
  for (int i = 0; i < 40; ++i) {
    rows.push_back(std::string(1, static_cast<char>('a' + i % 26)));
    const bool is_kept = i % 11 == 3 || i > 35;  // whole bytes of zeros between
    digits += is_kept ? '1' : '0';
    if (is_kept) expected += rows.back();
  }
  candidates.run(100, rows);
  ChosenRows chosen;
  EXPECT_EQ(chosen.add(candidates.all(), 40, 0, bits(digits), 5), expected.size());
  EXPECT_EQ(text_of(chosen), expected);
}

TEST(ChosenRows, OnlyTheFirstRowsAreLookedAt) {
  TextCandidates candidates;
  candidates.run(100, {"one", "two"});
  candidates.run(200, {"three", "four"});
  candidates.run(300, {"five"});
  ChosenRows chosen;
  EXPECT_EQ(chosen.add(candidates.all(), 3, 0, bits("11111"), 0), 3U);
  EXPECT_EQ(text_of(chosen), "onetwothree");
  EXPECT_EQ(chosen.unit.blocks.size(), 2U);
}

TEST(ChosenRows, RowsOfOneBlockStayTogether) {
  TextCandidates first;
  first.run(100, {"one", "two"});
  TextCandidates second;  // the same block goes on
  second.run(100, {"three"}, "onetwo", 2);
  second.run(200, {"four"});
  ChosenRows chosen;
  chosen.add(first.all(), 2, 0, bits("11"), 0);
  chosen.add(second.all(), 2, 2, bits("11"), 0);
  EXPECT_EQ(text_of(chosen), "onetwothreefour");
  ASSERT_EQ(chosen.unit.blocks.size(), 2U);
  EXPECT_EQ(chosen.unit.blocks[0].row_count, 3);
  EXPECT_EQ(chosen.unit.blocks[0].data_bytes, 11U);
  EXPECT_EQ(chosen.unit.blocks[1].data_begin, 11U);
  EXPECT_EQ(chosen.unit.blocks[1].data_bytes, 4U);
  EXPECT_EQ(chosen.plain_bytes.size(), 2U);
  EXPECT_EQ(chosen.origins[2].record, 2);
  EXPECT_EQ(chosen.origins[2].block_offset, 6U);
  EXPECT_EQ(chosen.origins[3].row_number, 3U);
}

}  // namespace
}  // namespace jetliner
