// Memory runs out, or a read fails, at every possible place. The result is right rows, and then an exception of the
// library. Threads are joined, files are closed, nothing leaks (LeakSanitizer checks), and the process goes on.
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <new>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "faults/faults.h"
#include "read_all.h"

namespace jetliner {
namespace {

using faults::What;
using Texts = std::vector<std::string>;

size_t num_threads() {
  size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/task")) ++count;
  return count;
}

enum class End : uint8_t { kWhole, kError, kNoMemory };

struct Faulted {
  End end = End::kWhole;
  bool has_failed = false;  // the call that should fail was reached
  std::vector<Batch> batches;
  size_t num_bad_blocks = 0;
};

// Reads while one call fails. Only the library allocates here.
Faulted read_with_fault(const std::vector<std::string>& paths, const ReadOptions& options, const SourceOpener& opener,
                        What what, int64_t at, bool all_after) {
  Faulted result;
  result.batches.resize(64);
  size_t num_batches = 0;
  // Copied in advance, so that these allocations do not count.
  ReadOptions own_options = options;
  SourceOpener own_opener = opener;
  faults::arm(what, at, all_after);
  try {
    Reader reader(paths, std::move(own_options), std::move(own_opener));
    Batch batch;
    try {
      while (reader.next(batch) && num_batches < result.batches.size())
        result.batches[num_batches++] = std::move(batch);
    } catch (...) {
      // After an exception there is nothing more, but asking is allowed.
      if (!reader.is_finished() || reader.next(batch)) std::abort();
      throw;
    }
    result.num_bad_blocks = reader.num_bad_blocks();
  } catch (const Error&) {
    result.end = End::kError;
  } catch (const std::bad_alloc&) {
    result.end = End::kNoMemory;
  } catch (const std::length_error&) {
    result.end = End::kNoMemory;
  }
  result.has_failed = faults::disarm();
  result.batches.resize(num_batches);
  return result;
}

Texts rows_of(const std::vector<Batch>& batches) {
  Texts rows;
  for (const Batch& batch : batches) {
    for (std::string& row : batch_rows(batch)) rows.push_back(std::move(row));
  }
  return rows;
}

// Lets the first call fail, then the second, and so on, until there is no such call. If there are many, later ones are
// sampled.
void survive_all(const MemoryFiles& files, const ReadOptions& options, What what = What::kMemory) {
  const Texts whole = read_all(files, options).rows;
  ASSERT_FALSE(whole.empty());
  const size_t threads_before = num_threads();
  for (const bool all_after : {false, true}) {
    std::mt19937 random(1);
    int faults_seen = 0;
    for (int64_t at = 0;; at += at < 2000 ? 1 : 1 + static_cast<int64_t>(random() % 16)) {
      const Faulted result = read_with_fault(files.paths(), options, files.opener(), what, at, all_after);
      ASSERT_EQ(files.num_open(), 0) << "call " << at;
      const Texts rows = rows_of(result.batches);
      ASSERT_LE(rows.size(), whole.size());
      if (!options.ignore_errors) {
        ASSERT_TRUE(std::equal(rows.begin(), rows.end(), whole.begin())) << "call " << at;
      }
      if (!result.has_failed) {
        ASSERT_EQ(rows, whole);
        ASSERT_EQ(result.end, End::kWhole);
        break;
      }
      ++faults_seen;
      // The library may recover from a failure, by a second attempt with less memory. Nothing is lost then.
      if (result.end == End::kWhole && result.num_bad_blocks == 0) {
        ASSERT_EQ(rows, whole) << "call " << at;
      }
    }
    EXPECT_GT(faults_seen, what == What::kMemory ? 50 : 2);
  }
  EXPECT_EQ(num_threads(), threads_before);
}

// Every kind of column in small blocks.
Bytes small_file(const std::string& codec) {
  const std::string fields = field_json("n", "\"long\"") + "," + field_json("s", R"(["null","string"])") + "," +
                             field_json("l", R"({"type":"array","items":"int"})") + "," +
                             field_json("e", R"({"type":"enum","name":"E","symbols":["A","B"]})") + "," +
                             field_json("next", R"(["null","R"])");
  AvroFile file(record_json(fields), codec);
  for (int64_t block = 0; block < 3; ++block) {
    Values rows;
    for (int64_t i = 0; i < 5; ++i) {
      rows.number(i).branch(1).string("a string that is not kept inline").number(2).number(1).number(i).end().number(1);
      rows.branch(1).number(i).branch(0).end().number(0).branch(0);
    }
    file.block(5, rows);
  }
  return file.bytes();
}

TEST(Faults, MemoryRunsOutAnywhereInASmallFile) {
  for (const std::string codec : {"null", "deflate", "snappy", "zstandard", "bzip2", "xz"}) {
    SCOPED_TRACE(codec);
    survive_all(MemoryFiles(small_file(codec)),
                {.batch_size = 4, .row_index_name = "row", .path_column = "path", .n_threads = 1});
  }
}

TEST(Faults, MemoryRunsOutAnywhereWhileErrorsAreIgnored) {
  Bytes damaged = small_file("deflate");
  damaged[damaged.size() - 30] ^= 0xff;
  Bytes joined = small_file("deflate");
  const Bytes second = small_file("deflate");
  joined.insert(joined.end(), second.begin(), second.end());
  for (const Bytes& file : {damaged, joined}) {
    survive_all(MemoryFiles(file), {.ignore_errors = true, .n_threads = 1});
  }
}

// Slow files: several threads read the headers and count the rows.
TEST(Faults, MemoryRunsOutAnywhereWhileRowsAreCounted) {
  const MemoryFiles one(small_file("deflate"));
  survive_all(one, {.columns = RowsOnly{}, .row_index_name = "row"});
  MemoryFiles many;
  for (int i = 0; i < 9; ++i) many.add(std::to_string(i), small_file("null"));
  const SourceOpener slow = [&many](const std::string& path) {
    std::this_thread::sleep_for(std::chrono::microseconds(400));
    return many.opener()(path);
  };
  const ReadOptions options{.columns = RowsOnly{}, .row_index_name = "row"};
  const Texts whole = read_all(many, options).rows;
  const size_t threads_before = num_threads();
  for (int64_t at = 0; at < 10'000; at += 1 + at / 40) {
    const Faulted result = read_with_fault(many.paths(), options, slow, What::kMemory, at, /*all_after=*/at % 2 == 0);
    ASSERT_EQ(many.num_open(), 0) << "call " << at;
    const Texts rows = rows_of(result.batches);
    ASSERT_TRUE(rows.size() <= whole.size() && std::equal(rows.begin(), rows.end(), whole.begin())) << "call " << at;
    if (!result.has_failed) {
      ASSERT_EQ(rows, whole);
      break;
    }
  }
  EXPECT_EQ(num_threads(), threads_before);
}

TEST(Faults, MemoryRunsOutAnywhereInSeveralFiles) {
  MemoryFiles files;
  files.add("a", small_file("null"));
  files.add("b", small_file("snappy"));
  survive_all(files, {.columns = ColumnNames{{"s", "l"}}, .n_rows = 25, .n_threads = 1});
}

// Large enough for threads, but with few allocations, so that each of them can fail.
Bytes threaded_file() {
  AvroFile file(record_json(field_json("i", "\"int\"") + "," + field_json("b", "\"bytes\"")));
  const std::string digits(2 * (128 << 10), '5');
  for (int64_t i = 0; i < 12; ++i) file.block(1, Values().number(i).bytes_value(digits));
  return file.bytes();
}

TEST(Faults, MemoryRunsOutAnywhereInAWorkerThread) {
  MemoryFiles files(threaded_file());
  survive_all(files, {.batch_size = 2, .columns = ColumnNames{{"i"}}, .n_threads = 2});
  survive_all(files, {.ignore_errors = true, .columns = ColumnNames{{"i"}}, .n_threads = 3});
  files.make_slow();
  survive_all(files, {.batch_size = 2, .columns = ColumnNames{{"i"}}, .n_threads = 2});
  survive_all(files, {.ignore_errors = true, .columns = ColumnNames{{"i"}}, .n_threads = 3});
}

// Reads of a source fail: by an error, or by fewer bytes than the file claims to have.
class FaultySource final : public Source {
 public:
  FaultySource(std::unique_ptr<Source> inner, int64_t& countdown, bool is_short)
      : inner_(std::move(inner)), countdown_(countdown), is_short_(is_short) {}
  size_t read_at(uint64_t offset, std::span<uint8_t> out) override {
    if (countdown_-- == 0) {
      if (!is_short_) throw Error(ErrorKind::kSource, ErrorVariant::kIo, "the disk is gone");
      return inner_->read_at(offset, out.first(out.size() / 2));
    }
    return inner_->read_at(offset, out);
  }
  [[nodiscard]] uint64_t size() const override { return inner_->size(); }
  [[nodiscard]] size_t preferred_chunk_bytes() const override { return inner_->preferred_chunk_bytes(); }

