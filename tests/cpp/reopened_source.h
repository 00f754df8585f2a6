// Bytes in memory as a source that several threads may read at the same time, as a local file is.
#pragma once

#include <algorithm>
#include <atomic>
#include <memory>
#include <span>
#include <utility>

#include "avro_writer.h"
#include "jetliner/error.h"
#include "jetliner/source.h"

namespace jetliner {

class ReopenedSource final : public Source {
 public:
  // Shared by a source and those that reopen() made of it.
  struct Shared {
    Bytes bytes;
    size_t request_cost_bytes = 64;
    int max_reopened = 100;
    uint64_t missing_bytes = 0;  // of the reopened ones, as if the file had been cut meanwhile
    std::atomic<int> num_reopened = 0;
    std::atomic<bool> fails = false;  // every read
  };

  explicit ReopenedSource(std::shared_ptr<Shared> shared, uint64_t missing_bytes = 0)
      : shared_(std::move(shared)), size_(shared_->bytes.size() - missing_bytes) {}

  size_t read_at(uint64_t offset, std::span<uint8_t> out) override {
    if (shared_->fails) throw Error(ErrorKind::kSource, ErrorVariant::kIo, "the disk is gone");
    const size_t count = offset < size_ ? std::min<size_t>(out.size(), size_ - offset) : 0;
    std::copy_n(shared_->bytes.begin() + static_cast<std::ptrdiff_t>(std::min<uint64_t>(offset, size_)), count,
                out.begin());
    return count;
  }
  [[nodiscard]] uint64_t size() const override { return size_; }
  [[nodiscard]] size_t preferred_chunk_bytes() const override { return 4096; }
  [[nodiscard]] size_t request_cost_bytes() const override { return shared_->request_cost_bytes; }
  [[nodiscard]] std::unique_ptr<Source> reopen() const override {
    if (shared_->num_reopened >= shared_->max_reopened) return nullptr;
    ++shared_->num_reopened;
    return std::make_unique<ReopenedSource>(shared_, shared_->missing_bytes);
  }

 private:
  std::shared_ptr<Shared> shared_;
  uint64_t size_;
};

}  // namespace jetliner
