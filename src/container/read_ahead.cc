#include "container/read_ahead.h"

#include <algorithm>
#include <cstring>

namespace jetliner {
namespace {

// After so many requests beyond the soft end the bytes there are needed after all, as after damage. Requests of a few
// bytes each would take long. The last block of a part needs fewer.
constexpr int kMostRequestsBeyond = 8;

}  // namespace

ReadAhead::ReadAhead(Source& source, uint64_t offset, size_t chunk_bytes)
    : source_(source),
      chunk_bytes_(std::max<size_t>(chunk_bytes, 1)),
      request_bytes_(std::min(chunk_bytes_, kFirstRequestBytes)),
      position_(offset),
      end_(std::max(source.size(), offset)) {
  held_.resize(0);
}

size_t ReadAhead::ask_bytes(uint64_t offset, size_t least) const {
  uint64_t bytes = std::min<uint64_t>(request_bytes_, end_ - offset);
  const uint64_t wanted = offset < soft_end_ ? std::max<uint64_t>(soft_end_ - offset, least) : least;
  return static_cast<size_t>(std::min(bytes, std::max<uint64_t>(wanted, 1)));
}

size_t ReadAhead::request(uint64_t offset, std::span<uint8_t> out) {
  const size_t got_bytes = source_.read_at(offset, out);
  if (got_bytes < out.size()) end_ = std::min(end_, offset + got_bytes);
  if (offset >= soft_end_ && ++requests_beyond_ == kMostRequestsBeyond) soft_end_ = UINT64_MAX;
  if (request_bytes_ < chunk_bytes_) request_bytes_ = std::min(chunk_bytes_, request_bytes_ * 4);
  return got_bytes;
}

size_t ReadAhead::read(std::span<uint8_t> out, Request kind) {
  size_t done_bytes = 0;
  while (done_bytes < out.size() && position_ < end_) {
    const std::span<uint8_t> rest = out.subspan(done_bytes);
    size_t count = std::min(held_bytes(), rest.size());
    if (count > 0) {
      std::memcpy(rest.data(), held_.data() + (position_ - held_offset_), count);
    } else {
      const size_t bytes = ask_bytes(position_, rest.size());
      if (kind == Request::kExact || rest.size() >= bytes) {
        count = request(position_, rest.first(std::min(rest.size(), bytes)));
      } else {
        held_.resize(0);
        held_offset_ = position_;
        held_.reserve(bytes);
        held_.resize(request(position_, {held_.data(), bytes}));
        continue;
      }
    }
    position_ += count;
    done_bytes += count;
  }
  return done_bytes;
}

LentBytes ReadAhead::borrow(size_t count) {
  if (held_bytes() > 0 || position_ >= end_) return {};
  LentBytes lent = source_.lend(position_, count);
  if (lent.owner == nullptr || lent.bytes.size() <= kSlackBytes) return {};
  const uint64_t most = std::min<uint64_t>(lent.bytes.size() - kSlackBytes, end_ - position_);
  lent.bytes = lent.bytes.first(static_cast<size_t>(most));
  return lent;
}

void ReadAhead::unread(ByteSpan tail) {
  if (tail.empty()) return;
  const uint64_t target = position_ - tail.size();
  const bool is_held = target >= held_offset_ && position_ <= held_end();
  if (!is_held) {
    // Hold the tail, and behind it the bytes that were held.
    drop_consumed();
    const size_t after_bytes = held_.size();
    held_.resize(tail.size() + after_bytes);
    std::memmove(held_.data() + tail.size(), held_.data(), after_bytes);
    std::memcpy(held_.data(), tail.data(), tail.size());
    held_offset_ = target;
  }
  position_ = target;
}

void ReadAhead::drop_consumed() {
  const size_t keep_bytes = held_bytes();
  if (keep_bytes > 0) std::memmove(held_.data(), held_.data() + (position_ - held_offset_), keep_bytes);
  held_.resize(keep_bytes);
  held_offset_ = position_;
}

ByteSpan ReadAhead::view(size_t count) {
  if (held_bytes() < std::max<size_t>(count, 1)) {
    drop_consumed();
    while (held_.size() < count && held_end() < end_) {
      const size_t have_bytes = held_.size();
      const size_t bytes = ask_bytes(held_end(), count - have_bytes);
      held_.reserve(have_bytes + bytes);
      held_.resize(have_bytes + request(held_end(), {held_.data() + have_bytes, bytes}));
    }
  }
  return held_.bytes().subspan(position_ - held_offset_);
}

size_t ReadAhead::peek(uint64_t offset, std::span<uint8_t> out) {
  if (offset >= end_) return 0;
  const auto count = static_cast<size_t>(std::min<uint64_t>(out.size(), end_ - offset));
  if (offset >= held_offset_ && offset + count <= held_end()) {
    std::memcpy(out.data(), held_.data() + (offset - held_offset_), count);
    return count;
  }
  const size_t got_bytes = source_.read_at(offset, out.first(count));
  if (got_bytes < count) end_ = std::min(end_, std::max({offset + got_bytes, position_, held_end()}));
  return got_bytes;
}

}  // namespace jetliner
