// Many small chunks become one, with the same rows.
#include "column/join.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "decoded.h"

namespace jetliner {
namespace {

// A column of each layout, and layouts within lists, maps and structs.
const char* const kFields =
    R"({"name":"n","type":["null","long"]},{"name":"z","type":"null"},{"name":"b","type":"boolean"},)"
    R"({"name":"nb","type":["null","boolean"]},{"name":"i","type":"int"},{"name":"s","type":["null","string"]},)"
    R"({"name":"by","type":"bytes"},)"
    R"({"name":"d","type":{"type":"bytes","logicalType":"decimal","precision":30,"scale":2}},)"
    R"({"name":"i8","type":["null",{"type":"int","logicalType":"arrow.int8"}]},)"
    R"({"name":"u16","type":{"type":"int","logicalType":"arrow.uint16"}},)"
    R"({"name":"e","type":{"type":"enum","name":"E","symbols":["A","a symbol of more than twelve bytes"]}},)"
    R"({"name":"l","type":["null",{"type":"array","items":["null","string"]}]},)"
    R"({"name":"ll","type":{"type":"array","items":{"type":"array","items":"int"}}},)"
    R"({"name":"m","type":{"type":"map","values":"E"}},)"
    R"({"name":"st","type":["null",{"type":"record","name":"S","fields":[{"name":"x","type":["null","int"]},)"
    R"({"name":"y","type":"string"},{"name":"w","type":{"type":"array","items":"boolean"}}]}]})";

void add_row(Values& out, int64_t i) {
  const std::string text = "a text of more than twelve bytes, " + std::to_string(i);
  const auto optional = [&](bool is_null) { return out.branch(is_null ? 0 : 1), !is_null; };
  if (optional(i % 3 == 0)) out.number(i);
  out.null().boolean(i % 2 == 0);
  if (optional(i % 5 == 0)) out.boolean(i % 4 == 1);
  out.number(i * 1000);
  if (optional(i % 4 == 2)) out.string(i % 2 == 0 ? "short" : text);
  out.string(i % 3 == 1 ? text : "").bytes_value(i % 2 == 0 ? "01" : "ff 00");
  if (optional(i % 3 == 1)) out.number(i % 100);
  out.number(i * 300).number(i % 2);
  if (optional(i % 7 == 3)) {
    if (i % 4 > 0) {
      out.number(i % 4);
      for (int64_t k = 0; k < i % 4; ++k) {
        if (optional(k == 1)) out.string(k == 0 ? text : "x");
      }
    }
    out.end();
  }
  if (i % 3 > 0) {
    out.number(i % 3);
    for (int64_t k = 0; k < i % 3; ++k) out.number(1).number(i + k).end();
  }
  out.end();
  if (i % 2 == 1) out.number(1).string("key " + text).number(i % 2);
  out.end();
  if (optional(i % 6 == 4)) {
    if (optional(i % 2 == 0)) out.number(i);
    out.string(text).number(2).boolean(true).boolean(i % 4 == 0).end();
  }
}

class JoinTest : public testing::TestWithParam<TypeOptions> {
 protected:
  JoinTest() : decoder_(plan_of(record_json(kFields), {}, GetParam())) {}

  std::shared_ptr<const Chunk> chunk(int64_t first, int64_t rows) {
    Values values;
    for (int64_t i = first; i < first + rows; ++i) add_row(values, i);
    EXPECT_EQ(decoder_.decode(values, static_cast<size_t>(rows)).status, Status::kOk);
    return decoder_.finish();
  }
  static std::vector<std::string> rows_of(const std::vector<ChunkRows>& parts) {
    return chunk_rows(join(parts, std::make_shared<BlockPool>()));
  }

  TestDecoder decoder_;
};

TEST_P(JoinTest, RowsAreThoseOfTheParts) {
  std::vector<std::shared_ptr<const Chunk>> chunks;
  std::vector<ChunkRows> parts;
  std::vector<std::string> expected;
  for (int64_t first = 0; first < 100;) {
    const int64_t rows = first % 9 == 0 ? 13 : 1;
    const auto& made = chunks.emplace_back(chunk(first, rows));
    parts.push_back({.chunk = made.get(), .first = 0, .rows = made->rows});
    for (std::string& row : chunk_rows(made)) expected.push_back(std::move(row));
    first += rows;
  }
  EXPECT_EQ(rows_of(parts), expected);
}

TEST_P(JoinTest, PartsOfChunks) {
  const auto all = chunk(0, 60);
  const std::vector<std::string> rows = chunk_rows(all);
  for (const size_t step : {1, 3, 7, 11}) {
    std::vector<ChunkRows> parts;
    std::vector<std::string> expected;
    for (size_t first = 1; first + step <= rows.size(); first += 2 * step) {
      parts.push_back({.chunk = all.get(), .first = first, .rows = step});
      expected.insert(expected.end(), rows.begin() + static_cast<std::ptrdiff_t>(first),
                      rows.begin() + static_cast<std::ptrdiff_t>(first + step));
    }
    EXPECT_EQ(rows_of(parts), expected) << step;
  }
}

TEST_P(JoinTest, JoinedChunksCanBeJoined) {
  const auto first = chunk(0, 5);
  const auto second = chunk(5, 9);
  const auto pool = std::make_shared<BlockPool>();
  const auto joined = join(std::vector<ChunkRows>{{first.get(), 2, 3}, {second.get(), 0, 9}}, pool);
  const auto again = join(std::vector<ChunkRows>{{joined.get(), 1, 10}, {first.get(), 0, 1}}, pool);
  std::vector<std::string> expected = chunk_rows(joined);
  expected = {expected.begin() + 1, expected.begin() + 11};
  expected.push_back(chunk_rows(first).front());
  EXPECT_EQ(chunk_rows(again), expected);
}

TEST_P(JoinTest, NoRows) {
  const auto some = chunk(0, 3);
  EXPECT_TRUE(rows_of({{some.get(), 1, 0}, {some.get(), 3, 0}}).empty());
}

TEST_P(JoinTest, TakesTheMemoryOfTheRows) {
  const auto some = chunk(0, 40);
  const auto joined = join(std::vector<ChunkRows>{{some.get(), 0, 40}}, std::make_shared<BlockPool>());
  EXPECT_GT(data_bytes(*some), size_t{40} * 100);
  EXPECT_LE(data_bytes(*joined), data_bytes(*some));
  EXPECT_LE(joined->allocated_bytes(), data_bytes(*some) + 40 * kBufferAlignment);
}

INSTANTIATE_TEST_SUITE_P(Types, JoinTest,
                         testing::Values(TypeOptions{}, TypeOptions{.map_as = MapAs::kMap},
                                         TypeOptions{.enum_as = EnumAs::kString}));

}  // namespace
}  // namespace jetliner
