// Reads a source from front to back, with bytes that can be put back or looked at in advance.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/bytes.h"
#include "jetliner/source.h"

namespace jetliner {

// Requests to the source are small at first, so that a reader of few rows reads little, and grow to the chunk size.
inline constexpr size_t kFirstRequestBytes = 64 << 10;

class ReadAhead {
 public:
  ReadAhead(Source& source, uint64_t offset, size_t chunk_bytes);

  // File offset of the next byte.
  [[nodiscard]] uint64_t position() const { return position_; }
  // Where the file ends: the source's size, or less once a read came back short (the file shrank meanwhile).
  [[nodiscard]] uint64_t end() const { return end_; }
  [[nodiscard]] uint64_t remaining_bytes() const { return end_ - position_; }
  // How much the next request asks the source for.
  [[nodiscard]] size_t request_bytes() const { return request_bytes_; }
  // How many of the next bytes are in memory.
  [[nodiscard]] size_t held_bytes() const {
    return position_ >= held_offset_ && position_ < held_end() ? held_end() - position_ : 0;
  }

  // kWhole: every request is a whole one; what exceeds `out` is held. kExact: nothing is read beyond `out`.
  enum class Request : uint8_t { kWhole, kExact };
  // Fills `out` and moves past it; returns the number of bytes, fewer than asked for only at the end.
  size_t read(std::span<uint8_t> out, Request request);

  // Puts back the bytes just read: `tail` are the last ones before position(), and must not lie in this object.
  void unread(ByteSpan tail);

  // The next bytes without moving past them: all that are held, and at least `count` unless the file ends before.
  // Valid until the next call of anything.
  ByteSpan view(size_t count);

  // Copies bytes at any offset without moving; returns how many there are.
  size_t peek(uint64_t offset, std::span<uint8_t> out);

  // Goes to any offset up to end().
  void seek(uint64_t offset) { position_ = offset; }

 private:
  [[nodiscard]] uint64_t held_end() const { return held_offset_ + held_.size(); }
  // Asks the source for bytes from `offset` on; learns where the file ends.
  size_t request(uint64_t offset, std::span<uint8_t> out);
  // Drops held bytes before position(); all of them, where position() is outside.
  void drop_consumed();

  Source& source_;
  size_t chunk_bytes_;
  size_t request_bytes_;
  uint64_t position_;
  uint64_t end_;
  // Bytes of the file from held_offset_ on, consumed ones included. Of use only while position_ lies within.
  Scratch held_;
  uint64_t held_offset_ = 0;
};

}  // namespace jetliner
