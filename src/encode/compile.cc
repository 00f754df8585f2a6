// Structure: unions, records, arrays and maps. Scalars are in compile_scalar.cc.
#include "encode/compile.h"

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <utility>

#include "base/varint.h"
#include "jetliner/error.h"
#include "resolution/default_value.h"
#include "schema/logical.h"
#include "schema/path.h"
#include "types/arrow_type.h"

namespace jetliner {
namespace {

[[noreturn]] void fail(ErrorVariant variant, const std::string& message, const std::string& field) {
  throw Error(ErrorKind::kSchema, variant, message, {.context = field});
}

std::string below(const std::string& field, const std::string& name) {
  return field.empty() ? name : field + "." + name;
}

const InputType* field_of(const InputType& type, std::string_view name) {
  const auto place = std::find_if(type.children.begin(), type.children.end(),
                                  [&](const InputType& child) { return child.name == name; });
  return place == type.children.end() ? nullptr : &*place;
}

bool differ_only_in_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return a != b && std::equal(a.begin(), a.end(), b.begin(), b.end(),
                              [&](char one, char other) { return lower(one) == lower(other); });
}

// For the end of a message about a name: another one of `named` that is meant, perhaps.
template <typename Named>
std::string case_hint(std::string_view name, const std::vector<Named>& named) {
  const auto place = std::find_if(named.begin(), named.end(),
                                  [&](const Named& other) { return differ_only_in_case(other.name, name); });
  return place == named.end() ? "" : "; did you mean " + in_quotes(place->name) + "?";
}

bool is_entries(const InputType& type) {
  return type.kind == InputKind::kStruct && type.children.size() == 2 && field_of(type, kMapKey) != nullptr &&
         field_of(type, kMapValue) != nullptr;
}

// The branch that a column of this type means, where a union has several that could take it.
AvroType usual_type(InputKind kind) {
  switch (kind) {
    case InputKind::kBoolean:
      return AvroType::kBoolean;
    case InputKind::kInt8:
    case InputKind::kInt16:
    case InputKind::kInt32:
    case InputKind::kUInt8:
    case InputKind::kUInt16:
    case InputKind::kDate32:
    case InputKind::kTime32:
      return AvroType::kInt;
    case InputKind::kInt64:
    case InputKind::kUInt32:
    case InputKind::kUInt64:
    case InputKind::kDate64:
    case InputKind::kTime64:
    case InputKind::kTimestamp:
    case InputKind::kDuration:
      return AvroType::kLong;
    case InputKind::kFloat16:
    case InputKind::kFloat32:
      return AvroType::kFloat;
    case InputKind::kFloat64:
      return AvroType::kDouble;
    case InputKind::kText:
    case InputKind::kDictionary:
      return AvroType::kString;
    case InputKind::kList:
      return AvroType::kArray;
    case InputKind::kMap:
      return AvroType::kMap;
    case InputKind::kStruct:
      return AvroType::kRecord;
    case InputKind::kNull:
      return AvroType::kNull;
    default:
      return AvroType::kBytes;
  }
}

}  // namespace

void EncodeCompiler::compile() {
  const SchemaNode& root = plan_.schema.node(plan_.schema.root());
  if (root.type == AvroType::kRecord) {
    if (root.recursive) fail(ErrorVariant::kUnsupportedType, "a recursive schema cannot be written", "");
    if (root.fields.empty()) {
      fail(ErrorVariant::kUnsupportedType, "a record of zero fields has no column, so there is nothing to write", "");
    }
    plan_.ops = fields(root, plan_.columns, "");
    return;
  }
  if (plan_.columns.children.size() != 1 || plan_.columns.children[0].name != kRootColumn) {
    fail(ErrorVariant::kIncompatibleSchemas,
         "a schema that is no record takes one column, named \"" + std::string(kRootColumn) + "\"", "");
  }
  plan_.ops.push_back(value(plan_.schema.root(), plan_.columns.children[0], kRootColumn));
}

EncodeOp EncodeCompiler::value(NodeId id, const InputType& type, const std::string& field) {
  const SchemaNode& node = plan_.schema.node(id);
  EncodeOp op = node.type == AvroType::kUnion ? union_value(node, type, field) : plain_value(node, type, field);
  op.type = &type;
  op.column = type.column;
  op.field = field;
  return op;
}

