// The table of types is in docs/writing.md. The logical types "arrow.*" are those of the Rust crate arrow-avro: other
// readers see the base type.
#include "input/avro_schema.h"

#include <algorithm>
#include <unordered_set>
#include <vector>

#include "base/json_text.h"
#include "jetliner/error.h"
#include "schema/names.h"

namespace jetliner {
namespace {

// Each character that is not ASCII becomes one '_', whatever its bytes.
std::string replaced_name(std::string_view name) {
  std::string out;
  if (name.empty() || is_digit(name[0])) out += '_';
  for (const char c : name) {
    const bool is_continuation = (static_cast<unsigned char>(c) & 0xc0) == 0x80;
    if (is_letter(c) || is_digit(c)) {
      out += c;
    } else if (!is_continuation) {
      out += '_';
    }
  }
  return out;
}

std::string annotated(std::string_view base, std::string_view logical) {
  return "{\"type\":\"" + std::string(base) + "\",\"logicalType\":\"" + std::string(logical) + "\"}";
}

std::string decimal(int32_t precision, int32_t scale) {
  return "{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":" + std::to_string(precision) +
         ",\"scale\":" + std::to_string(scale) + "}";
}

std::string_view unit_name(TimeUnit unit) {
  constexpr std::string_view kNames[] = {"seconds", "millis", "micros", "nanos"};
  return kNames[static_cast<size_t>(unit)];
}

class SchemaWriter {
 public:
  explicit SchemaWriter(const SchemaOptions& options) : options_(options) {}

  std::string write(const InputType& columns) {
    if (columns.children.empty()) {
      throw Error(ErrorKind::kSchema, ErrorVariant::kUnsupportedType,
                  "the frame has no columns: there is nothing to write (a record of zero fields)");
    }
    check_name(options_.name);
    std::string_view rest = options_.name_space;
    while (!rest.empty()) {
      const size_t dot = std::min(rest.find('.'), rest.size());
      check_name(rest.substr(0, dot));
      rest.remove_prefix(std::min(dot + 1, rest.size()));
    }
    std::string json = record(columns.children, named(options_.name), options_.name_space);
    if (!invalid_.empty()) throw_invalid();
    return json;
  }

 private:
  // `path`: the field, for messages. `parent`: the name of the record around it.
  std::string nullable(const InputType& type, const std::string& parent, const std::string& path) {
    if (type.kind == InputKind::kNull) return "\"null\"";
    return "[\"null\"," + base(type, parent, path) + "]";
  }

  std::string base(const InputType& type, const std::string& parent, const std::string& path) {
    switch (type.kind) {
      case InputKind::kNull:
        return "\"null\"";
      case InputKind::kBoolean:
        return "\"boolean\"";
      case InputKind::kInt8:
        return annotated("int", "arrow.int8");
      case InputKind::kInt16:
        return annotated("int", "arrow.int16");
      case InputKind::kInt32:
        return "\"int\"";
      case InputKind::kInt64:
        return "\"long\"";
      case InputKind::kUInt8:
        return annotated("int", "arrow.uint8");
      case InputKind::kUInt16:
        return annotated("int", "arrow.uint16");
      case InputKind::kUInt32:
        return annotated("long", "arrow.uint32");
      case InputKind::kUInt64:
        return annotated("long", "arrow.uint64");
      case InputKind::kInt128:
        return decimal(kMaxDecimal128Precision, 0);
      case InputKind::kFloat16:
        return annotated("float", "arrow.float16");
      case InputKind::kFloat32:
        return "\"float\"";
      case InputKind::kFloat64:
        return "\"double\"";
      case InputKind::kDecimal128:
        if (type.scale < 0 || type.scale > type.precision) break;
        return decimal(type.precision, type.scale);
      case InputKind::kDate32:
        return annotated("int", "date");
      case InputKind::kDate64:
        return annotated("long", "arrow.date64");
      case InputKind::kTime32:
        return type.unit == TimeUnit::kSecond ? annotated("int", "arrow.time32-second")
                                              : annotated("int", "time-millis");
      case InputKind::kTime64:
        return annotated("long", "time-micros");
      case InputKind::kTimestamp: {
        if (type.unit == TimeUnit::kSecond) {
          return annotated("long", type.has_zone ? "arrow.timestamp-second" : "arrow.local-timestamp-second");
        }
        return annotated("long",
                         (type.has_zone ? "timestamp-" : "local-timestamp-") + std::string(unit_name(type.unit)));
      }
      case InputKind::kDuration:
        return annotated("long", "arrow.duration-" + std::string(unit_name(type.unit)));
      case InputKind::kText:
        return "\"string\"";
      case InputKind::kBinary:
        return "\"bytes\"";
      case InputKind::kList:
        return R"({"type":"array","items":)" + nullable(type.children[0], parent, path + "[]") + "}";
      case InputKind::kMap:
        return map(type, parent, path);
      case InputKind::kStruct:
        return record(type.children, parent, {}, path);
      case InputKind::kDictionary:
        return dictionary(type, parent);
      case InputKind::kUnsupported:
        break;
    }
    throw Error(ErrorKind::kSchema, ErrorVariant::kUnsupportedType,
                "column \"" + path + "\": Avro has no type for " + shown_type(type) + "; cast the column",
                {.context = path});
  }

