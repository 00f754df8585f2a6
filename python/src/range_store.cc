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

  // `data` is not copied if it is `bytes`, or if the caller says that nobody can change it.
  void succeed(nb::handle data, uint64_t object_bytes, std::string version, bool is_constant) {
    std::shared_ptr<const Buffer> buffer = shared_buffer(data, is_constant);
    const GilReleased released;
    LentBytes lent{buffer->bytes(), buffer};
    if (!buffer->is_constant()) {
      const auto copy = std::make_shared<const std::vector<uint8_t>>(lent.bytes.begin(), lent.bytes.end());
      lent = {*copy, copy};
    }
    job_->succeed({std::move(lent)}, {.object_bytes = object_bytes, .version = std::move(version)});
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
};

// What a fetcher has of a store.
class PyRangeStore {
 public:
  explicit PyRangeStore(std::shared_ptr<RangeStore> store) : store_(std::move(store)) {}

  nb::object take(bool spares_memory) {
    std::unique_ptr<RangeJob> job;
    {
      const GilReleased released;
      job = store_->take(spares_memory);
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
      .def("succeed", &PyRangeJob::succeed, "data"_a, "object_bytes"_a, "version"_a, "is_constant"_a = false)
      .def("fail", &PyRangeJob::fail, "error"_a);
  nb::class_<PyRangeStore>(module, "RangeStore", nb::is_final())
      .def("take", &PyRangeStore::take, nb::kw_only(), "spares_memory"_a = false)
      .def("close", &PyRangeStore::close)
      .def_prop_ro("num_idle_fetchers", &PyRangeStore::num_idle_fetchers);
  nb::class_<StoreOwner>(module, "StoreOwner", nb::is_final())
      .def("__init__", &construct_store, nb::kw_only(), "chunk_bytes"_a = defaults.chunk_bytes,
           "max_requests"_a = defaults.max_requests, "max_ahead_bytes"_a = defaults.max_ahead_bytes)
      .def_prop_ro("store", [](const StoreOwner& self) { return PyRangeStore(self.store); });
}

}  // namespace jetliner::python