EncodeOp EncodeCompiler::union_value(const SchemaNode& node, const InputType& type, const std::string& field) {
  int32_t null_branch = kNoBranch;
  std::vector<int32_t> others;
  for (size_t i = 0; i < node.branches.size(); ++i) {
    const auto branch = static_cast<int32_t>(i);
    if (plan_.schema.node(node.branches[i]).type != AvroType::kNull) {
      others.push_back(branch);
    } else if (null_branch == kNoBranch) {
      null_branch = branch;
    }
  }
  EncodeOp op;
  if (type.kind == InputKind::kNull) {
    op.code = EncodeCode::kNull;
  } else if (others.size() == 1) {
    op = value(node.branches[static_cast<size_t>(others[0])], type, field);
    op.value_branch = others[0];
  } else if (others.empty()) {
    mismatch(node, type, field);
  } else {
    op = branches(node, type, field);
  }
  op.null_branch = null_branch;
  return op;
}

// A struct with the names of branches stands for the union, as the reader makes it. Any other column goes to one
// branch.
EncodeOp EncodeCompiler::branches(const SchemaNode& node, const InputType& type, const std::string& field) {
  std::unordered_map<std::string_view, int32_t> by_name;
  for (size_t i = 0; i < node.branches.size(); ++i) {
    by_name.emplace(branch_name(plan_.schema.node(node.branches[i])), static_cast<int32_t>(i));
  }
  const bool is_struct_of_branches =
      type.kind == InputKind::kStruct && !type.children.empty() &&
      std::all_of(type.children.begin(), type.children.end(),
                  [&](const InputType& child) { return by_name.contains(child.name) && child.name != "null"; });
  if (is_struct_of_branches) {
    EncodeOp op;
    op.code = EncodeCode::kUnion;
    for (const InputType& child : type.children) {
      const int32_t branch = by_name.at(child.name);
      EncodeOp part = child.kind == InputKind::kNull
                          ? EncodeOp{.code = EncodeCode::kNull}
                          : value(node.branches[static_cast<size_t>(branch)], child, below(field, child.name));
      part.value_branch = branch;
      part.type = &child;
      part.column = child.column;
      op.below.push_back(std::move(part));
    }
    return op;
  }
  std::optional<EncodeOp> first;
  for (size_t i = 0; i < node.branches.size(); ++i) {
    const SchemaNode& branch = plan_.schema.node(node.branches[i]);
    const bool is_usual = branch.type == usual_type(type.kind);
    if (branch.type == AvroType::kNull || (first && !is_usual)) continue;
    try {
      EncodeOp op = value(node.branches[i], type, field);
      op.value_branch = static_cast<int32_t>(i);
      if (is_usual) return op;
      first = std::move(op);
    } catch (const Error&) {  // NOLINT(bugprone-empty-catch): another branch may take the column
    }
  }
  if (!first)
    mismatch(node, type, field, "give a struct with a field for each branch, named as in Avro's JSON encoding");
  return *std::move(first);
}

EncodeOp EncodeCompiler::plain_value(const SchemaNode& node, const InputType& type, const std::string& field) {
  if (type.kind == InputKind::kNull) {
    return node.type == AvroType::kNull ? constant({}, field) : EncodeOp{.code = EncodeCode::kNull};
  }
  switch (node.type) {
    case AvroType::kBoolean:
      if (type.kind == InputKind::kBoolean) return {.code = EncodeCode::kBoolean};
      break;
    case AvroType::kInt:
    case AvroType::kLong:
      return integer(node, type, field);
    case AvroType::kFloat:
    case AvroType::kDouble:
      return real(node, type, field);
    case AvroType::kBytes:
    case AvroType::kString:
      return bytes(node, type, field);
    case AvroType::kFixed:
      return fixed(node, type, field);
    case AvroType::kEnum:
      return symbol(node, type, field);
    case AvroType::kArray:
      return list(node, type, field);
    case AvroType::kMap:
      return map(node, type, field);
    case AvroType::kRecord:
      return record(node, type, field);
    default:
      break;
  }
  mismatch(node, type, field);
}

// Arrow's Map has the same form as a list of its entries.
EncodeOp EncodeCompiler::list(const SchemaNode& node, const InputType& type, const std::string& field) {
  if (type.kind != InputKind::kList && type.kind != InputKind::kMap) mismatch(node, type, field);
  EncodeOp op{.code = EncodeCode::kArray};
  op.below.push_back(value(node.items, type.children[0], field + "[]"));
  return op;
}

