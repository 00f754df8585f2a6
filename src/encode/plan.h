// An encode plan: a tree of operations that turn the columns of a batch into Avro's binary encoding, row by row.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "input/input_type.h"
#include "schema/schema.h"

namespace jetliner {

// What an operation writes for the value at an index of its column. The names tell the form in Avro, then the form of
// the column where there are several.
// clang-format off
#define JETLINER_ENCODE_OPS(X) \
  X(Constant)      /* plan.constants[a], whatever the row; a null and a default */ \
  X(Null)          /* a column that has only nulls */ \
  X(Boolean) \
  X(VarintInt32)   /* int or long; of 32-bit and of 64-bit integers as they are */ \
  X(VarintInt64) \
  X(Varint)        /* int or long, of any number: loaded, scaled, and within bounds */ \
  X(Float32) \
  X(Float64) \
  X(Float)         /* float or double, of any number, if it is exact */ \
  X(Double) \
  X(HalfFloat)     /* float, if it is exact as a half-precision number */ \
  X(BytesViews)    /* bytes or string, by extent of the column */ \
  X(BytesOffsets32) \
  X(BytesOffsets64) \
  X(BytesFixed) \
  X(TextOfBytes)   /* string, of bytes, which must be UTF-8 */ \
  X(Fixed)         /* fixed, of text and bytes of that length */ \
  X(FixedUuid)     /* fixed(16), of text */ \
  X(FixedInteger)  /* fixed of 8 bytes, little-endian */ \
  X(FixedHalf)     /* fixed of 2 bytes, little-endian */ \
  X(Duration)      /* fixed(12), of a duration */ \
  X(Decimal)       /* bytes or fixed; of 128-bit and smaller integers */ \
  X(DecimalText)   /* the same, of text */ \
  X(BigDecimal)    /* of text */ \
  X(SymbolText)    /* string, of a dictionary */ \
  X(EnumText)      /* enum, of text */ \
  X(EnumSymbol)    /* enum, of a dictionary */ \
  X(Record)        /* the operations below */ \
  X(Array)         /* of any list; one operation below */ \
  X(Map)           /* of a list of entries; two operations below: key and value */ \
  X(Union)         /* of a struct with a field for each branch; one operation below for each */
// clang-format on

enum class EncodeCode : uint8_t {
#define JETLINER_ENCODE_OP(name) k##name,
  JETLINER_ENCODE_OPS(JETLINER_ENCODE_OP)
#undef JETLINER_ENCODE_OP
};

inline constexpr int32_t kNoBranch = -1;

struct EncodeOp {
  EncodeCode code = EncodeCode::kConstant;
  // The branch of a union that is written before the value, or for null. kNoBranch: there is no union; null is an
  // error.
  int32_t value_branch = kNoBranch;
  int32_t null_branch = kNoBranch;
  const InputType* type = nullptr;  // of the column; nullptr for kConstant
  uint32_t column = 0;              // InputType::column
  uint32_t a = 0;                   // by code: index in plan.constants or plan.symbols
  uint32_t slot = 0;                // kEnumSymbol: counted from 0
  bool is_fixed = false;            // decimals: fixed, not bytes
  size_t width = 0;                 // bytes of a fixed
  int32_t scale = 0;                // kDecimal: digits that are added after the point; kDecimalText: all of them
  // Integers: written is value * multiplier / divisor, which must be exact and within [least, most].
  int64_t multiplier = 1;
  int64_t divisor = 1;
  int64_t least = INT64_MIN;
  int64_t most = INT64_MAX;
  int32_t precision = 0;        // decimals
  std::vector<EncodeOp> below;  // of the parts
  std::string field;            // dotted, such as "address.lines[]"
  const char* way_out = "";     // for the message of a value that does not fit
};

// An enum's symbols: the index of each by its text.
class SymbolTable {
 public:
  explicit SymbolTable(const std::vector<std::string>& symbols);
  // The index of a symbol, or -1.
  [[nodiscard]] int32_t find(std::string_view text) const;
  // The first symbols, in the order of the schema, for messages.
  [[nodiscard]] std::string listed() const;

 private:
  std::vector<std::string> names_;
  std::vector<uint32_t> order_;  // indices of names_, by name
};

struct EncodePlan {
  Schema schema;
  InputType columns;
  std::vector<EncodeOp> ops;  // of a row, in order
  std::vector<std::vector<uint8_t>> constants;
  std::vector<SymbolTable> symbols;
  uint32_t num_slots = 0;  // EncodeOp::slot

  // Text with one line for each operation, for tests and debugging.
  [[nodiscard]] std::string dump() const;
};

enum class MatchFields : uint8_t {
  kByName,
  kByPosition,  // the schema was made from the columns
};

// The plan that writes `columns`, the type of a batch, by `schema`. Throws Error (kSchema): kUnsupportedType where a
// type has no conversion, kIncompatibleSchemas where columns and fields do not match.
std::shared_ptr<const EncodePlan> compile_encode(Schema schema, InputType columns, MatchFields match);

}  // namespace jetliner
