#include "container/joined_files.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/system.h"
#include "jetliner/error.h"

namespace jetliner {
namespace {

constexpr size_t kChunkBytes = 64 << 10;
// The other header may be larger than the file's own by this: metadata besides the schema may differ.
constexpr uint64_t kMoreHeaderBytes = 4 << 10;

// A part of another source.
class PartSource final : public Source {
 public:
  PartSource(Source& whole, uint64_t offset, uint64_t most_bytes)
      : whole_(whole), offset_(offset), size_(std::min(most_bytes, whole.size() - std::min(whole.size(), offset))) {}

  size_t read_at(uint64_t offset, std::span<uint8_t> out) override {
    if (offset >= size_) return 0;
    return whole_.read_at(offset_ + offset, out.first(std::min<uint64_t>(out.size(), size_ - offset)));
  }
  [[nodiscard]] uint64_t size() const override { return size_; }
  [[nodiscard]] size_t preferred_chunk_bytes() const override { return kChunkBytes; }

 private:
  Source& whole_;
  uint64_t offset_;
  uint64_t size_;
};

// The header at `offset`; nothing where there is none. Throws Error (kSource).
std::optional<Header> header_at(Source& source, uint64_t offset, uint64_t most_bytes) {
  PartSource part(source, offset, most_bytes);
  if (part.size() == 0) return std::nullopt;
  try {
    return read_header(part, kChunkBytes);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kParse) throw;
    return std::nullopt;
  }
}

}  // namespace

JoinedFiles::Found JoinedFiles::examine(uint64_t offset) {
  Found found{.offset = offset};
  if (attempts_left_ == 0) return found;
  std::optional<Header> other = header_at(source_, offset, own_header_bytes_ + kMoreHeaderBytes);
  if (!other.has_value()) {
    --attempts_left_;
    return found;
  }
  // Read again, because nobody keeps the header of an open file: most files do not need it here.
  if (!own_.has_value()) own_ = header_at(source_, 0, own_header_bytes_);
  const bool fits = own_.has_value() && other->schema_json == own_->schema_json && other->codec == own_->codec;
  if (!fits) --attempts_left_;
  found.verdict = fits ? Verdict::kFits : Verdict::kForeign;
  found.data_offset = offset + other->size_bytes;
  found.sync = other->sync;
  return found;
}

std::optional<JoinedFiles::Found> JoinedFiles::find(ReadAhead& input) {
  if (searches_left_ == 0) return std::nullopt;
  --searches_left_;
  for (;;) {
    const ByteSpan view = input.view(kMagic.size());
    const uint64_t begin = input.position();
    if (view.size() < kMagic.size() || attempts_left_ == 0) return std::nullopt;
    const void* const hit = sys::find(view.data(), view.size(), kMagic.data(), kMagic.size());
    if (hit == nullptr) {
      input.seek(begin + view.size() - (kMagic.size() - 1));
      continue;
    }
    const uint64_t offset = begin + static_cast<uint64_t>(static_cast<const uint8_t*>(hit) - view.data());
    const Found found = examine(offset);
    if (found.verdict == Verdict::kFits) return found;
    input.seek(offset + 1);
  }
}

}  // namespace jetliner
