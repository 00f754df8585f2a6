#include "write/encode_worker.h"

#include <utility>

#include "encode/put.h"

namespace jetliner {
namespace {

// Plain data of this size are passed to the sink as they are. Smaller ones are copied, so that a sink gets few pieces.
constexpr size_t kUncopiedBytes = 16 << 10;

}  // namespace

void BlockWriter::write(const Cut& cut, ByteBuffer& rows, EncodedBlocks& out) {
  bool takes_rows = false;
  for (size_t i = 0; i < cut.blocks.size(); ++i) {
    const CutBlock& block = cut.blocks[i];
    ByteSpan data = rows.bytes().subspan(block.begin, block.end - block.begin);
    ByteSpan carried = i == 0 ? cut.carried.bytes() : ByteSpan();
    FileBlock made{.rows = block.rows, .ends_file = block.ends_file};
    if (compressor_ != nullptr) {
      if (!carried.empty()) data = joined(carried, data);
      carried = {};
      if (data.empty()) data = ByteSpan(kNoBytes, 0);  // rows without bytes; some libraries refuse a null pointer
      compressed_.clear();
      compressor_->compress(data, compressed_);
      data = compressed_.bytes();
    }
    const size_t data_bytes = carried.size() + data.size();
    if (compressor_ == nullptr && data.size() >= kUncopiedBytes) {
      takes_rows = true;
      made.plain_begin = block.begin;
      made.plain_end = block.end;
      data = {};
    }
    uint8_t* const head = out.bytes.room(2 * kMostScalarBytes + carried.size() + data.size() + sync_.size());
    uint8_t* p = put_long(head, static_cast<int64_t>(block.rows));
    p = put_long(p, static_cast<int64_t>(data_bytes));
    out.bytes.add_size(static_cast<size_t>(p - head));
    out.bytes.append(carried);
    made.plain_place = out.bytes.size();
    out.bytes.append(data);
    out.bytes.append(sync_);
    made.end = out.bytes.size();
    out.blocks.push_back(made);
  }
  if (takes_rows) std::swap(rows, out.plain);
}

ByteSpan BlockWriter::joined(ByteSpan first, ByteSpan second) {
  joined_.clear();
  joined_.append(first);
  joined_.append(second);
  return joined_.bytes();
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
  result.plain_bytes = rows_.bytes.size();
  result.ends_unit = next_row_ == unit_.end;
  if (!cutter_.cut(unit_.number, rows_, next_row_ == unit_.end, cut_)) {
    next_row_ = unit_.end;  // nobody wants the rest
    result.ends_unit = true;
    return true;
  }
  blocks_.write(cut_, rows_.bytes, result);
  if (result.plain.capacity() > 0) rows_.bytes = spare_.take();
  result.plain_rows = next_row_ - first;
  return true;
}

EncodedBlocks EncodeWorker::failure(std::exception_ptr error) {
  cutter_.stop();  // later units wait for a turn that never comes
  return EncodedBlocks::of_error(std::move(error));
}

}  // namespace jetliner
