// Decodes any bytes by any schema. The input is the text of the schema, a NUL, and the uncompressed data of a block.
// The checks are in rows.h.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "check.h"
#include "jetliner/error.h"
#include "plan/plan.h"
#include "rows.h"
#include "schema/schema.h"
#include "types/arrow_columns.h"

namespace jetliner {
namespace {

void run(std::string_view schema_json, const uint8_t* data, size_t size) {
  std::shared_ptr<const Schema> schema;
  ColumnsPtr all;
  try {
    schema = std::make_shared<const Schema>(parse_schema(schema_json));
    all = numbered(arrow_columns(*schema, options_of(size)));
  } catch (const Error& error) {
    JETLINER_FUZZ_CHECK(error.kind() == ErrorKind::kSchema);
    return;
  }
  const auto plan = compile(schema, all);
  if (plan->ops.size() > kMaxFuzzedOps) return;
  (void)plan->dump();
  check_rows(plan, [&](const ColumnsPtr& columns) { return compile(schema, columns); }, data, size);
}

}  // namespace
}  // namespace jetliner

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  jetliner::with_schema(data, size, jetliner::run);
  return 0;
}
