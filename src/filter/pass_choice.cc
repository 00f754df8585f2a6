#include "filter/pass_choice.h"

#include <utility>

namespace jetliner {
namespace {

// Of what was known, so much counts beside each new report.
constexpr double kMemory = 0.75;

// Rows that a report has at least to change what is known of times, and rows by which the share is judged at least.
constexpr uint64_t kFewRows = 16;
constexpr double kEnoughRows = 1000;

// Two passes are to save more than this, for they have costs of their own: the plain bytes leave the cache between
// them, and those of chosen rows are copied.
constexpr double kWorthwhile = 0.75;

// Where fewer rows than this share are kept, two passes are made whatever they cost: the rows that a filter copies out
// of a batch share its strings, and so hold all of its memory, as much as 1 / kLeastShare of what they need.
constexpr double kLeastShare = 0.5;

void learn(double* known, double latest) { *known = *known == 0 ? latest : kMemory * *known + (1 - kMemory) * latest; }

}  // namespace

bool PassChoice::in_two_passes() {
  const std::lock_guard lock(mutex_);
  if (std::exchange(is_first_, false)) return false;
  if (rows_ < kEnoughRows || second_pass_ == 0) return true;
  const double share = kept_rows_ / rows_;
  return share < kLeastShare || first_pass_ + share * second_pass_ < kWorthwhile * second_pass_;
}

void PassChoice::first_pass_took(uint64_t rows, uint64_t nanoseconds) {
  if (rows < kFewRows) return;
  const std::lock_guard lock(mutex_);
  learn(&first_pass_, static_cast<double>(nanoseconds) / static_cast<double>(rows));
}

void PassChoice::second_pass_took(uint64_t rows, uint64_t nanoseconds) {
  if (rows < kFewRows) return;
  const std::lock_guard lock(mutex_);
  learn(&second_pass_, static_cast<double>(nanoseconds) / static_cast<double>(rows));
}

void PassChoice::kept(uint64_t rows, uint64_t kept_rows) {
  const std::lock_guard lock(mutex_);
  rows_ = kMemory * rows_ + static_cast<double>(rows);
  kept_rows_ = kMemory * kept_rows_ + static_cast<double>(kept_rows);
}

}  // namespace jetliner
