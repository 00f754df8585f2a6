// Parses any bytes as a schema. The result is an Error of kind kSchema, or a schema that keeps its promises. Such a
// schema is the same after it is written as JSON and parsed again.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "base/utf8.h"
#include "jetliner/error.h"
#include "schema/schema.h"

namespace jetliner {
namespace {

void require(bool promise, const char* what) {
  if (promise) return;
  std::fprintf(stderr, "broken promise: %s\n", what);
  std::abort();
}

void append_json_string(std::string& out, std::string_view text) {
  require(valid_utf8(as_bytes(text).data(), text.size()), "texts are UTF-8");
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      char escaped[8];
      std::snprintf(escaped, sizeof escaped, "\\u%04x", static_cast<unsigned>(c));
      out += escaped;
    } else {
      out += c;
    }
  }
  out += '"';
}

void append_strings(std::string& out, const char* key, const std::vector<std::string>& texts, bool full_names) {
  out += ",\"";
  out += key;
  out += "\":[";
  for (size_t i = 0; i < texts.size(); ++i) {
    if (i > 0) out += ',';
    // A leading dot: a name without namespace must not get the enclosing namespace.
    append_json_string(out, full_names && texts[i].find('.') == std::string::npos ? "." + texts[i] : texts[i]);
  }
  out += ']';
}

// Writes a schema as JSON. A named type is defined at its first use. If a name is defined again, the text has both
// definitions.
class Writer {
 public:
  explicit Writer(const Schema& schema) : schema_(schema), defined_(schema.size(), false) {}

  std::string write() {
    visit(schema_.root(), 1);
    return std::move(out_);
  }

 private:
  void visit(NodeId id, int depth) {
    require(id < schema_.size(), "nodes exist");
    require(depth <= kMaxSchemaDepth, "depth is bounded");
    const SchemaNode& node = schema_.node(id);
    const bool named = node.type == AvroType::kRecord || node.type == AvroType::kEnum || node.type == AvroType::kFixed;
    require(named || node.name.empty(), "only named types have a name");
    require(node.type == AvroType::kRecord || !node.recursive, "only records are recursive");
    if (named && defined_[id]) {
      append_json_string(out_, full_name(node));
      return;
    }
    if (node.type == AvroType::kUnion) {
      require(!node.branches.empty(), "unions have branches");
      out_ += '[';
      for (size_t i = 0; i < node.branches.size(); ++i) {
        if (i > 0) out_ += ',';
        visit(node.branches[i], depth + 1);
      }
      out_ += ']';
      return;
    }
    out_ += "{\"type\":";
    append_json_string(out_, type_name(node.type));
    if (named) {
      defined_[id] = true;
      out_ += ",\"name\":";
      append_json_string(out_, full_name(node));
      append_strings(out_, "aliases", node.aliases, true);
    }
    append_logical(node);
    append_inside(node, depth);
    out_ += '}';
  }

  void append_inside(const SchemaNode& node, int depth) {
    switch (node.type) {
      case AvroType::kRecord:
        out_ += ",\"fields\":[";
        for (size_t i = 0; i < node.fields.size(); ++i) {
          const SchemaField& field = node.fields[i];
          if (i > 0) out_ += ',';
          out_ += "{\"name\":";
          append_json_string(out_, field.name);
          append_strings(out_, "aliases", field.aliases, false);
          if (field.default_json) out_ += ",\"default\":" + *field.default_json;
          out_ += ",\"type\":";
          visit(field.type, depth + 1);
          out_ += '}';
        }
        out_ += ']';
        break;
      case AvroType::kEnum:
        append_strings(out_, "symbols", node.symbols, false);
        if (node.enum_default) {
          out_ += ",\"default\":";
          append_json_string(out_, *node.enum_default);
        }
        break;
      case AvroType::kFixed:
        out_ += ",\"size\":" + std::to_string(node.size);
        break;
      case AvroType::kArray:
        out_ += ",\"items\":";
        visit(node.items, depth + 1);
        break;
      case AvroType::kMap:
        out_ += ",\"values\":";
        visit(node.items, depth + 1);
        break;
      default:
        break;
    }
  }

