#include "files/unit_reader.h"

namespace jetliner {
namespace {

// Less than this is decoded sooner than threads are started.
constexpr uint64_t kPlentyBytes = 512 << 10;

}  // namespace

bool UnitReader::next(FileUnit& work) {
  for (;;) {
    if (!file_.has_value()) {
      if (next_file_ == files_.size()) return false;
      file_ = files_.open(next_file_++);
    }
    if (file_->next(work.unit)) break;
    file_.reset();
  }
  work.file = file_->context;
  if (tells_source_ && file_->source->reads_ahead()) {
    file_->source->will_need(file_->framer->position(), bytes_ahead(work.unit.bytes.size()));
  }
  return true;
}

// How many bytes to announce: buffer_blocks units, at most buffer_bytes.
uint64_t UnitReader::bytes_ahead(size_t unit_bytes) const {
  const size_t unit = std::max<size_t>(unit_bytes, 1);
  return unit > buffer_bytes_ / buffer_blocks_ ? buffer_bytes_ : unit * buffer_blocks_;
}

bool UnitReader::has_plenty_left() const {
  if (next_file_ < files_.size()) return true;
  return file_.has_value() && file_->source->size() > file_->framer->position() + kPlentyBytes;
}

void UnitReader::close() {
  file_.reset();
  next_file_ = files_.size();
}

}  // namespace jetliner
