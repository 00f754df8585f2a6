// Inspector: the header and the blocks of a file.
#include <nanobind/nanobind.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/shared_ptr.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bindings.h"
#include "input_calls.h"
#include "jetliner/inspect.h"
#include "opener.h"
#include "text.h"

namespace nb = nanobind;
using namespace nb::literals;

namespace jetliner::python {
namespace {

template <typename Bytes>
nb::bytes bytes_to_python(const Bytes& bytes) {
  return nb::bytes(bytes.data(), bytes.size());
}

// For one thread at a time: it is not handed out by the package.
class PyInspector {
 public:
  PyInspector(const std::string& path, const ReadOptions& options, const Inputs& inputs) : calls_(inputs) {
    const SourceOpener opener = opener_of(inputs);
    calls_.run([&] { inspector_ = std::make_unique<Inspector>(path, options, opener); });
  }

  [[nodiscard]] nb::list metadata() const {
    nb::list entries;
    for (const auto& [key, value] : inspector_->file().metadata) {
      entries.append(nb::make_tuple(text_to_python(key), bytes_to_python(value)));
    }
    return entries;
  }
  [[nodiscard]] nb::object codec() const { return text_to_python(inspector_->file().codec); }
  [[nodiscard]] nb::object schema_json() const { return text_to_python(inspector_->file().schema_json); }
  [[nodiscard]] nb::bytes sync_marker() const { return bytes_to_python(inspector_->file().sync_marker); }
  [[nodiscard]] uint64_t header_bytes() const { return inspector_->file().header_bytes; }
  [[nodiscard]] uint64_t size_bytes() const { return inspector_->file().size_bytes; }

  // Index, offset, rows, compressed and uncompressed bytes of each of the next blocks; None at the end.
  nb::object next() {
    std::vector<BlockInfo> blocks;
    bool goes_on = false;
    calls_.run([&] { goes_on = inspector_->next(blocks); });
    if (!goes_on) return nb::none();
    nb::list list;
    for (const BlockInfo& block : blocks) {
      list.append(
          nb::make_tuple(block.index, block.file_offset, block.rows, block.compressed_bytes, block.uncompressed_bytes));
    }
    return list;
  }

 private:
  InputCalls calls_;
  std::unique_ptr<Inspector> inspector_;
};

// Values were checked in Python (jetliner/_options/read_options.py).
void construct_inspector(PyInspector* self, const nb::handle& path, std::optional<size_t> read_chunk_size,
                         std::optional<size_t> max_block_size, bool ignore_errors,
                         const std::optional<nb::dict>& descriptors, const std::optional<nb::dict>& buffers,
                         const std::optional<std::shared_ptr<StoreOwner>>& store) {
  ReadOptions options;
  options.read_chunk_bytes = read_chunk_size;
  options.max_block_bytes = max_block_size;
  options.ignore_errors = ignore_errors;
  const Inputs inputs{.descriptors = descriptors, .buffers = buffers, .store = store.value_or(nullptr)};
  new (self) PyInspector(path_from_python(path), options, inputs);
}

}  // namespace

void bind_inspector(nb::module_& module) {
  nb::class_<PyInspector>(module, "Inspector", nb::is_final())
      .def("__init__", &construct_inspector, "path"_a, nb::kw_only(), "read_chunk_size"_a, "max_block_size"_a,
           "ignore_errors"_a, "descriptors"_a = nb::none(), "buffers"_a = nb::none(), "store"_a = nb::none())
      .def("next", &PyInspector::next)
      .def_prop_ro("metadata", &PyInspector::metadata)
      .def_prop_ro("codec", &PyInspector::codec)
      .def_prop_ro("schema_json", &PyInspector::schema_json)
      .def_prop_ro("sync_marker", &PyInspector::sync_marker)
      .def_prop_ro("header_bytes", &PyInspector::header_bytes)
      .def_prop_ro("size_bytes", &PyInspector::size_bytes);
}

}  // namespace jetliner::python
