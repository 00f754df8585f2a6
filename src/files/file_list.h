// The files of one read: opened, checked against each other, and given out one after the other.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "files/file_context.h"
#include "files/file_plans.h"
#include "files/headers.h"
#include "files/open_file.h"
#include "files/open_sources.h"
#include "files/query_options.h"
#include "jetliner/options.h"
#include "jetliner/source.h"

namespace jetliner {

// Throws Error (kCodec) if there is no codec of that name.
void check_codec(const std::string& codec);

// Immutable after construction but for open(). Different threads may open different files.
class FileList {
 public:
  // Reads all headers. `check`: see OpeningCheck. Throws Error: whatever opening a file and its header give; kSchema if
  // a file's columns are not those of the first one, but for their order, or if a file cannot be read by the reader
  // schema. The options outlive the list.
  FileList(const std::vector<std::string>& paths, const ReadOptions& options, const QueryOptions& query,
           SourceOpener opener, const std::function<void()>& check = {});

  [[nodiscard]] size_t size() const { return files_.size(); }
  [[nodiscard]] uint64_t total_bytes() const { return total_bytes_; }            // of the files as they were opened
  [[nodiscard]] const std::string& schema_json() const { return schema_json_; }  // of the first file
  // Whole blocks with rows that were found so far, ahead of the rows that are handed out. For any thread.
  [[nodiscard]] uint64_t num_blocks() const { return num_blocks_.load(std::memory_order_relaxed); }
  [[nodiscard]] const FilePlans& plans() const { return plans_; }

  // Opens file `index` for reading its blocks. With RowsOnly it has no framer yet. Throws Error with the path.
  OpenFile open(size_t index);
  // From any thread: ends reads that wait, and later ones (Source::interrupt()).
  void interrupt() { sources_->interrupt(); }
  // Closes the first file if it was opened for its header and never asked for. Call it only when no thread calls
  // open().
  void close() { first_source_.reset(); }

 private:
  void add(const std::string& path, OpenedFile opened);

  const ReadOptions& options_;
  const SourceOpener opener_;
  const std::unique_ptr<OpenSources> sources_ = std::make_unique<OpenSources>();
  FilePlans plans_;
  std::vector<std::shared_ptr<const FileContext>> files_;
  OpenSources::Handle first_source_;  // stays open from the header on
  uint64_t total_bytes_ = 0;
  std::atomic<uint64_t> num_blocks_ = 0;
  std::string schema_json_;
  uint64_t empty_rows_left_;  // of the read; counted down by whoever reads units, one thread at a time
};

}  // namespace jetliner
