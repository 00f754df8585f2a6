// A decode plan: a flat program that reads chosen columns of a schema's data. The decoder runs it for every row.
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

// The branches of a kUnion.
struct UnionTable {
  struct Branch {
    bool is_null = false;
    uint32_t body = 0;          // index of its first operation
    uint32_t first_column = 0;  // its columns are [first_column, last_column); none where it is skipped
    uint32_t last_column = 0;
  };
  std::vector<Branch> branches;
  uint32_t first_column = 0;  // the struct and all below it are [first_column, last_column); none where it is skipped
  uint32_t last_column = 0;
};

struct Plan;

// Arrow's view of a symbol. All bits are set where the reader's enum has no such symbol.
using SymbolView = std::array<uint8_t, 16>;
inline constexpr uint32_t kNoSymbolView = UINT32_MAX;  // then the length, the first 4 bytes, has this value

// A default value: its binary encoding, and the plan that reads it into its columns.
struct DefaultValue {
  ByteSpan bytes;  // kSlackBytes after it are readable
  std::shared_ptr<const Plan> plan;
};

struct Plan {
  std::shared_ptr<const Schema> schema;      // of the writer
  std::shared_ptr<const ArrowType> columns;  // what is built; numbered
  std::vector<Op> ops;                       // the body of a row, up to kEnd
  std::vector<UnionTable> unions;
  std::vector<std::string> paths;        // for each operation, the field it reads, such as "address.lines[]"
  uint64_t min_row_bytes = 0;            // least bytes of a row's encoding
  bool notes_row_starts = false;         // the body of a row begins with kRowStart
  std::vector<SymbolView> symbol_views;  // kEnumText: for each of the writer's symbols

  // Set only where a reader's schema differs from the writer's.
  std::shared_ptr<const Resolution> resolution;
  std::vector<int32_t> symbols;        // kEnumMap: for each of the writer's symbols the reader's, or kNoSymbol
  std::vector<DefaultValue> defaults;  // kDefault
  std::vector<std::string> reasons;    // kFail

  // The schema that has the node of a kJson.
  [[nodiscard]] const Schema& schema_of(const Op& op) const {
    return (op.b & kReaderSchema) == 0 ? *schema : resolution->reader().schema();
  }

  // Text with one line for each operation, for tests and debugging.
  [[nodiscard]] std::string dump() const;
};

// kNoted: the decoder notes the position of each row, so that rows can be read again.
enum class RowStarts : uint8_t { kIgnored, kNoted };

// The plan that reads data of `schema` into `columns`: arrow_columns() of a schema, or a projection of it. Fields match
// by name and may be in another order. Other fields are skipped.
// `own`: given where `columns` are those of several files (merge_columns()). It is all of arrow_columns() of `schema`.
std::shared_ptr<const Plan> compile(std::shared_ptr<const Schema> schema, std::shared_ptr<const ArrowType> columns,
                                    const ArrowType* own = nullptr, RowStarts row_starts = RowStarts::kIgnored);

// The same with a reader's schema, whose arrow_columns() or a projection of them `columns` is. Throws Error (kSchema)
// where the two schemas do not match (Resolution), and where they are too large together.
std::shared_ptr<const Plan> compile(std::shared_ptr<const Schema> schema, std::shared_ptr<const ReaderSchema> reader,
                                    std::shared_ptr<const ArrowType> columns,
                                    RowStarts row_starts = RowStarts::kIgnored);

// For each schema node, the least bytes of a value's binary encoding. Recursive records count 0 where they recur.
std::vector<uint64_t> min_encoded_bytes(const Schema& schema);

}  // namespace jetliner
