// Where pieces come from, in file order: the place of threads. Whoever consumes them knows nothing of how they are
// made.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>

#include "column/block_pool.h"
#include "files/file_list.h"
#include "filter/unit_decoder.h"
#include "jetliner/options.h"
#include "task/piece.h"

namespace jetliner {

using Clock = std::chrono::steady_clock;

enum class StreamPoll : uint8_t {
  kPiece,
  kPending,  // the deadline has passed
  kEnd,
};

// What the consumer can do something with.
struct Demand {
  size_t most_rows = SIZE_MAX;  // a piece may have, where it is made just now
  size_t enough_rows = 1;       // it waits for so many: it need not be woken for fewer while there are more to come
};

class PieceStream {
 public:
  PieceStream() = default;
  PieceStream(const PieceStream&) = delete;
  PieceStream& operator=(const PieceStream&) = delete;
  virtual ~PieceStream() = default;

  // The next piece. What goes wrong is in the piece, not thrown.
  // Of a read with a filter: pieces that were made of what submit() got come in between, in that order; with
  // `most_rows` 0 only those.
  virtual StreamPoll next(const Demand& demand, Clock::time_point deadline, Piece& piece) = 0;

  // Of a read with a filter: rows to be decoded, also after next() has returned kEnd.
  virtual void submit(ChosenRows /*chosen*/) {}

  // Stops early; next() returns kEnd from then on. Files are closed and threads joined.
  virtual void close() = 0;
};

// Starts on the thread that asks, and goes on with threads where there is enough to do for them: not for small files,
// and not for the first few rows of large ones.
// The chunks' memory comes from the pool.
// `filter`: nullptr where all rows are wanted.
std::unique_ptr<PieceStream> make_stream(FileList& files, const ReadOptions& options, std::shared_ptr<BlockPool> pool,
                                         std::shared_ptr<FilterState> filter);

}  // namespace jetliner
