// The decoder without its interpreter, which is in interpret.h.
#include "decode/decoder.h"

#include <algorithm>
#include <new>

#include "decode/interpret.h"
#include "decode/items_head.h"
#include "decode/walk.h"

namespace jetliner {
namespace {

// Greatest number of lists that are open at the same time.
size_t list_depth(const std::vector<Op>& ops) {
  size_t depth = 0;
  size_t deepest = 0;
  for (const Op& op : ops) {
    if (op.code == OpCode::kList || op.code == OpCode::kMap || op.code == OpCode::kSkipList) {
      deepest = std::max(deepest, ++depth);
    } else if (op.code == OpCode::kEndItem || op.code == OpCode::kEndSkippedItem) {
      --depth;
    }
  }
  return deepest;
}

}  // namespace

Decoder::Decoder(const Plan& plan, ColumnSet& columns)
    : plan_(plan),
      columns_(columns),
      ops_(plan.ops.data()),
      data_(columns.data()),
      run_(best_run(plan)),
      lists_(1 + list_depth(plan.ops)) {
  defaults_.resize(plan.defaults.size());
}

void Decoder::start_block(size_t bytes) {
  empty_items_left_ = max_empty_items(bytes);
  json_bytes_left_ = max_json_bytes(bytes);
}

Decoder::Result Decoder::decode(const uint8_t* p, const uint8_t* end, size_t n) {
  end_ = end;
  status_ = Status::kOk;
  const size_t first = columns_.rows();
  const uint64_t empty_items_left = empty_items_left_;
  const size_t json_bytes_left = json_bytes_left_;
  const uint8_t* next = nullptr;
  try {
    next = n == 0 ? p : run_(*this, p, first, n);
  } catch (const std::bad_alloc&) {
    (void)fail(Status::kMemory, ops_ + plan_.ops.size() - 1, p);
    failed_row_ = first;
    failed_lists_ = 0;
    columns_.assume_all_written();
    empty_items_left_ = empty_items_left;  // the caller may try these rows again
    json_bytes_left_ = json_bytes_left;
  }
  if (next != nullptr) {
    columns_.scope(0).rows = first + n;
    return {.rows = n, .next = next};
  }
  leave_lists();
  Scope& top = columns_.scope(0);
  top.rows = std::max(top.rows, failed_row_ + 1);
  columns_.truncate(failed_row_);
  return {.rows = failed_row_ - first,
          .status = status_,
          .op = static_cast<uint32_t>(failed_op_ - ops_),
          .where = std::min(where_, end)};
}

const uint8_t* Decoder::run_portable(Decoder& self, const uint8_t* p, size_t row, size_t n) {
  return self.interpret<PortableBits, false>(p, row, n);
}

#if defined(JETLINER_HAS_BMI2)
__attribute__((target("bmi,bmi2,lzcnt,popcnt"))) const uint8_t* Decoder::run_bmi2(Decoder& self, const uint8_t* p,
                                                                                  size_t row, size_t n) {
  return self.interpret<Bmi2Bits, false>(p, row, n);
}
#endif

Decoder::Run Decoder::best_run(const Plan& plan) {
  for (const Op& op : plan.ops) {
    if (op.nulls_invalid) return run_nulling_invalid;
  }
#if defined(JETLINER_HAS_BMI2)
  if (has_quick_bmi2()) return run_bmi2;
#endif
  return run_portable;
}

const uint8_t* Decoder::fail(Status status, const Op* op, const uint8_t* p) {
  status_ = cut_or(status, p, end_);
  failed_op_ = op;
  where_ = p;
  return nullptr;
}

// After give_up(): makes failed_row_ the row of the top level. Within lists it is that of an item until then. Counts
// the items that were written in part, for truncate().
void Decoder::leave_lists() {
  for (; failed_lists_ > 0; --failed_lists_) {
    const OpenList& list = lists_[failed_lists_];
    if (list.op->code != OpCode::kSkipList) {
      Scope& items = columns_.scope(list.op->a);
      // The head of a block of items may have failed: then `row` is not one of them.
      items.rows = std::max(items.rows, std::min(failed_row_ + 1, items.capacity));
    }
    failed_row_ = list.row;
  }
}

const uint8_t* Decoder::long_block_head(OpenList* list, const uint8_t* p, uint64_t* count) {
  const Op* const op = list->op;
  const ItemsHead head = read_items_head(p, end_);
  if (!head.is_ok()) return fail(head.status, op, head.where);
  *count = head.count;
  list->block_end = head.items_end;
  const auto left = static_cast<uint64_t>(end_ - head.items);
  if (op->b > 0) {
    if (*count > left / op->b) return fail(Status::kCount, op, p);
    return head.items;
  }
  const uint64_t each = op->code == OpCode::kSkipList ? 1 : 1 + columns_.row_bytes(op->a) / 16;
  if (*count > empty_items_left_ / each) return fail(Status::kEmptyItems, op, p);
  empty_items_left_ -= *count * each;
  return head.items;
}

// Writes null to the columns of a union, except those of the branch that was taken.
void Decoder::write_other_branches(const UnionTable& table, const UnionTable::Branch& taken, size_t row) {
  if (taken.is_null) {
    columns_.write_null(table.first_column, table.last_column, row);
  } else if (table.first_column != table.last_column) {
    for (const UnionTable::Branch& other : table.branches) {
      if (&other != &taken) columns_.write_null(other.first_column, other.last_column, row);
    }
  }
}

// Writes text_ to a view column. It is valid UTF-8.
void Decoder::write_text(uint32_t column, size_t row) {
  const size_t n = text_.size();
  text_.append(kCopyStep, '\0');  // write_view() reads in whole steps
  write_view<false>(data_[column], column, row, reinterpret_cast<const uint8_t*>(text_.data()), n);
}

}  // namespace jetliner
