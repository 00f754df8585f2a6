// The operations of a plan, bound to the columns of one batch.
//
// An EncodeOp is large, and it names its column by an index. The interpreter needs little of both for each value. So
// before a batch is encoded, that little is put side by side: a list of operations is a few cache lines, and a value is
// one address away. What the batch tells is used as well: a column without nulls has no validity, and the fields of a
// record that is never null stand in the list of their parent. The record's branch is written with the first field.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "encode/plan.h"
#include "encode/put.h"
#include "input/input_columns.h"

namespace jetliner {

// Bytes that an operation may write without making room: a branch, a length, and a scalar.
inline constexpr size_t kOpRoom = 3 * kMostScalarBytes;

// Asks for memory some values behind `at`, in the same buffer. It may lie beyond the end: that does no harm. Rows go
// through many buffers in turn, and the processor does not follow so many.
inline void fetch_ahead(const void* at) {
  constexpr uintptr_t kBytesAhead = 256;
  __builtin_prefetch(reinterpret_cast<const void*>(reinterpret_cast<uintptr_t>(at) + kBytesAhead));
}

struct BoundOp;

// Operations that are run one after the other for each index.
struct BoundOps {
  const BoundOp* begin = nullptr;
  const BoundOp* end = nullptr;
};

// A few numbers in Avro's encoding.
struct ShortLong {
  std::array<uint8_t, 4> bytes{};
  uint8_t size = 0;
};

struct BoundOp {
  EncodeCode code = EncodeCode::kConstant;
  Extent extent = Extent::kOffsets32;   // of lists
  ShortLong branch;                     // written before a value: branches; empty where there is no union
  ShortLong null;                       // written for null: branches; empty where null is an error
  size_t room = 0;                      // kOpRoom for this operation, and for each one after it in its list
  size_t offset = 0;                    // of index 0 in `validity` and in the bits of booleans
  const uint8_t* validity = nullptr;    // nullptr: no value is null
  const uint8_t* values = nullptr;      // of index 0; bits are those of the whole column, text has its start here
  const uint8_t* offsets = nullptr;     // of index 0
  const void* const* heaps = nullptr;   // of views
  BoundOps below;                       // kRecord, kArray, kMap, kUnion
  const EncodeOp* op = nullptr;         // for rare operations and errors
  const InputColumn* column = nullptr;  // for rare operations

  [[nodiscard]] bool is_null(size_t i) const { return validity != nullptr && !bit(validity, i); }
  [[nodiscard]] bool boolean(size_t i) const { return bit(values, i); }
  template <typename T>
  [[nodiscard]] T value(size_t i) const {
    return reinterpret_cast<const T*>(values)[i];
  }
  template <typename Offset>
  [[nodiscard]] ItemRange between(size_t i) const {
    const auto* const bounds = reinterpret_cast<const Offset*>(offsets) + i;
    fetch_ahead(bounds);
    return {static_cast<size_t>(bounds[0]), static_cast<size_t>(bounds[1])};
  }
  // The items of a list or map.
  [[nodiscard]] ItemRange items(size_t i) const {
    if (extent == Extent::kOffsets64) return between<int64_t>(i);
    if (extent == Extent::kOffsets32) return between<int32_t>(i);
    return items_of(*op->type, *column, i);
  }

 private:
  [[nodiscard]] bool bit(const uint8_t* bits, size_t i) const {
    const size_t place = offset + i;
    return (bits[place / 8] >> (place % 8) & 1) != 0;
  }
};

// Keeps pointers into the plan and the columns.
class BoundPlan {
 public:
  void bind(const EncodePlan& plan, const InputBatch& batch);
  // The operations of a row.
  [[nodiscard]] BoundOps rows() const { return rows_; }

 private:
  // Adds siblings and all below them. `flatten`: records that are never null are replaced by their fields.
  BoundOps add(const std::vector<EncodeOp>& ops, bool flatten);
  void add_siblings(const std::vector<EncodeOp>& ops, bool flatten);
  // Joins the branches of records that are never null, from `begin` on, with the operations after them.
  void join_branches(size_t begin);

  std::vector<BoundOp> ops_;
  const InputColumn* columns_ = nullptr;
  BoundOps rows_;
};

}  // namespace jetliner
