/// @file
/// The one exception type of the library, and the record of a damaged block.
///
///     try {
///       jetliner::Reader reader({"orders.avro"});
///       // ...
///     } catch (const jetliner::Error& error) {
///       if (error.kind() == jetliner::ErrorKind::kNotFound) return false;  // there is no such file
///       std::cerr << jetliner::describe(error) << '\n';
///     }
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "jetliner/export.h"

namespace jetliner {

/// What kind of thing is wrong. There is one kind for each exception class of the Python package.
enum class ErrorKind : uint8_t {
  kDecode,            ///< the data of a record does not fit the schema
  kEncode,            ///< a value that is to be written does not fit the schema
  kParse,             ///< the container: magic, header, framing, sync marker
  kSource,            ///< input or output failed
  kSchema,            ///< the schema is invalid, unsupported, or does not fit
  kCodec,             ///< unknown codec, or a block that does not decompress
  kNotFound,          ///< no such file
  kPermissionDenied,  ///< the file may not be read
  kAuthentication,    ///< a store refused the credentials
  kConfiguration,     ///< an option has a value that is not allowed
};

/// @def JETLINER_ERROR_VARIANTS
/// The causes of errors, more exact than the kinds. This is the only list: names in other languages come from it.
// clang-format off
#define JETLINER_ERROR_VARIANTS(X) \
  /* container */ \
  X(InvalidMagic) X(InvalidHeader) X(InvalidBlock) X(InvalidSyncMarker) X(UnexpectedEof) \
  /* codecs */ \
  X(UnsupportedCodec) X(DecompressionError) X(CompressionError) X(OversizedOutput) \
  /* records */ \
  X(InvalidData) X(InvalidVarint) X(InvalidUtf8) X(TypeMismatch) \
  /* values that are to be written */ \
  X(NullValue) X(OutOfRange) X(Inexact) X(UnknownSymbol) X(WrongLength) \
  /* schemas */ \
  X(ParseError) X(InvalidSchema) X(UnsupportedType) X(IncompatibleSchemas) X(Duplicate) X(InvalidName) \
  /* input, output and options */ \
  X(Io) X(FileSystemError) X(NotFound) X(PermissionDenied) X(AuthenticationFailed) X(Changed) \
  X(NoRanges) X(S3Error) X(Configuration)
// clang-format on

/// The names of JETLINER_ERROR_VARIANTS with a `k` before each, such as kInvalidMagic.
enum class ErrorVariant : uint8_t {
/// @cond
#define JETLINER_ERROR_VARIANT(name) k##name,
  JETLINER_ERROR_VARIANTS(JETLINER_ERROR_VARIANT)
#undef JETLINER_ERROR_VARIANT
  /// @endcond
};

/// "InvalidMagic" for kInvalidMagic, and so on.
constexpr std::string_view name_of(ErrorVariant variant) {
  /// @cond
  constexpr std::string_view kNames[] = {
#define JETLINER_ERROR_VARIANT(name) #name,
      JETLINER_ERROR_VARIANTS(JETLINER_ERROR_VARIANT)
#undef JETLINER_ERROR_VARIANT
  };
  /// @endcond
  return kNames[static_cast<size_t>(variant)];
}

/// The place of an error. Unknown parts are empty.
struct ErrorPlace {
  std::string path = {};                     ///< as the caller gave it
  std::optional<int64_t> block_index = {};   ///< from 0
  std::optional<int64_t> record_index = {};  ///< from 0, within the block
  std::optional<int64_t> row_index = {};     ///< from 0, in all that is written
  std::optional<int64_t> file_offset = {};   ///< bytes from the start of the file
  std::optional<int64_t> block_offset = {};  ///< bytes from the start of the decompressed block
  std::string context = {};                  ///< field path or schema context
  std::string codec = {};                    ///< name of the codec
  const char* option = nullptr;              ///< the member of ReadOptions or WriteOptions whose value decides about it
  bool is_damage = false;                    ///< ReadOptions::ignore_errors passes over it
  uint64_t origin = 0;                       ///< a number by which a Source finds more about its own error
};

/// All errors of the library but std::bad_alloc. what() is a message for people, place() says where, and describe()
/// gives both.
class JETLINER_API Error : public std::runtime_error {
 public:
  /// For sources and sinks of your own. Most of their errors are of the kind kSource and the variant kIo.
  Error(ErrorKind kind, ErrorVariant variant, const std::string& message, ErrorPlace place = {})
      : std::runtime_error(message), kind_(kind), variant_(variant), place_(std::move(place)) {}

  [[nodiscard]] ErrorKind kind() const { return kind_; }           ///< what to decide by
  [[nodiscard]] ErrorVariant variant() const { return variant_; }  ///< the exact cause
  /// Where the error is.
  [[nodiscard]] const ErrorPlace& place() const { return place_; }
  /// Callers may add what the function that threw did not know, such as the path.
  [[nodiscard]] ErrorPlace& place() { return place_; }

 private:
  ErrorKind kind_;
  ErrorVariant variant_;
  ErrorPlace place_;
};

/// The message and the place, for people: "... (file 'orders.avro', block 3, offset 1450)".
JETLINER_API std::string describe(const Error& error);

/// What is wrong with a damaged block.
enum class BadBlockKind : uint8_t {
  kInvalidSyncMarker,    ///< the marker after the block is not that of the file
  kDecompressionFailed,  ///< the codec refuses the bytes
  kBlockParseFailed,     ///< count, size or end of the block are impossible
  kRecordDecodeFailed,   ///< the bytes of a record are not what the schema says
  kSchemaViolation,      ///< a value that the schema does not admit
};

/// A damaged block, and what is wrong with it. Damage is passed on as data, not as an exception. Strict reading turns
/// it into an exception later; `ignore_errors` keeps it in a list.
struct BadBlock {
  BadBlockKind kind = BadBlockKind::kBlockParseFailed;  ///< what is wrong
  std::string codec = {};                               ///< for kDecompressionFailed
  int64_t block_index = 0;                              ///< from 0
  std::optional<int64_t> record_index = {};             ///< from 0, within the block
  int64_t file_offset = 0;                              ///< bytes; start of the block in the file
  std::string message = {};                             ///< for people
  std::string path = {};                                ///< as the caller gave it
  ErrorKind error_kind = ErrorKind::kParse;             ///< of the exception that strict reading throws for it
  ErrorVariant variant = ErrorVariant::kInvalidBlock;   ///< likewise
  std::optional<int64_t> block_offset = {};             ///< bytes from the start of the decompressed block
  const char* option = nullptr;                         ///< the member of ReadOptions whose value decides about it
  bool ends_block = true;  ///< false: only records with invalid values are lost, not the rows after them
};

}  // namespace jetliner
