// Faults of a record. The decoder returns these; task/block_task.cc turns them into errors.
#pragma once

#include <cstdint>
#include <string_view>

#include "jetliner/error.h"

namespace jetliner {

enum class Status : uint8_t {
  kOk,
  kEnd,               // the data ends within a value
  kVarintTooLong,     // more than 10 bytes
  kVarintTooLarge,    // 10 bytes that hold more than 64 bits
  kIntTooLarge,       // an int beyond 32 bits
  kBoolean,           // neither 0 nor 1
  kLength,            // negative, or beyond the end of the data
  kStringTooLong,     // beyond kMaxViewBytes (decode/view.h)
  kUtf8,              // a string that is not UTF-8
  kEnumIndex,         // no such symbol
  kBranchIndex,       // no such branch of the union
  kCount,             // items of an array or map: more than the bytes can hold
  kBlockBytes,        // byte size of a block of items: wrong
  kEmptyItems,        // too many items that take no bytes
  kTimeOfDay,         // outside 0..24 h
  kInt8,              // arrow.int8: outside its range
  kInt16,             // the same for arrow.int16
  kUInt8,             // arrow.uint8
  kUInt16,            // arrow.uint16
  kUInt32,            // arrow.uint32
  kUInt64,            // arrow.uint64 on long: negative
  kFloat16,           // arrow.float16: not exactly a half
  kSeconds,           // beyond 64 bits of milliseconds
  kDuration,          // beyond 64 bits of microseconds
  kDecimalPrecision,  // more digits than the schema declares
  kDecimalBytes,      // an unscaled value or scale too large to be written as text
  kBigDecimal,        // the bytes are not an unscaled value and a scale
  kDepth,             // recursive records: nested too deeply
  kJsonTooLong,       // recursive records: too long as text
  kUnresolvable,      // a value that the reader's schema cannot hold
  kUnknownSymbol,     // a symbol that the reader's enum does not have
  kMemory,            // a value needs more memory than there is
};

// The variant of the error (ErrorKind::kDecode).
constexpr ErrorVariant variant_of(Status status) {
  switch (status) {
    case Status::kEnd:
      return ErrorVariant::kUnexpectedEof;
    case Status::kVarintTooLong:
    case Status::kVarintTooLarge:
    case Status::kIntTooLarge:
      return ErrorVariant::kInvalidVarint;
    case Status::kUtf8:
      return ErrorVariant::kInvalidUtf8;
    case Status::kUnresolvable:
    case Status::kUnknownSymbol:
      return ErrorVariant::kTypeMismatch;
    default:
      return ErrorVariant::kInvalidData;
  }
}

// True if Avro admits the value, but its column has no place for it. It is known where such a value ends, and
// InvalidValues::kNull reads null. What Avro does not admit is damage, although its end may be known: a boolean of 2,
// an int beyond 32 bits, an enum index without a symbol. For strings that are not UTF-8, Utf8 decides.
constexpr bool is_invalid_value(Status status) {
  switch (status) {
    case Status::kTimeOfDay:
    case Status::kInt8:
    case Status::kInt16:
    case Status::kUInt8:
    case Status::kUInt16:
    case Status::kUInt32:
    case Status::kUInt64:
    case Status::kFloat16:
    case Status::kSeconds:
    case Status::kDuration:
    case Status::kDecimalPrecision:
    case Status::kDecimalBytes:
    case Status::kBigDecimal:
    case Status::kUnknownSymbol:
      return true;
    default:
      return false;
  }
}

// True if the data themselves may be sound, so that the rows after the bad one can be read (task/block_task.cc).
constexpr bool may_continue_after(Status status) {
  return is_invalid_value(status) || status == Status::kUnresolvable || status == Status::kStringTooLong;
}

constexpr std::string_view text_of(Status status) {
  switch (status) {
    case Status::kOk:
      return "no error";
    case Status::kEnd:
      return "the block's data ends within the record";
    case Status::kVarintTooLong:
      return "variable-length integer of more than 10 bytes";
    case Status::kVarintTooLarge:
      return "variable-length integer does not fit 64 bits";
    case Status::kIntTooLarge:
      return "int does not fit 32 bits";
    case Status::kBoolean:
      return "boolean is neither 0 nor 1";
    case Status::kLength:
      return "length is negative or beyond the end of the block";
    case Status::kStringTooLong:
      return "value is longer than 2147483615 bytes";
    case Status::kUtf8:
      return "string is not valid UTF-8";
    case Status::kEnumIndex:
      return "enum index is outside the list of symbols";
    case Status::kBranchIndex:
      return "union branch index is outside the list of branches";
    case Status::kCount:
      return "count of items is more than the rest of the block can hold";
    case Status::kBlockBytes:
      return "byte size of a block of items is not what its items take";
    case Status::kEmptyItems:
      return "too many items that take no bytes";
    case Status::kTimeOfDay:
      return "time of day is outside 0 to 24 hours";
    case Status::kInt8:
      return "arrow.int8 is outside -128 to 127";
    case Status::kInt16:
      return "arrow.int16 is outside -32768 to 32767";
    case Status::kUInt8:
      return "arrow.uint8 is outside 0 to 255";
    case Status::kUInt16:
      return "arrow.uint16 is outside 0 to 65535";
    case Status::kUInt32:
      return "arrow.uint32 is outside 0 to 4294967295";
    case Status::kUInt64:
      return "arrow.uint64 is negative";
    case Status::kFloat16:
      return "arrow.float16 is no number of 16 bits";
    case Status::kSeconds:
      return "seconds do not fit 64 bits of milliseconds";
    case Status::kDuration:
      return "duration does not fit 64 bits of microseconds";
    case Status::kDecimalPrecision:
      return "decimal has more digits than its declared precision";
    case Status::kDecimalBytes:
      return "decimal is too large to be written as text";
    case Status::kBigDecimal:
      return "big-decimal is not an unscaled value followed by a scale";
    case Status::kDepth:
      return "records within themselves are nested too deeply";
    case Status::kJsonTooLong:
      return "records within themselves take many times more bytes as JSON text than in the block";
    case Status::kUnresolvable:
      return "the value cannot be read by the reader schema";
    case Status::kUnknownSymbol:
      return "the enum of the reader schema does not have the value's symbol, and has no default";
    case Status::kMemory:
      return "value needs more memory than is available";
  }
  return "";
}

}  // namespace jetliner
