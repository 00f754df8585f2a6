// Compression of container blocks (Avro 1.12, "Required Codecs" and "Optional Codecs").
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "base/byte_buffer.h"
#include "base/bytes.h"

namespace jetliner {

// Compresses blocks. Keeps the contexts of its library for the next block. For one thread at a time.
class Compressor {
 public:
  Compressor() = default;
  Compressor(const Compressor&) = delete;
  Compressor& operator=(const Compressor&) = delete;
  virtual ~Compressor() = default;

  // Appends the block that has `plain` as its data. Throws std::bad_alloc, and Error (kCodec) where the codec cannot
  // take so many bytes.
  virtual void compress(ByteSpan plain, ByteBuffer& out) = 0;
};

// The levels of a codec. Higher ones take more time and make smaller blocks.
struct LevelRange {
  int least = 0;
  int most = 0;
  int usual = 0;
};

// Nothing for a codec without levels.
std::optional<LevelRange> compression_levels(std::string_view codec);

// `codec` as in "avro.codec"; it is known, and the level is in its range.
std::unique_ptr<Compressor> make_compressor(std::string_view codec, std::optional<int> level);

}  // namespace jetliner
