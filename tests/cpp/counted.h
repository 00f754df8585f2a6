// Rows counted by the heads of blocks, for tests that compare them with rows that were read.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "read_all.h"

namespace jetliner {

struct Counted {
  uint64_t rows = 0;
  std::optional<Error> error;
  std::vector<BadBlock> bad_blocks;
};

inline Counted count(const std::vector<std::string>& paths, ReadOptions options, const SourceOpener& opener) {
  options.columns = RowsOnly{};
  Counted result;
  try {
    Reader reader(paths, options, opener);
    try {
      for (Batch batch; reader.next(batch);) result.rows += batch.num_rows();
    } catch (const Error& error) {
      result.error = error;
    }
    EXPECT_TRUE(reader.is_finished());
    result.bad_blocks = reader.bad_blocks();
  } catch (const Error& error) {
    result.error = error;
  }
  return result;
}

inline Counted count(const MemoryFiles& files, ReadOptions options = {}) {
  Counted result = count(files.paths(), std::move(options), files.opener());
  EXPECT_EQ(files.num_open(), 0);
  return result;
}

inline void expect_same_error(const std::optional<Error>& counted, const std::optional<Error>& expected) {
  ASSERT_EQ(counted.has_value(), expected.has_value())
      << (expected ? expected->what() : "") << (counted ? counted->what() : "");
  if (!expected) return;
  EXPECT_STREQ(counted->what(), expected->what());
  EXPECT_EQ(counted->kind(), expected->kind());
  EXPECT_EQ(counted->variant(), expected->variant());
  EXPECT_EQ(counted->place().path, expected->place().path);
  EXPECT_EQ(counted->place().block_index, expected->place().block_index);
  EXPECT_EQ(counted->place().file_offset, expected->place().file_offset);
}

// The same rows, and the same damage in the same order.
inline void expect_same_count(const Counted& counted, const Counted& expected) {
  EXPECT_EQ(counted.rows, expected.rows);
  expect_same_error(counted.error, expected.error);
  ASSERT_EQ(counted.bad_blocks.size(), expected.bad_blocks.size());
  for (size_t i = 0; i < expected.bad_blocks.size(); ++i) {
    EXPECT_EQ(counted.bad_blocks[i].message, expected.bad_blocks[i].message);
    EXPECT_EQ(counted.bad_blocks[i].path, expected.bad_blocks[i].path);
    EXPECT_EQ(counted.bad_blocks[i].block_index, expected.bad_blocks[i].block_index);
    EXPECT_EQ(counted.bad_blocks[i].file_offset, expected.bad_blocks[i].file_offset);
  }
}

// A local file that lives as long as this object.
class LocalFile {
 public:
  explicit LocalFile(ByteSpan bytes) {
    path_ = testing::TempDir() + "jetliner_counted_" + testing::UnitTest::GetInstance()->current_test_info()->name() +
            ".avro";
    std::ofstream(path_, std::ios::binary) << as_text(bytes);
  }
  LocalFile(const LocalFile&) = delete;
  LocalFile& operator=(const LocalFile&) = delete;
  ~LocalFile() { std::filesystem::remove(path_); }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// Bytes in memory with a chosen cost of a request. Any number of threads may read them.
class Costly final : public Source {
 public:
  Costly(const Bytes& bytes, size_t cost) : bytes_(bytes), inner_(open_memory(bytes)), cost_(cost) {}
  size_t read_at(uint64_t offset, std::span<uint8_t> out) override { return inner_->read_at(offset, out); }
  [[nodiscard]] uint64_t size() const override { return inner_->size(); }
  [[nodiscard]] size_t preferred_chunk_bytes() const override { return 4096; }
  [[nodiscard]] size_t request_cost_bytes() const override { return cost_; }
  [[nodiscard]] std::unique_ptr<Source> reopen() const override { return std::make_unique<Costly>(bytes_, cost_); }

 private:
  const Bytes& bytes_;
  std::unique_ptr<Source> inner_;
  size_t cost_;
};

}  // namespace jetliner
