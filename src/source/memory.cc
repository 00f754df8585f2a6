// Bytes in memory.
#include <algorithm>
#include <cstring>
#include <memory>
#include <utility>

#include "jetliner/source.h"

namespace jetliner {
namespace {

class MemorySource final : public Source {
 public:
  MemorySource(std::span<const uint8_t> bytes, std::shared_ptr<const void> owner)
      : bytes_(bytes), owner_(std::move(owner)) {}

  size_t read_at(uint64_t offset, std::span<uint8_t> out) override {
    if (offset >= bytes_.size() || out.empty()) return 0;
    const std::span<const uint8_t> rest = bytes_.subspan(static_cast<size_t>(offset));
    const size_t count = std::min(rest.size(), out.size());
    std::memcpy(out.data(), rest.data(), count);
    return count;
  }

  [[nodiscard]] bool lends() const override { return owner_ != nullptr; }
  LentBytes lend(uint64_t offset, size_t /*bytes*/) override {
    if (owner_ == nullptr || offset >= bytes_.size()) return {};
    return {bytes_.subspan(static_cast<size_t>(offset)), owner_};
  }
  [[nodiscard]] uint64_t size() const override { return bytes_.size(); }
  [[nodiscard]] size_t preferred_chunk_bytes() const override { return 1 << 20; }
  [[nodiscard]] bool reads_ahead() const override { return true; }  // nothing to wait for
  [[nodiscard]] size_t request_cost_bytes() const override { return 64; }

 private:
  const std::span<const uint8_t> bytes_;
  const std::shared_ptr<const void> owner_;  // nullptr: the caller
};

}  // namespace

std::unique_ptr<Source> open_memory(std::span<const uint8_t> bytes) { return open_memory(bytes, nullptr); }
std::unique_ptr<Source> open_memory(std::span<const uint8_t> bytes, std::shared_ptr<const void> owner) {
  return std::make_unique<MemorySource>(bytes, std::move(owner));
}

}  // namespace jetliner
