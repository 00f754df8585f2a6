// The way of rows to a Reader: a RowSource fills the reader's Batcher, in the order of the files.
#pragma once

#include <cstdint>

#include "pipeline/work.h"
#include "task/piece.h"

namespace jetliner {

// For one thread, but for stop().
class RowSource {
 public:
  enum class Step : uint8_t {
    kRows,        // the batcher has rows to hand out
    kCandidates,  // of a filtered read: candidates are to be handed out (filter/filtered_read.h)
    kDamage,      // take_damage() tells what comes next in the order of the rows
    kPending,     // the time ran out
    kEnd,         // no more rows; the batcher may have some
  };

  RowSource() = default;
  RowSource(const RowSource&) = delete;
  RowSource& operator=(const RowSource&) = delete;
  virtual ~RowSource() = default;

  virtual Step next(Clock::time_point deadline) = 0;
  // After kDamage: a piece without rows. It has damage, or an error. Nothing comes after an error.
  virtual Piece take_damage() = 0;
  // From any thread: next() returns kEnd soon, and from then on.
  virtual void stop() = 0;
  // Stops, closes files, joins threads, and drops what was not handed out.
  virtual void close() = 0;
};

}  // namespace jetliner
