// The compiled form of "read these columns of this schema": a flat program that the decoder runs for every row.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "plan/op.h"
#include "resolution/reader_schema.h"
#include "resolution/resolve.h"
#include "schema/schema.h"
#include "types/arrow_type.h"

namespace jetliner {

// For one kUnion: where the body of each branch starts, and which columns it fills.
struct UnionTable {
  struct Branch {
    bool is_null = false;
    uint32_t body = 0;          // index of its first operation
    uint32_t first_column = 0;  // columns [first_column, last_column) belong to it; none where it is skipped
    uint32_t last_column = 0;
  };
  std::vector<Branch> branches;
  uint32_t first_column = 0;  // of the struct itself: [first_column, last_column)
  uint32_t last_column = 0;   // none where the union is skipped
};

struct Plan;

// Arrow's view of a string; all bits set where the reader's enum has no such symbol.
using SymbolView = std::array<uint8_t, 16>;
inline constexpr uint32_t kNoSymbolView = UINT32_MAX;  // in the place of the length

// A value that the writer does not have: its binary encoding, and the plan by which it fills its columns.
struct DefaultValue {
  ByteSpan bytes;  // kSlackBytes after it are readable
  std::shared_ptr<const Plan> plan;
};

struct Plan {
  std::shared_ptr<const Schema> schema;      // of the writer
  std::shared_ptr<const ArrowType> columns;  // what is built; numbered
  std::vector<Op> ops;                       // the body of a row: from 0 to its kEnd
  std::vector<UnionTable> unions;
  std::vector<std::string> paths;        // for each operation, the field it reads, such as "address.lines[]"
  uint64_t min_row_bytes = 0;            // a row takes at least this much of a block
  bool notes_row_starts = false;         // the body of a row begins with a kRowStart
  std::vector<SymbolView> symbol_views;  // of kEnumText: for each of the writer's symbols

  // Where the data are read by another schema than the writer's; nullptr and empty otherwise.
  std::shared_ptr<const Resolution> resolution;
  std::vector<int32_t> symbols;        // of kEnumMap: the reader's for the writer's, or kNoSymbol
  std::vector<DefaultValue> defaults;  // of kDefault
  std::vector<std::string> reasons;    // of kFail

  // The schema that the node of a kJson is of.
  [[nodiscard]] const Schema& schema_of(const Op& op) const {
    return (op.b & kReaderSchema) == 0 ? *schema : resolution->reader().schema();
  }

  // One line for each operation, for tests and for people.
  [[nodiscard]] std::string dump() const;
};

// Whether the decoder is to note where each row starts, so that rows can be read again.
enum class RowStarts : uint8_t { kIgnored, kNoted };

// Compiles the way from `schema`'s data to `columns`, which is arrow_columns() of a schema whose fields match by name,
// or part of it (project()); everything else is passed over at the byte level. Fields may stand in another order.
// `own`: `columns` are those of several files (merge_columns()), `own` those of `schema`, with all columns.
std::shared_ptr<const Plan> compile(std::shared_ptr<const Schema> schema, std::shared_ptr<const ArrowType> columns,
                                    const ArrowType* own = nullptr, RowStarts row_starts = RowStarts::kIgnored);

// The same by the reader's schema, of which `columns` is arrow_columns() or part of it. Throws Error (kSchema) where no
// data of the writer's schema can be read by it (Resolution), and where both are too large together.
std::shared_ptr<const Plan> compile(std::shared_ptr<const Schema> schema, std::shared_ptr<const ReaderSchema> reader,
                                    std::shared_ptr<const ArrowType> columns,
                                    RowStarts row_starts = RowStarts::kIgnored);

// Least bytes that a value of each schema node takes in the binary encoding; 0 for records that hold themselves.
std::vector<uint64_t> min_encoded_bytes(const Schema& schema);

}  // namespace jetliner
