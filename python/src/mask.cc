#include "mask.h"

#include <cstring>
#include <string_view>

#include "bindings.h"
#include "jetliner/arrow_abi.h"
#include "jetliner/owned.h"

namespace nb = nanobind;

namespace jetliner::python {
namespace {

bool bit(const void* bits, int64_t i) { return (static_cast<const uint8_t*>(bits)[i >> 3] >> (i & 7) & 1) != 0; }

void append(Mask& mask, const ArrowArray& array) {
  const void* const validity = array.null_count == 0 ? nullptr : array.buffers[0];
  const void* const values = array.buffers[1];
  const auto rows = static_cast<size_t>(array.length);
  mask.bits.resize((mask.rows + rows + 7) / 8);
  if (validity == nullptr && (array.offset & 7) == 0 && (mask.rows & 7) == 0) {
    std::memcpy(mask.bits.data() + mask.rows / 8, static_cast<const uint8_t*>(values) + array.offset / 8,
                (rows + 7) / 8);
    // Whatever follows the last bit is not ours.
    if ((rows & 7) != 0) mask.bits.back() &= static_cast<uint8_t>((1U << (rows & 7)) - 1);
    mask.rows += rows;
    return;
  }
  for (int64_t i = array.offset; i < array.offset + array.length; ++i, ++mask.rows) {
    const bool keep = (validity == nullptr || bit(validity, i)) && bit(values, i);
    mask.bits[mask.rows >> 3] |= static_cast<uint8_t>((keep ? 1U : 0U) << (mask.rows & 7));
  }
}

}  // namespace

Mask mask_from_python(nb::handle column) {
  const nb::object capsule = column.attr("__arrow_c_stream__")();
  auto* const stream = static_cast<ArrowArrayStream*>(PyCapsule_GetPointer(capsule.ptr(), kStreamCapsule));
  if (stream == nullptr) throw nb::python_error();
  // The stream stays the capsule's, which releases it.
  Owned<ArrowSchema> schema;
  if (stream->get_schema(stream, &schema.c) != 0) throw nb::value_error("the mask cannot be exported");
  if (std::string_view(schema.c.format) != "b") throw nb::value_error("the mask is not of type Boolean");
  Mask mask;
  for (;;) {
    Owned<ArrowArray> array;
    if (stream->get_next(stream, &array.c) != 0) throw nb::value_error("the mask cannot be exported");
    if (array.c.release == nullptr) return mask;
    append(mask, array.c);
  }
}

}  // namespace jetliner::python
