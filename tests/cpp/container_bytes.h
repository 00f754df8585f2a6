// Container files for tests, written field by field.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "container/header.h"
#include "jetliner/source.h"

namespace jetliner {

// Appends fields in Avro's encoding; every method returns the writer.
class ByteWriter {
 public:
  ByteWriter& raw(std::initializer_list<int> values) {
    for (const int value : values) bytes_.push_back(static_cast<uint8_t>(value));
    return *this;
  }
  ByteWriter& raw(ByteSpan bytes) {
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    return *this;
  }
  ByteWriter& zigzag(int64_t value) {
    uint64_t n = (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63);
    for (; n >= 0x80; n >>= 7) bytes_.push_back(static_cast<uint8_t>(n | 0x80));
    bytes_.push_back(static_cast<uint8_t>(n));
    return *this;
  }
  // Length and content, as for strings and bytes.
  ByteWriter& text(std::string_view content) {
    return zigzag(static_cast<int64_t>(content.size())).raw(as_bytes(content));
  }
  ByteWriter& magic() { return raw({'O', 'b', 'j', 1}); }

  [[nodiscard]] size_t size() const { return bytes_.size(); }
  [[nodiscard]] const std::vector<uint8_t>& bytes() const { return bytes_; }

 private:
  std::vector<uint8_t> bytes_;
};

inline constexpr SyncMarker kTestSync = {0xA0, 0xA1, 0xA2, 0xA3, 0xA4, 0xA5, 0xA6, 0xA7,
                                         0xA8, 0xA9, 0xAA, 0xAB, 0xAC, 0xAD, 0xAE, 0xAF};

// A header with the schema "long" and no codec.
inline ByteWriter& append_header(ByteWriter& out, const SyncMarker& sync = kTestSync) {
  return out.magic()
      .zigzag(1)  // one metadata entry
      .text("avro.schema")
      .text("\"long\"")
      .zigzag(0)  // end of the metadata
      .raw(sync);
}

inline ByteWriter& append_block(ByteWriter& out, int64_t row_count, ByteSpan data, const SyncMarker& sync = kTestSync) {
  return out.zigzag(row_count).zigzag(static_cast<int64_t>(data.size())).raw(data).raw(sync);
}

inline ByteWriter& append_block(ByteWriter& out, int64_t row_count, std::string_view data,
                                const SyncMarker& sync = kTestSync) {
  return append_block(out, row_count, as_bytes(data), sync);
}

// Owns its bytes, and counts requests. Its size may be larger by `more_bytes`. These are zeros, as in a sparse file, or
// are missing, as in a file that shrinks.
class TestSource final : public Source {
 public:
  enum class More : uint8_t { kMissing, kZeros };
  explicit TestSource(std::vector<uint8_t> bytes, uint64_t more_bytes = 0, More more = More::kMissing)
      : bytes_(std::move(bytes)), size_(bytes_.size() + more_bytes), more_(more) {}

  size_t read_at(uint64_t offset, std::span<uint8_t> out) override {
    largest_request_bytes = std::max(largest_request_bytes, out.size());
    requested_bytes += out.size();
    const size_t count = offset < bytes_.size() ? std::min<size_t>(out.size(), bytes_.size() - offset) : 0;
    if (count > 0) std::copy_n(bytes_.begin() + static_cast<ptrdiff_t>(offset), count, out.begin());
    if (more_ == More::kMissing || offset >= size_) return count;
    const size_t whole_count = std::min<uint64_t>(out.size(), size_ - offset);
    std::fill(out.begin() + static_cast<ptrdiff_t>(count), out.begin() + static_cast<ptrdiff_t>(whole_count),
              uint8_t{0});
    return whole_count;
  }
  [[nodiscard]] uint64_t size() const override { return size_; }
  [[nodiscard]] size_t preferred_chunk_bytes() const override { return 1 << 20; }

  size_t largest_request_bytes = 0;
  uint64_t requested_bytes = 0;

 private:
  std::vector<uint8_t> bytes_;
  uint64_t size_;
  More more_;
};

}  // namespace jetliner
