// Writer: frames, by Arrow's C stream interface, to container files.
#include "jetliner/writer.h"

#include <nanobind/nanobind.h>
#include <nanobind/stl/map.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <array>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "bindings.h"
#include "choices.h"
#include "gil.h"
#include "jetliner/sink.h"
#include "text.h"

namespace nb = nanobind;
using namespace nb::literals;

namespace jetliner::python {
namespace {

constexpr auto kInvalidNames = std::to_array<std::string_view>({"raise", "replace", "keep"});

// An object with write(), finish() and abort(). It is called on the thread that writes, with the GIL.
class PythonSink final : public Sink {
 public:
  explicit PythonSink(nb::object object) : object_(std::move(object)) {}
  ~PythonSink() override {
    const GilAcquired acquired;
    if (!is_finished_) {
      try {
        object_.attr("abort")();
      } catch (nb::python_error& error) {
        error.discard_as_unraisable("abort() of a sink");
      }
    }
    object_.reset();
  }

  void write(std::span<const uint8_t> bytes) override {
    const GilAcquired acquired;
    auto* const data = const_cast<char*>(reinterpret_cast<const char*>(bytes.data()));
    const nb::object view = nb::steal(PyMemoryView_FromMemory(data, static_cast<Py_ssize_t>(bytes.size()), PyBUF_READ));
    if (!view.is_valid()) throw nb::python_error();
    object_.attr("write")(view);
    view.attr("release")();  // the bytes are the writer's: nobody may keep the view
  }
  void finish() override {
    const GilAcquired acquired;
    object_.attr("finish")();
    is_finished_ = true;
  }

 private:
  nb::object object_;
  bool is_finished_ = false;
};

// `open(index)` returns the path of a local file, or an object for PythonSink.
SinkOpener opener_of(nb::object open, bool append) {
  // The function may be destroyed without the GIL.
  const std::shared_ptr<nb::object> shared(new nb::object(std::move(open)), [](nb::object* object) {
    const GilAcquired acquired;
    delete object;
  });
  return [shared, append](size_t index) -> std::unique_ptr<Sink> {
    std::string path;
    {
      const GilAcquired acquired;
      nb::object target = (*shared)(index);
      if (!nb::isinstance<nb::str>(target)) return std::make_unique<PythonSink>(std::move(target));
      path = path_from_python(target);
    }
    return append ? append_to_file(path) : create_file(path);
  };
}

// The stream of an object, moved out of its capsule.
ArrowArrayStream stream_of(const nb::object& exporter) {
  const nb::object capsule = exporter.attr("__arrow_c_stream__")();
  auto* const stream = static_cast<ArrowArrayStream*>(PyCapsule_GetPointer(capsule.ptr(), kStreamCapsule));
  if (stream == nullptr) throw nb::python_error();
  ArrowArrayStream moved = *stream;
  stream->release = nullptr;
  return moved;
}

// The type of the frames that an object streams.
class OwnSchema {
 public:
  explicit OwnSchema(const nb::object& exporter) {
    ArrowArrayStream stream = stream_of(exporter);
    const int code = stream.get_schema(&stream, &schema_);
    stream.release(&stream);
    if (code != 0) throw nb::value_error("the object gives no Arrow schema");
  }
  OwnSchema(const OwnSchema&) = delete;
  OwnSchema& operator=(const OwnSchema&) = delete;
  ~OwnSchema() {
    if (schema_.release != nullptr) schema_.release(&schema_);
  }
  [[nodiscard]] const ArrowSchema& get() const { return schema_; }

 private:
  ArrowSchema schema_{};
};

SchemaOptions schema_options(std::string name, std::string name_space, const std::string& invalid_names) {
  return {.name = std::move(name),
          .name_space = std::move(name_space),
          .invalid_names = chosen<InvalidNames>(kInvalidNames, invalid_names)};
}

class PyWriter {
 public:
  PyWriter(SinkOpener opener, WriteOptions options, const std::optional<nb::object>& columns) {
    std::optional<OwnSchema> type;
    if (columns) type.emplace(*columns);
    const GilReleased released;
    writer_ = std::make_unique<Writer>(std::move(opener), std::move(options), type ? &type->get() : nullptr);
  }
  PyWriter(const PyWriter&) = delete;
  PyWriter& operator=(const PyWriter&) = delete;
  ~PyWriter() {
    const GilReleased released;
    writer_.reset();
  }

