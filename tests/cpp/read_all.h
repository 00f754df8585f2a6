// Reads files in memory through the public Reader, for tests.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "arrow_reader.h"
#include "avro_writer.h"
#include "jetliner/reader.h"
#include "lending_source.h"
#include "read/query_reader.h"

namespace jetliner {

// Files by name; counts how many are open.
class MemoryFiles {
 public:
  MemoryFiles() = default;
  explicit MemoryFiles(Bytes only) { add("a.avro", std::move(only)); }

  void add(const std::string& path, Bytes bytes) {
    files_[path] = std::move(bytes);
    paths_.push_back(path);
  }
  // Sources from now on are like slow ones: a thread reads ahead for them.
  void make_slow() { slow_ = true; }
  [[nodiscard]] const std::vector<std::string>& paths() const { return paths_; }
  [[nodiscard]] int num_open() const { return *num_open_; }
  [[nodiscard]] int num_opened() const { return *num_opened_; }

  [[nodiscard]] SourceOpener opener() const {
    return [this](const std::string& path) -> std::unique_ptr<Source> {
      const auto place = files_.find(path);
      if (place == files_.end())
        throw Error(ErrorKind::kNotFound, ErrorVariant::kNotFound, "file not found", {.path = path});
      // Every second one lends its bytes.
      std::unique_ptr<Source> source;
      if (*num_opened_ % 2 == 0) {
        source = std::make_unique<LendingSource>(place->second, kMostLentBytes, place->second.size());
      } else {
        source = open_memory(place->second);
      }
      return std::make_unique<CountedSource>(std::move(source), num_open_, num_opened_, slow_);
    };
  }

 private:
  class CountedSource final : public Source {
   public:
    CountedSource(std::unique_ptr<Source> inner, std::shared_ptr<std::atomic<int>> num_open,
                  const std::shared_ptr<std::atomic<int>>& num_opened, bool slow)
        : inner_(std::move(inner)), num_open_(std::move(num_open)), slow_(slow) {
      ++*num_open_;
      ++*num_opened;
    }
    ~CountedSource() override { --*num_open_; }
    size_t read_at(uint64_t offset, std::span<uint8_t> out) override { return inner_->read_at(offset, out); }
    [[nodiscard]] bool lends() const override { return inner_->lends(); }
    LentBytes lend(uint64_t offset, size_t bytes) override { return inner_->lend(offset, bytes); }
    [[nodiscard]] uint64_t size() const override { return inner_->size(); }
    [[nodiscard]] size_t preferred_chunk_bytes() const override { return inner_->preferred_chunk_bytes(); }
    [[nodiscard]] bool reads_ahead() const override { return !slow_; }

   private:
    std::unique_ptr<Source> inner_;
    std::shared_ptr<std::atomic<int>> num_open_;
    const bool slow_;
  };

  static constexpr size_t kMostLentBytes = 100'000;

  bool slow_ = false;
  std::map<std::string, Bytes> files_;
  std::vector<std::string> paths_;
  std::shared_ptr<std::atomic<int>> num_open_ = std::make_shared<std::atomic<int>>(0);
  std::shared_ptr<std::atomic<int>> num_opened_ = std::make_shared<std::atomic<int>>(0);
};

inline std::vector<std::string> batch_rows(const Batch& batch) {
  ArrowArrayStream stream;
  batch.export_stream(&stream);
  std::vector<std::string> rows = stream_rows(&stream);
  EXPECT_EQ(rows.size(), batch.num_rows());
  return rows;
}

struct ReadOutcome {
  std::vector<std::string> rows;
  std::vector<size_t> batches;  // rows of each
  std::optional<Error> error;
  std::vector<BadBlock> bad_blocks;
};

// All rows, up to an Error. Other exceptions are not caught. Checks the invariants of every read.
inline ReadOutcome read_all(const MemoryFiles& files, const ReadOptions& options = {}, const QueryOptions& query = {}) {
  ReadOutcome outcome;
  try {
    std::unique_ptr<Reader> opened;
    if (query.merge_columns) {
      opened = std::make_unique<QueryReader>(files.paths(), options, query, files.opener());
    } else {
      opened = std::make_unique<Reader>(files.paths(), options, files.opener());
    }
    Reader& reader = *opened;
    Batch batch;
    try {
      while (reader.next(batch)) {
        EXPECT_FALSE(reader.is_finished());
        EXPECT_GT(batch.num_rows(), 0U);
        EXPECT_LE(batch.num_rows(), options.batch_size);
        if (!outcome.batches.empty()) {
          EXPECT_EQ(outcome.batches.back(), options.batch_size);
        }
        outcome.batches.push_back(batch.num_rows());
        for (std::string& row : batch_rows(batch)) outcome.rows.push_back(std::move(row));
        EXPECT_EQ(reader.rows_read(), outcome.rows.size());
      }
    } catch (const Error& error) {
      outcome.error = error;
    }
    EXPECT_TRUE(reader.is_finished());
    EXPECT_FALSE(reader.next(batch));
    EXPECT_EQ(files.num_open(), 0);
    outcome.bad_blocks = reader.bad_blocks();
    EXPECT_EQ(outcome.bad_blocks.size(), reader.num_bad_blocks());
    if (!options.ignore_errors) {
      EXPECT_TRUE(outcome.bad_blocks.empty());
    }
  } catch (const Error& error) {
    outcome.error = error;
  }
  EXPECT_EQ(files.num_open(), 0);
  return outcome;
}

inline ReadOutcome read_all(const AvroFile& file, const ReadOptions& options = {}) {
  return read_all(MemoryFiles(file.bytes()), options);
}

}  // namespace jetliner
