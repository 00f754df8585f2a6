// Memory runs out, or writing fails, at every possible place of a writer. The result is the whole file, or an exception
// of the library and no file. Threads are joined, nothing leaks, and an old file stays as it was.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <new>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "faults/faults.h"
#include "jetliner/writer.h"
#include "memory_sink.h"
#include "read_all.h"
#include "schema_json.h"

namespace jetliner {
namespace {

using faults::What;
namespace fs = std::filesystem;

// Columns of all shapes.
std::string schema_json() {
  return record_json(field_json("n", "\"long\"") + "," + field_json("s", nullable("\"string\"")) + "," +
                     field_json("l", array_of(nullable("\"double\""))) + "," + field_json("m", map_of("\"bytes\"")) +
                     "," + field_json("e", enum_json(R"("A","B")")));
}

Bytes source_file(int count) {
  Values rows;
  for (int i = 0; i < count; ++i) {
    rows.number(i).branch(1).string("text that is not kept inline, of row " + std::to_string(i));
    rows.number(1).branch(0).end().number(1).string("key").bytes_value("0011").end().number(i % 2);
  }
  AvroFile file(schema_json());
  file.block(count, rows);
  return file.bytes();
}

std::vector<Batch> batches_of(const Bytes& file) {
  const MemoryFiles files(file);
  Reader reader(files.paths(), {}, files.opener());
  std::vector<Batch> batches;
  for (Batch batch; reader.next(batch);) batches.push_back(batch);
  return batches;
}

struct Faulted {
  bool is_whole = false;
  bool has_failed = false;  // the call that should fail was reached
};

Faulted write_with_fault(const std::vector<Batch>& batches, const WriteOptions& options, const SinkOpener& opener,
                         What what, int64_t at, bool all_after) {
  Faulted result;
  // Copied in advance, so that these allocations do not count.
  WriteOptions own_options = options;
  SinkOpener own_opener = opener;
  std::vector<ArrowArrayStream> streams(batches.size());
  for (size_t i = 0; i < batches.size(); ++i) batches[i].export_stream(&streams[i]);
  faults::arm(what, at, all_after);
  try {
    Writer writer(std::move(own_opener), std::move(own_options));
    for (ArrowArrayStream& stream : streams) writer.write(&stream);
    writer.close();
    result.is_whole = true;
  } catch (const Error&) {
  } catch (const std::bad_alloc&) {
  } catch (const std::length_error&) {
  }
  result.has_failed = faults::disarm();
  for (ArrowArrayStream& stream : streams) {
    if (stream.release != nullptr) stream.release(&stream);
  }
  return result;
}

WriteOptions options_for(const std::string& codec, size_t n_threads) {
  WriteOptions options;
  options.schema = schema_json();
  options.codec = codec;
  options.block_bytes = 500;
  options.n_threads = n_threads;
  options.sync_marker.emplace().fill(7);
  return options;
}

// Lets the first call fail, then the second, and so on, until there is no such call. `check(is_whole)` looks at what
// was written.
template <typename Check>
void survive_all(const std::vector<Batch>& batches, const WriteOptions& options, const SinkOpener& opener, What what,
                 Check check) {
  std::mt19937 random(1);
  for (const bool all_after : {false, true}) {
    int faults_seen = 0;
    for (int64_t at = 0;; at += at < 300 ? 1 : 1 + static_cast<int64_t>(random() % 16)) {
      const Faulted result = write_with_fault(batches, options, opener, what, at, all_after);
      check(result.is_whole);
      if (testing::Test::HasFatalFailure()) return;
      if (!result.has_failed) {
        EXPECT_TRUE(result.is_whole);
        break;
      }
      ++faults_seen;
    }
    EXPECT_GT(faults_seen, what == What::kMemory ? 30 : 1);
  }
}

TEST(WriteFaults, MemoryRunsOutAnywhere) {
  const std::vector<Batch> batches = batches_of(source_file(40));
  for (const std::string codec : {"null", "deflate", "snappy", "zstandard", "bzip2", "xz"}) {
    SCOPED_TRACE(codec);
    WrittenFiles whole;
    ASSERT_TRUE(write_with_fault(batches, options_for(codec, 1), whole.opener(), What::kMemory, -1, false).is_whole);
    WrittenFiles files;
    survive_all(batches, options_for(codec, 1), files.opener(), What::kMemory, [&](bool is_whole) {
      ASSERT_EQ(files.finished.size(), is_whole ? 1U : 0U);
      if (is_whole) {
        ASSERT_EQ(files.finished, whole.finished);
      }
      files.finished.clear();
    });
  }
}

// Enough rows for several threads.
TEST(WriteFaults, MemoryRunsOutAnywhereInAWorkerThread) {
  const std::vector<Batch> batches = batches_of(source_file(20'000));
  WriteOptions options = options_for("null", 3);
  options.block_bytes = 64'000;
  WrittenFiles whole;
  ASSERT_TRUE(write_with_fault(batches, options, whole.opener(), What::kMemory, -1, false).is_whole);
  WrittenFiles files;
  survive_all(batches, options, files.opener(), What::kMemory, [&](bool is_whole) {
    ASSERT_EQ(files.finished.size(), is_whole ? 1U : 0U);
    if (is_whole) {
      ASSERT_EQ(files.finished, whole.finished);
    }
    files.finished.clear();
  });
}

// A directory with the target, which is removed with all that is in it.
class TargetDirectory {
 public:
  TargetDirectory() : path_(fs::temp_directory_path() / ("jetliner-write-faults-" + std::to_string(::getpid()))) {
    fs::create_directory(path_);
  }
  ~TargetDirectory() { fs::remove_all(path_); }
  [[nodiscard]] std::string target() const { return (path_ / "out.avro").string(); }
  [[nodiscard]] size_t num_files() const {
    return static_cast<size_t>(std::distance(fs::directory_iterator(path_), fs::directory_iterator()));
  }
  [[nodiscard]] std::string content() const {
    std::ifstream file(target(), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void put(const std::string& content) const { std::ofstream(target(), std::ios::binary) << content; }

 private:
  const fs::path path_;
};

// Large blocks of the codec null reach the system in several pieces.
WriteOptions options_of_large_blocks() {
  WriteOptions options = options_for("null", 1);
  options.block_bytes = 20'000;
  return options;
}

class EveryWriteFails : public testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(WriteFaults, EveryWriteFails, testing::Bool());

TEST_P(EveryWriteFails, AndTheOldFileStays) {
  const bool has_large_blocks = GetParam();
  const std::vector<Batch> batches = batches_of(source_file(has_large_blocks ? 2000 : 40));
  const WriteOptions options = has_large_blocks ? options_of_large_blocks() : options_for("null", 1);
  const TargetDirectory directory;
  const SinkOpener opener = [&](size_t) { return create_file(directory.target()); };
  ASSERT_TRUE(write_with_fault(batches, options, opener, What::kWrite, -1, false).is_whole);
  const std::string whole = directory.content();
  ASSERT_GT(whole.size(), 1000U);
  for (const std::string old : {"", "an older file"}) {
    const auto start_again = [&] {
      fs::remove(directory.target());
      if (!old.empty()) directory.put(old);
    };
    start_again();
    survive_all(batches, options, opener, What::kWrite, [&](bool is_whole) {
      if (is_whole) {
        ASSERT_EQ(directory.content(), whole);
      } else {
        ASSERT_EQ(directory.content(), old);
      }
      ASSERT_EQ(directory.num_files(), is_whole || !old.empty() ? 1U : 0U);
      start_again();
    });
  }
}

TEST(WriteFaults, EverySystemWriteFailsWhileAFileIsAppendedTo) {
  const std::vector<Batch> batches = batches_of(source_file(40));
  const TargetDirectory directory;
  const std::string old = "the bytes that were there before";
  directory.put(old);
  WriteOptions options = options_for("null", 1);
  options.is_continuation = true;
  survive_all(
      batches, options, [&](size_t) { return append_to_file(directory.target()); }, What::kWrite,
      [&](bool is_whole) {
        const std::string content = directory.content();
        ASSERT_TRUE(content.starts_with(old));
        ASSERT_EQ(content.size() > old.size(), is_whole);
        directory.put(old);
      });
}

TEST(WriteFaults, InterruptedAndShortSystemWritesChangeNothing) {
  const TargetDirectory directory;
  const SinkOpener opener = [&](size_t) { return create_file(directory.target()); };
  for (const WriteOptions& options : {options_for("snappy", 1), options_of_large_blocks()}) {
    const std::vector<Batch> batches = batches_of(source_file(options.codec == "null" ? 2000 : 200));
    ASSERT_TRUE(write_with_fault(batches, options, opener, What::kWrite, -1, false).is_whole);
    const std::string whole = directory.content();
    for (const uint64_t most_bytes : {1, 7, 1000, 30'000}) {
      faults::disturb_writes(most_bytes);
      const Faulted result = write_with_fault(batches, options, opener, What::kWrite, -1, false);
      faults::disturb_writes(0);
      EXPECT_TRUE(result.is_whole);
      EXPECT_EQ(directory.content(), whole) << most_bytes;
    }
  }
}

}  // namespace
}  // namespace jetliner
