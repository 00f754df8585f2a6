#include "files/unit_reader.h"

namespace jetliner {
namespace {

// Less than this is decoded sooner than threads are started.
constexpr uint64_t kPlentyBytes = 512 << 10;
// Slow files that are open before their turn, at most. Their first bytes are on their way then.
constexpr size_t kMostFilesAhead = 16;
// Bytes that are asked for in each of them.
constexpr uint64_t kFirstBytesAhead = 4 << 20;

}  // namespace

bool UnitReader::next(FileUnit& work) {
  for (;;) {
    if (!file_.has_value() && !open_next()) return false;
    if (file_->next(work.unit)) break;
    file_.reset();
  }
  work.file = file_->context;
  // A unit without blocks is a step of a search: it does not tell where blocks are.
  if (tells_source_ && file_->source->reads_ahead() && !work.unit.blocks.empty()) {
    file_->source->will_need(file_->position(), std::min(file_->bytes_left(), bytes_ahead(work.unit.bytes.size())));
  }
  return true;
}

bool UnitReader::open_next() {
  if (!ahead_.empty()) {
    OpenedAhead opened = std::move(ahead_.front());
    ahead_.pop_front();
    if (opened.error != nullptr) std::rethrow_exception(opened.error);
    file_ = std::move(opened.file);
  } else if (next_file_ < files_.size()) {
    file_ = files_.open(next_file_++);
  } else {
    return false;
  }
  if (may_open_ahead_ && !file_->source->reads_ahead()) {
    if (file_->part == nullptr) file_->source->will_need(file_->position(), file_->bytes_left());
    open_ahead();
  }
  return true;
}

// Asks for the first bytes of the next files. Their number doubles with each file that was read, so that a caller who
// wants few rows fetches little.
void UnitReader::open_ahead() {
  while (ahead_.size() < most_ahead_ && next_file_ < files_.size()) {
    OpenedAhead& opened = ahead_.emplace_back();
    try {
      opened.file = files_.open(next_file_++);
      opened.file->source->will_need(opened.file->context->header.size_bytes, kFirstBytesAhead);
    } catch (...) {
      opened.error = std::current_exception();
      break;
    }
  }
  most_ahead_ = std::min(std::max<size_t>(most_ahead_ * 2, 1), kMostFilesAhead);
}

// How many bytes to announce: buffer_blocks units, at most buffer_bytes.
uint64_t UnitReader::bytes_ahead(size_t unit_bytes) const {
  const size_t unit = std::max<size_t>(unit_bytes, 1);
  return unit > buffer_bytes_ / buffer_blocks_ ? buffer_bytes_ : unit * buffer_blocks_;
}

bool UnitReader::has_plenty_left() const {
  if (next_file_ < files_.size() || !ahead_.empty()) return true;
  return file_.has_value() && file_->bytes_left() > kPlentyBytes;
}

void UnitReader::close() {
  file_.reset();
  ahead_.clear();
  next_file_ = files_.size();
}

}  // namespace jetliner
