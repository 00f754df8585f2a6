#include "arrow/plain_form.h"

#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "base/view_layout.h"

namespace jetliner {
namespace {

// Rows of an array, counted from the begin of its buffers.
struct Rows {
  int64_t begin = 0;
  int64_t end = 0;
};

// A column of text or bytes, and the column of views that it was copied from.
struct Copied {
  Copied() = default;
  Copied(const Copied&) = delete;
  Copied& operator=(const Copied&) = delete;
  ~Copied() {
    if (views.release != nullptr) views.release(&views);
  }

  ArrowArray views{};  // owns the validity
  std::vector<int64_t> offsets;
  std::unique_ptr<uint8_t[]> bytes;
  const void* buffers[3] = {};
};

void release_copied(ArrowArray* array) {
  delete static_cast<Copied*>(array->private_data);
  array->release = nullptr;
}

bool is_view(std::string_view format) { return format == "vu" || format == "vz"; }
bool is_large(std::string_view format) { return format == "U" || format == "Z"; }

bool is_valid(const void* validity, int64_t row) {
  return validity == nullptr || (static_cast<const uint8_t*>(validity)[row / 8] >> (row % 8) & 1) != 0;
}

const uint8_t* bytes_of(const ViewParts& view, const ArrowArray& views) {
  if (view.inline_bytes != nullptr) return view.inline_bytes;
  return static_cast<const uint8_t*>(views.buffers[2 + view.heap_index]) + view.heap_offset;
}

// Replaces a column of views. Only `rows` of it are copied: the others belong to other batches of the same chunk.
void copy_views(Rows rows, ArrowArray* array) {
  auto copied = std::make_unique<Copied>();
  // Rows before `base` get no offsets. It is a multiple of 8: the validity starts at a whole byte.
  const int64_t base = array->offset & ~int64_t{7};
  const int64_t end = array->offset + array->length;
  copied->offsets.assign(static_cast<size_t>(end - base + 1), 0);

  const void* const validity = array->buffers[0];
  const auto* const views = static_cast<const uint8_t*>(array->buffers[1]);
  const auto view = [&](int64_t row) { return read_view(views + static_cast<size_t>(row) * kViewBytes); };
  int64_t total_bytes = 0;
  for (int64_t row = rows.begin; row < rows.end; ++row) {
    if (is_valid(validity, row)) total_bytes += view(row).length;
    copied->offsets[static_cast<size_t>(row + 1 - base)] = total_bytes;
  }
  for (int64_t row = rows.end; row < end; ++row) copied->offsets[static_cast<size_t>(row + 1 - base)] = total_bytes;

  copied->bytes = std::make_unique_for_overwrite<uint8_t[]>(static_cast<size_t>(total_bytes) + 1);  // never nullptr
  uint8_t* out = copied->bytes.get();
  for (int64_t row = rows.begin; row < rows.end; ++row) {
    if (!is_valid(validity, row)) continue;
    const ViewParts parts = view(row);
    std::memcpy(out, bytes_of(parts, *array), parts.length);
    out += parts.length;
  }

  copied->buffers[0] = validity == nullptr ? nullptr : static_cast<const uint8_t*>(validity) + base / 8;
  copied->buffers[1] = copied->offsets.data();
  copied->buffers[2] = copied->bytes.get();
  copied->views = std::exchange(*array, ArrowArray{});
  *array = {.length = copied->views.length,
            .null_count = copied->views.null_count,
            .offset = copied->views.offset - base,
            .n_buffers = 3,
            .n_children = 0,
            .buffers = copied->buffers,
            .children = nullptr,
            .dictionary = nullptr,
            .release = release_copied,
            .private_data = copied.get()};
  (void)copied.release();
}

template <typename Offset>
Rows items_of(const ArrowArray& list, Rows rows) {
  if (rows.begin == rows.end) return {};
  const auto* const offsets = static_cast<const Offset*>(list.buffers[1]);
  return {offsets[rows.begin], offsets[rows.end]};
}

// The rows of a column's children that `rows` need.
Rows rows_below(std::string_view format, const ArrowArray& array, Rows rows) {
  if (format == "+L") return items_of<int64_t>(array, rows);
  if (format == "+m") return items_of<int32_t>(array, rows);
  return rows;  // a struct
}

void make_plain(const ArrowSchema& plain, Rows rows, ArrowArray* array) {
  if (array->dictionary != nullptr) {
    ArrowArray& symbols = *array->dictionary;
    make_plain(*plain.dictionary, {symbols.offset, symbols.offset + symbols.length}, &symbols);
  }
  if (is_large(plain.format)) {
    copy_views(rows, array);
    return;
  }
  const Rows below = array->n_children == 0 ? Rows{} : rows_below(plain.format, *array, rows);
  for (int64_t i = 0; i < array->n_children; ++i) {
    ArrowArray* const child = array->children[i];
    make_plain(*plain.children[i], {child->offset + below.begin, child->offset + below.end}, child);
  }
}

}  // namespace

void make_plain(ArrowSchema* schema, const ArrowSchema* requested) {
  schema->metadata = nullptr;
  // Literals: release() frees what private_data owns, not these pointers.
  const bool keeps_views = requested != nullptr && is_view(requested->format);
  if (is_view(schema->format) && !keeps_views) schema->format = schema->format[1] == 'u' ? "U" : "Z";
  if (schema->dictionary != nullptr) {
    schema->format = "i";
    make_plain(schema->dictionary, requested == nullptr ? nullptr : requested->dictionary);
  }
  const bool has_children = requested != nullptr && requested->n_children == schema->n_children;
  for (int64_t i = 0; i < schema->n_children; ++i) {
    make_plain(schema->children[i], has_children ? requested->children[i] : nullptr);
  }
}

void make_plain(const ArrowSchema& plain, ArrowArray* array) {
  make_plain(plain, {array->offset, array->offset + array->length}, array);
}

}  // namespace jetliner
