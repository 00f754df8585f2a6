#include "filter/pass_choice.h"

#include <utility>

namespace jetliner {
namespace {

// The weight of what was known, beside a new report.
constexpr double kMemory = 0.75;

// Rows by which the share is judged, at least.
constexpr double kEnoughRows = 1000;

// Two passes below this share of kept rows. In one pass, the rows that a filter copies out of a batch share its strings
// and so hold all of its memory: at most 1 / kTwoPassShare times what they need.
constexpr double kTwoPassShare = 0.5;

}  // namespace

bool PassChoice::in_two_passes() {
  const MutexLock lock(mutex_);
  if (std::exchange(is_first_, false)) return false;
  return rows_ < kEnoughRows || kept_rows_ < kTwoPassShare * rows_;
}

void PassChoice::kept(uint64_t rows, uint64_t kept_rows) {
  const MutexLock lock(mutex_);
  rows_ = kMemory * rows_ + static_cast<double>(rows);
  kept_rows_ = kMemory * kept_rows_ + static_cast<double>(kept_rows);
}

}  // namespace jetliner
