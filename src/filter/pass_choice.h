// The choice between one pass and two, for the units of a filtered read.
#pragma once

#include <cstdint>

#include "base/mutex.h"

namespace jetliner {

// Two passes decode the filter's columns of all rows, and all columns of the chosen rows. One pass decodes all columns
// of all rows, and the consumer copies those that it keeps. The rows are the same. Two passes pay if few rows are kept;
// so the share of rows that were kept of late decides.
//
// Thread-safe.
class PassChoice {
 public:
  // For the next unit. The first unit is read in one pass: it is small, and perhaps all that there is.
  [[nodiscard]] bool in_two_passes();

  // `kept_rows` of `rows` rows were kept.
  void kept(uint64_t rows, uint64_t kept_rows);

 private:
  Mutex mutex_;
  bool is_first_ JETLINER_GUARDED_BY(mutex_) = true;
  // Sums over recent rows: older ones count less.
  double rows_ JETLINER_GUARDED_BY(mutex_) = 0;
  double kept_rows_ JETLINER_GUARDED_BY(mutex_) = 0;
};

}  // namespace jetliner
