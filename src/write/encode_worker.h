// Makes blocks of units: encode, cut, compress. One for each thread.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "codec/compressor.h"
#include "container/header.h"
#include "encode/encoder.h"
#include "pipeline/work.h"
#include "write/block_cutter.h"
#include "write/encode_unit.h"
#include "write/spare_buffers.h"

namespace jetliner {

// Plain bytes of a unit, as far as its rows are like those before.
inline constexpr size_t kUnitBytes = 1 << 19;
// Plain bytes after which a worker cuts and compresses before it goes on with its unit. All later units wait for their
// turn meanwhile, so only units of unusual rows should come to that.
inline constexpr size_t kStepBytes = 4 * kUnitBytes;

// Compresses blocks and frames them.
class BlockWriter {
 public:
  BlockWriter(const std::string& codec, std::optional<int> level, const SyncMarker& sync)
      : compressor_(codec == "null" ? nullptr : make_compressor(codec, level)), sync_(sync) {}

  // Appends the blocks of a cut to `out`. `rows` were cut. `out` takes them over if some of its blocks are made of
  // them.
  void write(const Cut& cut, ByteBuffer& rows, EncodedBlocks& out);

 private:
  ByteSpan joined(ByteSpan first, ByteSpan second);

  const std::unique_ptr<Compressor> compressor_;  // nullptr: blocks hold the plain data
  const SyncMarker sync_;
  ByteBuffer joined_;
  ByteBuffer compressed_;
};

class EncodeWorker final : public Worker<EncodeUnit, EncodedBlocks> {
 public:
  EncodeWorker(BlockCutter& cutter, SpareBuffers& spare, const std::string& codec, std::optional<int> level,
               const SyncMarker& sync)
      : cutter_(cutter), spare_(spare), blocks_(codec, level, sync) {}

  void start(EncodeUnit unit) override;
  bool next(size_t most_rows, EncodedBlocks& result) override;
  EncodedBlocks failure(std::exception_ptr error) override;

 private:
  BlockCutter& cutter_;
  SpareBuffers& spare_;
  BlockWriter blocks_;
  EncodeUnit unit_;
  std::shared_ptr<const EncodePlan> plan_;  // of encoder_
  std::optional<Encoder> encoder_;
  size_t next_row_ = 0;
  PlainRows rows_;
  Cut cut_;
};

}  // namespace jetliner
