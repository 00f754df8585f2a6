#include "count/file_count.h"

#include <algorithm>
#include <utility>

#include "files/with_path.h"
#include "pipeline/cores.h"
#include "task/damage.h"

namespace jetliner {
namespace {

// Requests for which starting a thread pays: from the page cache they take 400 us, several times as long as a start.
constexpr uint64_t kThreadRequests = 1000;

}  // namespace

FileCount::FileCount(OpenFile file, bool ignore_errors, size_t n_threads)
    : file_(std::move(file)),
      ignore_errors_(ignore_errors),
      n_threads_(n_threads),
      bound_(row_bound(file_.context->header.codec, file_.context->plan->min_row_bytes, file_.max_block_bytes)),
      counter_options_{.max_data_bytes = file_.framer_options.max_data_bytes, .bound = bound_},
      stop_(file_.source->size()) {
  const Header& header = file_.context->header;
  if (bound_.min_row_bytes == 0) {
    // Rows that take no bytes are counted against a limit, block by block.
    if (file_.part == nullptr) file_.start({.offset = header.size_bytes});
    return;
  }
  is_walking_ = true;
  if (file_.part != nullptr) {
    n_threads_ = 1;
    stop_ = std::min(stop_, file_.part->stop_offset());
  } else {
    counter_.emplace(*file_.source, header.sync, counter_options_, header.size_bytes);
  }
}

bool FileCount::walk(std::chrono::steady_clock::time_point deadline) {
  if (is_walking_) with_path(*context()->path, [&] { is_walking_ = step(deadline); });
  if (counter_.has_value()) file_.add_blocks(counter_->take_filled_blocks());
  if (is_walking_) return true;
  parts_.reset();
  return false;
}

// Returns false at the end of the walk.
bool FileCount::step(std::chrono::steady_clock::time_point deadline) {
  if (!counter_.has_value()) {
    if (file_.part->find_start()) {
      counter_.emplace(*file_.source, file_.part->sync(), counter_options_, file_.part->position());
    }
    return true;
  }
  if (parts_ != nullptr && counter_->position() >= stop_) {
    const std::optional<CountedPart> part = parts_->take(deadline);
    if (!part.has_value()) return true;
    stop_ = part->stop;
    // The rest of the part is walked over here: all of it, if it began at data that looked like a marker.
    if (part->begin == counter_->position()) {
      counter_->skip_to(part->end, part->rows, part->blocks, part->filled_blocks);
    }
  }
  const BlockCounter::State state = counter_->advance(stop_);
  if (state == BlockCounter::State::kMore) {
    if (parts_ == nullptr) split();
    return true;
  }
  position_ = counter_->position();
  if (file_.part != nullptr) {
    file_.part->skip_to(position_, counter_->block_index());
    return false;
  }
  if (state == BlockCounter::State::kEnd) {
    is_through_ = position_ >= file_.source->size();
    return !is_through_;
  }
  file_.start({.offset = position_, .block_index = counter_->block_index()});
  return false;
}

// Leaves the rest of the file to threads, if the blocks so far promise that this pays.
void FileCount::split() {
  // The first request is smaller than the later ones.
  if (n_threads_ == 1 || counter_->num_requests() < 2) return;
  const uint64_t walked_bytes = counter_->position() - context()->header.size_bytes;
  const uint64_t request_bytes = walked_bytes / counter_->num_requests();
  if (request_bytes == 0 || request_bytes > kMarkerSearchBytes / 2) return;
  const uint64_t requests_left = (file_.source->size() - counter_->position()) / request_bytes;
  const uint64_t most_threads = requests_left / kThreadRequests;
  if (most_threads < 2) return;
  if (n_threads_ == 0) n_threads_ = usable_cores();
  if (n_threads_ > 1) {
    parts_ = CountParts::start(*file_.source, context()->header.sync, counter_options_, counter_->position(),
                               std::min<uint64_t>(n_threads_, most_threads));
  }
  // The first part begins where the counter is.
  if (parts_ != nullptr) stop_ = counter_->position();
  if (parts_ == nullptr) n_threads_ = 1;
}

bool FileCount::read_on(Piece& piece, uint64_t& rows) {
  if (is_through_ || !file_.next(unit_)) return false;
  for (const BlockRef& block : unit_.blocks) {
    position_ = block.file_offset + block.block_bytes;
    const uint64_t most_rows = bound_.most_rows(block.data_bytes);
    if (static_cast<uint64_t>(block.row_count) > most_rows) {
      piece.damage.push_back(impossible_rows(*context(), block, most_rows, ignore_errors_));
    } else {
      rows = add_rows(rows, static_cast<uint64_t>(block.row_count));
      if (block.refused_rows == 0) continue;
      piece.damage.push_back(too_many_empty_rows(*context(), block, ignore_errors_));
    }
    if (ignore_errors_) continue;
    is_through_ = true;
    return true;
  }
  if (unit_.damage.has_value()) {
    BadBlock damage = *std::exchange(unit_.damage, std::nullopt);
    damage.path = *context()->path;
    piece.damage.push_back(std::move(damage));
  }
  return true;
}

}  // namespace jetliner
