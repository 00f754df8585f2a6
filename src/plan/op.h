// One step of a decode plan.
#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace jetliner {

// Leaf operations come in pairs: the plain one, and its twin for the union of null and it, which reads the branch
// first. X(name): kName and kNullableName.
// clang-format off
#define JETLINER_LEAF_OPS(X) \
  X(Boolean)      /* 1 byte, 0 or 1 -> bit */                                            \
  X(Int)          /* varint that fits 32 bits -> 4 bytes */                              \
  X(Long)         /* varint -> 8 bytes */                                                \
  X(Float)        /* 4 bytes */                                                          \
  X(Double)       /* 8 bytes */                                                          \
  X(String)       /* length, UTF-8 -> view */                                            \
  X(ReplacedString) /* length, bytes -> view; U+FFFD for what is not UTF-8 */            \
  X(Bytes)        /* length, bytes -> view */                                            \
  X(Fixed)        /* a = size in bytes -> view */                                        \
  X(Enum)         /* varint below a -> 4-byte index */                                   \
  X(EnumText)     /* varint below a -> view, by Plan::symbol_views from b on */          \
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
  X(IntToFloat)   /* the same -> float */                                                \
  X(IntToDouble)  /* the same -> double */                                               \
  X(LongToFloat)  /* varint -> float */                                                  \
  X(LongToDouble) /* varint -> double */                                                 \
  X(FloatToDouble) /* 4 bytes -> double */                                               \
  X(EnumMap)      /* varint below a -> 4-byte index, by Plan::symbols from b on */       \
  X(SkipVarints)  /* a = how many varints to pass over, and b bytes after them */        \
  X(SkipFixed)    /* a = how many bytes to pass over, and b after them */                \
  X(SkipBytes)    /* length, bytes; and b bytes after them */
// clang-format on

enum class OpCode : uint8_t {
#define JETLINER_OP_PAIR(name) k##name, kNullable##name,
  JETLINER_LEAF_OPS(JETLINER_OP_PAIR)
#undef JETLINER_OP_PAIR
      kNullable,  // branch; null: nulls for columns [column, a), then on at `jump`
  kBranch,        // branch of a union that has one branch, or only null ones: below a, nothing else
  kUnion,         // branch; a = index of a UnionTable; its bodies follow, each ends with kJump to `jump`
  kJump,          // on at `jump`
  kList,  // array: blocks of items; body follows up to kEndItem before `jump`; a = item scope, b = least item bytes
  kMap,   // the same, the body starts with the key
  kUniqueKeys,  // of the map in `column`, whose keys are column a: each is kept once
  kJson,        // value of schema node a as JSON text (records within themselves); b = whose schema, and how
  kSkipList,    // array or map: body follows up to kEndSkippedItem before `jump`; b = least item bytes
  kSkipNode,    // value of schema node a, by walking the schema (records within themselves)
  // Schema resolution:
  kResolvedJson,    // value of node a of Plan::resolution as JSON text of the reader's type; b = how
  kNull,            // no data; nulls for columns [column, a)
  kDefault,         // no data; a = index into Plan::defaults
  kFail,            // no value of this type can be read; a = index into Plan::reasons
  kCheck,           // the run of scalars before this must have ended within the data
  kRowStart,        // a row starts here: noted for who wants to come back to it (Decoder::note_row_starts)
  kEndItem,         // of an array or map
  kEndSkippedItem,  // of one that is passed over
  kEnd,             // of a row
};

// Of JSON text, in `b`: the node is of the reader's schema, not of the writer's; U+FFFD for what is not UTF-8.
inline constexpr uint32_t kReaderSchema = 1;
inline constexpr uint32_t kReplaceUtf8 = 2;

struct Op {
  OpCode code = OpCode::kEnd;
  uint8_t null_branch = 0;  // nullable operations: index of the null branch, 0 or 1
  uint32_t column = 0;
  uint32_t a = 0;
  uint32_t b = 0;
  uint32_t jump = 0;  // index of an operation of the same plan
};

// A branch index 0 or 1 as it stands in the data: one byte.
inline uint8_t branch_byte(uint8_t branch) { return static_cast<uint8_t>(branch << 1); }

// Most bytes that the scalars between two bounds checks may take. compile() puts a kCheck where a run would exceed it;
// what remains of kSlackBytes is room for wide loads at the end of the run.
inline constexpr uint32_t kMaxRunBytes = kSlackBytes - 64;

}  // namespace jetliner
