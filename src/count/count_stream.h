// Pieces without columns: rows counted by the headers of blocks.
#pragma once

#include <memory>

#include "jetliner/options.h"
#include "task/piece_stream.h"

namespace jetliner {

// For RowsOnly. Many files are counted at the same time, unless n_rows says that not all are wanted.
std::unique_ptr<PieceStream> make_count_stream(FileList& files, const ReadOptions& options);

}  // namespace jetliner
