// What passes through the pipeline of a writer: units of rows, and the blocks that were made of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <vector>

#include "base/byte_buffer.h"
#include "encode/plan.h"
#include "input/input_columns.h"

namespace jetliner {

// Rows of a batch. PipelineWork.
struct EncodeUnit {
  std::shared_ptr<const EncodePlan> plan;
  std::shared_ptr<const InputBatch> batch;
  size_t begin = 0;
  size_t end = 0;
  uint64_t first_row = 0;  // the number of row 0 of the batch, in all that is written
  uint64_t number = 0;     // of the unit, from 0

  // The batch is the caller's, as far as the pipeline knows.
  [[nodiscard]] size_t input_bytes() const { return 0; }  // NOLINT(readability-convert-member-functions-to-static)
};

// A block as it is in the file: count, size, data and marker. They are in EncodedBlocks::bytes, but for large data of
// the codec null: these are in EncodedBlocks::plain, and belong between two of the bytes.
struct FileBlock {
  size_t end = 0;          // in `bytes`; the next block begins there
  size_t plain_place = 0;  // in `bytes`: the plain data belong before this byte
  size_t plain_begin = 0;  // in `plain`
  size_t plain_end = 0;
  size_t rows = 0;
  bool ends_file = false;  // the next block belongs to another file
};

// PipelineResult.
struct EncodedBlocks {
  ByteBuffer bytes;
  ByteBuffer plain;
  std::vector<FileBlock> blocks;
  size_t plain_bytes = 0;  // of the rows that were encoded
  size_t plain_rows = 0;
  bool ends_unit = false;
  std::exception_ptr error;

  [[nodiscard]] size_t held_bytes() const { return bytes.capacity() + plain.capacity(); }
  [[nodiscard]] size_t num_rows() const { return plain_rows; }
  static EncodedBlocks of_error(std::exception_ptr error) {
    EncodedBlocks result;
    result.error = std::move(error);
    return result;
  }
};

}  // namespace jetliner
