#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "arrow/export.h"
#include "arrow/format.h"

namespace jetliner {
namespace {

struct SchemaPrivate {
  SchemaPrivate() = default;
  SchemaPrivate(const SchemaPrivate&) = delete;
  SchemaPrivate& operator=(const SchemaPrivate&) = delete;
  // A child that the importer moved out has no release callback.
  ~SchemaPrivate() {
    for (ArrowSchema& child : children) {
      if (child.release != nullptr) child.release(&child);
    }
    if (dictionary.release != nullptr) dictionary.release(&dictionary);
  }

  std::string format;
  std::string name;
  std::string metadata;
  std::vector<ArrowSchema> children;
  std::vector<ArrowSchema*> child_pointers;
  ArrowSchema dictionary{};
};

void release_schema(ArrowSchema* schema) {
  delete static_cast<SchemaPrivate*>(schema->private_data);
  schema->release = nullptr;
}

// Fills `out`, which then owns `owned` and points into it.
void finish(std::unique_ptr<SchemaPrivate> owned, bool nullable, ArrowSchema* out) {
  for (ArrowSchema& child : owned->children) owned->child_pointers.push_back(&child);
  *out = {.format = owned->format.c_str(),
          .name = owned->name.c_str(),
          .metadata = owned->metadata.empty() ? nullptr : owned->metadata.data(),
          .flags = nullable ? ARROW_FLAG_NULLABLE : 0,
          .n_children = static_cast<int64_t>(owned->children.size()),
          .children = owned->child_pointers.data(),
          .dictionary = owned->dictionary.release != nullptr ? &owned->dictionary : nullptr,
          .release = release_schema,
          .private_data = owned.get()};
  (void)owned.release();
}

void append_int32(std::string& out, size_t value) {
  const auto number = static_cast<int32_t>(value);
  char bytes[4];
  std::memcpy(bytes, &number, 4);
  out.append(bytes, 4);
}

// One pair in Arrow's encoding of metadata: count of pairs, then key and value, each after its length. All numbers are
// 32-bit in native byte order.
std::string one_pair(const std::string& key, const std::string& value) {
  std::string out;
  append_int32(out, 1);
  append_int32(out, key.size());
  out += key;
  append_int32(out, value.size());
  out += value;
  return out;
}

// A column that is not nullable and has no children.
void leaf_schema(ArrowKind kind, const std::string& name, ArrowSchema* out) {
  auto owned = std::make_unique<SchemaPrivate>();
  owned->format = format_string({.kind = kind});
  owned->name = name;
  finish(std::move(owned), false, out);
}

void type_schema(const ArrowType& type, bool in_nullable, ArrowSchema* out) {
  auto owned = std::make_unique<SchemaPrivate>();
  owned->format = format_string(type.type);
  owned->name = type.exported_name();
  const bool nullable = type.nullable || type.nulls_invalid || in_nullable || type.kind() == ArrowKind::kNull;
  owned->children.resize(type.children.size());
  for (size_t i = 0; i < type.children.size(); ++i) {
    // Fields of a null struct are null as well (ColumnSet::write_null).
    type_schema(type.children[i], type.kind() == ArrowKind::kStruct && nullable, &owned->children[i]);
  }
  if (type.kind() == ArrowKind::kDictionary) {
    // By this key Polars tells an Enum from a Categorical.
    if (type.type.has_fixed_symbols) owned->metadata = one_pair("_PL_ENUM_VALUES2", type.symbols->listed);
    leaf_schema(ArrowKind::kStringView, "", &owned->dictionary);
  }
  finish(std::move(owned), nullable, out);
}

}  // namespace

void export_column_schema(const BatchSchema& schema, size_t index, ArrowSchema* out) {
  const std::vector<ArrowType>& columns = schema.columns->children;
  const size_t first = schema.has_row_index ? 1 : 0;
  if (index < first) {
    leaf_schema(ArrowKind::kUInt32, schema.row_index_name, out);
  } else if (index < first + columns.size()) {
    type_schema(columns[index - first], false, out);
  } else {
    leaf_schema(ArrowKind::kStringView, schema.path_name, out);
  }
}

void export_schema(const BatchSchema& schema, ArrowSchema* out) {
  auto owned = std::make_unique<SchemaPrivate>();
  owned->format = format_string({.kind = ArrowKind::kStruct});
  owned->children.resize(schema.num_columns());
  for (size_t i = 0; i < owned->children.size(); ++i) export_column_schema(schema, i, &owned->children[i]);
  finish(std::move(owned), false, out);
}

}  // namespace jetliner
