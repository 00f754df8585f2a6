// The pipeline: several workers, which read for themselves or have a thread that reads ahead; pieces in file order.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>

#include "jetliner/options.h"
#include "pipeline/piece_stream.h"

namespace jetliner {

// Decoded pieces that wait for their turn may take this much; the next one to be handed out passes in any case. It
// follows the buffer for what is not decoded yet, within bounds: whoever asks for little memory means all of it.
inline size_t ready_bytes(const ReadOptions& options) {
  return std::clamp<size_t>(options.buffer_bytes / 4, 4 << 20, 32 << 20);
}

// Memory that was used by pieces which are gone, and is kept for the next ones.
inline size_t spare_bytes(const ReadOptions& options) { return ready_bytes(options); }

// Reads on from `file` (if any) and then from file `next_file` of the list: there must be one of them. Starts n_threads
// (> 0) workers, and a thread that reads ahead where the source does not (Source::reads_ahead). They are joined by
// close() and by the destructor. Throws Error where the file cannot be opened or a thread not started.
std::unique_ptr<PieceStream> make_threaded_stream(FileList& files, const ReadOptions& options,
                                                  std::shared_ptr<BlockPool> pool, std::shared_ptr<FilterState> filter,
                                                  size_t n_threads, std::optional<OpenFile> file, size_t next_file);

}  // namespace jetliner