EncodeOp EncodeCompiler::map(const SchemaNode& node, const InputType& type, const std::string& field) {
  const bool is_map = type.kind == InputKind::kMap;
  const bool is_list_of_entries = type.kind == InputKind::kList && is_entries(type.children[0]);
  if (!is_map && !is_list_of_entries) {
    mismatch(node, type, field, "give a list of structs with the fields key and value");
  }
  const InputType& entries = type.children[0];
  const InputType& key = is_map ? entries.children[0] : *field_of(entries, kMapKey);
  const InputType& item = is_map ? entries.children[1] : *field_of(entries, kMapValue);
  const SchemaNode text{.type = AvroType::kString};
  EncodeOp op{.code = EncodeCode::kMap};
  EncodeOp key_op = plain_value(text, key, field + ".key");
  key_op.type = &key;
  key_op.column = key.column;
  key_op.field = field + ".key";
  op.below.push_back(std::move(key_op));
  op.below.push_back(value(node.items, item, field + "{}"));
  return op;
}

EncodeOp EncodeCompiler::record(const SchemaNode& node, const InputType& type, const std::string& field) {
  if (node.recursive) {
    fail(ErrorVariant::kUnsupportedType, "field \"" + field + "\": a recursive schema cannot be written", field);
  }
  if (type.kind != InputKind::kStruct) mismatch(node, type, field);
  EncodeOp op{.code = EncodeCode::kRecord};
  op.below = fields(node, type, field);
  return op;
}

std::vector<EncodeOp> EncodeCompiler::fields(const SchemaNode& node, const InputType& type, const std::string& field) {
  std::unordered_map<std::string_view, const InputType*> columns;
  for (const InputType& child : type.children) columns.emplace(child.name, &child);
  std::vector<EncodeOp> ops;
  for (size_t i = 0; i < node.fields.size(); ++i) {
    const SchemaField& wanted = node.fields[i];
    const std::string path = below(field, wanted.name);
    if (match_ == MatchFields::kByPosition) {
      ops.push_back(value(wanted.type, type.children[i], below(field, type.children[i].name)));
      continue;
    }
    const auto place = columns.find(wanted.name);
    if (place == columns.end()) {
      ops.push_back(default_value(wanted, path, type));
      continue;
    }
    ops.push_back(value(wanted.type, *place->second, path));
    columns.erase(place);
  }
  if (match_ == MatchFields::kByName && !columns.empty()) {
    std::vector<std::string> extra;
    for (const InputType& child : type.children) {
      if (columns.contains(child.name)) extra.push_back(in_quotes(child.name));
    }
    std::string listed;
    for (const std::string& name : extra) listed += (listed.empty() ? "" : ", ") + name;
    const std::string hint = extra.size() == 1 ? case_hint(columns.begin()->first, node.fields) : "";
    fail(ErrorVariant::kIncompatibleSchemas,
         "the schema has no field for " + listed + (field.empty() ? "" : " in \"" + field + "\"") +
             ": drop the column, or add the field to the schema" + hint,
         field);
  }
  return ops;
}

EncodeOp EncodeCompiler::default_value(const SchemaField& schema_field, const std::string& field,
                                       const InputType& columns) {
  if (!schema_field.default_json) {
    fail(ErrorVariant::kIncompatibleSchemas,
         "there is no column for field \"" + field + "\", and the schema has no default for it" +
             case_hint(schema_field.name, columns.children),
         field);
  }
  DefaultEncoder encoder(plan_.schema);
  std::vector<uint8_t> bytes;
  if (!encoder.append(schema_field.type, *schema_field.default_json, bytes)) {
    fail(ErrorVariant::kInvalidSchema, "the default of field \"" + field + "\" cannot be used: " + encoder.problem(),
         field);
  }
  return constant(std::move(bytes), field);
}

// Column 0 is the batch itself, where no row is null.
EncodeOp EncodeCompiler::constant(std::vector<uint8_t> bytes, const std::string& field) {
  plan_.constants.push_back(std::move(bytes));
  return {.code = EncodeCode::kConstant, .a = static_cast<uint32_t>(plan_.constants.size() - 1), .field = field};
}

void EncodeCompiler::mismatch(const SchemaNode& node, const InputType& type, const std::string& field,
                              const std::string& way_out) const {
  std::string schema_type(type_name(node.type));
  if (const std::string_view logical = logical_name(node.logical); !logical.empty()) {
    schema_type += " (" + std::string(logical) + ")";
  }
  fail(ErrorVariant::kIncompatibleSchemas,
       "field \"" + field + "\": a column of type " + shown_type(type) + " cannot be written as " + schema_type +
           (way_out.empty() ? ": cast the column, or change the schema" : ": " + way_out),
       field);
}

std::shared_ptr<const EncodePlan> compile_encode(Schema schema, InputType columns, MatchFields match) {
  auto plan = std::make_shared<EncodePlan>();
  plan->schema = std::move(schema);
  plan->columns = std::move(columns);
  EncodeCompiler(*plan, match).compile();
  return plan;
}

}  // namespace jetliner
