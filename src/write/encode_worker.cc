#include "write/encode_worker.h"

#include <utility>

#include "encode/put.h"

namespace jetliner {

void BlockWriter::write(const Cut& cut, ByteSpan plain, EncodedBlocks& out) {
  bool is_first = true;
  for (const CutBlock& block : cut.blocks) {
    ByteSpan data = plain.subspan(block.begin, block.end - block.begin);
    if (is_first && cut.carried.size() > 0) {
      joined_.clear();
      joined_.append(cut.carried.bytes());
      joined_.append(data);
      data = joined_.bytes();
    }
    is_first = false;
    if (data.empty()) data = ByteSpan(kNoBytes, 0);  // rows without bytes; some libraries refuse a null pointer
    if (compressor_ != nullptr) {
      compressed_.clear();
      compressor_->compress(data, compressed_);
      data = compressed_.bytes();
    }
    uint8_t* const head = out.bytes.room(2 * kMostScalarBytes + data.size() + sync_.size());
    uint8_t* p = put_long(head, static_cast<int64_t>(block.rows));
    p = put_long(p, static_cast<int64_t>(data.size()));
    out.bytes.add_size(static_cast<size_t>(p - head));
    out.bytes.append(data);
    out.bytes.append(sync_);
    out.blocks.push_back({.end = out.bytes.size(), .rows = block.rows, .ends_file = block.ends_file});
  }
}

void EncodeWorker::start(EncodeUnit unit) {
  unit_ = std::move(unit);
  next_row_ = unit_.begin;
  if (unit_.plan != plan_) {
    plan_ = unit_.plan;
    encoder_.emplace(*plan_);
  }
}

bool EncodeWorker::next(size_t /*most_rows*/, EncodedBlocks& result) {
  if (next_row_ == unit_.end) {
    unit_ = EncodeUnit();  // frees the batch
    return false;
  }
  rows_.clear();
  const size_t first = next_row_;
  next_row_ = encoder_->encode(*unit_.batch, first, unit_.end, kStepBytes, unit_.first_row, rows_);
  result = EncodedBlocks();
  result.bytes = spare_.take();
  result.ends_unit = next_row_ == unit_.end;
  if (!cutter_.cut(unit_.number, rows_, next_row_ == unit_.end, cut_)) {
    next_row_ = unit_.end;  // nobody wants the rest
    result.ends_unit = true;
    return true;
  }
  blocks_.write(cut_, rows_.bytes.bytes(), result);
  result.plain_rows = next_row_ - first;
  result.plain_bytes = rows_.bytes.size();
  return true;
}

EncodedBlocks EncodeWorker::failure(std::exception_ptr error) {
  cutter_.stop();  // later units wait for a turn that never comes
  return EncodedBlocks::of_error(std::move(error));
}

}  // namespace jetliner
