#include "schema/names.h"

#include <algorithm>
#include <utility>

namespace jetliner {

bool is_valid_name(std::string_view name) {
  return !name.empty() && is_letter(name[0]) &&
         std::all_of(name.begin(), name.end(), [](char c) { return is_letter(c) || is_digit(c); });
}

FullName full_name(std::string_view name, std::string_view space) {
  const size_t dot = name.rfind('.');
  if (dot == std::string_view::npos) return {std::string(space), std::string(name)};
  return {std::string(name.substr(0, dot)), std::string(name.substr(dot + 1))};
}

std::string_view simple_name(std::string_view full_name) { return full_name.substr(full_name.rfind('.') + 1); }

std::optional<AvroType> complex_type(std::string_view name) {
  if (name == "record" || name == "error") return AvroType::kRecord;
  if (name == "enum") return AvroType::kEnum;
  if (name == "array") return AvroType::kArray;
  if (name == "map") return AvroType::kMap;
  if (name == "fixed") return AvroType::kFixed;
  return std::nullopt;
}

std::optional<AvroType> primitive_type(std::string_view name) {
  for (int i = 0; i <= static_cast<int>(AvroType::kString); ++i) {
    if (type_name(static_cast<AvroType>(i)) == name) return static_cast<AvroType>(i);
  }
  return std::nullopt;
}

std::optional<NodeId> NameTable::define(const FullName& name, NodeId id) {
  const auto [place, is_new] = ids_.try_emplace(name.text(), id);
  if (is_new) return std::nullopt;
  return std::exchange(place->second, id);
}

std::optional<NodeId> NameTable::find(std::string_view name, std::string_view space) const {
  auto found = ids_.find(full_name(name, space).text());
  if (found == ids_.end()) found = ids_.find(full_name(name, "").text());
  if (found == ids_.end()) return std::nullopt;
  return found->second;
}

}  // namespace jetliner
