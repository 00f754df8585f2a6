// Files put together with `cat`: a second header amid the blocks.
#pragma once

#include <cstdint>
#include <optional>

#include "container/header.h"
#include "container/read_ahead.h"
#include "jetliner/source.h"

namespace jetliner {

class JoinedFiles {
 public:
  // `source` begins with the header that reading started with. Both outlive this.
  JoinedFiles(Source& source, uint64_t own_header_bytes) : source_(source), own_header_bytes_(own_header_bytes) {}

  enum class Verdict : uint8_t {
    kFits,        // the blocks after it belong to the same schema and codec
    kForeign,     // they do not
    kUnreadable,  // it is no header after all, or one that is larger than the file's own by far
  };
  struct Found {
    Verdict verdict = Verdict::kUnreadable;
    uint64_t offset = 0;       // of the header in the file
    uint64_t data_offset = 0;  // where its first block starts
    SyncMarker sync{};
  };
  // The header that may be at `offset`. Throws Error (kSource).
  Found examine(uint64_t offset);

  // The next header that fits, at or after the input's position. Time is linear in the bytes passed over, and it is
  // found a few times only in a read: each follows a search for blocks that went to the end of the file. Leaves the
  // input anywhere.
  std::optional<Found> find(ReadAhead& input);

 private:
  Source& source_;
  const uint64_t own_header_bytes_;
  std::optional<Header> own_;  // once it was needed
  // Every attempt may read as much as the file's own header is long: not at each of the many places that look like one.
  int attempts_left_ = 64;
  int searches_left_ = 8;
};

}  // namespace jetliner
