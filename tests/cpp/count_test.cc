// Rows counted by the heads of blocks. Counting must give as many rows as reading, and the same damage, for blocks of
// every kind. This file is long because one thread and several are compared on the same files.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <new>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "container/block_counter.h"
#include "container/block_framer.h"
#include "read_all.h"
#include "slow_files.h"

namespace jetliner {
namespace {

struct Counted {
  uint64_t rows = 0;
  std::optional<Error> error;
  std::vector<BadBlock> bad_blocks;
};

Counted count(const std::vector<std::string>& paths, ReadOptions options, const SourceOpener& opener) {
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

Counted count(const MemoryFiles& files, ReadOptions options = {}) {
  Counted result = count(files.paths(), std::move(options), files.opener());
  EXPECT_EQ(files.num_open(), 0);
  return result;
}

void expect_same_error(const std::optional<Error>& counted, const std::optional<Error>& read) {
  ASSERT_EQ(counted.has_value(), read.has_value()) << (read ? read->what() : "") << (counted ? counted->what() : "");
  if (!read) return;
  EXPECT_STREQ(counted->what(), read->what());
  EXPECT_EQ(counted->kind(), read->kind());
  EXPECT_EQ(counted->variant(), read->variant());
  EXPECT_EQ(counted->place().path, read->place().path);
  EXPECT_EQ(counted->place().block_index, read->place().block_index);
  EXPECT_EQ(counted->place().file_offset, read->place().file_offset);
}

// Counting must agree with reading. The data within blocks must not be damaged, since counting does not look at it.
void expect_as_read(const MemoryFiles& files, ReadOptions options = {}) {
  for (const bool ignore_errors : {false, true}) {
    options.ignore_errors = ignore_errors;
    const ReadOutcome read = read_all(files, options);
    const Counted counted = count(files, options);
    EXPECT_EQ(counted.rows, read.rows.size());
    expect_same_error(counted.error, read.error);
    ASSERT_EQ(counted.bad_blocks.size(), read.bad_blocks.size());
    for (size_t i = 0; i < read.bad_blocks.size(); ++i) {
      EXPECT_EQ(counted.bad_blocks[i].message, read.bad_blocks[i].message);
      EXPECT_EQ(counted.bad_blocks[i].block_index, read.bad_blocks[i].block_index);
      EXPECT_EQ(counted.bad_blocks[i].path, read.bad_blocks[i].path);
    }
  }
}

AvroFile longs_file(const std::vector<int64_t>& blocks, const std::string& codec = "null") {
  AvroFile file("\"long\"", codec);
  for (const int64_t rows : blocks) file.block(rows, longs(0, rows));
  return file;
}

// A local file that lives as long as this object.
class LocalFile {
 public:
  explicit LocalFile(ByteSpan bytes) {
    path_ = testing::TempDir() + "jetliner_count_test.avro";
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

// A file in memory that behaves like a local one. It notes how it is used.
struct WatchedFile {
  Bytes bytes;
  bool can_reopen = true;
  std::function<void(uint64_t offset, size_t bytes, bool is_reopened)> on_read;  // called from several threads
  std::atomic<int> num_reopened = 0;
  std::atomic<int> num_open = 0;

  SourceOpener opener();
};

class WatchedSource final : public Source {
 public:
  WatchedSource(WatchedFile& file, bool is_reopened)
      : file_(file), inner_(open_memory(file.bytes)), is_reopened_(is_reopened) {
    ++file_.num_open;
    if (is_reopened) ++file_.num_reopened;
  }
  ~WatchedSource() override { --file_.num_open; }
  size_t read_at(uint64_t offset, std::span<uint8_t> out) override {
    if (file_.on_read) file_.on_read(offset, out.size(), is_reopened_);
    return inner_->read_at(offset, out);
  }
  [[nodiscard]] uint64_t size() const override { return inner_->size(); }
  [[nodiscard]] size_t preferred_chunk_bytes() const override { return 4096; }
  [[nodiscard]] size_t request_cost_bytes() const override { return 2 << 10; }
  [[nodiscard]] std::unique_ptr<Source> reopen() const override {
    return file_.can_reopen ? std::make_unique<WatchedSource>(file_, true) : nullptr;
  }

 private:
  WatchedFile& file_;
  std::unique_ptr<Source> inner_;
  bool is_reopened_;
};

SourceOpener WatchedFile::opener() {
  return [this](const std::string&) { return std::make_unique<WatchedSource>(*this, false); };
}

// Blocks so large that each takes a request, and so many that several threads pay.
AvroFile file_for_threads(std::vector<size_t>* blocks = nullptr) {
  AvroFile file("\"long\"");
  const Values data = longs(0, 800);
  for (int i = 0; i < 5000; ++i) {
    const size_t block = file.block(800, data);
    if (blocks != nullptr) blocks->push_back(block);
  }
  return file;
}

void expect_same(const Counted& counted, const Counted& expected) {
  EXPECT_EQ(counted.rows, expected.rows);
  expect_same_error(counted.error, expected.error);
  ASSERT_EQ(counted.bad_blocks.size(), expected.bad_blocks.size());
  for (size_t i = 0; i < expected.bad_blocks.size(); ++i) {
    EXPECT_EQ(counted.bad_blocks[i].message, expected.bad_blocks[i].message);
    EXPECT_EQ(counted.bad_blocks[i].block_index, expected.bad_blocks[i].block_index);
    EXPECT_EQ(counted.bad_blocks[i].file_offset, expected.bad_blocks[i].file_offset);
  }
}

TEST(Count, AsManyRowsAsReadingFindsWithEveryCodec) {
  for (const char* const codec : {"null", "deflate", "snappy", "zstandard", "bzip2", "xz"}) {
    SCOPED_TRACE(codec);
    expect_as_read(MemoryFiles(longs_file({3, 0, 1000, 1}, codec).bytes()));
    expect_as_read(MemoryFiles(longs_file({}, codec).bytes()));
    expect_as_read(MemoryFiles(longs_file({0, 0}, codec).bytes()));
  }
}

TEST(Count, BlocksAreNotLookedInto) {
  AvroFile file("\"long\"", "snappy");
  file.block(3, longs(0, 3));
  file.packed_block(2, as_bytes("not snappy at all"));
  const Counted counted = count(MemoryFiles(file.bytes()));
  EXPECT_FALSE(counted.error.has_value());
  EXPECT_EQ(counted.rows, 5U);
  EXPECT_EQ(count_rows({"a.avro"}, {}, MemoryFiles(file.bytes()).opener()), 5U);
}

TEST(Count, LittleIsReadOfLargeBlocks) {
  Bytes file;
  {
    AvroFile blocks("\"long\"");
    for (int i = 0; i < 20; ++i) blocks.block(100'000, longs(0, 100'000));
    file = blocks.bytes();
  }
  class FileLike final : public Source {
   public:
    FileLike(const Bytes& bytes, uint64_t& requested) : inner_(open_memory(bytes)), requested_(requested) {}
    size_t read_at(uint64_t offset, std::span<uint8_t> out) override {
      requested_ += out.size();
      return inner_->read_at(offset, out);
    }
    [[nodiscard]] uint64_t size() const override { return inner_->size(); }
    [[nodiscard]] size_t preferred_chunk_bytes() const override { return 64 << 10; }
    [[nodiscard]] size_t request_cost_bytes() const override { return 2 << 10; }

   private:
    std::unique_ptr<Source> inner_;
    uint64_t& requested_;
  };
  uint64_t requested = 0;
  const SourceOpener opener = [&](const std::string&) { return std::make_unique<FileLike>(file, requested); };
  EXPECT_EQ(count({"a"}, {}, opener).rows, 2'000'000U);
  EXPECT_LT(requested, file.size() / 8);
}

TEST(Count, CutAnywhereIsReportedAsByReading) {
  const AvroFile whole = longs_file({5, 0, 7, 3});
  for (size_t size = 1; size < whole.size(); ++size) {
    SCOPED_TRACE(size);
    expect_as_read(MemoryFiles(Bytes(whole.bytes().begin(), whole.bytes().begin() + static_cast<ptrdiff_t>(size))));
  }
}

TEST(Count, DamagedHeadsAndMarkersAreReportedAsByReading) {
  // Blocks of one long each. Their data is valid for every count that the damage may claim, so only heads are wrong.
  AvroFile file(R"({"type":"fixed","name":"F","size":8})");
  std::vector<size_t> blocks;
  for (int i = 0; i < 6; ++i) blocks.push_back(file.block(4, Values().zeros(32)));
  for (const size_t block : blocks) {
    for (const size_t at : {block, block + 1, block + 2 + 32, block + 2 + 32 + 15}) {
      Bytes damaged = file.bytes();
      damaged[at] = 0x7f;  // -64 as a head, and in no marker
      SCOPED_TRACE(at);
      expect_as_read(MemoryFiles(damaged));
    }
  }
}

TEST(Count, FilesJoinedWithCatAreCountedAsRead) {
  Bytes joined = longs_file({5, 7}).bytes();
  const Bytes second = longs_file({30}).bytes();
  joined.insert(joined.end(), second.begin(), second.end());
  expect_as_read(MemoryFiles(joined));
}

TEST(Count, RowsThatTakeNoBytesAreBoundedAsInReading) {
  AvroFile file("\"null\"");
  for (int i = 0; i < 4; ++i) file.block(100, Values());
  expect_as_read(MemoryFiles(file.bytes()));
  expect_as_read(MemoryFiles(file.bytes()), {.max_empty_rows = 250});
}

TEST(Count, MoreRowsThanTheBytesCanHoldAreRefused) {
  for (const char* const codec : {"null", "deflate", "snappy"}) {
    SCOPED_TRACE(codec);
    AvroFile file("\"double\"", codec);
    file.block(1, Values().real64(1));
    const size_t bad = file.packed_block(INT64_MAX, as_bytes("12345678"));
    file.block(1, Values().real64(1));
    const Counted strict = count(MemoryFiles(file.bytes()));
    EXPECT_EQ(strict.rows, 1U);
    ASSERT_TRUE(strict.error.has_value());
    EXPECT_EQ(strict.error->kind(), ErrorKind::kDecode);
    EXPECT_EQ(strict.error->place().block_index, 1);
    EXPECT_EQ(strict.error->place().file_offset, static_cast<int64_t>(bad));
    const Counted ignoring = count(MemoryFiles(file.bytes()), {.ignore_errors = true});
    EXPECT_EQ(ignoring.rows, 2U);
    ASSERT_EQ(ignoring.bad_blocks.size(), 1U);
    EXPECT_NE(ignoring.bad_blocks[0].message.find("9223372036854775807 records"), std::string::npos);
  }
}

TEST(Count, SumsThatNoNumberHoldsAreAnError) {
  // xz has no bound of expansion, and there is no limit.
  AvroFile file("\"double\"", "xz");
  for (int i = 0; i < 40; ++i) file.packed_block(INT64_MAX / 16, as_bytes("123456789"));
  const Counted counted = count(MemoryFiles(file.bytes()), {.max_block_bytes = std::nullopt});
  ASSERT_TRUE(counted.error.has_value());
  EXPECT_NE(std::string(counted.error->what()).find("more rows than can be counted"), std::string::npos);
}

TEST(Count, FilesNeedNotHaveTheSameSchema) {
  MemoryFiles files;
  files.add("a", longs_file({5}).bytes());
  AvroFile other("\"string\"");
  other.block(1, Values().string("x"));
  files.add("b", other.bytes());
  EXPECT_EQ(count(files).rows, 6U);
  EXPECT_FALSE(count(files).error.has_value());
}

TEST(Count, ManyFilesAreCountedInTheirOrder) {
  MemoryFiles files;
  for (int i = 0; i < 100; ++i) files.add("f" + std::to_string(100 + i), longs_file({i, 1}).bytes());
  expect_as_read(files);
  // The first bad file in the list is reported, with the rows before it.
  MemoryFiles damaged;
  for (int i = 0; i < 100; ++i) {
    Bytes bytes = longs_file({i, 1}).bytes();
    if (i == 40 || i == 41 || i == 90) bytes.back() ^= 1;
    damaged.add("f" + std::to_string(100 + i), bytes);
  }
  expect_as_read(damaged);
  // Slow files are counted at the same time.
  for (const size_t n_threads : {0, 1, 2, 20}) {
    SlowFiles slow(files, std::chrono::milliseconds(1));
    EXPECT_EQ(count(files.paths(), {.n_threads = n_threads}, slow.opener()).rows, 5050U);
    SlowFiles slow_and_damaged(damaged, std::chrono::milliseconds(1));
    const Counted strict = count(damaged.paths(), {.n_threads = n_threads}, slow_and_damaged.opener());
    EXPECT_EQ(strict.rows, 40U * 39 / 2 + 40 + 40);
    ASSERT_TRUE(strict.error.has_value());
    EXPECT_EQ(strict.error->place().path, "f140");
    EXPECT_EQ(damaged.num_open(), 0);
    const Counted ignoring =
        count(damaged.paths(), {.ignore_errors = true, .n_threads = n_threads}, slow_and_damaged.opener());
    EXPECT_EQ(ignoring.rows, 5050U - 3);
    EXPECT_EQ(ignoring.bad_blocks.size(), 3U);
  }
}

TEST(Count, SlowFilesCanBeLeftAtAnyTime) {
  MemoryFiles files;
  for (int i = 0; i < 60; ++i) files.add("f" + std::to_string(i), longs_file({10}).bytes());
  for (const int batches : {1, 8, 20, 59}) {
    SlowFiles slow(files, std::chrono::milliseconds(1));
    Reader reader(files.paths(), {.batch_size = 10, .columns = RowsOnly{}}, slow.opener());
    Batch batch;
    for (int i = 0; i < batches; ++i) EXPECT_TRUE(reader.next(batch));
    reader.close();
    EXPECT_EQ(files.num_open(), 0);
  }
}

TEST(Count, RowIndexAndPathWithoutColumns) {
  MemoryFiles files;
  files.add("a", longs_file({2, 1}).bytes());
  files.add("b", longs_file({2}).bytes());
  const ReadOptions options{
      .batch_size = 2, .columns = RowsOnly{}, .row_index_name = "row", .row_index_offset = 10, .path_column = "path"};
  const ReadOutcome outcome = read_all(files, options);
  EXPECT_EQ(outcome.rows, (std::vector<std::string>{"{row:10,path:\"a\"}", "{row:11,path:\"a\"}", "{row:12,path:\"a\"}",
                                                    "{row:13,path:\"b\"}", "{row:14,path:\"b\"}"}));
  EXPECT_EQ(outcome.batches, (std::vector<size_t>{2, 2, 1}));
}

TEST(Count, LaterFilesAreNotOpenedOnceTheLimitIsReached) {
  MemoryFiles files;
  for (int i = 0; i < 50; ++i) files.add("f" + std::to_string(i), longs_file({10}).bytes());
  const int before = files.num_opened();
  EXPECT_EQ(count(files, {.n_rows = 15}).rows, 15U);
  EXPECT_EQ(files.num_opened() - before, 50 + 1);  // the headers, and the second file
}

TEST(Count, SourcesOfAnyCostPerRequestGiveTheSame) {
  // Blocks of all sizes, in a file that is long enough for several chains.
  std::mt19937 random(1);
  AvroFile file("\"long\"");
  int64_t rows = 0;
  while (file.size() < (5 << 20)) {
    const auto n = static_cast<int64_t>(random() % 7 == 0 ? random() % 60'000 : random() % 40);
    file.block(n, longs(0, n));
    rows += n;
  }
  for (const size_t cost : {0, 36, 100, 2048, 1 << 20}) {
    const SourceOpener opener = [&](const std::string&) { return std::make_unique<Costly>(file.bytes(), cost); };
    for (const size_t n_threads : {1, 3}) {
      EXPECT_EQ(count({"a"}, {.n_threads = n_threads}, opener).rows, static_cast<uint64_t>(rows)) << cost;
    }
  }
  const LocalFile local(file.bytes());
  EXPECT_EQ(count_rows({local.path()}), static_cast<uint64_t>(rows));
}

TEST(Count, AnyNumberOfThreadsCountsTheSame) {
  WatchedFile file{.bytes = file_for_threads().bytes()};
  const LocalFile local(file.bytes);
  for (const size_t n_threads : {1, 2, 4}) {
    SCOPED_TRACE(n_threads);
    const int before = file.num_reopened;
    EXPECT_EQ(count({"a"}, {.n_threads = n_threads}, file.opener()).rows, 4'000'000U);
    EXPECT_EQ(file.num_reopened - before, n_threads == 1 ? 0 : n_threads);
    EXPECT_EQ(file.num_open, 0);
    EXPECT_EQ(count_rows({local.path()}, {.n_threads = n_threads}), 4'000'000U);
  }
  // No more threads than have something to do.
  const int before = file.num_reopened;
  EXPECT_EQ(count({"a"}, {.n_threads = 100}, file.opener()).rows, 4'000'000U);
  EXPECT_EQ(file.num_reopened - before, 4);
}

TEST(Count, ThreadsAreNotStartedWhereTheyAreOfNoUse) {
  WatchedFile file{.bytes = file_for_threads().bytes()};
  EXPECT_EQ(count({"a"}, {.n_rows = 1000, .n_threads = 4}, file.opener()).rows, 1000U);
  EXPECT_EQ(file.num_reopened, 0);
  file.can_reopen = false;
  EXPECT_EQ(count({"a"}, {.n_threads = 4}, file.opener()).rows, 4'000'000U);
  // A few large blocks need few requests.
  AvroFile large("\"long\"");
  const Values data = longs(0, 100'000);
  for (int i = 0; i < 40; ++i) large.block(100'000, data);
  WatchedFile file_of_large{.bytes = large.bytes()};
  EXPECT_EQ(count({"a"}, {.n_threads = 4}, file_of_large.opener()).rows, 4'000'000U);
  EXPECT_EQ(file_of_large.num_reopened, 0);
}

TEST(Count, DamageInAnyPartIsTheSameForAnyNumberOfThreads) {
  std::vector<size_t> blocks;
  const Bytes whole = file_for_threads(&blocks).bytes();
  for (const size_t at : {0, 1, 500, 1249, 1251, 2499, 2500, 2501, 4000, 4998}) {
    SCOPED_TRACE(at);
    WatchedFile file{.bytes = whole};
    file.bytes[blocks[at + 1] - 1] ^= 1;                       // the marker
    file.bytes[blocks[std::min<size_t>(at + 700, 4999)]] = 1;  // a negative count
    for (const bool ignore_errors : {false, true}) {
      const Counted expected = count({"a"}, {.ignore_errors = ignore_errors, .n_threads = 1}, file.opener());
      EXPECT_EQ(expected.error.has_value(), !ignore_errors);
      if (!ignore_errors) EXPECT_EQ(expected.rows, 800 * at);
      for (const size_t n_threads : {2, 4}) {
        const ReadOptions options{.ignore_errors = ignore_errors, .n_threads = n_threads};
        expect_same(count({"a"}, options, file.opener()), expected);
        EXPECT_EQ(file.num_open, 0);
      }
    }
  }
}

TEST(Count, ErrorsOfASourceComeAfterTheSameRowsForAnyNumberOfThreads) {
  std::vector<size_t> blocks;
  WatchedFile file{.bytes = file_for_threads(&blocks).bytes()};
  for (const size_t block : {200, 1300, 2600, 4999}) {
    SCOPED_TRACE(block);
    const uint64_t bad = blocks[block] - 1;
    file.on_read = [bad](uint64_t offset, size_t bytes, bool) {
      if (offset <= bad && bad < offset + bytes) throw Error(ErrorKind::kSource, ErrorVariant::kIo, "the disk is gone");
    };
    for (const size_t n_threads : {1, 2, 4}) {
      const Counted counted = count({"a"}, {.n_threads = n_threads}, file.opener());
      EXPECT_EQ(counted.rows, 800 * (block - 1));
      ASSERT_TRUE(counted.error.has_value());
      EXPECT_EQ(counted.error->kind(), ErrorKind::kSource);
      EXPECT_EQ(counted.error->place().path, "a");
      EXPECT_EQ(file.num_open, 0);
    }
  }
  // The same when memory runs out.
  file.on_read = [](uint64_t offset, size_t, bool) {
    if (offset > 5'000'000) throw std::bad_alloc();
  };
  for (const size_t n_threads : {1, 4}) {
    Reader reader({"a"}, {.columns = RowsOnly{}, .n_threads = n_threads}, file.opener());
    EXPECT_THROW(for (Batch batch; reader.next(batch);), std::bad_alloc);
  }
  // If only a thread fails, the consumer counts that part again.
  file.on_read = [](uint64_t offset, size_t, bool is_reopened) {
    if (is_reopened && offset % 7 == 0) throw Error(ErrorKind::kSource, ErrorVariant::kIo, "not now");
  };
  EXPECT_EQ(count({"a"}, {.n_threads = 4}, file.opener()).rows, 4'000'000U);
}

TEST(Count, ThreadsCanBeLeftAtAnyTime) {
  WatchedFile file{.bytes = file_for_threads().bytes()};
  file.on_read = [](uint64_t, size_t, bool is_reopened) {
    if (is_reopened) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  };
  for (const int batches : {0, 1, 30}) {
    Reader reader({"a"}, {.batch_size = 800, .columns = RowsOnly{}, .n_threads = 4}, file.opener());
    Batch batch;
    for (int i = 0; i < batches; ++i) EXPECT_TRUE(reader.next(batch));
    if (batches == 1) reader.close();
  }
  EXPECT_EQ(file.num_open, 0);
  // A caller that waits gets control in between.
  Reader reader({"a"}, {.batch_size = 2'000'000, .columns = RowsOnly{}, .n_threads = 2}, file.opener());
  Batch batch;
  const auto before = std::chrono::steady_clock::now();
  EXPECT_EQ(reader.poll(batch, std::chrono::milliseconds(5)), Poll::kPending);
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::milliseconds(300));
  EXPECT_EQ(file.num_open, 3);
  reader.close();
  EXPECT_EQ(file.num_open, 0);
}

TEST(Count, ALocalFileThatShrankIsTheSameForAnyNumberOfThreads) {
  const AvroFile file = file_for_threads();
  for (const size_t keep : {size_t{10'000}, file.size() / 3, file.size() - 5}) {
    std::optional<Counted> expected;
    for (const size_t n_threads : {1, 2, 4}) {
      const LocalFile local(file.bytes());
      const SourceOpener opener = [&](const std::string& path) {
        std::unique_ptr<Source> source = open_file(path);
        std::filesystem::resize_file(path, keep);
        return source;
      };
      const Counted counted = count({local.path()}, {.n_threads = n_threads}, opener);
      ASSERT_TRUE(counted.error.has_value());
      if (expected.has_value()) expect_same(counted, *expected);
      expected = counted;
    }
  }
}

// Data that looks like whole blocks. A walk may start in it by mistake.
TEST(Count, MarkersWithinDataMisleadNoOne) {
  const std::string schema = R"("bytes")";
  std::mt19937 random(2);
  for (int round = 0; round < 5; ++round) {
    AvroFile file(schema);
    int64_t rows = 0;
    while (file.size() < (4 << 20)) {
      ByteWriter inner;
      inner.raw(kTestSync);
      for (size_t i = random() % 3000; i > 0; --i) append_block(inner, 1000, std::string(random() % 50, 'x'));
      if (random() % 2 == 0) inner.raw({1, 1, 1});  // a walk that starts here ends at an invalid block
      file.block(1, Values().string(as_text(inner.bytes())));
      ++rows;
    }
    const SourceOpener opener = [&](const std::string&) { return std::make_unique<Costly>(file.bytes(), 100); };
    for (const size_t n_threads : {1, 2, 4}) {
      EXPECT_EQ(count({"a"}, {.n_threads = n_threads}, opener).rows, static_cast<uint64_t>(rows));
    }
    EXPECT_EQ(count(MemoryFiles(file.bytes())).rows, static_cast<uint64_t>(rows));
  }
}

TEST(Count, DamageInALongFileIsFoundInItsOrder) {
  AvroFile file("\"long\"");
  std::vector<size_t> blocks;
  while (file.size() < (3 << 20)) blocks.push_back(file.block(500, longs(0, 500)));
  for (const size_t at : {size_t{0}, blocks.size() / 3, blocks.size() / 2, blocks.size() - 2}) {
    Bytes damaged = file.bytes();
    damaged[blocks[at + 1] - 1] ^= 1;        // the marker of block `at`
    damaged[blocks[blocks.size() - 1]] = 1;  // and one more at the end: a negative count
    const LocalFile local(damaged);
    const Counted strict = count({local.path()}, {}, open_file);
    EXPECT_EQ(strict.rows, 500U * at);
    ASSERT_TRUE(strict.error.has_value());
    EXPECT_EQ(strict.error->place().block_index, static_cast<int64_t>(at));
    const Counted ignoring = count({local.path()}, {.ignore_errors = true}, open_file);
    const ReadOutcome read = read_all(MemoryFiles(damaged), {.ignore_errors = true});
    EXPECT_EQ(ignoring.rows, read.rows.size());
    EXPECT_EQ(ignoring.bad_blocks.size(), read.bad_blocks.size());
  }
}

TEST(Count, AFileThatShrankIsReported) {
  AvroFile file("\"long\"");
  while (file.size() < (3 << 20)) file.block(500, longs(0, 500));
  for (const size_t keep : {size_t{10}, size_t{100}, file.size() / 2, file.size() - 5}) {
    const Bytes rest(file.bytes().begin(), file.bytes().begin() + static_cast<ptrdiff_t>(keep));
    int opened = 0;
    // The header is read from the whole file.
    const SourceOpener opener = [&](const std::string&) -> std::unique_ptr<Source> {
      class Shrinking final : public Source {
       public:
        Shrinking(const Bytes& whole, const Bytes& rest) : whole_(whole), rest_(rest) {}
        size_t read_at(uint64_t offset, std::span<uint8_t> out) override {
          return open_memory(offset == 0 ? whole_ : rest_)->read_at(offset, out);
        }
        [[nodiscard]] uint64_t size() const override { return whole_.size(); }
        [[nodiscard]] size_t preferred_chunk_bytes() const override { return 4096; }
        [[nodiscard]] size_t request_cost_bytes() const override { return 2048; }

       private:
        const Bytes& whole_;
        const Bytes& rest_;
      };
      ++opened;
      return std::make_unique<Shrinking>(file.bytes(), rest);
    };
    const Counted counted = count({"a"}, {}, opener);
    EXPECT_EQ(opened, 1);
    ASSERT_TRUE(counted.error.has_value());
    EXPECT_EQ(counted.error->kind(), ErrorKind::kParse);
    EXPECT_LE(counted.rows, 500U * keep / 500);
  }
}

// The rows and damage that the framer alone finds. It reads everything.
Counted count_by_framer(const Bytes& bytes, bool ignore_errors) {
  Counted result;
  const auto source = open_memory(bytes);
  const Header header = read_header(*source, 4096);
  BlockFramer framer(*source, header, {.recover = ignore_errors});
  for (Unit unit; framer.next(unit);) {
    for (const BlockRef& block : unit.blocks) {
      const bool is_possible = static_cast<uint64_t>(block.row_count) <= block.data_bytes;
      if (is_possible) result.rows += static_cast<uint64_t>(block.row_count);
      if (!is_possible) result.bad_blocks.push_back({.block_index = block.index});
      if (!is_possible && !ignore_errors) return result;
    }
    if (unit.damage.has_value()) result.bad_blocks.push_back(*unit.damage);
  }
  return result;
}

// Random damage: heads, markers and sizes of a file are changed, cut or doubled.
Bytes mutated(const Bytes& whole, size_t first_block, std::mt19937& random) {
  Bytes bytes = whole;
  for (size_t n = random() % 4; n > 0; --n) {
    const size_t at = first_block + random() % (bytes.size() - first_block);
    switch (random() % 4) {
      case 0:
        bytes[at] = static_cast<uint8_t>(random());
        break;
      case 1:
        bytes.erase(bytes.begin() + static_cast<ptrdiff_t>(at),
                    bytes.begin() + static_cast<ptrdiff_t>(at + random() % std::min<size_t>(40, bytes.size() - at)));
        break;
      case 2:
        bytes.insert(bytes.begin() + static_cast<ptrdiff_t>(at), kTestSync.begin(), kTestSync.end());
        break;
      default:
        if (random() % 4 == 0) bytes.resize(at + 1);
    }
  }
  return bytes;
}

void expect_as_framer(const Bytes& bytes, size_t request_cost) {
  for (const bool ignore_errors : {false, true}) {
    const Counted expected = count_by_framer(bytes, ignore_errors);
    const SourceOpener opener = [&](const std::string&) { return std::make_unique<Costly>(bytes, request_cost); };
    const Counted counted = count({"a"}, {.ignore_errors = ignore_errors, .n_threads = 3}, opener);
    EXPECT_EQ(counted.rows, expected.rows);
    if (!ignore_errors) {
      ASSERT_EQ(counted.error.has_value(), !expected.bad_blocks.empty());
      if (counted.error) {
        EXPECT_EQ(counted.error->place().block_index.value_or(-1), expected.bad_blocks[0].block_index);
      }
      continue;
    }
    ASSERT_EQ(counted.bad_blocks.size(), expected.bad_blocks.size());
    for (size_t i = 0; i < expected.bad_blocks.size(); ++i) {
      EXPECT_EQ(counted.bad_blocks[i].block_index, expected.bad_blocks[i].block_index);
    }
  }
}

TEST(Count, AnyBytesAreCountedAsTheFramerFindsThem) {
  std::mt19937 random(3);
  for (int round = 0; round < 400; ++round) {
    SCOPED_TRACE(round);
    AvroFile file("\"long\"");
    const size_t first = file.size();
    for (size_t i = random() % 12; i > 0; --i) {
      const auto n = static_cast<int64_t>(random() % 30);
      file.block(n, longs(0, n));
    }
    file.block(1, longs(0, 1));
    expect_as_framer(mutated(file.bytes(), first, random), round % 2 == 0 ? 36 : 2048);
  }
  // Long enough for several threads.
  for (int round = 0; round < 10; ++round) {
    SCOPED_TRACE(round);
    AvroFile file("\"long\"");
    const size_t first = file.size();
    const size_t most = round % 3 == 0 ? 100'000 : 3'000;
    while (file.size() < (5 << 20)) {
      const auto n = static_cast<int64_t>(random() % most);
      file.block(n, Values().zeros(static_cast<size_t>(n)));
    }
    expect_as_framer(mutated(file.bytes(), first, random), 2048);
  }
}

}  // namespace
}  // namespace jetliner
