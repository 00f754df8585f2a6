// One step of a decode plan.
#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace jetliner {

// Leaf operations come in pairs. X(name) stands for kName and its twin kNullableName. The twin is for a union of null
// and the type: it reads the branch first.
// clang-format off
#define JETLINER_LEAF_OPS(X) \
  X(Boolean)      /* 1 byte, 0 or 1 -> bit */                                            \
  X(Int)          /* varint that fits 32 bits -> 4 bytes */                              \
  X(Long)         /* varint -> 8 bytes */                                                \
  X(Float)        /* 4 bytes */                                                          \
  X(Double)       /* 8 bytes */                                                          \
  X(String)       /* length, UTF-8 -> view */                                            \
  X(ReplacedString) /* length, bytes -> view; U+FFFD replaces invalid UTF-8 */            \
  X(Bytes)        /* length, bytes -> view */                                            \
  X(Fixed)        /* a = size in bytes -> view */                                        \
  X(Enum)         /* varint below a -> 4-byte index */                                   \
  X(EnumText)     /* varint below a -> view: an entry of Plan::symbol_views, from b */    \
  X(TimeMillis)   /* varint int within a day -> nanoseconds */                           \
  X(TimeMicros)   /* varint within a day -> nanoseconds */                               \
  X(DecimalBytes) /* length, two's complement; a = precision -> 16 bytes */              \
  X(DecimalFixed) /* two's complement; a = precision, b = size -> 16 bytes */            \
  X(TextBytes)    /* length, two's complement; a = scale -> decimal text */              \
  X(TextFixed)    /* two's complement; a = scale, b = size -> decimal text */            \
  X(BigDecimal)   /* length, (length, two's complement, scale) -> decimal text */        \
  X(Uuid)         /* 16 bytes -> text */                                                 \
  X(Duration)     /* 12 bytes -> microseconds */                                         \
  X(IntToLong)    /* varint that fits 32 bits -> 8 bytes */                              \
  X(IntToFloat)   /* varint that fits 32 bits -> float */                                \
  X(IntToDouble)  /* varint that fits 32 bits -> double */                               \
  X(LongToFloat)  /* varint -> float */                                                  \
  X(LongToDouble) /* varint -> double */                                                 \
  X(FloatToDouble) /* 4 bytes -> double */                                               \
  X(EnumMap)      /* varint below a -> 4-byte index: an entry of Plan::symbols, from b */ \
  X(Arrow)        /* a = LogicalType, b = AvroType of the data -> decode/arrow_logical.cc */ \
  X(SkipVarints)  /* skips a varints, then b bytes */                                    \
  X(SkipFixed)    /* skips a bytes, then b bytes */                                      \
  X(SkipBytes)    /* skips length and bytes, then b bytes */
// clang-format on

enum class OpCode : uint8_t {
#define JETLINER_OP_PAIR(name) k##name, kNullable##name,
  JETLINER_LEAF_OPS(JETLINER_OP_PAIR)
#undef JETLINER_OP_PAIR
      kNullable,  // reads a branch. If it is null: writes nulls to columns [column, a), and goes on at `jump`
  kBranch,        // reads the branch of a union that has only one: it must be below a
  kUnion,         // reads a branch; a = index of a UnionTable. Its bodies follow; each ends with kJump to `jump`
  kJump,          // goes on at `jump`
  kList,  // array: the body of an item follows, up to kEndItem before `jump`; a = item scope, b = least item bytes
  kMap,   // the same for a map; the body starts with the key
  kUniqueKeys,  // keeps each key of Arrow's map in `column` once; a = column of the keys
  kJson,        // recursive records: value of schema node a -> JSON text; b = JSON flags below
  kSkipList,  // skips an array or map: the body of an item follows, up to kEndSkippedItem before `jump`; b as in kList
  kSkipNode,  // recursive records: skips a value of schema node a by walking the schema
  // Schema resolution:
  kResolvedJson,    // value of node a of Plan::resolution -> JSON text of the reader's type; b = JSON flags below
  kNull,            // reads nothing; writes nulls to columns [column, a)
  kDefault,         // reads nothing; a = index into Plan::defaults
  kFail,            // the data cannot be read by the reader's schema; a = index into Plan::reasons
  kCheck,           // bounds check: fails if the scalars before it went beyond the end of the data
  kRowStart,        // notes where the row starts (Decoder::note_row_starts)
  kEndItem,         // end of an item of an array or map
  kEndSkippedItem,  // end of an item that is skipped
  kEnd,             // end of a row
};

// JSON flags in Op::b.
inline constexpr uint32_t kReaderSchema = 1;  // the node is of the reader's schema, not of the writer's
inline constexpr uint32_t kReplaceUtf8 = 2;   // U+FFFD replaces invalid UTF-8

struct Op {
  OpCode code = OpCode::kEnd;
  uint8_t null_branch = 0;     // nullable operations: index of the null branch, 0 or 1
  bool nulls_invalid = false;  // a value that the column has no place for becomes null; else it is a failure
  uint32_t column = 0;
  uint32_t a = 0;
  uint32_t b = 0;
  uint32_t jump = 0;  // index of an operation of the same plan
};

// The one byte that encodes branch 0 or 1.
inline uint8_t branch_byte(uint8_t branch) { return static_cast<uint8_t>(branch << 1); }

// Most bytes that scalars may take between two bounds checks. compile() emits a kCheck before a run exceeds it. The
// other 64 of the kSlackBytes are room for wide loads at the end of a run.
inline constexpr uint32_t kMaxRunBytes = kSlackBytes - 64;

}  // namespace jetliner
