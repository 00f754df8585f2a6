// Several threads give the same rows in the same order as one thread, and stop when they are told to. Meant for
// ThreadSanitizer as well (make test-tsan).
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstring>
#include <map>
#include <memory>
#include <numeric>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "arrow_reader.h"
#include "avro_writer.h"
#include "jetliner/reader.h"

namespace jetliner {
namespace {

using namespace std::chrono_literals;

// Enough for several units: the first is 64 KiB, the next ones grow to 1 MiB.
constexpr int64_t kBlockRows = 2000;
constexpr int64_t kBlocks = 200;
constexpr int64_t kRows = kBlockRows * kBlocks;

// Files in memory by name, which count how many of them are open.
class Files {
 public:
  // True: workers read for themselves. False: a thread reads ahead for them.
  explicit Files(bool reads_ahead) : reads_ahead_(reads_ahead) {}

  void add(std::string name, std::vector<uint8_t> bytes) { files_[std::move(name)] = std::move(bytes); }

  SourceOpener opener() {
    return [this](const std::string& path) {
      return std::make_unique<Counted>(open_memory(files_.at(path)), open_, reads_ahead_);
    };
  }
  [[nodiscard]] int open() const { return open_; }

 private:
  class Counted final : public Source {
   public:
    Counted(std::unique_ptr<Source> source, std::atomic<int>& open, bool reads_ahead)
        : source_(std::move(source)), open_(open), reads_ahead_(reads_ahead) {
      ++open_;
    }
    ~Counted() override { --open_; }
    Counted(const Counted&) = delete;
    Counted& operator=(const Counted&) = delete;
    size_t read_at(uint64_t offset, std::span<uint8_t> out) override {
      // Only one thread at a time may call this. There is no lock, so that ThreadSanitizer reports other calls.
      bytes_read_ += out.size();
      return source_->read_at(offset, out);
    }
    [[nodiscard]] uint64_t size() const override { return source_->size(); }
    [[nodiscard]] size_t preferred_chunk_bytes() const override { return 64 << 10; }
    [[nodiscard]] bool reads_ahead() const override { return reads_ahead_; }

   private:
    std::unique_ptr<Source> source_;
    std::atomic<int>& open_;
    const bool reads_ahead_;
    size_t bytes_read_ = 0;
  };

  const bool reads_ahead_;
  std::map<std::string, std::vector<uint8_t>> files_;
  std::atomic<int> open_ = 0;
};

std::vector<uint8_t> file_of(int64_t first, int64_t blocks, std::string_view codec) {
  AvroFile file("\"long\"", std::string(codec));
  // Numbers of 7 bytes make blocks that are not tiny.
  for (int64_t i = 0; i < blocks; ++i) file.block(kBlockRows, longs((1LL << 45) + first + i * kBlockRows, kBlockRows));
  return file.bytes();
}

std::vector<int64_t> numbers_of(const Batch& batch) {
  Owned<ArrowArrayStream> stream;
  batch.export_stream(&stream.c);
  std::vector<int64_t> numbers;
  for (;;) {
    Owned<ArrowArray> array;
    EXPECT_EQ(stream.c.get_next(&stream.c, &array.c), 0);
    if (array.c.release == nullptr) return numbers;
    const ArrowArray& column = *array.c.children[0];
    const auto* const values = static_cast<const int64_t*>(column.buffers[1]) + column.offset;
    for (int64_t i = 0; i < column.length; ++i) numbers.push_back(values[i] - (1LL << 45));
  }
}

std::vector<int64_t> counted(int64_t rows) {
  std::vector<int64_t> numbers(static_cast<size_t>(rows));
  std::iota(numbers.begin(), numbers.end(), 0);
  return numbers;
}

class Pipeline : public testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    files_.add("one", file_of(0, kBlocks, "snappy"));
    // The same rows in files of several sizes.
    int64_t first = 0;
    for (const int64_t blocks : {1, 40, 0, 99, 10, 50}) {
      parts_.push_back("part" + std::to_string(parts_.size()));
      files_.add(parts_.back(), file_of(first * kBlockRows, blocks, parts_.size() % 2 == 0 ? "null" : "snappy"));
      first += blocks;
    }
  }

  std::vector<int64_t> read(const std::vector<std::string>& paths, const ReadOptions& options) {
    std::vector<int64_t> numbers;
    Reader reader(paths, options, files_.opener());
    for (Batch batch; reader.next(batch);) {
      EXPECT_LE(batch.num_rows(), options.batch_size);
      const std::vector<int64_t> some = numbers_of(batch);
      EXPECT_EQ(some.size(), batch.num_rows());
      numbers.insert(numbers.end(), some.begin(), some.end());
    }
    EXPECT_TRUE(reader.is_finished());
    EXPECT_EQ(files_.open(), 0);
    return numbers;
  }

