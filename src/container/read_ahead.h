// Reads a source from front to back. Bytes can be put back, or looked at in advance.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/bytes.h"
#include "jetliner/source.h"

namespace jetliner {

// Size of the first request. It is small, so that a reader of few rows reads little. Requests grow to the chunk size.
inline constexpr size_t kFirstRequestBytes = 64 << 10;

class ReadAhead {
 public:
  ReadAhead(Source& source, uint64_t offset, size_t chunk_bytes);

  // File offset of the next byte.
  [[nodiscard]] uint64_t position() const { return position_; }
  // End of the file: the size of the source; less once a read came back short because the file has shrunk.
  [[nodiscard]] uint64_t end() const { return end_; }
  [[nodiscard]] uint64_t remaining_bytes() const { return end_ - position_; }
  // Bytes of the next request.
  [[nodiscard]] size_t request_bytes() const { return request_bytes_; }
  // How many of the next bytes are in memory already.
  [[nodiscard]] size_t held_bytes() const {
    return position_ >= held_offset_ && position_ < held_end() ? held_end() - position_ : 0;
  }

  // kWhole: requests have their full size, and bytes that do not fit into `out` are held. kExact: reads nothing more
  // than `out` takes.
  enum class Request : uint8_t { kWhole, kExact };
  // Fills `out` and moves behind it. Returns the number of bytes: less than asked for only at the end.
  size_t read(std::span<uint8_t> out, Request request);

  // The next bytes, in memory that the source lends; without moving. Nothing if it does not lend them. kSlackBytes
  // after them are readable.
  LentBytes borrow(size_t count);

  // Puts back the bytes that were read last: `tail`, which ends at position(). It must not lie within this object.
  void unread(ByteSpan tail);

  // The next bytes, without moving: all that are held, and at least `count` unless the file ends before. Valid until
  // the next call of a function that is not const.
  ByteSpan view(size_t count);

  // Copies bytes from any offset, without moving. Returns their number: less than asked for only at the end of the
  // file.
  size_t peek(uint64_t offset, std::span<uint8_t> out);

  // Requests do not go beyond `offset` for bytes that nobody asked for yet. Bytes from there on are probably not
  // needed. It no longer holds once they were asked for several times.
  void set_soft_end(uint64_t offset) { soft_end_ = offset; }

  // Moves to any offset up to end().
  void seek(uint64_t offset) { position_ = offset; }

 private:
  [[nodiscard]] uint64_t held_end() const { return held_offset_ + held_.size(); }
  // Bytes of a request at `offset`, of which `least` are asked for.
  [[nodiscard]] size_t ask_bytes(uint64_t offset, size_t least) const;
  // Reads from the source. A short read sets end_.
  size_t request(uint64_t offset, std::span<uint8_t> out);
  // Drops the held bytes before position(), or all if position() is not among them.
  void drop_consumed();

  Source& source_;
  size_t chunk_bytes_;
  size_t request_bytes_;
  uint64_t position_;
  uint64_t end_;
  uint64_t soft_end_ = UINT64_MAX;
  int requests_beyond_ = 0;  // the soft end
  // Bytes of the file from held_offset_ on, with those before position_. Used only while position_ lies within them.
  Scratch held_;
  uint64_t held_offset_ = 0;
};

}  // namespace jetliner
