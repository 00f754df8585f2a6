// The units of all files: their order, what is known of the next one, and what a source is told.
#include "files/unit_reader.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "avro_writer.h"

namespace jetliner {
namespace {

// Files in memory. Some are slow, some cannot be read to their end.
class Files {
 public:
  struct Announced {
    std::string path;
    uint64_t offset = 0;
    uint64_t bytes = 0;
  };

  void add(const std::string& path, Bytes bytes) {
    paths_.push_back(path);
    files_[path] = std::move(bytes);
  }
  void set_slow(const std::string& path, bool has_fetchers = false) { slow_[path] = has_fetchers; }
  // Reads from `offset` on fail.
  void break_at(const std::string& path, uint64_t offset) { broken_[path] = offset; }

  [[nodiscard]] const std::vector<std::string>& paths() const { return paths_; }
  [[nodiscard]] const std::vector<Announced>& announced() const { return announced_; }
  [[nodiscard]] int num_open() const { return num_open_; }
  SourceOpener opener() {
    return [this](const std::string& path) { return std::make_unique<Opened>(*this, path); };
  }

 private:
  class Opened final : public Source {
   public:
    Opened(Files& files, const std::string& path)
        : files_(files), path_(path), inner_(open_memory(files.files_.at(path))) {
      ++files_.num_open_;
    }
    ~Opened() override { --files_.num_open_; }
    size_t read_at(uint64_t offset, std::span<uint8_t> out) override {
      const auto broken = files_.broken_.find(path_);
      if (broken != files_.broken_.end() && offset + out.size() > broken->second) {
        throw Error(ErrorKind::kSource, ErrorVariant::kIo, "the disk is gone");
      }
      return inner_->read_at(offset, out);
    }
    [[nodiscard]] uint64_t size() const override { return inner_->size(); }
    [[nodiscard]] size_t preferred_chunk_bytes() const override { return 64 << 10; }
    [[nodiscard]] bool reads_ahead() const override { return !files_.slow_.contains(path_); }
    [[nodiscard]] bool has_fetchers() const override { return !reads_ahead() && files_.slow_.at(path_); }
    void will_need(uint64_t offset, uint64_t bytes) override {
      files_.announced_.push_back({.path = path_, .offset = offset, .bytes = bytes});
    }

   private:
    Files& files_;
    const std::string path_;
    std::unique_ptr<Source> inner_;
  };

  std::map<std::string, Bytes> files_;
  std::map<std::string, bool> slow_;  // whether they have fetchers
  std::map<std::string, uint64_t> broken_;
  std::vector<std::string> paths_;
  std::vector<Announced> announced_;
  int num_open_ = 0;
};

// About `bytes` of blocks.
Bytes large_file(size_t bytes) {
  AvroFile file("\"long\"");
  const Values data = longs(1 << 20, 2000);
  while (file.size() < bytes) file.block(2000, data);
  return file.bytes();
}

class UnitReaderTest : public testing::Test {
 protected:
  UnitReader& reader() {
    if (!reader_.has_value()) {
      list_.emplace(files_.paths(), options_, query_, files_.opener());
      reader_.emplace(*list_, options_);
    }
    return *reader_;
  }
  bool next() { return reader().next(work_); }
  [[nodiscard]] int64_t rows() const {
    int64_t rows = 0;
    for (const BlockRef& block : work_.unit.blocks) rows += block.row_count;
    return rows;
  }

