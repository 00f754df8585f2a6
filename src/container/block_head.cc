#include "container/block_head.h"

namespace jetliner {
namespace {

BlockHead::Status read_field(const uint8_t** p, const uint8_t* end, int64_t* value) {
  switch (read_long_checked(p, end, value)) {
    case VarintStatus::kOk:
      return *value < 0 ? BlockHead::Status::kNegative : BlockHead::Status::kOk;
    case VarintStatus::kEnd:
      return BlockHead::Status::kCut;
    case VarintStatus::kTooLong:
      break;
  }
  return BlockHead::Status::kNoLong;
}

}  // namespace

BlockHead read_block_head(const uint8_t* begin, const uint8_t* end) {
  BlockHead head;
  const uint8_t* p = begin;
  head.status = read_field(&p, end, &head.row_count);
  if (!head.is_ok()) return head;
  head.field = BlockHead::Field::kSize;
  head.status = read_field(&p, end, &head.data_bytes);
  if (head.is_ok()) head.head_bytes = static_cast<size_t>(p - begin);
  return head;
}

}  // namespace jetliner
