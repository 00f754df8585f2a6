#include "container/block_counter.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/varint.h"

namespace jetliner {
namespace {

constexpr size_t kMarkerBytes = sizeof(SyncMarker);
// The marker of one block, and the count and size of the next.
constexpr size_t kSeamBytes = kMarkerBytes + 2 * kMaxLongBytes;
// Requests are for a window, where so much costs no more than a request does anyway.
constexpr size_t kMaxWindowBytes = 1 << 20;
// More chains than that hide no more latency; shorter ones are not worth the search for a marker.
constexpr uint64_t kMaxChains = 64;
constexpr uint64_t kMinChainBytes = 1 << 20;
// Where there is no marker in so much of a part, blocks are large and the walk has few steps.
constexpr size_t kSearchBytes = 32 << 10;

}  // namespace

BlockCounter::BlockCounter(Source& source, const Header& header, CounterOptions options)
    : source_(source),
      sync_(header.sync),
      options_(options),
      size_(source.size()),
      window_bytes_(std::clamp<size_t>(source.request_cost_bytes(), kSeamBytes, kMaxWindowBytes)),
      position_(header.size_bytes) {
  chains_.push_back({.stop = size_, .position = position_});
  if (position_ > size_) chains_.front().is_irregular = true;  // shorter than its header now
  // With windows so large a walk reads everything between small blocks, and few places between large ones.
  if (options_.ahead && window_bytes_ < kSearchBytes) add_chains();
  ranges_.reserve(chains_.size());
  asking_.reserve(chains_.size());
}

void BlockCounter::add_chains() {
  const uint64_t begin = position_;
  if (size_ < begin + 2 * kMinChainBytes) return;
  const uint64_t parts = std::min(kMaxChains, (size_ - begin) / kMinChainBytes);
  chains_.reserve(parts);
  std::vector<uint8_t> bytes(kSearchBytes);
  for (uint64_t i = 1; i < parts; ++i) {
    const uint64_t offset = begin + (size_ - begin) / parts * i;
    const size_t got_bytes = source_.read_at(offset, bytes);
    const void* const hit = memmem(bytes.data(), got_bytes, sync_.data(), kMarkerBytes);
    if (hit == nullptr) continue;
    const auto marker = static_cast<uint64_t>(static_cast<const uint8_t*>(hit) - bytes.data());
    const uint64_t start = offset + marker + kMarkerBytes;
    chains_.back().stop = start;
    chains_.push_back({.stop = size_, .position = start});
  }
}

// A whole window where the next seams are likely to be in it as well.
size_t BlockCounter::request_bytes(const Chain& chain) const {
  const bool are_small = chain.end == 0 || chain.end - chain.position < window_bytes_ / 2;
  return are_small ? window_bytes_ : kSeamBytes;
}

BlockCounter::State BlockCounter::advance() {
  ranges_.clear();
  asking_.clear();
  for (Chain& chain : chains_) {
    if (chain.is_done()) continue;
    // A chain starts with a head alone; from then on it needs the marker at the end of its block, and the head behind.
    const uint64_t offset = chain.end == 0 ? chain.position : chain.end - kMarkerBytes;
    const auto ask_bytes = static_cast<size_t>(std::min<uint64_t>(request_bytes(chain), size_ - offset));
    chain.window_offset = offset;
    chain.window.resize(ask_bytes);
    ranges_.push_back({.offset = offset, .out = chain.window});
    asking_.push_back(&chain);
  }
  if (!ranges_.empty()) source_.read_ranges(ranges_);
  for (size_t i = 0; i < ranges_.size(); ++i) {
    Chain& chain = *asking_[i];
    chain.window.resize(ranges_[i].read_bytes);
    walk(chain);
  }
  return merge();
}

// As far as the window goes. A window that came back short is the end of the file: it shrank, and what is missing is
// for the framer to report.
void BlockCounter::walk(Chain& chain) const {
  const uint8_t* const begin = chain.window.data();
  const uint8_t* const end = begin + chain.window.size();
  const bool is_last = chain.window_offset + chain.window.size() == size_;
  const bool is_short = !is_last && chain.window.size() < kSeamBytes;
  const uint64_t window_end = chain.window_offset + chain.window.size();
  for (;;) {
    if (chain.end != 0) {
      if (chain.end > window_end) {
        chain.is_irregular = is_short;
        return;
      }
      const uint8_t* const marker = begin + (chain.end - kMarkerBytes - chain.window_offset);
      if (std::memcmp(marker, sync_.data(), kMarkerBytes) != 0) {
        chain.is_irregular = true;
        return;
      }
      chain.position = std::exchange(chain.end, 0);
      chain.rows = add_rows(chain.rows, chain.pending_rows);
      ++chain.blocks;
    }
    if (chain.position >= chain.stop) return;
    const uint8_t* const head = begin + (chain.position - chain.window_offset);
    const uint8_t* p = head;
    int64_t row_count = 0;
    int64_t data_bytes = 0;
    VarintStatus status = read_long_checked(&p, end, &row_count);
    if (status == VarintStatus::kOk) status = read_long_checked(&p, end, &data_bytes);
    if (status == VarintStatus::kEnd && !is_last && !is_short) return;  // the next window starts with it
    const auto rest_bytes = size_ - chain.position - static_cast<uint64_t>(p - head);
    const auto claimed_bytes = static_cast<uint64_t>(data_bytes);
    chain.is_irregular = status != VarintStatus::kOk || row_count < 0 || data_bytes < 0 ||
                         claimed_bytes > options_.max_data_bytes || rest_bytes < kMarkerBytes ||
                         claimed_bytes > rest_bytes - kMarkerBytes ||
                         static_cast<uint64_t>(row_count) > options_.bound.most_rows(claimed_bytes);
    if (chain.is_irregular) return;
    chain.pending_rows = static_cast<uint64_t>(row_count);
    chain.end = chain.position + static_cast<uint64_t>(p - head) + claimed_bytes + kMarkerBytes;
    if (chain.end - kMarkerBytes >= window_end) return;
  }
}

BlockCounter::State BlockCounter::merge() {
  size_t num_merged = 0;
  State state = State::kMore;
  for (;;) {
    Chain& chain = chains_[num_merged];
    position_ = chain.position;
    block_index_ += std::exchange(chain.blocks, 0);
    rows_ = add_rows(rows_, std::exchange(chain.rows, 0));
    if (chain.is_irregular) {
      state = State::kIrregular;
      break;
    }
    if (!chain.is_done()) break;
    if (num_merged + 1 == chains_.size()) {
      state = State::kEnd;
      break;
    }
    if (chain.position == chain.stop) {
      ++num_merged;
      continue;
    }
    // What the next chain started at was no marker but data.
    chain.stop = chains_[num_merged + 1].stop;
    chains_.erase(chains_.begin() + static_cast<std::ptrdiff_t>(num_merged) + 1);
  }
  chains_.erase(chains_.begin(), chains_.begin() + static_cast<std::ptrdiff_t>(num_merged));
  return state;
}

uint64_t BlockCounter::take_rows() { return std::exchange(rows_, 0); }

}  // namespace jetliner
