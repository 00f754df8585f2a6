// One file counted by one thread and by several: they must find the same rows and the same damage.
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <thread>
#include <vector>

#include "counted.h"

namespace jetliner {
namespace {

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

TEST(CountThreads, AnyNumberOfThreadsCountsTheSame) {
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

TEST(CountThreads, ThreadsAreNotStartedWhereTheyAreOfNoUse) {
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

TEST(CountThreads, DamageInAnyPartIsTheSameForAnyNumberOfThreads) {
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
      if (!ignore_errors) {
        EXPECT_EQ(expected.rows, 800 * at);
      }
      for (const size_t n_threads : {2, 4}) {
        ReadOptions options;
        options.ignore_errors = ignore_errors;
        options.n_threads = n_threads;
        expect_same_count(count({"a"}, options, file.opener()), expected);
        EXPECT_EQ(file.num_open, 0);
      }
    }
  }
}

TEST(CountThreads, ErrorsOfASourceComeAfterTheSameRowsForAnyNumberOfThreads) {
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

TEST(CountThreads, ThreadsCanBeLeftAtAnyTime) {
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

TEST(CountThreads, ALocalFileThatShrankIsTheSameForAnyNumberOfThreads) {
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
      if (expected.has_value()) expect_same_count(counted, *expected);
      expected = counted;
    }
  }
}

}  // namespace
}  // namespace jetliner
