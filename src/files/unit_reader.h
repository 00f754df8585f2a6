// Reads the units of all files in their order: the one place where the bytes of blocks come from.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

#include "files/file_list.h"
#include "files/open_file.h"
#include "pipeline/work.h"

namespace jetliner {

// A unit, and the file that it is of.
struct FileUnit {
  std::shared_ptr<const FileContext> file;
  Unit unit;

  [[nodiscard]] size_t input_bytes() const { return unit.bytes.size(); }
};

// Work that has the memory of `unit` to reuse, if it is not that of a huge block.
inline FileUnit spare_unit(Unit unit) {
  constexpr size_t kMaxSpareUnitBytes = 4 << 20;
  unit.bytes.give_back();
  return unit.bytes.capacity() <= kMaxSpareUnitBytes ? FileUnit{.file = nullptr, .unit = std::move(unit)} : FileUnit{};
}

class UnitReader final : public Producer<FileUnit> {
 public:
  UnitReader(FileList& files, const ReadOptions& options)
      : files_(files),
        buffer_blocks_(options.buffer_blocks),
        buffer_bytes_(options.buffer_bytes),
        may_open_ahead_(!options.n_rows.has_value()) {}

  // Throws Error with the path.
  bool next(FileUnit& work) override;
  [[nodiscard]] size_t next_bytes() const override { return file_.has_value() ? file_->next_bytes() : 0; }
  [[nodiscard]] bool is_slow() const override {
    return file_.has_value() && !file_->source->reads_ahead() && !file_->source->has_fetchers();
  }
  [[nodiscard]] bool has_plenty_left() const override;
  void begin_ahead() override { tells_source_ = true; }
  void close() override;

 private:
  // A file that was opened before its turn, or what opening it threw.
  struct OpenedAhead {
    std::optional<OpenFile> file;
    std::exception_ptr error;
  };

  [[nodiscard]] uint64_t bytes_ahead(size_t unit_bytes) const;
  bool open_next();
  void open_ahead();

  FileList& files_;
  const size_t buffer_blocks_;
  const size_t buffer_bytes_;
  const bool may_open_ahead_;
  std::optional<OpenFile> file_;  // the present one
  std::deque<OpenedAhead> ahead_;
  size_t most_ahead_ = 0;      // files
  size_t next_file_ = 0;       // to open
  bool tells_source_ = false;  // of what will be needed next
};

}  // namespace jetliner
