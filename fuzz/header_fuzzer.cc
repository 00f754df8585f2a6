// Reads the header of any bytes. The result, a header or an Error, does not depend on the chunk size.
//
// The first two bytes choose a chunk size. The result is compared with the result of one large read.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "check.h"
#include "container/header.h"
#include "jetliner/error.h"

namespace {

using namespace jetliner;  // NOLINT(google-build-using-namespace): a program of one file

struct Outcome {
  std::optional<Header> header;
  ErrorKind kind = ErrorKind::kConfiguration;
  std::optional<ErrorVariant> variant;
  std::string message;
  std::optional<int64_t> file_offset;
};

Outcome read(std::span<const uint8_t> file, size_t chunk_bytes) {
  Outcome outcome;
  const auto source = open_memory(file);
  try {
    outcome.header = read_header(*source, chunk_bytes);
  } catch (const Error& error) {
    outcome.kind = error.kind();
    outcome.variant = error.variant();
    outcome.message = error.what();
    outcome.file_offset = error.place().file_offset;
  }
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const size_t chunk_bytes = 1 + data[0] + (size_t{data[1]} << 8) % 300;
  const std::span<const uint8_t> file(data + 2, size - 2);
  const Outcome whole = read(file, 1 << 20);
  const Outcome chunked = read(file, chunk_bytes);
  JETLINER_FUZZ_CHECK(whole.header.has_value() == chunked.header.has_value());
  if (whole.header) {
    const Header& header = *whole.header;
    JETLINER_FUZZ_CHECK(header.metadata == chunked.header->metadata);
    JETLINER_FUZZ_CHECK(header.codec == chunked.header->codec);
    JETLINER_FUZZ_CHECK(header.schema_json == chunked.header->schema_json);
    JETLINER_FUZZ_CHECK(header.sync == chunked.header->sync);
    JETLINER_FUZZ_CHECK(header.size_bytes == chunked.header->size_bytes);
    JETLINER_FUZZ_CHECK(header.size_bytes >= 4 + 1 + header.sync.size() && header.size_bytes <= file.size());
    const auto sync = file.subspan(header.size_bytes - header.sync.size(), header.sync.size());
    JETLINER_FUZZ_CHECK(std::equal(sync.begin(), sync.end(), header.sync.begin()));
  } else {
    JETLINER_FUZZ_CHECK(whole.kind == (file.empty() ? ErrorKind::kSource : ErrorKind::kParse));
    JETLINER_FUZZ_CHECK(whole.kind == chunked.kind);
    JETLINER_FUZZ_CHECK(whole.variant == chunked.variant);
    JETLINER_FUZZ_CHECK(whole.message == chunked.message);
    JETLINER_FUZZ_CHECK(whole.file_offset == chunked.file_offset);
    JETLINER_FUZZ_CHECK(file.empty() || (whole.file_offset && *whole.file_offset >= 0 &&
                                         *whole.file_offset <= static_cast<int64_t>(file.size())));
  }
  return 0;
}
