// A source that lends its bytes in pieces of different sizes, for tests.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include "jetliner/source.h"

namespace jetliner {

// Each lent piece is a copy of its own: AddressSanitizer finds reads beyond it, and reads after its owner let it go.
class LendingSource final : public Source {
 public:
  // Pieces have from 1 to `most_bytes` bytes, and now and then none.
  LendingSource(std::span<const uint8_t> bytes, size_t most_bytes, uint64_t seed)
      : bytes_(bytes), most_bytes_(most_bytes), state_(seed) {}

  size_t read_at(uint64_t offset, std::span<uint8_t> out) override {
    if (offset >= bytes_.size() || out.empty()) return 0;
    const size_t count = std::min<size_t>(out.size(), bytes_.size() - offset);
    std::memcpy(out.data(), bytes_.data() + offset, count);
    return count;
  }
  [[nodiscard]] bool lends() const override { return true; }
  LentBytes lend(uint64_t offset, size_t /*bytes*/) override {
    state_ = state_ * 6364136223846793005U + 1442695040888963407U;
    const uint64_t random = state_ >> 33;
    if (offset >= bytes_.size() || random % 8 == 0) return {};
    const size_t count = std::min<size_t>(1 + random % most_bytes_, bytes_.size() - offset);
    const auto piece = bytes_.subspan(static_cast<size_t>(offset), count);
    auto copy = std::make_shared<std::vector<uint8_t>>(piece.begin(), piece.end());
    return {*copy, copy};
  }
  [[nodiscard]] uint64_t size() const override { return bytes_.size(); }
  [[nodiscard]] size_t preferred_chunk_bytes() const override { return 1 << 20; }

 private:
  const std::span<const uint8_t> bytes_;
  const size_t most_bytes_;
  uint64_t state_;
};

}  // namespace jetliner
