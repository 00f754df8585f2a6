// What one thread makes pieces with: of units, and of the rows that were chosen of them.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>

#include "filter/pass_choice.h"
#include "task/block_task.h"

namespace jetliner {

// Of a read with a filter; shared by all its threads.
struct FilterState {
  explicit FilterState(size_t max_spare_bytes) : plain_pool(std::make_shared<PlainPool>(max_spare_bytes)) {}
  const std::shared_ptr<PlainPool> plain_pool;
  PassChoice choice;
};

// For one thread at a time.
class UnitDecoder {
 public:
  // `filter`: nullptr where all rows are wanted.
  UnitDecoder(const TaskOptions& options, std::shared_ptr<FilterState> filter);

  void start(std::shared_ptr<const FileContext> file, Unit unit);
  void start(ChosenRows chosen);

  // As BlockTask::next(). The last piece of chosen rows says so.
  bool next(size_t most_rows, Piece& piece);

  // Gives back the unit's memory for reuse.
  Unit take_unit() { return task_->take_unit(); }

 private:
  const std::shared_ptr<FilterState> filter_;
  BlockTask whole_;
  std::optional<BlockTask> first_;
  std::optional<BlockTask> second_;
  BlockTask* task_ = &whole_;
  std::shared_ptr<const FileContext> file_;
  bool is_ended_ = true;
};

}  // namespace jetliner
