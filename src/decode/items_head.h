// The head of a block of items of an array or a map.
#pragma once

#include <cstdint>

#include "base/varint.h"
#include "decode/scan.h"
#include "decode/status.h"

namespace jetliner {

// Items stand in blocks (Avro 1.12, "Arrays" and "Maps"). Before each block:
//   count: long   items in the block; 0 ends the array or map
//   size:  long   bytes of the items, only where the count is negative; its absolute value is the count then
struct ItemsHead {
  // Or kEnd, kVarintTooLong, kVarintTooLarge, kLength (the size is negative, or beyond the end).
  Status status = Status::kOk;
  // Set for kOk and kLength:
  uint64_t count = 0;
  const uint8_t* items = nullptr;  // the first item
  // For kOk: where the items end by their size; nullptr where there is no size.
  const uint8_t* items_end = nullptr;
  const uint8_t* where = nullptr;  // of a failure: the long that is too long, else the start of the head

  [[nodiscard]] bool is_ok() const { return status == Status::kOk; }
};

// Reads nothing from `end` on. `p` may lie behind `end`: scalars before it are read without a check (decode/scan.h).
// The count is not compared with the bytes that are left: what an item takes at least is known to the caller only.
inline ItemsHead read_items_head(const uint8_t* p, const uint8_t* end) {
  ItemsHead head{.where = p};
  const auto read = [&head, end](const uint8_t** at, int64_t* value) {
    switch (*at < end ? read_long_checked(at, end, value) : VarintStatus::kEnd) {
      case VarintStatus::kOk:
        return true;
      case VarintStatus::kEnd:
        head.status = Status::kEnd;
        return false;
      case VarintStatus::kTooLong:
        head.status = varint_fault(*at);
        head.where = *at;
        return false;
    }
    return false;
  };
  int64_t count = 0;
  if (!read(&p, &count)) return head;
  head.count = static_cast<uint64_t>(count);
  if (count < 0) {
    head.count = -head.count;
    int64_t size_bytes = 0;
    if (!read(&p, &size_bytes)) return head;
    if (size_bytes < 0 || size_bytes > end - p) {
      head.status = Status::kLength;
    } else {
      head.items_end = p + size_bytes;
    }
  }
  head.items = p;
  return head;
}

}  // namespace jetliner
