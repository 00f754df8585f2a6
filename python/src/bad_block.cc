// BadBlockError: a record of damage that `ignore_errors` skipped. Made by readers, read-only.
#include <nanobind/nanobind.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "bindings.h"
#include "jetliner/error.h"
#include "text.h"

namespace nb = nanobind;
using namespace nb::literals;

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

nb::object record_index(const BadBlock& block) {
  return block.record_index ? nb::int_(*block.record_index) : nb::none();
}

nb::dict to_dict(const BadBlock& block) {
  nb::dict fields;
  fields["kind"] = text_to_python(kind_text(block));
  fields["block_index"] = block.block_index;
  fields["record_index"] = record_index(block);
  fields["file_offset"] = block.file_offset;
  fields["message"] = text_to_python(block.message);
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
  return path_to_python(block.path) + text_to_python(place) + text_to_python(block.message);
}

// The way back from pickle: the text of `kind` is taken apart again.
BadBlock restore(const nb::handle& kind, int64_t block_index, std::optional<int64_t> record_index, int64_t file_offset,
                 const nb::handle& message, const nb::handle& filepath) {
  BadBlock block;
  const std::string text = name_from_python(kind);
  const size_t parenthesis = text.find('(');
  const std::string_view name = std::string_view(text).substr(0, parenthesis);
  bool known = false;
  for (BadBlockKind candidate : {BadBlockKind::kInvalidSyncMarker, BadBlockKind::kDecompressionFailed,
                                 BadBlockKind::kBlockParseFailed, BadBlockKind::kRecordDecodeFailed,
                                 BadBlockKind::kSchemaViolation}) {
    if (name != kind_name(candidate)) continue;
    block.kind = candidate;
    known = true;
  }
  if (!known) throw nb::value_error("unknown kind of bad block");
  if (parenthesis != std::string::npos) block.codec = text.substr(parenthesis + 1, text.size() - parenthesis - 2);
  block.block_index = block_index;
  block.record_index = record_index;
  block.file_offset = file_offset;
  block.message = name_from_python(message);
  block.path = path_from_python(filepath);
  return block;
}

}  // namespace

void bind_bad_block(nb::module_& module) {
  module.def("_restore_bad_block", &restore, "kind"_a, "block_index"_a, "record_index"_a.none(), "file_offset"_a,
             "message"_a, "filepath"_a);
  nb::class_<BadBlock>(module, "BadBlockError", nb::is_final())
      .def_prop_ro("kind", [](const BadBlock& block) { return text_to_python(kind_text(block)); })
      .def_ro("block_index", &BadBlock::block_index)
      .def_prop_ro("record_index", &record_index)
      .def_ro("file_offset", &BadBlock::file_offset)
      .def_prop_ro("message", [](const BadBlock& block) { return text_to_python(block.message); })
      .def_prop_ro("filepath", [](const BadBlock& block) { return path_to_python(block.path); })
      .def("to_dict", &to_dict)
      .def("__str__", &str)
      .def("__repr__", &repr)
      .def("__reduce__", [](const BadBlock& block) {
        nb::object arguments = nb::tuple(to_dict(block).values());
        return nb::make_tuple(nb::module_::import_("jetliner._core").attr("_restore_bad_block"), arguments);
      });
}

}  // namespace jetliner::python
