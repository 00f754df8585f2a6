// Files that were joined with `cat`: a further header stands between the blocks.
#pragma once

#include <cstdint>
#include <optional>

#include "container/header.h"
#include "container/read_ahead.h"
#include "jetliner/source.h"

namespace jetliner {

class JoinedFiles {
 public:
  // `own_header_bytes`: size of the header at the start of `source`. `source` must outlive this object.
  JoinedFiles(Source& source, uint64_t own_header_bytes) : source_(source), own_header_bytes_(own_header_bytes) {}

  enum class Verdict : uint8_t {
    kFits,        // the blocks after it belong to the same schema and codec
    kForeign,     // the blocks after it belong to another schema or codec
    kUnreadable,  // not a header, or one much larger than the file's own
  };
  struct Found {
    Verdict verdict = Verdict::kUnreadable;
    uint64_t offset = 0;       // bytes; start of the header in the file
    uint64_t data_offset = 0;  // bytes; start of its first block
    SyncMarker sync{};
  };
  // Reads the header at `offset`, if there is one. Throws Error (kSource).
  Found examine(uint64_t offset);

  // The next header that fits (kFits), at or after the position of `input`, which is anywhere afterwards. Time is
  // linear in the bytes up to it. Each call follows a search for blocks that went to the end of the file, so the number
  // of calls is limited (searches_left_).
  std::optional<Found> find(ReadAhead& input);

 private:
  Source& source_;
  const uint64_t own_header_bytes_;
  std::optional<Header> own_;  // set when it was needed first
  // An attempt reads about as many bytes as the file's own header has. Forged data may look like a header in many
  // places.
  int attempts_left_ = 64;
  int searches_left_ = 8;
};

}  // namespace jetliner
