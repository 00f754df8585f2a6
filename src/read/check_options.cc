#include "read/check_options.h"

#include <string>

#include "jetliner/error.h"

namespace jetliner {
namespace {

[[noreturn]] void refuse(const std::string& message) {
  throw Error(ErrorKind::kConfiguration, ErrorVariant::kConfiguration, message);
}

void check_positive(const char* name, size_t value) {
  if (value == 0) refuse(std::string(name) + " must not be 0");
}

}  // namespace

ReadOptions checked(ReadOptions options, size_t num_files) {
  if (num_files == 0) refuse("there are no files to read: give at least one path");
  check_positive("batch_size", options.batch_size);
  check_positive("buffer_blocks", options.buffer_blocks);
  check_positive("buffer_bytes", options.buffer_bytes);
  check_positive("read_chunk_bytes", options.read_chunk_bytes.value_or(1));
  check_positive("max_block_bytes", options.max_block_bytes.value_or(1));
  if (options.n_threads > kMaxThreads) {
    refuse("n_threads must be at most " + std::to_string(kMaxThreads) + ", got " + std::to_string(options.n_threads));
  }
  if (options.range) {
    if (num_files != 1) refuse("range is for a single file, got " + std::to_string(num_files));
    if (options.range->begin > options.range->end) refuse("the range ends before it begins");
  }
  return options;
}

}  // namespace jetliner
