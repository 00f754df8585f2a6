#include "range_store.h"

#include <nanobind/nanobind.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bindings.h"
#include "buffer.h"
#include "causes.h"
#include "gil.h"
#include "jetliner/error.h"
#include "text.h"

namespace nb = nanobind;
using namespace nb::literals;

namespace jetliner::python {
namespace {

// The variant of an exception of the package, by its name. kIo for others.
ErrorVariant variant_of(nb::handle error) {
  const nb::object name = nb::getattr(error, "variant", nb::none());
  if (!nb::isinstance<nb::str>(name)) return ErrorVariant::kIo;
  const auto text = nb::cast<std::string>(name);
#define JETLINER_ERROR_VARIANT(variant) \
  if (text == #variant) return ErrorVariant::k##variant;
  JETLINER_ERROR_VARIANTS(JETLINER_ERROR_VARIANT)
#undef JETLINER_ERROR_VARIANT
  return ErrorVariant::kIo;
}

ErrorKind kind_of(nb::handle error) {
  const nb::module_ classes = nb::module_::import_("jetliner.exceptions");
  constexpr auto kKinds = std::to_array<std::pair<const char*, ErrorKind>>({
      {"FileNotFoundError", ErrorKind::kNotFound},
      {"PermissionError", ErrorKind::kPermissionDenied},
      {"AuthenticationError", ErrorKind::kAuthentication},
  });
  for (const auto& [name, kind] : kKinds) {
    if (nb::isinstance(error, classes.attr(name))) return kind;
  }
  return ErrorKind::kSource;
}

// A job for one Python thread. Not used once it is answered.
class PyRangeJob {
 public:
  explicit PyRangeJob(std::unique_ptr<RangeJob> job) : job_(std::move(job)) {}

  [[nodiscard]] nb::object path() const { return path_to_python(job_->range().path); }
  [[nodiscard]] uint64_t offset() const { return job_->range().offset; }
  [[nodiscard]] size_t size_bytes() const { return job_->range().bytes; }
  [[nodiscard]] nb::object version() const {
    const std::string& version = job_->range().version;
    return version.empty() ? nb::none() : text_to_python(version);
  }

  // Adds a part of the bytes. `bytes` are not copied. Parts come in their order. A part at place 0 begins anew.
  void write(uint64_t place, nb::handle part) {
    if (place == 0) {
      parts_.clear();
      written_bytes_ = 0;
    }
    // More bytes than the range has are an error of the reader. One part shows it. Further ones would only take memory.
    if (written_bytes_ > job_->range().bytes) return;
    std::shared_ptr<const Buffer> buffer = shared_buffer(part);
    const std::span<const uint8_t> bytes = buffer->bytes();
    if (bytes.empty()) return;
    written_bytes_ += bytes.size();
    if (buffer->is_constant()) {
      parts_.push_back({bytes, std::move(buffer)});
    } else {
      const GilReleased released;
      const auto copy = std::make_shared<const std::vector<uint8_t>>(bytes.begin(), bytes.end());
      parts_.push_back({*copy, copy});
    }
  }
  // `rest`: the bytes after the parts that were written. Bytes that were not asked for are an error of the reader.
  void succeed(nb::handle rest, uint64_t object_bytes, std::string version) {
    write(UINT64_MAX, rest);
    const GilReleased released;
    job_->succeed(std::move(parts_), {.object_bytes = object_bytes, .version = std::move(version)});
  }

  // `error`: an exception of the package. Its cause arrives as the cause of what the reader raises.
  void fail(nb::handle error) {
    ErrorPlace place{.path = job_->range().path};
    const nb::object cause = error.attr("__cause__");
    if (!cause.is_none()) place.origin = keep_cause(cause);
    const nb::object message = nb::getattr(error, "message", nb::none());
    const std::string text = shown_text(message.is_none() ? nb::object(nb::borrow(error)) : message);
    const std::exception_ptr exception =
        std::make_exception_ptr(Error(kind_of(error), variant_of(error), text, std::move(place)));
    const GilReleased released;
    job_->fail(exception);
  }

 private:
  std::unique_ptr<RangeJob> job_;
  std::vector<LentBytes> parts_;
  size_t written_bytes_ = 0;  // of parts_
};

// What a fetcher has of a store.
class PyRangeStore {
 public:
  explicit PyRangeStore(std::shared_ptr<RangeStore> store) : store_(std::move(store)) {}

  nb::object take() {
    std::unique_ptr<RangeJob> job;
    {
      const GilReleased released;
      job = store_->take();
    }
    if (job == nullptr) return nb::none();
    return nb::cast(PyRangeJob(std::move(job)));
  }
  [[nodiscard]] size_t num_idle_fetchers() const { return store_->num_idle_fetchers(); }
  void close() { store_->close(); }

 private:
  const std::shared_ptr<RangeStore> store_;
};

void construct_store(StoreOwner* self, size_t chunk_bytes, size_t max_requests, size_t max_ahead_bytes) {
  new (self) StoreOwner({.chunk_bytes = chunk_bytes, .max_requests = max_requests, .max_ahead_bytes = max_ahead_bytes});
}

}  // namespace

void bind_range_store(nb::module_& module) {
  const RangeStoreOptions defaults;
  nb::class_<PyRangeJob>(module, "RangeJob", nb::is_final())
      .def_prop_ro("path", &PyRangeJob::path)
      .def_prop_ro("offset", &PyRangeJob::offset)
      .def_prop_ro("size_bytes", &PyRangeJob::size_bytes)
      .def_prop_ro("version", &PyRangeJob::version)
      .def("write", &PyRangeJob::write, "place"_a, "part"_a)
      .def("succeed", &PyRangeJob::succeed, "rest"_a, "object_bytes"_a, "version"_a)
      .def("fail", &PyRangeJob::fail, "error"_a);
  nb::class_<PyRangeStore>(module, "RangeStore", nb::is_final())
      .def("take", &PyRangeStore::take)
      .def("close", &PyRangeStore::close)
      .def_prop_ro("num_idle_fetchers", &PyRangeStore::num_idle_fetchers);
  nb::class_<StoreOwner>(module, "StoreOwner", nb::is_final())
      .def("__init__", &construct_store, nb::kw_only(), "chunk_bytes"_a = defaults.chunk_bytes,
           "max_requests"_a = defaults.max_requests, "max_ahead_bytes"_a = defaults.max_ahead_bytes)
      .def_prop_ro("store", [](const StoreOwner& self) { return PyRangeStore(self.store); });
}

}  // namespace jetliner::python