  void write(const nb::object& frame) {
    ArrowArrayStream stream = stream_of(frame);
    const GilReleased released;
    writer_->write(&stream, check_signals);
  }
  void close() {
    const GilReleased released;
    writer_->close(check_signals);
  }
  // No file appears.
  void abort() {
    const GilReleased released;
    writer_->abort();
  }
  [[nodiscard]] const Writer& writer() const { return *writer_; }

 private:
  std::unique_ptr<Writer> writer_;
};

// Values were checked in Python (jetliner/_write/write_options.py), where argument names are known.
void construct_writer(PyWriter* self, nb::object open, bool append, const std::optional<nb::object>& columns,
                      std::optional<std::string> schema, std::string name, std::string name_space,
                      const std::string& invalid_names, std::string codec, std::optional<int> compression_level,
                      size_t block_bytes, const std::optional<nb::bytes>& sync_marker, const nb::list& metadata,
                      std::optional<uint64_t> max_rows_per_file, std::optional<uint64_t> max_bytes_per_file,
                      size_t n_threads) {
  WriteOptions options;
  options.schema = std::move(schema);
  options.derived = schema_options(std::move(name), std::move(name_space), invalid_names);
  options.codec = std::move(codec);
  options.compression_level = compression_level;
  options.block_bytes = block_bytes;
  if (sync_marker) {
    options.sync_marker.emplace();
    if (sync_marker->size() != options.sync_marker->size()) throw nb::value_error("a sync marker has 16 bytes");
    std::memcpy(options.sync_marker->data(), sync_marker->data(), options.sync_marker->size());
  }
  for (nb::handle entry : metadata) {
    const auto key = nb::cast<std::string>(entry[0]);
    const auto value = nb::cast<nb::bytes>(entry[1]);
    options.metadata.emplace_back(key, std::string(static_cast<const char*>(value.data()), value.size()));
  }
  options.is_continuation = append;
  options.max_rows_per_file = max_rows_per_file;
  options.max_bytes_per_file = max_bytes_per_file;
  options.n_threads = n_threads;
  new (self) PyWriter(opener_of(std::move(open), append), std::move(options), columns);
}

std::string derive(const nb::object& columns, std::string name, std::string name_space,
                   const std::string& invalid_names) {
  const OwnSchema type(columns);
  return derive_schema(type.get(), schema_options(std::move(name), std::move(name_space), invalid_names));
}

}  // namespace

void bind_writer(nb::module_& module) {
  const WriteOptions defaults;
  nb::class_<PyWriter>(module, "Writer", nb::is_final())
      .def("__init__", &construct_writer, "opener"_a, nb::kw_only(), "append"_a = false, "columns"_a = nb::none(),
           "schema"_a = nb::none(), "name"_a = defaults.derived.name, "namespace"_a = "", "invalid_names"_a = "raise",
           "codec"_a = defaults.codec, "compression_level"_a = nb::none(), "block_bytes"_a = defaults.block_bytes,
           "sync_marker"_a = nb::none(), "metadata"_a = nb::list(), "max_rows_per_file"_a = nb::none(),
           "max_bytes_per_file"_a = nb::none(), "n_threads"_a = 0)
      .def("write", &PyWriter::write, "frame"_a)
      .def("close", &PyWriter::close)
      .def("abort", &PyWriter::abort)
      .def_prop_ro("schema", [](const PyWriter& self) { return self.writer().schema_json(); })
      .def_prop_ro("rows_written", [](const PyWriter& self) { return self.writer().rows_written(); })
      .def_prop_ro("bytes_written", [](const PyWriter& self) { return self.writer().bytes_written(); })
      .def_prop_ro("blocks_written", [](const PyWriter& self) { return self.writer().blocks_written(); })
      .def_prop_ro("files_written", [](const PyWriter& self) { return self.writer().files_written(); });
  module.def("derive_schema", &derive, "columns"_a, nb::kw_only(), "name"_a = defaults.derived.name, "namespace"_a = "",
             "invalid_names"_a = "raise");
  module.def(
      "schema_faults",
      [](const std::string& schema, const std::string& invalid_names) {
        return schema_faults(schema, chosen<InvalidNames>(kInvalidNames, invalid_names));
      },
      "schema"_a, nb::kw_only(), "invalid_names"_a = "raise");
}

}  // namespace jetliner::python
