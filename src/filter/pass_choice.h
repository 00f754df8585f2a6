// Of a read with a filter: whether a unit is read in two passes or in one.
#pragma once

#include <cstdint>
#include <mutex>

namespace jetliner {

// In two passes, the columns that the filter looks at are decoded for all rows, and all columns for the chosen ones. In
// one, all columns are decoded for all rows, and the filter copies those that it keeps. Which is cheaper depends on the
// share of rows that are kept and on what the columns cost; both are learnt on the way. The rows are the same.
//
// Thread-safe.
class PassChoice {
 public:
  // For the next unit. The first is read in one: it is small, perhaps all that there is, and shows what rows cost.
  [[nodiscard]] bool in_two_passes();

  // Decoding so many rows took so long, decompression left out.
  void first_pass_took(uint64_t rows, uint64_t nanoseconds);
  // The same, of all columns.
  void second_pass_took(uint64_t rows, uint64_t nanoseconds);
  // Of so many rows, so many were kept.
  void kept(uint64_t rows, uint64_t kept_rows);

 private:
  std::mutex mutex_;
  // Guarded by mutex_; for one row, nanoseconds, and sums of recent rows.
  bool is_first_ = true;
  double first_pass_ = 0;
  double second_pass_ = 0;
  double rows_ = 0;
  double kept_rows_ = 0;
};

}  // namespace jetliner
