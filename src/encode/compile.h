// The compiler of encode plans: for each pair of a schema's type and a column's type, an operation.
#pragma once

#include <string>
#include <vector>

#include "encode/plan.h"

namespace jetliner {

class EncodeCompiler {
 public:
  EncodeCompiler(EncodePlan& plan, MatchFields match) : plan_(plan), match_(match) {}

  void compile();

 private:
  // The operation that writes a column as the type `id`. `field`: the place, for errors.
  EncodeOp value(NodeId id, const InputType& type, const std::string& field);
  EncodeOp plain_value(const SchemaNode& node, const InputType& type, const std::string& field);
  EncodeOp union_value(const SchemaNode& node, const InputType& type, const std::string& field);
  EncodeOp branches(const SchemaNode& node, const InputType& type, const std::string& field);
  EncodeOp integer(const SchemaNode& node, const InputType& type, const std::string& field);
  EncodeOp real(const SchemaNode& node, const InputType& type, const std::string& field);
  EncodeOp bytes(const SchemaNode& node, const InputType& type, const std::string& field);
  EncodeOp fixed(const SchemaNode& node, const InputType& type, const std::string& field);
  EncodeOp decimal(const SchemaNode& node, const InputType& type, const std::string& field);
  EncodeOp symbol(const SchemaNode& node, const InputType& type, const std::string& field);
  EncodeOp list(const SchemaNode& node, const InputType& type, const std::string& field);
  EncodeOp map(const SchemaNode& node, const InputType& type, const std::string& field);
  EncodeOp record(const SchemaNode& node, const InputType& type, const std::string& field);

  // The operations of a record's fields, in their order.
  std::vector<EncodeOp> fields(const SchemaNode& node, const InputType& type, const std::string& field);
  // `columns`: those that there are.
  EncodeOp default_value(const SchemaField& schema_field, const std::string& field, const InputType& columns);
  EncodeOp constant(std::vector<uint8_t> bytes, const std::string& field);
  uint32_t symbol_table(const SchemaNode& node);

  [[noreturn]] void mismatch(const SchemaNode& node, const InputType& type, const std::string& field,
                             const std::string& way_out = "") const;

  EncodePlan& plan_;
  const MatchFields match_;
};

// What is written of a temporal column: the kinds of column that a logical type takes, and its unit.
struct TemporalForm {
  LogicalType logical;
  InputKind kind;
  TimeUnit unit;
  bool has_zone = false;
};

// nullptr for a logical type that is not temporal.
const TemporalForm* temporal_form(LogicalType logical);

// Sets the factors from one unit to another.
void set_scale(EncodeOp& op, TimeUnit from, TimeUnit to);

bool is_integer(InputKind kind);
bool is_real(InputKind kind);

}  // namespace jetliner
