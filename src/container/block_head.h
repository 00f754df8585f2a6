// The head of a block: the two longs before its data.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/varint.h"

namespace jetliner {

// A block on disk (Avro 1.12, "Object Container Files"):
//   count: long     rows in the block, >= 0
//   size:  long     bytes of data after the codec, >= 0
//   data:  `size` bytes
//   marker: 16 bytes, equal to the sync marker of the header
// The head is count and size.
inline constexpr size_t kMaxBlockHeadBytes = 2 * kMaxLongBytes;

// Count and size are input. They are not compared with the bytes that follow: the caller does that, before it reserves
// memory or moves on.
struct BlockHead {
  enum class Status : uint8_t {
    kOk,
    kCut,       // the bytes end within the field
    kNoLong,    // the field is not a variable-length long
    kNegative,  // the field is a negative number
  };
  enum class Field : uint8_t { kCount, kSize };

  Status status = Status::kOk;
  Field field = Field::kCount;  // the one that `status` is about
  int64_t row_count = 0;        // set where it was read, negative or not
  int64_t data_bytes = 0;       // the same
  size_t head_bytes = 0;        // of the head itself; set for kOk

  [[nodiscard]] bool is_ok() const { return status == Status::kOk; }
};

// Reads the head at `begin`, and nothing from `end` on. Stops at the first field that is not valid.
BlockHead read_block_head(const uint8_t* begin, const uint8_t* end);

}  // namespace jetliner