  std::string map(const InputType& type, const std::string& parent, const std::string& path) {
    const InputType& key = type.children[0].children[0];
    const InputType& value = type.children[0].children[1];
    if (key.kind == InputKind::kText) {
      return R"({"type":"map","values":)" + nullable(value, parent, path + "{}") + "}";
    }
    return R"({"type":"array","logicalType":"map","items":{"type":"record","name":)" + json_string(parent) +
           R"(,"fields":[{"name":"key","type":)" + base(key, named(parent + "_key"), path + ".key") +
           R"(},{"name":"value","type":)" + nullable(value, named(parent + "_value"), path + ".value") +
           ",\"default\":null}]}}";
  }

  std::string dictionary(const InputType& type, const std::string& parent) {
    const std::vector<std::string>& symbols = type.symbols;
    if (!type.is_enum || symbols.empty() || !std::all_of(symbols.begin(), symbols.end(), is_valid_name)) {
      return "\"string\"";
    }
    std::string json = R"({"type":"enum","name":)" + json_string(parent) + ",\"symbols\":[";
    for (size_t i = 0; i < symbols.size(); ++i) json += (i > 0 ? "," : "") + json_string(symbols[i]);
    return json + "]}";
  }

  std::string record(const std::vector<InputType>& fields, const std::string& name, std::string_view name_space,
                     const std::string& path = "") {
    std::string json = R"({"type":"record","name":)" + json_string(name);
    if (!name_space.empty()) json += ",\"namespace\":" + json_string(name_space);
    json += ",\"fields\":[";
    std::unordered_set<std::string> taken;
    for (size_t i = 0; i < fields.size(); ++i) {
      const std::string field = unique(field_name(fields[i].name), taken);
      const std::string field_path = path.empty() ? fields[i].name : path + "." + fields[i].name;
      std::string type_name = name;
      type_name.append("_").append(field);
      if (is_named(fields[i])) type_name = named(type_name);
      json += std::string(i > 0 ? "," : "") + "{\"name\":" + json_string(field) +
              ",\"type\":" + nullable(fields[i], type_name, field_path) + ",\"default\":null}";
    }
    return json + "]}";
  }

  // Whether Avro's type for it has a name, or its items have.
  static bool is_named(const InputType& type) {
    switch (type.kind) {
      case InputKind::kStruct:
      case InputKind::kMap:
      case InputKind::kDictionary:
        return true;
      case InputKind::kList:
        return is_named(type.children[0]);
      default:
        return false;
    }
  }

  std::string field_name(const std::string& name) {
    if (options_.invalid_names == InvalidNames::kReplace) return is_valid_name(name) ? name : replaced_name(name);
    check_name(name);
    return name;
  }

  void check_name(std::string_view name) {
    if (options_.invalid_names != InvalidNames::kKeep && !is_valid_name(name)) invalid_.emplace_back(name);
  }

  // A name for a type, that no other type has.
  std::string named(const std::string& wanted) { return unique(wanted, type_names_); }

  static std::string unique(const std::string& wanted, std::unordered_set<std::string>& taken) {
    std::string name = wanted;
    for (size_t i = 2; !taken.insert(name).second; ++i) name = wanted + "_" + std::to_string(i);
    return name;
  }

  [[noreturn]] void throw_invalid() const {
    std::string listed;
    for (const std::string& name : invalid_) listed += (listed.empty() ? "" : ", ") + json_string(name);
    throw Error(ErrorKind::kSchema, ErrorVariant::kInvalidName,
                "these names are not valid in Avro: " + listed + ". Valid names match [A-Za-z_][A-Za-z0-9_]*",
                {.option = "invalid_names"});
  }

  const SchemaOptions& options_;
  std::vector<std::string> invalid_;
  std::unordered_set<std::string> type_names_;
};

}  // namespace

std::string avro_schema(const InputType& columns, const SchemaOptions& options) {
  return SchemaWriter(options).write(columns);
}

}  // namespace jetliner
