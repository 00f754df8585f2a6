// Headers of many files. They are read at the same time if files are slow, and reported in the order of the list.
#include <gtest/gtest.h>

#include <chrono>
#include <stdexcept>
#include <string>

#include "read_all.h"
#include "slow_files.h"

namespace jetliner {
namespace {

using namespace std::chrono_literals;

Bytes longs_bytes(int64_t rows) {
  AvroFile file("\"long\"");
  file.block(rows, longs(0, rows));
  return file.bytes();
}

MemoryFiles many_files(int n) {
  MemoryFiles files;
  for (int i = 0; i < n; ++i) files.add("f" + std::to_string(i), longs_bytes(i % 5 + 1));
  return files;
}

TEST(Headers, OfSlowFilesAreReadAtTheSameTime) {
  const MemoryFiles files = many_files(100);
  SlowFiles slow(files, 3ms);
  Reader reader(files.paths(), {}, slow.opener());
  EXPECT_GT(slow.most_at_once(), 4);
  EXPECT_LE(slow.most_at_once(), 16);
  EXPECT_EQ(slow.opened(), 100);
  EXPECT_LT(files.num_open(), 2);  // the first stays open
  size_t rows = 0;
  for (Batch batch; reader.next(batch);) rows += batch.num_rows();
  EXPECT_EQ(rows, 300U);
}

TEST(Headers, OfFilesThatAnswerAtOnceAreReadOneByOne) {
  const MemoryFiles files = many_files(50);
  SlowFiles quick(files, 0ms);
  const Reader reader(files.paths(), {}, quick.opener());
  EXPECT_EQ(reader.num_sources(), 50U);
  // On a busy machine even these files may be slow. Then they are opened at the same time, which is right.
  EXPECT_EQ(quick.opened(), 50);
}

// Python's check for Ctrl-C works like this.
TEST(Headers, OpeningManySlowFilesCanBeEnded) {
  const MemoryFiles files = many_files(2000);
  SlowFiles slow(files, 20ms);
  int checks = 0;
  const auto check = [&checks] {
    if (++checks == 3) throw std::runtime_error("interrupted");
  };
  EXPECT_THROW(Reader(files.paths(), {}, slow.opener(), check), std::runtime_error);
  EXPECT_EQ(checks, 3);
  EXPECT_LT(slow.opened(), 2000);
  EXPECT_EQ(files.num_open(), 0);
}

TEST(Headers, TheFirstBadFileOfTheListIsReported) {
  MemoryFiles files;
  for (int i = 0; i < 60; ++i) {
    const std::string name = "f" + std::to_string(i);
    if (i == 30) {
      AvroFile other("\"string\"");
      files.add(name, other.bytes());
    } else if (i > 30 && i % 3 == 0) {
      files.add(name, Bytes{'P', 'A', 'R', '1'});
    } else {
      files.add(name, longs_bytes(1));
    }
  }
  std::vector<std::string> paths = files.paths();
  paths.insert(paths.begin() + 45, "missing");
  for (int round = 0; round < 5; ++round) {
    SlowFiles slow(files, 1ms);
    try {
      const Reader reader(paths, {}, slow.opener());
      FAIL();
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kSchema) << error.what();
      EXPECT_EQ(error.place().path, "f30");
    }
    EXPECT_EQ(files.num_open(), 0);
    EXPECT_LT(slow.opened(), 100);
  }
  // The same with an Error.
  paths[30] = "missing too";
  SlowFiles slow(files, 1ms);
  try {
    const Reader reader(paths, {}, slow.opener());
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kNotFound);
    EXPECT_EQ(error.place().path, "missing too");
  }
}

TEST(Headers, FilesAreInTheOrderOfTheList) {
  MemoryFiles files;
  for (int i = 0; i < 40; ++i) {
    AvroFile file("\"long\"");
    file.block(1, longs(i, 1));
    files.add("f" + std::to_string(i), file.bytes());
  }
  SlowFiles slow(files, 2ms);
  Reader reader(files.paths(), {.path_column = "path"}, slow.opener());
  std::vector<std::string> rows;
  for (Batch batch; reader.next(batch);) {
    for (std::string& row : batch_rows(batch)) rows.push_back(std::move(row));
  }
  ASSERT_EQ(rows.size(), 40U);
  for (int i = 0; i < 40; ++i) {
    EXPECT_EQ(rows[static_cast<size_t>(i)], "{value:" + std::to_string(i) + ",path:\"f" + std::to_string(i) + "\"}");
  }
}

}  // namespace
}  // namespace jetliner
