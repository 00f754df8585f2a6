// Late materialisation: rows are chosen by some columns, and come with all columns and in order, in one pass or in two.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "avro_writer.h"
#include "filter/pass_choice.h"
#include "jetliner/reader.h"
#include "read/query_reader.h"
#include "read_all.h"

namespace jetliner {
namespace {

constexpr int64_t kBlockRows = 500;
constexpr int64_t kBlocks = 120;

const std::string kSchema = record_json(field_json("id", "\"long\"") + "," + field_json("text", "\"string\"") + "," +
                                        field_json("list", R"({"type":"array","items":"int"})"));

// Text that is long enough for several units.
std::string text_of(int64_t id) { return "the text of row " + std::to_string(id) + std::string(100, '.'); }

Values row_of(int64_t id, const std::string& text) {
  Values row;
  row.number(id).string(text).number(2).number(id % 7).number(id % 5).end();
  return row;
}

// `bad`: the row, if any, whose text is not UTF-8.
Bytes file_of(int64_t first, int64_t blocks, const std::string& codec, int64_t bad = -1) {
  AvroFile file(kSchema, codec);
  for (int64_t b = 0; b < blocks; ++b) {
    Values rows;
    for (int64_t i = 0; i < kBlockRows; ++i) {
      const int64_t id = first + b * kBlockRows + i;
      rows.append(row_of(id, id == bad ? "\xff" : text_of(id)));
    }
    file.block(kBlockRows, rows);
  }
  return file.bytes();
}

std::string shown(int64_t id) {
  return "{id:" + std::to_string(id) + R"(,text:")" + text_of(id) + R"(",list:[)" + std::to_string(id % 7) + "," +
         std::to_string(id % 5) + "]}";
}

// The number that a row's text starts with, after `key`.
int64_t number_after(const std::string& row, const std::string& key) {
  const size_t at = row.find(key);
  EXPECT_NE(at, std::string::npos) << row;
  return at == std::string::npos ? -1 : std::stoll(row.substr(at + key.size()));
}

struct Outcome {
  std::vector<int64_t> ids;
  std::optional<Error> error;
  std::vector<BadBlock> bad_blocks;
  size_t unfiltered_batches = 0;
  size_t candidates = 0;
};

using Wanted = std::function<bool(int64_t id)>;

Outcome read_filtered(const MemoryFiles& files, ReadOptions options, const Wanted& wanted) {
  Outcome outcome;
  const QueryOptions query{.filter_columns = std::vector<std::string>{"id"}};
  try {
    QueryReader reader(files.paths(), options, query, files.opener());
    Batch batch;
    for (;;) {
      const QueryPoll poll = reader.poll_query(batch, std::chrono::hours(1));
      if (poll == QueryPoll::kEnd) break;
      const std::vector<std::string> rows = batch_rows(batch);
      EXPECT_FALSE(rows.empty());
      if (poll == QueryPoll::kCandidates) {
        std::vector<uint8_t> bits((rows.size() + 7) / 8);
        for (size_t i = 0; i < rows.size(); ++i) {
          if (wanted(number_after(rows[i], "id:"))) bits[i / 8] |= static_cast<uint8_t>(1U << (i % 8));
        }
        outcome.candidates += rows.size();
        reader.keep(bits, rows.size());
        continue;
      }
      EXPECT_LE(rows.size(), options.batch_size);
      size_t kept = 0;
      for (const std::string& row : rows) {
        const int64_t id = number_after(row, "id:");
        if (poll == QueryPoll::kUnfiltered && !wanted(id)) continue;
        EXPECT_NE(row.find(shown(id).substr(1)), std::string::npos) << row;
        outcome.ids.push_back(id);
        ++kept;
      }
      if (poll == QueryPoll::kUnfiltered) {
        ++outcome.unfiltered_batches;
        reader.kept(rows.size(), kept);
      }
    }
    EXPECT_TRUE(reader.is_finished());
    outcome.bad_blocks = reader.bad_blocks();
  } catch (const Error& error) {
    outcome.error = error;
  }
  EXPECT_EQ(files.num_open(), 0);
  return outcome;
}

std::vector<int64_t> ids_where(int64_t rows, const Wanted& wanted) {
  std::vector<int64_t> ids;
  for (int64_t id = 0; id < rows; ++id) {
    if (wanted(id)) ids.push_back(id);
  }
  return ids;
}

const std::vector<Wanted> kFilters = {
    [](int64_t) { return false; },           [](int64_t) { return true; },
    [](int64_t id) { return id % 97 == 3; }, [](int64_t id) { return id % 2 == 0; },
    [](int64_t id) { return id < 5; },       [](int64_t id) { return id > 20'000 && id % 10 != 0; },
};

TEST(FilteredRead, SameRowsForAllSettings) {
  size_t candidates = 0;
  for (const char* const codec : {"null", "snappy"}) {
    for (const bool slow : {false, true}) {
      if (slow && codec[0] == 'n') continue;
      MemoryFiles files;
      files.add("a", file_of(0, 40, codec));
      files.add("b", file_of(40 * kBlockRows, 0, codec));
      files.add("c", file_of(40 * kBlockRows, kBlocks - 40, codec));
      if (slow) files.make_slow();
      for (const size_t n_threads : {1, 3}) {
        for (const size_t buffer_bytes : {size_t{1}, size_t{64} << 20}) {
          for (size_t f = 0; f < kFilters.size(); ++f) {
            const ReadOptions options{.batch_size = 3011, .buffer_bytes = buffer_bytes, .n_threads = n_threads};
            const Outcome outcome = read_filtered(files, options, kFilters[f]);
            EXPECT_EQ(outcome.ids, ids_where(kBlocks * kBlockRows, kFilters[f]))
                << codec << " " << n_threads << " " << f;
            EXPECT_FALSE(outcome.error.has_value());
            candidates += outcome.candidates;
          }
        }
      }
    }
  }
  EXPECT_GT(candidates, 0U);  // their number depends on the choice of passes
}

TEST(FilteredRead, RowNumbersAndPathsAreThoseOfTheChosenRows) {
  MemoryFiles files;
  files.add("a", file_of(0, 60, "snappy"));
  files.add("b", file_of(60 * kBlockRows, 60, "snappy"));
  ReadOptions options{.row_index_name = "row", .row_index_offset = 1000, .path_column = "path", .n_threads = 2};
  const QueryOptions query{.filter_columns = std::vector<std::string>{"id", "row"}};
  QueryReader reader(files.paths(), options, query, files.opener());
  Batch batch;
  int64_t rows_seen = 0;
  for (QueryPoll poll; (poll = reader.poll_query(batch, std::chrono::hours(1))) != QueryPoll::kEnd;) {
    const std::vector<std::string> rows = batch_rows(batch);
    if (poll == QueryPoll::kCandidates) {
      std::vector<uint8_t> bits((rows.size() + 7) / 8);
      for (size_t i = 0; i < rows.size(); ++i) {
        const int64_t id = number_after(rows[i], "id:");
        EXPECT_EQ(number_after(rows[i], "row:"), id + 1000);
        if (id % 50 == 1) bits[i / 8] |= static_cast<uint8_t>(1U << (i % 8));
      }
      reader.keep(bits, rows.size());
      continue;
    }
    for (const std::string& row : rows) {
      const int64_t id = number_after(row, "id:");
      if (poll == QueryPoll::kUnfiltered && id % 50 != 1) continue;
      EXPECT_EQ(id % 50, 1);
      EXPECT_EQ(number_after(row, "row:"), id + 1000);
      const std::string path = id < 60 * kBlockRows ? R"(path:"a")" : R"(path:"b")";
      EXPECT_NE(row.find(path), std::string::npos) << row;
      ++rows_seen;
    }
  }
  EXPECT_EQ(rows_seen, kBlocks * kBlockRows / 50);
}

TEST(FilteredRead, RowsAreCountedBeforeTheFilter) {
  const MemoryFiles files(file_of(0, kBlocks, "snappy"));
  for (const uint64_t n_rows : {0, 1, 777, 33'333}) {
    const ReadOptions options{.n_rows = n_rows, .n_threads = 2};
    const Wanted wanted = [](int64_t id) { return id % 3 == 0; };
    EXPECT_EQ(read_filtered(files, options, wanted).ids, ids_where(static_cast<int64_t>(n_rows), wanted));
  }
}

// Bad text in a row that nobody wants is not met, in one pass or in two. The filters lead to both.
TEST(FilteredRead, DamageOfRowsThatAreNotWantedIsNotMet) {
  const int64_t bad = 30'123;
  const MemoryFiles files(file_of(0, kBlocks, "snappy", bad));
  for (const bool ignore_errors : {false, true}) {
    for (const size_t n_threads : {1, 3}) {
      const ReadOptions options{.ignore_errors = ignore_errors, .n_threads = n_threads};
      for (const Wanted& wanted :
           {Wanted([&](int64_t id) { return id != bad; }), Wanted([&](int64_t id) { return id % 100 == 24; })}) {
        const Outcome outcome = read_filtered(files, options, wanted);
        EXPECT_FALSE(outcome.error.has_value());
        EXPECT_TRUE(outcome.bad_blocks.empty());
        EXPECT_EQ(outcome.ids, ids_where(kBlocks * kBlockRows, wanted));
      }
    }
  }
}

TEST(FilteredRead, DamageOfWantedRowsIsInItsPlace) {
  const int64_t bad = 30'123;
  const int64_t block = bad / kBlockRows;
  const MemoryFiles files(file_of(0, kBlocks, "snappy", bad));
  for (const size_t n_threads : {1, 3}) {
    for (const Wanted& wanted :
         {Wanted([](int64_t) { return true; }), Wanted([](int64_t id) { return id % 100 == 23; })}) {
      ReadOptions options{.n_threads = n_threads};
      const Outcome strict = read_filtered(files, options, wanted);
      ASSERT_TRUE(strict.error.has_value());
      EXPECT_EQ(strict.error->variant(), ErrorVariant::kInvalidUtf8);
      EXPECT_EQ(strict.error->place().block_index, block);
      EXPECT_EQ(strict.error->place().record_index, bad % kBlockRows);
      EXPECT_EQ(strict.ids, ids_where(bad, wanted));

      options.ignore_errors = true;
      const Outcome skipped = read_filtered(files, options, wanted);
      ASSERT_EQ(skipped.bad_blocks.size(), 1U);
      EXPECT_EQ(skipped.bad_blocks[0].block_index, block);
      EXPECT_EQ(skipped.bad_blocks[0].record_index, bad % kBlockRows);
      // The rest of its block is dropped.
      EXPECT_EQ(skipped.ids, ids_where(kBlocks * kBlockRows, [&](int64_t id) {
                  return wanted(id) && (id < bad || id >= (block + 1) * kBlockRows);
                }));
    }
  }
}

// Rows [first, first + 3). The text of row `bad` is not UTF-8. `more`: bytes after them.
Values three_rows(int64_t first, int64_t bad, size_t more) {
  Values rows;
  for (int64_t id = first; id < first + 3; ++id) rows.append(row_of(id, id == bad ? "\xff" : text_of(id)));
  return rows.zeros(more);
}

// Both passes find damage in the blocks of one piece. Damage of chosen rows used to come before all other damage, and
// only the last one of them hid what the first pass had found in its block.
TEST(FilteredRead, DamageIsInFileOrderAndOnceForEachBlock) {
  AvroFile file(kSchema);
  file.block(3, three_rows(0, -1, 1));
  file.block(3, three_rows(3, 4, 1));
  file.block(3, three_rows(6, -1, 1));
  file.block(3, three_rows(9, 10, 1));
  file.block(3, three_rows(12, 13, 0));
  const Outcome outcome = read_filtered(MemoryFiles(file.bytes()), {.ignore_errors = true, .n_threads = 1},
                                        [](int64_t id) { return id != 13; });
  EXPECT_EQ(outcome.ids, (std::vector<int64_t>{0, 1, 2, 3, 6, 7, 8, 9, 12, 14}));
  const std::vector<int64_t> records = {3, 1, 3, 1};
  ASSERT_EQ(outcome.bad_blocks.size(), records.size());
  for (size_t i = 0; i < records.size(); ++i) {
    EXPECT_EQ(outcome.bad_blocks[i].block_index, static_cast<int64_t>(i));
    EXPECT_EQ(outcome.bad_blocks[i].record_index, records[i]);
  }
}

// Damage of a chosen row hid the damage of the same block when the same file was read again and the row was not chosen.
TEST(FilteredRead, DamageOfAFileThatComesTwice) {
  AvroFile file(kSchema);
  file.block(3, three_rows(0, 1, 1));
  MemoryFiles files;
  files.add("a", file.bytes());
  files.add("a", file.bytes());
  int times = 0;
  const Outcome outcome = read_filtered(files, {.ignore_errors = true, .n_threads = 1},
                                        [&](int64_t id) { return id == 0 || (id == 1 && times++ == 0); });
  EXPECT_EQ(outcome.ids, (std::vector<int64_t>{0, 0}));
  ASSERT_EQ(outcome.bad_blocks.size(), 2U);
  EXPECT_EQ(outcome.bad_blocks[0].record_index, 1);
  EXPECT_EQ(outcome.bad_blocks[1].record_index, 3);
}

// Blocks that a damaged one has swallowed have its index. Chosen rows of them were taken for one block, which ended
// with the first that was bad.
TEST(FilteredRead, SwallowedBlocksAreBlocksOfTheirOwn) {
  ByteWriter within;
  within.raw(ByteSpan(Bytes(12, 0xff))).raw(kTestSync);  // longer than any number
  append_block(within, 3, ByteSpan(three_rows(0, 1, 0).bytes()));
  const Values last = three_rows(3, -1, 0);
  within.zigzag(3).zigzag(static_cast<int64_t>(last.size())).raw(ByteSpan(last.bytes()));
  AvroFile file(kSchema);
  file.block(2, ByteSpan(within.bytes()));
  const Outcome outcome =
      read_filtered(MemoryFiles(file.bytes()), {.ignore_errors = true, .n_threads = 1}, [](int64_t) { return true; });
  EXPECT_EQ(outcome.ids, (std::vector<int64_t>{0, 3, 4, 5}));
  ASSERT_EQ(outcome.bad_blocks.size(), 2U);
  EXPECT_EQ(outcome.bad_blocks[0].record_index, 0);
  EXPECT_EQ(outcome.bad_blocks[1].record_index, 1);
}

// A block that claims very many rows made its whole unit be read in one pass, which meets all damage.
TEST(FilteredRead, ForgedCountsDoNotShowDamageOfRowsThatAreNotWanted) {
  AvroFile file(kSchema);
  file.block(3, three_rows(0, 1, 0));
  file.block(int64_t{1} << 60, three_rows(3, 4, 0));
  const Wanted wanted = [](int64_t id) { return id % 3 != 1; };
  const Outcome outcome = read_filtered(MemoryFiles(file.bytes()), {.n_threads = 1}, wanted);
  EXPECT_EQ(outcome.ids, ids_where(6, wanted));
  ASSERT_TRUE(outcome.error.has_value());
  EXPECT_EQ(outcome.error->variant(), ErrorVariant::kUnexpectedEof);
  EXPECT_EQ(outcome.error->place().block_index, 1);
  EXPECT_EQ(outcome.error->place().record_index, 3);
}

TEST(FilteredRead, DamageOfTheFileComesAfterTheRowsBeforeIt) {
  Bytes bytes = file_of(0, kBlocks, "null");
  bytes.resize(bytes.size() - 1000);  // within the last block
  const MemoryFiles files(bytes);
  for (const Wanted& wanted : kFilters) {
    const Outcome outcome = read_filtered(files, {.n_threads = 2}, wanted);
    ASSERT_TRUE(outcome.error.has_value());
    EXPECT_EQ(outcome.ids, ids_where((kBlocks - 1) * kBlockRows, wanted));
  }
}

TEST(FilteredRead, SomeUnitsAreReadInOnePassWhereMostRowsAreKept) {
  const MemoryFiles files(file_of(0, 4 * kBlocks, "snappy"));
  const ReadOptions options{.batch_size = 1000, .buffer_bytes = 1 << 20, .n_threads = 1};
  EXPECT_GT(read_filtered(files, options, [](int64_t) { return true; }).unfiltered_batches, 20U);
}

TEST(FilteredRead, MayEndAnywhere) {
  const MemoryFiles files(file_of(0, kBlocks, "snappy"));
  for (int polls = 0; polls < 12; ++polls) {
    ReadOptions options{.n_threads = 2};
    const QueryOptions query{.filter_columns = std::vector<std::string>{"id"}};
    QueryReader reader(files.paths(), options, query, files.opener());
    Batch batch;
    for (int i = 0; i < polls; ++i) {
      if (reader.poll_query(batch, std::chrono::hours(1)) != QueryPoll::kCandidates) continue;
      reader.keep(std::vector<uint8_t>((batch.num_rows() + 7) / 8, 0x11), batch.num_rows());
    }
    if (polls % 2 == 0) reader.close();
  }
  EXPECT_EQ(files.num_open(), 0);
}

// A file that cannot be opened any more, after rows of another one were chosen: the rows come first, then the error.
TEST(FilteredRead, FileThatIsGoneIsAnErrorAfterTheRowsBeforeIt) {
  MemoryFiles files;
  files.add("a", file_of(0, kBlocks, "snappy"));
  files.add("b", file_of(kBlocks * kBlockRows, kBlocks, "snappy"));
  for (const size_t n_threads : {1, 3}) {
    int opened_b = 0;
    const SourceOpener open = files.opener();
    QueryReader reader(files.paths(), {.n_threads = n_threads}, {.filter_columns = std::vector<std::string>{"id"}},
                       [&](const std::string& path) {
                         if (path == "b" && ++opened_b > 1) {
                           throw Error(ErrorKind::kNotFound, ErrorVariant::kNotFound, "file not found");
                         }
                         return open(path);
                       });
    int64_t rows = 0;
    try {
      Batch batch;
      for (QueryPoll poll; (poll = reader.poll_query(batch, std::chrono::seconds(60))) != QueryPoll::kEnd;) {
        ASSERT_NE(poll, QueryPoll::kPending);
        if (poll == QueryPoll::kCandidates) {
          reader.keep(std::vector<uint8_t>((batch.num_rows() + 7) / 8, 0x01), batch.num_rows());
        } else if (poll == QueryPoll::kRows) {
          rows += static_cast<int64_t>(batch.num_rows());
        }
      }
      FAIL() << "no error";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kNotFound);
      EXPECT_EQ(error.place().path, "b");
    }
    EXPECT_GT(rows, 0);
    EXPECT_TRUE(reader.is_finished());
    EXPECT_EQ(files.num_open(), 0);
  }
}

TEST(FilteredRead, CloseFromAnotherThreadEndsAPoll) {
  const MemoryFiles files(file_of(0, 4 * kBlocks, "snappy"));
  for (int i = 0; i < 30; ++i) {
    QueryReader reader(files.paths(), {.batch_size = 1 << 20, .n_threads = 2},
                       {.filter_columns = std::vector<std::string>{"id"}}, files.opener());
    std::thread closer([&reader, i] {
      std::this_thread::sleep_for(std::chrono::microseconds(200 * i));
      reader.close();
    });
    Batch batch;
    for (QueryPoll poll; (poll = reader.poll_query(batch, std::chrono::seconds(60))) != QueryPoll::kEnd;) {
      EXPECT_NE(poll, QueryPoll::kPending);
      if (poll == QueryPoll::kCandidates) {
        reader.keep(std::vector<uint8_t>((batch.num_rows() + 7) / 8, 0x11), batch.num_rows());
      }
    }
    closer.join();
    EXPECT_TRUE(reader.is_finished());
    EXPECT_EQ(files.num_open(), 0);
  }
}

TEST(FilteredRead, KeepWantsAnAnswerForAllCandidates) {
  const MemoryFiles files(file_of(0, kBlocks, "snappy"));
  ReadOptions options{.n_threads = 1};
  const QueryOptions query{.filter_columns = std::vector<std::string>{"id"}};
  QueryReader reader(files.paths(), options, query, files.opener());
  const std::vector<uint8_t> bits(1 << 16);
  EXPECT_THROW(reader.keep(bits, 1), Error);
  Batch batch;
  while (reader.poll_query(batch, std::chrono::hours(1)) != QueryPoll::kCandidates) {
  }
  EXPECT_THROW(reader.keep(bits, batch.num_rows() + 1), Error);
  EXPECT_THROW(reader.keep({}, batch.num_rows()), Error);
  EXPECT_THROW(reader.poll_query(batch, std::chrono::hours(1)), Error);
}

TEST(PassChoice, FollowsTheShareOfRowsThatAreKept) {
  PassChoice choice;
  EXPECT_FALSE(choice.in_two_passes());  // the first unit
  EXPECT_TRUE(choice.in_two_passes());   // nothing is known
  choice.kept(10'000, 100);
  EXPECT_TRUE(choice.in_two_passes());
  for (int i = 0; i < 20; ++i) choice.kept(10'000, 9'000);
  EXPECT_FALSE(choice.in_two_passes());
  for (int i = 0; i < 20; ++i) choice.kept(10'000, 0);
  EXPECT_TRUE(choice.in_two_passes());
}

TEST(PassChoice, AFewRowsDecideNothing) {
  PassChoice choice;
  (void)choice.in_two_passes();
  choice.kept(999, 999);
  EXPECT_TRUE(choice.in_two_passes());
  choice.kept(1000, 1000);
  EXPECT_FALSE(choice.in_two_passes());
}

}  // namespace
}  // namespace jetliner
