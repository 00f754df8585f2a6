// Schemas as JSON text, built from their parts.
#pragma once

#include <string>
#include <string_view>

namespace jetliner {

inline std::string record_json(std::string_view fields, std::string_view name = "R") {
  return R"({"type":"record","name":")" + std::string(name) + R"(","fields":[)" + std::string(fields) + "]}";
}

inline std::string field_json(std::string_view name, std::string_view type) {
  return R"({"name":")" + std::string(name) + R"(","type":)" + std::string(type) + "}";
}

// A record with one field `f`, for tests of types inside a record.
inline std::string one_field(std::string_view type) { return record_json(field_json("f", type)); }

inline std::string nullable(std::string_view type) { return R"(["null",)" + std::string(type) + "]"; }

inline std::string array_of(std::string_view items) { return R"({"type":"array","items":)" + std::string(items) + "}"; }

inline std::string map_of(std::string_view values) { return R"({"type":"map","values":)" + std::string(values) + "}"; }

// `symbols`: "A","B". `more`: further attributes, after a comma.
inline std::string enum_json(std::string_view symbols, std::string_view more = "", std::string_view name = "E") {
  return R"({"type":"enum","name":")" + std::string(name) + R"(","symbols":[)" + std::string(symbols) + "]" +
         std::string(more) + "}";
}

// Of bytes.
inline std::string decimal_json(int precision, int scale) {
  return R"({"type":"bytes","logicalType":"decimal","precision":)" + std::to_string(precision) + R"(,"scale":)" +
         std::to_string(scale) + "}";
}

}  // namespace jetliner
