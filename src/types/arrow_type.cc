#include "types/arrow_type.h"

#include <utility>

namespace jetliner {
namespace {

void number(ArrowType& type, uint32_t& next, uint32_t& scopes) {
  for (ArrowType& child : type.children) {
    child.column = next++;
    if (child.layout() == Layout::kList) child.item_scope = scopes++;
    number(child, next, scopes);
  }
}

}  // namespace

EnumSymbols::EnumSymbols(std::vector<std::string> the_names) : names(std::move(the_names)) {
  for (const std::string& symbol : names) {
    listed += std::to_string(symbol.size()) + ";" + symbol;
    views.add(symbol, 1);
  }
}

FieldIndex::FieldIndex(const ArrowType* type) {
  if (type == nullptr) return;
  for (const ArrowType& field : type->children) add(field);
}

const ArrowType* FieldIndex::find(std::string_view name) const {
  const auto place = fields_.find(name);
  return place == fields_.end() ? nullptr : place->second;
}

const ArrowType* ArrowType::child(std::string_view child_name) const {
  for (const ArrowType& field : children) {
    if (field.name == child_name) return &field;
  }
  return nullptr;
}

uint32_t number_columns(ArrowType& root) {
  uint32_t next = 0;
  uint32_t scopes = 1;  // the top level is scope 0
  number(root, next, scopes);
  return next;
}

}  // namespace jetliner
