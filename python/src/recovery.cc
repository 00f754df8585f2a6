// Recovery: the good rows of a damaged file as a new file.
#include <nanobind/nanobind.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/shared_ptr.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/byte_buffer.h"
#include "bindings.h"
#include "input_calls.h"
#include "opener.h"
#include "read/recovery.h"
#include "text.h"

namespace nb = nanobind;
using namespace nb::literals;

namespace jetliner::python {
namespace {

// For one thread at a time: it is not handed out by the package.
class PyRecovery {
 public:
  PyRecovery(const std::string& path, const ReadOptions& options, const Inputs& inputs) : calls_(inputs) {
    const SourceOpener opener = opener_of(inputs);
    calls_.run([&] { recovery_ = std::make_unique<Recovery>(path, options, opener); });
  }

  // The next bytes; None at the end.
  nb::object next() {
    bool goes_on = false;
    calls_.run([&] { goes_on = recovery_->next(bytes_); });
    if (!goes_on) return nb::none();
    return nb::bytes(bytes_.data(), bytes_.size());
  }

  [[nodiscard]] uint64_t rows_read() const { return recovery_->rows_read(); }
  [[nodiscard]] uint64_t bytes_read() const { return recovery_->bytes_read(); }
  [[nodiscard]] uint64_t total_bytes() const { return recovery_->total_bytes(); }
  [[nodiscard]] size_t num_bad_blocks() const { return recovery_->num_bad_blocks(); }

 private:
  InputCalls calls_;
  std::unique_ptr<Recovery> recovery_;
  ByteBuffer bytes_;
};

// Values were checked in Python (jetliner/_options/read_options.py).
void construct_recovery(PyRecovery* self, const nb::handle& path, std::optional<size_t> read_chunk_size,
                        std::optional<size_t> max_block_size, const std::optional<nb::dict>& descriptors,
                        const std::optional<nb::dict>& buffers,
                        const std::optional<std::shared_ptr<StoreOwner>>& store) {
  ReadOptions options;
  options.read_chunk_bytes = read_chunk_size;
  options.max_block_bytes = max_block_size;
  const Inputs inputs{.descriptors = descriptors, .buffers = buffers, .store = store.value_or(nullptr)};
  new (self) PyRecovery(path_from_python(path), options, inputs);
}

}  // namespace

void bind_recovery(nb::module_& module) {
  nb::class_<PyRecovery>(module, "Recovery", nb::is_final())
      .def("__init__", &construct_recovery, "path"_a, nb::kw_only(), "read_chunk_size"_a, "max_block_size"_a,
           "descriptors"_a = nb::none(), "buffers"_a = nb::none(), "store"_a = nb::none())
      .def("next", &PyRecovery::next)
      .def_prop_ro("rows_read", &PyRecovery::rows_read)
      .def_prop_ro("bytes_read", &PyRecovery::bytes_read)
      .def_prop_ro("total_bytes", &PyRecovery::total_bytes)
      .def_prop_ro("num_bad_blocks", &PyRecovery::num_bad_blocks);
}

}  // namespace jetliner::python
