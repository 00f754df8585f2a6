// A file whose blocks are being read.
#pragma once

#include <cstdint>
#include <memory>

#include "container/block_framer.h"
#include "files/file_context.h"
#include "files/open_sources.h"

namespace jetliner {

struct OpenFile {
  std::shared_ptr<const FileContext> context;
  OpenSources::Handle source;
  FramerOptions framer_options;
  std::unique_ptr<BlockFramer> framer;    // nullptr until start()
  uint64_t max_block_bytes = UINT64_MAX;  // of a decompressed block
  uint64_t* empty_rows_left = nullptr;    // of the whole read (ReadOptions::max_empty_rows)

  // Makes the framer. Throws Error with the path.
  void start(BlockFramer::Start start);
  // The next unit (BlockFramer::next()). Bounds the rows that take no bytes. Throws Error with the path.
  bool next(Unit& unit);

 private:
  void bound_empty_rows(Unit& unit) const;
};

}  // namespace jetliner
