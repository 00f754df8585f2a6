// Decodes any bytes with schema resolution: defaults, promotions, unions, enums, dropped fields. The input is the text
// of the writer's schema, a NUL, the text of the reader's schema, a NUL, and the uncompressed data of a block.
// The checks are in rows.h.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

#include "check.h"
#include "jetliner/error.h"
#include "plan/plan.h"
#include "resolution/reader_schema.h"
#include "rows.h"
#include "schema/schema.h"
#include "types/arrow_columns.h"

namespace jetliner {
namespace {

void run(std::string_view writer_json, std::string_view reader_json, const uint8_t* data, size_t size) {
  std::shared_ptr<const Schema> writer;
  std::shared_ptr<const ReaderSchema> reader;
  std::shared_ptr<const Plan> plan;
  try {
    writer = std::make_shared<const Schema>(parse_schema(writer_json));
    reader = std::make_shared<const ReaderSchema>(reader_json);
    plan = compile(writer, reader, numbered(arrow_columns(reader->schema(), options_of(size))));
  } catch (const Error& error) {
    JETLINER_FUZZ_CHECK(error.kind() == ErrorKind::kSchema);
    return;
  }
  if (plan->ops.size() > kMaxFuzzedOps) return;
  (void)plan->dump();
  check_rows(plan, [&](const ColumnsPtr& columns) { return compile(writer, reader, columns); }, data, size);
}

}  // namespace
}  // namespace jetliner

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const size_t first = input.find('\0');
  const size_t second = first == std::string_view::npos ? first : input.find('\0', first + 1);
  if (second == std::string_view::npos) return 0;
  const std::string_view writer = input.substr(0, first);
  const std::string_view reader = input.substr(first + 1, second - first - 1);
  jetliner::with_slack(data + second + 1, size - second - 1,
                       [&](const uint8_t* block, size_t bytes) { jetliner::run(writer, reader, block, bytes); });
  return 0;
}
