// BadBlockError: a record of damage that `ignore_errors` skipped. Made by readers, read-only.
#include <nanobind/nanobind.h>
#include <nanobind/stl/optional.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "bindings.h"
#include "hints.h"
#include "jetliner/error.h"
#include "text.h"

namespace nb = nanobind;

namespace jetliner::python {
namespace {

std::string_view kind_name(BadBlockKind kind) {
  switch (kind) {
    case BadBlockKind::kInvalidSyncMarker:
      return "InvalidSyncMarker";
    case BadBlockKind::kDecompressionFailed:
      return "DecompressionFailed";
    case BadBlockKind::kBlockParseFailed:
      return "BlockParseFailed";
    case BadBlockKind::kRecordDecodeFailed:
      return "RecordDecodeFailed";
    case BadBlockKind::kSchemaViolation:
      return "SchemaViolation";
  }
  return "Unknown";
}

std::string kind_text(const BadBlock& block) {
  std::string text(kind_name(block.kind));
  if (block.kind == BadBlockKind::kDecompressionFailed) text += "(" + block.codec + ")";
  return text;
}

nb::dict to_dict(const BadBlock& block) {
  nb::dict fields;
  fields["kind"] = text_to_python(kind_text(block));
  fields["block_index"] = block.block_index;
  fields["record_index"] = block.record_index;
  fields["file_offset"] = block.file_offset;
  fields["message"] = text_to_python(with_option(block.message, block.option));
  fields["filepath"] = path_to_python(block.path);
  return fields;
}

nb::object repr(const BadBlock& block) {
  nb::object text = text_to_python("BadBlockError(");
  const char* separator = "";
  for (auto [name, value] : to_dict(block)) {
    text += nb::str(separator) + name + nb::str("=") + nb::repr(value);
    separator = ", ";
  }
  return text + nb::str(")");
}

// "x.avro: block 3, record 7, offset 1024: RecordDecodeFailed: ..."
nb::object str(const BadBlock& block) {
  std::string place = ": block " + std::to_string(block.block_index);
  if (block.record_index) place += ", record " + std::to_string(*block.record_index);
  place += ", offset " + std::to_string(block.file_offset) + ": " + kind_text(block) + ": ";
  return path_to_python(block.path) + text_to_python(place) + text_to_python(with_option(block.message, block.option));
}

// The way back from pickle: the text of `kind` is taken apart again.
BadBlock restore(const nb::dict& fields) {
  BadBlock block;
  const std::string text = name_from_python(fields["kind"]);
  const size_t parenthesis = text.find('(');
  const std::string_view name = std::string_view(text).substr(0, parenthesis);
  bool known = false;
  for (BadBlockKind candidate :
       {BadBlockKind::kInvalidSyncMarker, BadBlockKind::kDecompressionFailed, BadBlockKind::kBlockParseFailed,
        BadBlockKind::kRecordDecodeFailed, BadBlockKind::kSchemaViolation}) {
    if (name != kind_name(candidate)) continue;
    block.kind = candidate;
    known = true;
  }
  if (!known) throw nb::value_error("unknown kind of bad block");
  if (parenthesis != std::string::npos) block.codec = text.substr(parenthesis + 1, text.size() - parenthesis - 2);
  block.block_index = nb::cast<int64_t>(fields["block_index"]);
  block.record_index = nb::cast<std::optional<int64_t>>(fields["record_index"]);
  block.file_offset = nb::cast<int64_t>(fields["file_offset"]);
  block.message = name_from_python(fields["message"]);
  block.path = path_from_python(fields["filepath"]);
  return block;
}

}  // namespace

void bind_bad_block(nb::module_& module) {
  nb::class_<BadBlock>(module, "BadBlockError", nb::is_final(),
                       "Damage that `ignore_errors` skipped. Readers make these; they cannot be constructed.\n\n"
                       "Attributes\n----------\n"
                       "kind\n    \"InvalidSyncMarker\", \"DecompressionFailed(codec)\", \"BlockParseFailed\", "
                       "\"RecordDecodeFailed\" or\n    \"SchemaViolation\".\n"
                       "block_index\n    The block in the file, from 0.\n"
                       "record_index\n    The record in the block, from 0; None where the damage is not in a record.\n"
                       "file_offset\n    Where the block starts in the file, in bytes.\n"
                       "message\n    What was wrong.\n"
                       "filepath\n    The file, as the caller gave it.")
      .def_prop_ro("kind", [](const BadBlock& block) { return text_to_python(kind_text(block)); })
      .def_ro("block_index", &BadBlock::block_index)
      .def_ro("record_index", &BadBlock::record_index)
      .def_ro("file_offset", &BadBlock::file_offset)
      .def_prop_ro("message",
                   [](const BadBlock& block) { return text_to_python(with_option(block.message, block.option)); })
      .def_prop_ro("filepath", [](const BadBlock& block) { return path_to_python(block.path); })
      .def("to_dict", &to_dict)
      .def("__str__", &str)
      .def("__repr__", &repr)
      .def("__getstate__", &to_dict)
      .def("__setstate__", [](BadBlock* block, const nb::dict& fields) { new (block) BadBlock(restore(fields)); });
}

}  // namespace jetliner::python
