// Bytes in memory that the caller owns.
#include <algorithm>
#include <cstring>

#include "jetliner/source.h"

namespace jetliner {
namespace {

class MemorySource final : public Source {
 public:
  explicit MemorySource(std::span<const uint8_t> bytes) : bytes_(bytes) {}

  size_t read_at(uint64_t offset, std::span<uint8_t> out) override {
    if (offset >= bytes_.size() || out.empty()) return 0;
    const std::span<const uint8_t> rest = bytes_.subspan(static_cast<size_t>(offset));
    const size_t count = std::min(rest.size(), out.size());
    std::memcpy(out.data(), rest.data(), count);
    return count;
  }

  [[nodiscard]] uint64_t size() const override { return bytes_.size(); }
  [[nodiscard]] size_t preferred_chunk_bytes() const override { return 1 << 20; }
  [[nodiscard]] bool reads_ahead() const override { return true; }  // nothing to wait for
  [[nodiscard]] size_t request_cost_bytes() const override { return 64; }

 private:
  std::span<const uint8_t> bytes_;
};

}  // namespace

std::unique_ptr<Source> open_memory(std::span<const uint8_t> bytes) { return std::make_unique<MemorySource>(bytes); }

}  // namespace jetliner
