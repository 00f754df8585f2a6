// The one exception type of the library, and the record of a damaged block.
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace jetliner {

// One kind per exception class of the Python package.
enum class ErrorKind : uint8_t {
  kDecode,            // the data of a record does not fit the schema
  kParse,             // the container: magic, header, framing, sync marker
  kSource,            // input or output failed
  kSchema,            // the schema is invalid, unsupported, or does not fit
  kCodec,             // unknown codec, or a block that does not decompress
  kNotFound,          // no such file
  kPermissionDenied,  // the file may not be read
  kAuthentication,    // a store refused the credentials
  kConfiguration,     // an option has a value that is not allowed
};

// Where an error happened; what is not known is left empty.
struct ErrorPlace {
  std::string path;                     // as the caller gave it
  std::optional<int64_t> block_index;   // from 0
  std::optional<int64_t> record_index;  // from 0, within the block
  std::optional<int64_t> file_offset;   // bytes from the start of the file
  std::optional<int64_t> block_offset;  // bytes from the start of the decompressed block
  std::string context;                  // field path or schema context
  std::string codec;                    // name of the codec
};

// Cold paths throw this; the hot path returns codes (decode/status.h) that become one of these at its border.
class Error : public std::runtime_error {
 public:
  // `variant` is one of the names listed in python/jetliner/exceptions.py, such as "InvalidMagic" or "InvalidUtf8".
  Error(ErrorKind kind, std::string_view variant, const std::string& message, ErrorPlace place = {})
      : std::runtime_error(message), kind_(kind), variant_(variant), place_(std::move(place)) {}

  [[nodiscard]] ErrorKind kind() const { return kind_; }
  [[nodiscard]] const std::string& variant() const { return variant_; }
  [[nodiscard]] const ErrorPlace& place() const { return place_; }
  // For layers that know more of the place than the thrower did, such as the path.
  [[nodiscard]] ErrorPlace& place() { return place_; }

 private:
  ErrorKind kind_;
  std::string variant_;
  ErrorPlace place_;
};

enum class BadBlockKind : uint8_t {
  kInvalidSyncMarker,
  kDecompressionFailed,
  kBlockParseFailed,
  kRecordDecodeFailed,
  kSchemaViolation,
};

// What was wrong with a block. A damaged block is data, not an exception: strict reading throws it
// (read/bad_block.h), `ignore_errors` keeps it in a list.
struct BadBlock {
  BadBlockKind kind = BadBlockKind::kBlockParseFailed;
  std::string codec;                    // for kDecompressionFailed
  int64_t block_index = 0;              // from 0
  std::optional<int64_t> record_index;  // from 0, within the block
  int64_t file_offset = 0;              // bytes; where the block starts in the file
  std::string message;
  std::string path;
  // The exception that strict reading throws for it.
  ErrorKind error_kind = ErrorKind::kParse;
  std::string variant;
  std::optional<int64_t> block_offset;  // bytes from the start of the decompressed block
};

}  // namespace jetliner
