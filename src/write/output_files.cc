#include "write/output_files.h"

#include <utility>

namespace jetliner {

void OutputFiles::open() {
  sink_ = opener_(files_++);
  bytes_of_file_ = 0;
  add(header_.bytes());
}

void OutputFiles::write(const EncodedBlocks& blocks) {
  const ByteSpan bytes = blocks.bytes.bytes();
  const ByteSpan plain = blocks.plain.bytes();
  size_t begin = 0;  // in `bytes`: of what was not added yet
  for (const FileBlock& block : blocks.blocks) {
    if (sink_ == nullptr) open();  // the file before is full
    ++blocks_;
    if (block.plain_end > block.plain_begin) {
      add(bytes.subspan(begin, block.plain_place - begin));
      add(plain.subspan(block.plain_begin, block.plain_end - block.plain_begin));
      begin = block.plain_place;
    }
    const bool ends_file = block.ends_file || bytes_of_file_ + (block.end - begin) >= max_bytes_;
    if (!ends_file && &block != &blocks.blocks.back()) continue;
    add(bytes.subspan(begin, block.end - begin));
    begin = block.end;
    write_pieces();
    if (ends_file) end_file();
  }
}

void OutputFiles::add(ByteSpan bytes) {
  if (bytes.empty()) return;
  pieces_.push_back(bytes);
  bytes_of_file_ += bytes.size();
  bytes_ += bytes.size();
}

void OutputFiles::write_pieces() {
  if (pieces_.size() == 1) {
    sink_->write(pieces_.front());
  } else if (!pieces_.empty()) {
    sink_->write_pieces(pieces_);
  }
  pieces_.clear();
}

void OutputFiles::end_file() {
  write_pieces();
  sink_->finish();
  sink_.reset();
}

void OutputFiles::finish() {
  if (sink_ != nullptr) end_file();
}

}  // namespace jetliner