  void append_logical(const SchemaNode& node) {
    static constexpr const char* kNames[] = {nullptr,
                                             "date",
                                             "time-millis",
                                             "time-micros",
                                             "timestamp-millis",
                                             "timestamp-micros",
                                             "timestamp-nanos",
                                             "local-timestamp-millis",
                                             "local-timestamp-micros",
                                             "local-timestamp-nanos",
                                             "decimal",
                                             "big-decimal",
                                             "uuid",
                                             "duration",
                                             "map",
                                             "arrow.int8",
                                             "arrow.int16",
                                             "arrow.uint8",
                                             "arrow.uint16",
                                             "arrow.uint32",
                                             "arrow.uint64",
                                             "arrow.float16",
                                             "arrow.time32-second",
                                             "arrow.time64-nanosecond",
                                             "arrow.duration-seconds",
                                             "arrow.duration-millis",
                                             "arrow.duration-micros",
                                             "arrow.duration-nanos",
                                             "arrow.timestamp-second",
                                             "arrow.local-timestamp-second",
                                             "arrow.date64"};
    if (node.logical == LogicalType::kNone) return;
    out_ += ",\"logicalType\":\"";
    out_ += kNames[static_cast<size_t>(node.logical)];
    out_ += '"';
    if (node.logical == LogicalType::kDecimal) {
      require(node.precision >= 1 && node.scale >= 0 && node.scale <= node.precision, "decimals are sensible");
      out_ += ",\"precision\":" + std::to_string(node.precision) + ",\"scale\":" + std::to_string(node.scale);
    }
  }

  static std::string full_name(const SchemaNode& node) {
    return node.name.empty() || node.name.find('.') != std::string::npos ? node.name : "." + node.name;
  }

  const Schema& schema_;
  std::vector<bool> defined_;
  std::string out_;
};

// True if a search from the children of `from` reaches `to`.
bool reaches(const Schema& schema, NodeId from, NodeId to) {
  std::vector<bool> seen(schema.size(), false);
  std::vector<NodeId> open = {from};
  while (!open.empty()) {
    const SchemaNode& node = schema.node(open.back());
    open.pop_back();
    std::vector<NodeId> children = node.branches;
    for (const SchemaField& field : node.fields) children.push_back(field.type);
    if (node.type == AvroType::kArray || node.type == AvroType::kMap) children.push_back(node.items);
    for (const NodeId child : children) {
      if (child == to) return true;
      if (!seen[child]) open.push_back(child);
      seen[child] = true;
    }
  }
  return false;
}

void run(std::string_view text) {
  std::string written;
  try {
    const Schema schema = parse_schema(text);
    written = Writer(schema).write();
    for (NodeId id = 0; id < schema.size() && schema.size() < 300; ++id) {
      if (schema.node(id).type != AvroType::kRecord) continue;
      require(schema.node(id).recursive == reaches(schema, id, id), "`recursive` agrees with a search");
    }
  } catch (const Error& error) {
    require(error.kind() == ErrorKind::kSchema, "errors are of kind kSchema");
    require(error.variant() == ErrorVariant::kInvalidSchema || error.variant() == ErrorVariant::kParseError,
            "variants are kInvalidSchema or kParseError");
    const std::string_view message = error.what();
    require(valid_utf8(as_bytes(message).data(), message.size()), "messages are UTF-8");
    return;
  }
  const Schema again = parse_schema(written);  // an Error here ends the process
  require(Writer(again).write() == written, "a schema that is written down and parsed is the same");
}

}  // namespace
}  // namespace jetliner

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  jetliner::run({reinterpret_cast<const char*>(data), size});
  return 0;
}
