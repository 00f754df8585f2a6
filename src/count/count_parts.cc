#include "count/count_parts.h"

#include <algorithm>
#include <utility>

namespace jetliner {
namespace {

// Several, since threads may be of different speed: each takes the next part when it is done with one.
constexpr size_t kPartsPerThread = 8;

}  // namespace

std::unique_ptr<CountParts> CountParts::start(const Source& source, const SyncMarker& sync, CounterOptions options,
                                              uint64_t begin, size_t n_threads) {
  std::vector<std::unique_ptr<Source>> sources;
  while (sources.size() < n_threads) {
    std::unique_ptr<Source> reopened = source.reopen();
    if (reopened == nullptr || reopened->size() != source.size()) break;
    sources.push_back(std::move(reopened));
  }
  if (sources.size() < 2) return nullptr;
  std::unique_ptr<CountParts> parts(new CountParts(std::move(sources), sync, options, begin));
  return parts->parts_->has_threads() ? std::move(parts) : nullptr;
}

CountParts::CountParts(std::vector<std::unique_ptr<Source>> sources, const SyncMarker& sync, CounterOptions options,
                       uint64_t begin)
    : sources_(std::move(sources)),
      sync_(sync),
      options_(options),
      begin_(begin),
      size_(sources_.front()->size()),
      num_parts_(sources_.size() * kPartsPerThread) {
  // Results are small: all of them may wait.
  parts_.emplace(num_parts_, sources_.size(), num_parts_,
                 [this](size_t index, size_t thread, const std::atomic<bool>& stopped) {
                   return walk_over(index, *sources_[thread], stopped);
                 });
}

uint64_t CountParts::part_offset(size_t index) const { return begin_ + (size_ - begin_) / num_parts_ * index; }

// Called from several threads.
CountedPart CountParts::walk_over(size_t index, Source& source, const std::atomic<bool>& stopped) const {
  CountedPart part;
  // The first marker after an offset ends at least this far behind it.
  part.stop = index + 1 == num_parts_ ? size_ : std::min(size_, part_offset(index + 1) + sizeof(SyncMarker));
  try {
    part.begin = index == 0 ? begin_ : find_block(source, sync_, part_offset(index));
    if (!part.begin.has_value()) return part;
    part.end = *part.begin;
    BlockCounter counter(source, sync_, options_, *part.begin);
    BlockCounter::State state = BlockCounter::State::kMore;
    while (state == BlockCounter::State::kMore && !stopped) {
      state = counter.advance(part.stop);
      part.end = counter.position();
      part.rows = add_rows(part.rows, counter.take_rows());
      part.blocks = counter.block_index();
      part.filled_blocks += counter.take_filled_blocks();
    }
  } catch (...) {  // NOLINT(bugprone-empty-catch)
    // The consumer goes on from the end of the part, and meets the same there, unless only this thread had it.
  }
  return part;
}

}  // namespace jetliner