 private:
  std::unique_ptr<Source> inner_;
  int64_t& countdown_;
  bool is_short_;
};

TEST(Faults, EveryReadOfASourceFailsOrComesBackShort) {
  const MemoryFiles files(small_file("null"));
  const Texts whole = read_all(files).rows;
  for (const bool is_short : {false, true}) {
    for (const size_t chunk_bytes : {16, 100, 1 << 20}) {
      for (const bool ignore_errors : {false, true}) {
        int num_errors = 0;
        for (int64_t at = 0;; ++at) {
          int64_t countdown = at;
          const SourceOpener open = [&](const std::string& path) {
            return std::make_unique<FaultySource>(files.opener()(path), countdown, is_short);
          };
          Texts rows;
          size_t num_bad_blocks = 0;
          std::optional<Error> error;
          try {
            Reader reader(files.paths(),
                          {.read_chunk_bytes = chunk_bytes, .ignore_errors = ignore_errors, .n_threads = 1}, open);
            Batch batch;
            try {
              while (reader.next(batch)) {
                for (std::string& row : batch_rows(batch)) rows.push_back(std::move(row));
              }
            } catch (const Error& thrown) {
              error = thrown;
            }
            num_bad_blocks = reader.num_bad_blocks();
          } catch (const Error& thrown) {
            error = thrown;
          }
          ASSERT_EQ(files.num_open(), 0);
          ASSERT_TRUE(rows.size() <= whole.size() && std::equal(rows.begin(), rows.end(), whole.begin()));
          if (countdown >= 0) {
            ASSERT_EQ(rows, whole);
            break;
          }
          // Nothing is lost silently.
          ASSERT_TRUE(error.has_value() || num_bad_blocks == 1 || rows == whole) << "read " << at;
          num_errors += num_bad_blocks == 1 ? 1 : 0;
          if (error.has_value()) {
            ++num_errors;
            ASSERT_EQ(error->place().path, "a.avro");
            ASSERT_TRUE(is_short || error->kind() == ErrorKind::kSource);
          }
        }
        EXPECT_GE(num_errors, 1);
      }
    }
  }
}

class FileOnDisk {
 public:
  explicit FileOnDisk(const Bytes& bytes)
      : path_(std::filesystem::temp_directory_path() / ("jetliner_fault_" + std::to_string(getpid()) + ".avro")) {
    std::ofstream(path_, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  }
  FileOnDisk(const FileOnDisk&) = delete;
  FileOnDisk& operator=(const FileOnDisk&) = delete;
  ~FileOnDisk() { std::filesystem::remove(path_); }
  [[nodiscard]] std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

size_t count_rows(const std::string& path, const ReadOptions& options) {
  Reader reader({path}, options);
  size_t rows = 0;
  for (Batch batch; reader.next(batch);) rows += batch.num_rows();
  return rows;
}

TEST(Faults, InterruptedAndShortSystemReadsChangeNothing) {
  const FileOnDisk small(small_file("null"));
  const FileOnDisk* const only = &small;
  for (const uint64_t most_bytes : {1, 7, 4096}) {
    faults::disturb_reads(most_bytes);
    EXPECT_EQ(count_rows(only->path(), {.n_threads = 1}), 15U);
  }
  faults::disturb_reads(0);
}

TEST(Faults, InterruptedSystemReadsChangeNothingWithThreads) {
  const FileOnDisk large(threaded_file());
  faults::disturb_reads(5000);
  EXPECT_EQ(count_rows(large.path(), {.n_threads = 3}), 12U);
  faults::disturb_reads(0);
}

TEST(Faults, EverySystemReadFails) {
  const FileOnDisk file(threaded_file());
  for (const size_t n_threads : {1, 3}) {
    for (int64_t at = 0;; ++at) {
      const Faulted result = read_with_fault(
          {file.path()}, {.read_chunk_bytes = 200'000, .n_threads = n_threads},
          [](const std::string& path) { return open_file(path); }, What::kRead, at, false);
      if (!result.has_failed) {
        EXPECT_GT(at, 3);
        EXPECT_EQ(rows_of(result.batches).size(), 12U);
        break;
      }
      EXPECT_EQ(result.end, End::kError) << "read " << at;
    }
  }
}

}  // namespace
}  // namespace jetliner