  Files files_;
  ReadOptions options_;
  const QueryOptions query_;
  std::optional<FileList> list_;
  std::optional<UnitReader> reader_;
  FileUnit work_;
};

TEST_F(UnitReaderTest, UnitsOfAllFilesInTheirOrder) {
  files_.add("b", longs_file({1, 2}).bytes());
  files_.add("empty", longs_file({}).bytes());
  files_.add("a", longs_file({4}).bytes());
  files_.add("last", longs_file({}).bytes());
  ASSERT_TRUE(next());
  EXPECT_EQ(*work_.file->path, "b");
  EXPECT_EQ(work_.file->index, 0U);
  EXPECT_EQ(rows(), 3);
  EXPECT_EQ(work_.input_bytes(), work_.unit.bytes.size());
  ASSERT_TRUE(next());
  EXPECT_EQ(*work_.file->path, "a");
  EXPECT_EQ(work_.file->index, 2U);
  EXPECT_EQ(rows(), 4);
  EXPECT_FALSE(next());
  EXPECT_FALSE(next());
  EXPECT_EQ(files_.num_open(), 0);
}

TEST_F(UnitReaderTest, SeveralUnitsOfAFileAndOneFileOpenAtATime) {
  const Bytes file = large_file(3 << 20);
  files_.add("a", file);
  files_.add("b", longs_file({7}).bytes());
  int64_t rows_of_a = 0;
  int num_units = 0;
  while (next() && work_.file->index == 0) {
    rows_of_a += rows();
    ++num_units;
    EXPECT_EQ(files_.num_open(), 1);
  }
  EXPECT_GT(num_units, 3);
  EXPECT_GT(rows_of_a, 0);
  EXPECT_EQ(rows_of_a % 2000, 0);
  EXPECT_EQ(*work_.file->path, "b");
  EXPECT_EQ(files_.num_open(), 1);
}

TEST_F(UnitReaderTest, NextBytesFollowTheFile) {
  files_.add("a", large_file(3 << 20));
  EXPECT_EQ(reader().next_bytes(), 0U);  // nothing is known yet
  std::vector<size_t> expected = {0};
  uint64_t left = reader().next_bytes();
  while (next()) {
    if (expected.back() > 0) {
      EXPECT_GT(work_.input_bytes(), expected.back() / 2);
      EXPECT_LT(work_.input_bytes(), expected.back() * 2);
    }
    left = reader().next_bytes();
    expected.push_back(left);
  }
  EXPECT_EQ(expected.back(), 0U);  // the file has ended
  EXPECT_GT(expected.size(), 3U);
}

TEST_F(UnitReaderTest, SlownessIsThatOfThePresentFile) {
  files_.add("local", longs_file({1}).bytes());
  files_.add("remote", longs_file({1}).bytes());
  files_.add("fetched ahead", longs_file({1}).bytes());
  files_.set_slow("remote");
  files_.set_slow("fetched ahead", true);
  EXPECT_FALSE(reader().is_slow());  // not before it is known
  ASSERT_TRUE(next());
  EXPECT_FALSE(reader().is_slow());
  ASSERT_TRUE(next());
  EXPECT_TRUE(reader().is_slow());
  ASSERT_TRUE(next());
  EXPECT_FALSE(reader().is_slow());
}

TEST_F(UnitReaderTest, PlentyIsLeftInOtherFilesAndInLargeOnes) {
  files_.add("large", large_file(2 << 20));
  files_.add("small", longs_file({1}).bytes());
  EXPECT_TRUE(reader().has_plenty_left());
  while (next() && work_.file->index == 0) EXPECT_TRUE(reader().has_plenty_left());
  EXPECT_FALSE(reader().has_plenty_left());  // of the last, small file
}

TEST_F(UnitReaderTest, LittleIsLeftAtTheEndOfALargeFile) {
  files_.add("large", large_file(2 << 20));
  ASSERT_TRUE(next());
  EXPECT_TRUE(reader().has_plenty_left());
  while (next()) {
  }
  EXPECT_FALSE(reader().has_plenty_left());
}

TEST_F(UnitReaderTest, SourceIsToldWhatComesNextOnceSeveralThreadsTakeUnits) {
  const Bytes file = large_file(2 << 20);
  files_.add("a", file);
  options_.buffer_blocks = 3;
  ASSERT_TRUE(next());
  EXPECT_TRUE(files_.announced().empty());
  const size_t first_bytes = work_.input_bytes();
  reader().begin_ahead();
  ASSERT_TRUE(next());
  ASSERT_EQ(files_.announced().size(), 1U);
  const uint64_t header_bytes = AvroFile("\"long\"").size();
  EXPECT_EQ(files_.announced()[0].offset, header_bytes + first_bytes + work_.input_bytes());
  EXPECT_EQ(files_.announced()[0].bytes, 3 * work_.input_bytes());
}

TEST_F(UnitReaderTest, AnnouncesNoMoreThanTheBuffer) {
  files_.add("a", large_file(2 << 20));
  options_.buffer_bytes = 100'000;
  reader().begin_ahead();
  ASSERT_TRUE(next());
  ASSERT_TRUE(next());
  EXPECT_EQ(files_.announced().back().bytes, 100'000U);
}

TEST_F(UnitReaderTest, SlowSourceIsToldOnceThatAllIsNeeded) {
  const Bytes file = large_file(2 << 20);
  files_.add("a", file);
  files_.set_slow("a");
  reader().begin_ahead();
  while (next()) {
  }
  ASSERT_EQ(files_.announced().size(), 1U);
  const uint64_t header_bytes = AvroFile("\"long\"").size();
  EXPECT_EQ(files_.announced()[0].offset, header_bytes);
  EXPECT_EQ(files_.announced()[0].bytes, file.size() - header_bytes);
}

TEST_F(UnitReaderTest, SlowSourceIsToldNothingWhereFewRowsAreRead) {
  files_.add("a", large_file(2 << 20));
  files_.set_slow("a");
  options_.n_rows = 10;
  ASSERT_TRUE(next());
  EXPECT_TRUE(files_.announced().empty());
}

TEST_F(UnitReaderTest, CloseEndsTheUnitsAndClosesTheFile) {
  files_.add("a", large_file(2 << 20));
  files_.add("b", longs_file({1}).bytes());
  ASSERT_TRUE(next());
  reader().close();
  EXPECT_EQ(files_.num_open(), 0);
  EXPECT_FALSE(next());
  EXPECT_FALSE(reader().has_plenty_left());
  EXPECT_FALSE(reader().is_slow());
  EXPECT_EQ(reader().next_bytes(), 0U);
}

TEST_F(UnitReaderTest, ErrorsHaveThePath) {
  files_.add("a", longs_file({1}).bytes());
  files_.add("b", large_file(2 << 20));
  files_.break_at("b", 1 << 20);
  ASSERT_TRUE(next());
  try {
    while (next()) {
    }
    FAIL() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "the disk is gone");
    EXPECT_EQ(error.place().path, "b");
  }
}

TEST_F(UnitReaderTest, EmptyRowsAreBoundedOverAllFiles) {
  AvroFile file("\"null\"");
  file.block(3, Values());
  file.block(2, Values());
  files_.add("a", file.bytes());
  files_.add("b", file.bytes());
  options_.max_empty_rows = 6;
  ASSERT_TRUE(next());
  EXPECT_EQ(rows(), 5);
  ASSERT_TRUE(next());
  EXPECT_EQ(rows(), 1);
  ASSERT_EQ(work_.unit.blocks.size(), 2U);
  EXPECT_EQ(work_.unit.blocks[0].refused_rows, 2);
  EXPECT_EQ(work_.unit.blocks[1].refused_rows, 2);
}

TEST_F(UnitReaderTest, MemoryOfAUnitIsUsedAgain) {
  files_.add("a", longs_file({5}).bytes());
  files_.add("b", longs_file({5}).bytes());
  ASSERT_TRUE(next());
  const uint8_t* const memory = work_.unit.bytes.data();
  work_ = spare_unit(std::move(work_.unit));
  EXPECT_EQ(work_.file, nullptr);
  ASSERT_TRUE(next());
  EXPECT_EQ(work_.unit.bytes.data(), memory);
  EXPECT_EQ(rows(), 5);
}

TEST(SpareUnit, MemoryOfAHugeBlockIsNotKept) {
  constexpr size_t kMost = 4 << 20;
  for (const size_t bytes : {kMost, kMost + 1}) {
    Unit unit;
    unit.bytes.own().reserve(bytes);
    const FileUnit spare = spare_unit(std::move(unit));
    EXPECT_EQ(spare.unit.bytes.capacity(), bytes == kMost ? kMost : 0);
    EXPECT_EQ(spare.file, nullptr);
  }
}

}  // namespace
}  // namespace jetliner
