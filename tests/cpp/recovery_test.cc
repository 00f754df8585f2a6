// The good rows of a damaged file as a new file.
#include "read/recovery.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "read_all.h"

namespace jetliner {
namespace {

constexpr const char* kMillis = R"({"type":"int","logicalType":"time-millis"})";

struct Recovered {
  Bytes bytes;
  uint64_t rows = 0;
  size_t bad_blocks = 0;
};

Recovered recover(const Bytes& bytes, const ReadOptions& options = {}) {
  const MemoryFiles files(bytes);
  Recovery recovery("a.avro", options, files.opener());
  Recovered recovered;
  for (ByteBuffer some; recovery.next(some);) {
    recovered.bytes.insert(recovered.bytes.end(), some.data(), some.data() + some.size());
  }
  EXPECT_EQ(recovery.bytes_read(), recovery.total_bytes());
  EXPECT_EQ(recovery.total_bytes(), bytes.size());
  recovered.rows = recovery.rows_read();
  recovered.bad_blocks = recovery.num_bad_blocks();
  return recovered;
}

// The new file is sound, and has the rows that reading the old one gives.
void expect_recovered(const Bytes& bytes, size_t bad_blocks) {
  const ReadOutcome skipping = read_all(MemoryFiles(bytes), {.ignore_errors = true});
  const Recovered recovered = recover(bytes);
  EXPECT_EQ(recovered.bad_blocks, bad_blocks);
  EXPECT_EQ(recovered.bad_blocks, skipping.bad_blocks.size());
  EXPECT_EQ(recovered.rows, skipping.rows.size());
  const ReadOutcome strict = read_all(MemoryFiles(recovered.bytes));
  EXPECT_FALSE(strict.error.has_value()) << strict.error->what();
  EXPECT_EQ(strict.rows, skipping.rows);
}

constexpr auto kCodecs = {"null", "deflate", "snappy", "zstandard", "bzip2", "xz"};

TEST(Recovery, SoundFileIsCopied) {
  for (const char* const codec : kCodecs) {
    const AvroFile file = longs_file({3, 5000, 1, 200'000, 7}, 0, codec);
    EXPECT_EQ(recover(file.bytes()).bytes, file.bytes()) << codec;
  }
}

TEST(Recovery, AFileThatBecomesShorterIsAnError) {
  const std::string path = testing::TempDir() + "shorter.avro";
  const Bytes bytes = longs_file({3}).bytes();
  std::ofstream(path, std::ios::binary).write(reinterpret_cast<const char*>(bytes.data()), std::ssize(bytes));
  {
    Recovery recovery(path, {});
    std::filesystem::resize_file(path, 10);
    ByteBuffer some;
    EXPECT_THROW(recovery.next(some), Error);
  }
  std::filesystem::remove(path);  // Windows removes only a file that is closed
}

TEST(Recovery, BlocksWithoutRowsAreLeftOut) {
  AvroFile file("\"long\"");
  file.block(0, Values());
  file.block(2, longs(0, 2));
  file.block(0, Values());
  EXPECT_EQ(recover(file.bytes()).bytes, longs_file({2}).bytes());
  EXPECT_EQ(recover(longs_file({}).bytes()).bytes, longs_file({}).bytes());
}

TEST(Recovery, RowsBeforeABadRecordAreKept) {
  for (const char* const codec : kCodecs) {
    AvroFile file(record_json(field_json("a", "\"long\"") + "," + field_json("s", "\"string\"")), codec);
    const auto rows = [](int64_t first, int64_t count) {
      Values out;
      for (int64_t i = 0; i < count; ++i) out.number(first + i).string("text " + std::to_string(i));
      return out;
    };
    file.block(100, rows(0, 100));
    file.block(100, rows(100, 60).number(1).bytes_value("ff").append(rows(161, 39)));  // no UTF-8
    file.block(100, rows(200, 100));
    expect_recovered(file.bytes(), 1);
    EXPECT_EQ(recover(file.bytes()).rows, 260U) << codec;
  }
}

TEST(Recovery, RowsAroundAnInvalidValueAreKept) {
  for (const char* const codec : kCodecs) {
    AvroFile file(kMillis, codec);
    Values rows;
    for (int64_t i = 0; i < 1000; ++i) rows.number(i % 100 == 7 ? 86'400'000 : i);
    file.block(1000, rows);
    expect_recovered(file.bytes(), 10);
    EXPECT_EQ(recover(file.bytes()).rows, 990U);
  }
}

TEST(Recovery, BytesAfterTheLastRowAreLeftOut) {
  AvroFile file("\"long\"");
  file.block(3, longs(0, 4));
  file.block(3, longs(0, 3));
  expect_recovered(file.bytes(), 1);
}

TEST(Recovery, DamageOfAnyByte) {
  for (const char* const codec : {"null", "snappy"}) {
    const AvroFile file = longs_file({4, 5, 6}, 1000, codec);
    const size_t header_bytes = longs_file({}, 0, codec).size();
    for (size_t place = header_bytes; place < file.size(); ++place) {
      Bytes bytes = file.bytes();
      bytes[place] ^= 0xff;
      const size_t bad_blocks = read_all(MemoryFiles(bytes), {.ignore_errors = true}).bad_blocks.size();
      expect_recovered(bytes, bad_blocks);
      bytes.resize(place);
      expect_recovered(bytes, read_all(MemoryFiles(bytes), {.ignore_errors = true}).bad_blocks.size());
    }
  }
}

TEST(Recovery, RecursiveSchemas) {
  AvroFile file(
      R"({"type":"record","name":"N","fields":[{"name":"v","type":"int"},{"name":"n","type":["null","N"]}]})");
  const auto row = [](int64_t value) { return Values().number(value).branch(1).number(-value).branch(0); };
  file.block(2, row(1).append(row(2)));
  file.block(2, row(3).append(Values().number(4).branch(2)));  // no such branch
  file.block(1, row(5));
  expect_recovered(file.bytes(), 1);
  EXPECT_EQ(recover(file.bytes()).rows, 4U);
}

TEST(Recovery, RowsWithoutBytesAreBounded) {
  AvroFile file("\"null\"");
  file.block(10, Values());
  file.block(1'000'000'000, Values());
  const Recovered recovered = recover(file.bytes(), {.max_empty_rows = 50});
  EXPECT_EQ(recovered.rows, 50U);
  EXPECT_EQ(read_all(MemoryFiles(recovered.bytes)).rows.size(), 50U);
}

TEST(Recovery, JoinedFilesGetOneMarker) {
  ByteWriter other;
  SyncMarker marker = kTestSync;
  marker[0] ^= 1;
  append_header(other, marker);
  append_block(other, 3, ByteSpan(longs(7, 3).bytes()), marker);
  ByteWriter first;
  append_header(first);
  append_block(first, 7, ByteSpan(longs(0, 7).bytes()));
  Bytes bytes = first.bytes();
  bytes.insert(bytes.end(), other.bytes().begin(), other.bytes().end());
  const ReadOutcome skipping = read_all(MemoryFiles(bytes), {.ignore_errors = true});
  EXPECT_EQ(skipping.rows.size(), 10U);
  expect_recovered(bytes, skipping.bad_blocks.size());
}

TEST(Recovery, HeaderErrorsAreThrown) {
  const AvroFile file = longs_file({3});
  for (size_t size = 0; size < longs_file({}).size(); ++size) {
    const Bytes part(file.bytes().begin(), file.bytes().begin() + static_cast<ptrdiff_t>(size));
    EXPECT_THROW(recover(part), Error) << size;
  }
}

// As a reader counts them: blocks that have rows.
TEST(NumBlocks, OfARead) {
  AvroFile file("\"long\"");
  file.block(3, longs(0, 3));
  file.block(0, Values());
  file.block(200, longs(0, 200));
  for (const bool rows_only : {false, true}) {
    ReadOptions options;
    if (rows_only) options.columns = RowsOnly{};
    MemoryFiles files(file.bytes());
    files.add("b.avro", longs_file({1, 2, 3, 4}).bytes());
    QueryReader reader(files.paths(), options, {}, files.opener());
    for (Batch batch; reader.next(batch);) {
    }
    EXPECT_EQ(reader.num_blocks(), 6U);
  }
}

TEST(NumBlocks, OfADamagedFile) {
  AvroFile file = longs_file({100, 200, 300, 400});
  Bytes bytes = file.bytes();
  bytes.back() ^= 1;
  for (const bool rows_only : {false, true}) {
    ReadOptions options{.ignore_errors = true};
    if (rows_only) options.columns = RowsOnly{};
    const MemoryFiles files(bytes);
    QueryReader reader(files.paths(), options, {}, files.opener());
    for (Batch batch; reader.next(batch);) {
    }
    EXPECT_EQ(reader.num_blocks(), 3U);
  }
}

}  // namespace
}  // namespace jetliner
