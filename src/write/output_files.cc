#include "write/output_files.h"

#include <utility>

namespace jetliner {

void OutputFiles::open() {
  sink_ = opener_(files_++);
  bytes_of_file_ = 0;
  write_bytes(header_.bytes());
}

void OutputFiles::write(const EncodedBlocks& blocks) {
  const ByteSpan bytes = blocks.bytes.bytes();
  size_t begin = 0;
  for (size_t i = 0; i < blocks.blocks.size(); ++i) {
    const FileBlock& block = blocks.blocks[i];
    if (sink_ == nullptr) open();  // the file before is full
    ++blocks_;
    const bool is_last = i + 1 == blocks.blocks.size();
    const bool ends_file = block.ends_file || bytes_of_file_ + (block.end - begin) >= max_bytes_;
    if (!ends_file && !is_last) continue;
    write_bytes(bytes.subspan(begin, block.end - begin));
    begin = block.end;
    if (ends_file) end_file();
  }
}

void OutputFiles::write_bytes(ByteSpan bytes) {
  if (bytes.empty()) return;
  sink_->write(bytes);
  bytes_of_file_ += bytes.size();
  bytes_ += bytes.size();
}

void OutputFiles::end_file() {
  sink_->finish();
  sink_.reset();
}

void OutputFiles::finish() {
  if (sink_ != nullptr) end_file();
}

}  // namespace jetliner