  Files files_{GetParam()};
  std::vector<std::string> parts_;
};

INSTANTIATE_TEST_SUITE_P(Sources, Pipeline, testing::Bool(),
                         [](const auto& info) { return info.param ? "AtHand" : "ReadAhead"; });

TEST_P(Pipeline, SameRowsInTheSameOrderForAllSettings) {
  const std::vector<int64_t> expected = counted(kRows);
  for (const size_t n_threads : {1, 2, 5}) {
    for (const size_t buffer_blocks : {1, 2, 64}) {
      for (const size_t buffer_bytes : {size_t{1}, size_t{300} << 10, size_t{64} << 20}) {
        const ReadOptions options{
            .batch_size = 30'011, .buffer_blocks = buffer_blocks, .buffer_bytes = buffer_bytes, .n_threads = n_threads};
        EXPECT_EQ(read({"one"}, options), expected) << n_threads << " " << buffer_blocks << " " << buffer_bytes;
        EXPECT_EQ(read(parts_, options), expected) << n_threads << " " << buffer_blocks << " " << buffer_bytes;
      }
    }
  }
}

// The consumer is not woken for every piece. It is woken when there are enough rows, or when the workers have no room
// for more. If it is never woken, the test runs into its time limit.
TEST_P(Pipeline, BatchesOfAnySizeAreFilled) {
  constexpr int64_t kManyBlocks = 1500;  // 24 MB of longs: with a small buffer, much more than may wait
  files_.add("many", file_of(0, kManyBlocks, "null"));
  for (const size_t batch_size : {size_t{1999}, size_t{150'000}, size_t{1'000'000}, SIZE_MAX}) {
    for (const size_t n_threads : {2, 5}) {
      for (const size_t buffer_bytes : {size_t{1}, size_t{64} << 20}) {
        SCOPED_TRACE(std::to_string(batch_size) + " " + std::to_string(n_threads) + " " + std::to_string(buffer_bytes));
        Reader reader({"many"}, {.batch_size = batch_size, .buffer_bytes = buffer_bytes, .n_threads = n_threads},
                      files_.opener());
        size_t rows = 0;
        Batch batch;
        for (bool was_full = true; reader.poll(batch, 30s) != Poll::kEnd; was_full = batch.num_rows() == batch_size) {
          ASSERT_TRUE(was_full);
          ASSERT_GT(batch.num_rows(), 0U);  // else it is pending, because nobody has woken the consumer
          rows += batch.num_rows();
        }
        EXPECT_EQ(rows, kBlockRows * kManyBlocks);
      }
    }
  }
}

TEST_P(Pipeline, BatchesAreFullAcrossUnitsAndFiles) {
  Reader reader(parts_, {.batch_size = 70'000, .n_threads = 3}, files_.opener());
  std::vector<size_t> sizes;
  for (Batch batch; reader.next(batch);) sizes.push_back(batch.num_rows());
  EXPECT_EQ(sizes, (std::vector<size_t>{70'000, 70'000, 70'000, 70'000, 70'000, 50'000}));
}

TEST_P(Pipeline, RowLimitEndsInTheMiddle) {
  for (const size_t n_rows : {1, 2000, 20'001, 399'999}) {
    ReadOptions options{.batch_size = 7777, .n_rows = n_rows, .n_threads = 2};
    EXPECT_EQ(read({"one"}, options), counted(static_cast<int64_t>(n_rows)));
  }
}

TEST_P(Pipeline, AbandonedAtAnyPointJoinsItsThreads) {
  for (int batches = 0; batches < 6; ++batches) {
    Reader reader({"one"}, {.batch_size = 20'000, .buffer_blocks = 1, .n_threads = 3}, files_.opener());
    Batch batch;
    for (int i = 0; i < batches; ++i) ASSERT_TRUE(reader.next(batch));
  }
  EXPECT_EQ(files_.open(), 0);
}

TEST_P(Pipeline, ClosedByAnotherThreadWhileItWaits) {
  Reader reader({"one"}, {.batch_size = 10'000, .n_threads = 2}, files_.opener());
  Batch batch;
  ASSERT_TRUE(reader.next(batch));
  std::thread closer([&reader] {
    std::this_thread::sleep_for(2ms);
    reader.close();
  });
  while (reader.next(batch)) {
  }
  closer.join();
  EXPECT_TRUE(reader.is_finished());
  EXPECT_EQ(reader.poll(batch, 0ms), Poll::kEnd);
  EXPECT_EQ(files_.open(), 0);
}

TEST_P(Pipeline, SlowConsumerGetsEverything) {
  Reader reader({"one"}, {.batch_size = 100'000, .buffer_blocks = 1, .n_threads = 2}, files_.opener());
  std::vector<int64_t> numbers;
  for (Batch batch; reader.next(batch); std::this_thread::sleep_for(20ms)) {
    const std::vector<int64_t> some = numbers_of(batch);
    numbers.insert(numbers.end(), some.begin(), some.end());
  }
  EXPECT_EQ(numbers, counted(kRows));
}

TEST_P(Pipeline, PollDoesNotWaitLongerThanAsked) {
  Reader reader({"one"}, {.batch_size = 1'000'000, .n_threads = 2}, files_.opener());
  Batch batch;
  int pending = 0;
  Poll result = Poll::kPending;
  while ((result = reader.poll(batch, 0ms)) == Poll::kPending) ++pending;
  EXPECT_EQ(result, Poll::kBatch);
  EXPECT_EQ(batch.num_rows(), static_cast<size_t>(kRows));
  EXPECT_GT(pending, 0);
}

// A block in the middle whose rows cannot be decoded.
std::vector<uint8_t> damaged_file() {
  AvroFile file("\"long\"", "null");
  for (int64_t i = 0; i < kBlocks; ++i) {
    Values rows = longs((1LL << 45) + i * kBlockRows, kBlockRows);
    std::vector<uint8_t> data = rows.bytes();
    if (i == 150) std::fill(data.end() - 7, data.end(), uint8_t{0xff});  // the last row is a number without an end
    file.block(kBlockRows, data);
  }
  return file.bytes();
}

TEST_P(Pipeline, RowsBeforeTheDamageComeBeforeTheError) {
  files_.add("damaged", damaged_file());
  for (const size_t n_threads : {1, 2, 4}) {
    Reader reader({"damaged"}, {.batch_size = 9999, .n_threads = n_threads}, files_.opener());
    std::vector<int64_t> numbers;
    try {
      for (Batch batch; reader.next(batch);) {
        const std::vector<int64_t> some = numbers_of(batch);
        numbers.insert(numbers.end(), some.begin(), some.end());
      }
      FAIL() << "no error";
    } catch (const Error& error) {
      EXPECT_EQ(error.place().block_index, 150);
      EXPECT_EQ(error.place().record_index, kBlockRows - 1);
      EXPECT_EQ(error.place().path, "damaged");
    }
    EXPECT_EQ(numbers, counted(151 * kBlockRows - 1));
    EXPECT_EQ(files_.open(), 0);
  }
}

// Worker threads decode more than is wanted.
TEST_P(Pipeline, DamageBehindTheRowLimitDoesNotMatter) {
  files_.add("damaged", damaged_file());
  for (const size_t n_threads : {1, 3}) {
    const ReadOptions options{.n_rows = 151 * kBlockRows - 1, .n_threads = n_threads};
    EXPECT_EQ(read({"damaged"}, options), counted(151 * kBlockRows - 1));
  }
}

TEST_P(Pipeline, DamageIsReportedInFileOrder) {
  files_.add("damaged", damaged_file());
  Reader reader({"damaged", "one", "damaged"}, {.ignore_errors = true, .n_threads = 3}, files_.opener());
  size_t rows = 0;
  for (Batch batch; reader.next(batch);) rows += batch.num_rows();
  EXPECT_EQ(rows, static_cast<size_t>(3 * kRows - 2));
  const std::vector<BadBlock> bad = reader.bad_blocks();
  ASSERT_EQ(bad.size(), 2U);
  EXPECT_EQ(bad[0].block_index, 150);
  EXPECT_EQ(bad[1].block_index, 150);
}

TEST_P(Pipeline, SourceThatFailsIsAnErrorAfterTheRowsBeforeIt) {
  class Failing final : public Source {
   public:
    explicit Failing(std::unique_ptr<Source> source) : source_(std::move(source)) {}
    size_t read_at(uint64_t offset, std::span<uint8_t> out) override {
      if (offset > 1'500'000) throw Error(ErrorKind::kSource, ErrorVariant::kIo, "the disk is gone");
      return source_->read_at(offset, out);
    }
    [[nodiscard]] uint64_t size() const override { return source_->size(); }
    [[nodiscard]] size_t preferred_chunk_bytes() const override { return 64 << 10; }
    [[nodiscard]] bool reads_ahead() const override { return source_->reads_ahead(); }

   private:
    std::unique_ptr<Source> source_;
  };
  files_.add("plain", file_of(0, kBlocks, "null"));
  const SourceOpener open = files_.opener();
  for (const size_t n_threads : {1, 2}) {
    Reader reader({"plain"}, {.batch_size = 5000, .n_threads = n_threads},
                  [&](const std::string& path) { return std::make_unique<Failing>(open(path)); });
    size_t rows = 0;
    Batch batch;
    EXPECT_THROW(
        {
          while (reader.next(batch)) rows += batch.num_rows();
        },
        Error);
    EXPECT_GT(rows, 100'000U);
    EXPECT_EQ(files_.open(), 0);
  }
}

TEST_P(Pipeline, PollWithoutALimitOfTime) {
  Reader reader({"one"}, {.batch_size = SIZE_MAX, .n_threads = 2}, files_.opener());
  Batch batch;
  EXPECT_EQ(reader.poll(batch, std::chrono::milliseconds::max()), Poll::kBatch);
  EXPECT_EQ(batch.num_rows(), static_cast<size_t>(kRows));
}

// A source that does not answer until it is interrupted, from the second MiB on.
class Hanging final : public Source {
 public:
  Hanging(std::unique_ptr<Source> source, bool reads_ahead) : source_(std::move(source)), reads_ahead_(reads_ahead) {}
  size_t read_at(uint64_t offset, std::span<uint8_t> out) override {
    while (offset > 1 << 20) {
      if (is_interrupted_) throw Error(ErrorKind::kSource, ErrorVariant::kIo, "interrupted");
      std::this_thread::sleep_for(1ms);
    }
    return source_->read_at(offset, out);
  }
  [[nodiscard]] uint64_t size() const override { return source_->size(); }
  [[nodiscard]] size_t preferred_chunk_bytes() const override { return 64 << 10; }
  [[nodiscard]] bool reads_ahead() const override { return reads_ahead_; }
  void interrupt() override { is_interrupted_ = true; }

 private:
  std::unique_ptr<Source> source_;
  const bool reads_ahead_;
  std::atomic<bool> is_interrupted_ = false;
};

TEST_P(Pipeline, CloseEndsAPollThatWaitsForTheSource) {
  files_.add("plain", file_of(0, kBlocks, "null"));
  const SourceOpener open = files_.opener();
  for (const bool rows_only : {false, true}) {
    for (const size_t n_threads : {1, 3}) {
      ReadOptions options{.batch_size = SIZE_MAX, .n_threads = n_threads};
      if (rows_only) options.columns = RowsOnly{};
      Reader reader({"plain"}, options,
                    [&](const std::string& path) { return std::make_unique<Hanging>(open(path), GetParam()); });
      std::thread closer([&reader] {
        std::this_thread::sleep_for(20ms);
        reader.close();
      });
      Batch batch;
      const auto start = std::chrono::steady_clock::now();
      EXPECT_EQ(reader.poll(batch, 60s), Poll::kEnd);
      EXPECT_LT(std::chrono::steady_clock::now() - start, 30s);
      closer.join();
      EXPECT_TRUE(reader.is_finished());
      EXPECT_EQ(reader.rows_pending(), 0U);
      EXPECT_EQ(files_.open(), 0);
    }
  }
}

// Progress is asked for while another thread closes the reader.
TEST_P(Pipeline, RowsPendingWhileAnotherThreadCloses) {
  for (int i = 0; i < 20; ++i) {
    Reader reader({"one"}, {.batch_size = 1000, .n_threads = 2}, files_.opener());
    Batch batch;
    ASSERT_TRUE(reader.next(batch));
    std::thread closer([&reader] { reader.close(); });
    while (!reader.is_finished()) EXPECT_LE(reader.rows_pending(), static_cast<uint64_t>(kRows));
    closer.join();
    EXPECT_EQ(reader.rows_pending(), 0U);
  }
}

// Workers read local files. A thread reads ahead for slow ones. Each file is treated by its own kind.
TEST_P(Pipeline, FilesOfBothKindsInTurn) {
  std::vector<std::string> paths;
  size_t rows = 0;
  for (int i = 0; i < 12; ++i) {
    paths.push_back((i / 2 % 2 == 0 ? "slow" : "local") + std::to_string(i));
    files_.add(paths.back(), file_of(i * 40 * kBlockRows, 40, "null"));
    rows += 40 * kBlockRows;
  }
  const SourceOpener open = files_.opener();
  Reader reader(paths, {.batch_size = 12'345, .n_threads = 3}, [&](const std::string& path) {
    return std::make_unique<Hanging>(open(path), path.starts_with("local"));
  });
  std::vector<int64_t> numbers;
  for (Batch batch; reader.next(batch);) {
    const std::vector<int64_t> some = numbers_of(batch);
    numbers.insert(numbers.end(), some.begin(), some.end());
  }
  EXPECT_EQ(numbers, counted(static_cast<int64_t>(rows)));
}

TEST_P(Pipeline, BatchesOutliveTheReaderAndMayBeDroppedAnywhere) {
  std::vector<Batch> batches;
  {
    Reader reader({"one"}, {.batch_size = 50'000, .n_threads = 2}, files_.opener());
    for (Batch batch; reader.next(batch);) batches.push_back(batch);
  }
  EXPECT_EQ(numbers_of(batches[3]).front(), 150'000);
  std::thread([&batches] { batches.clear(); }).join();
}

}  // namespace
}  // namespace jetliner
