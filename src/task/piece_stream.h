// A stream of pieces, in file order. Its consumer does not know how they are made.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>

#include "column/block_pool.h"
#include "files/file_list.h"
#include "jetliner/options.h"
#include "pipeline/stream.h"
#include "pipeline/work.h"
#include "task/piece.h"

namespace jetliner {

// Decoded pieces that wait for their turn take at most this much; the next one in order passes in any case. It follows
// buffer_bytes, within bounds: a small buffer_bytes also limits this.
inline size_t ready_bytes(const ReadOptions& options) {
  return std::clamp<size_t>(options.buffer_bytes / 4, 4 << 20, 32 << 20);
}

// Memory of pieces that are gone, kept for the next ones.
inline size_t spare_bytes(const ReadOptions& options) { return ready_bytes(options); }

inline StreamOptions stream_options(const ReadOptions& options) {
  return {.limits = {.max_queued_items = options.buffer_blocks,
                     .max_queued_bytes = options.buffer_bytes,
                     .max_ready_bytes = ready_bytes(options)},
          .n_threads = options.n_threads};
}

// For one thread, but for stop().
class PieceStream {
 public:
  PieceStream() = default;
  PieceStream(const PieceStream&) = delete;
  PieceStream& operator=(const PieceStream&) = delete;
  virtual ~PieceStream() = default;

  // The next piece. It has at most `most_rows` rows if it is made on this thread. Errors are in the piece, not thrown.
  virtual StreamPoll next(size_t most_rows, Clock::time_point deadline, Piece& piece) = 0;
  // From any thread: next() returns kEnd soon, and from then on.
  virtual void stop() = 0;
  // Stops, closes files and joins threads.
  virtual void close() = 0;
};

// All rows of the files, decoded. The memory of the chunks comes from the pool. The arguments outlive the stream.
std::unique_ptr<PieceStream> make_decode_stream(FileList& files, const ReadOptions& options,
                                                std::shared_ptr<BlockPool> pool);

}  // namespace jetliner
