#include "opener.h"

#include <nanobind/stl/tuple.h>

#include <cerrno>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <system_error>
#include <tuple>
#include <utility>

#include "base/system.h"
#include "buffer.h"
#include "text.h"

namespace nb = nanobind;

namespace jetliner::python {
namespace {

// A descriptor of our own for an open file.
class Descriptor {
 public:
  // Throws std::system_error.
  static Descriptor copy_of(int descriptor) {
    const int copied = sys::duplicate(descriptor);
    if (copied < 0) throw std::system_error(errno, std::generic_category());
    return Descriptor(copied);
  }
  Descriptor(Descriptor&& other) noexcept : number_(other.release()) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (number_ >= 0) sys::close_file(number_);
  }
  [[nodiscard]] int number() const { return number_; }
  // Leaves closing to the caller.
  [[nodiscard]] int release() { return std::exchange(number_, -1); }

 private:
  explicit Descriptor(int number) : number_(number) {}
  int number_;
};

// Opens sources that are not plain files, by path. They stay open until the last reader is gone.
class Opener {
 public:
  // Each descriptor is copied once. The members close what was copied where a later copy fails.
  explicit Opener(const Inputs& inputs) : store_(inputs.store) {
    if (inputs.descriptors) add_descriptors(*inputs.descriptors);
    if (inputs.buffers) add_buffers(*inputs.buffers);
  }

  [[nodiscard]] std::unique_ptr<Source> open(const std::string& path) const {
    if (const auto place = parts_.find(path); place != parts_.end()) {
      const Part& part = place->second;
      const int descriptor = Descriptor::copy_of(part.descriptor).release();
      return open_descriptor(descriptor, path, part.begin_bytes, part.size_bytes);
    }
    if (const auto place = buffers_.find(path); place != buffers_.end()) {
      const std::shared_ptr<const Buffer>& buffer = place->second;
      return buffer->is_constant() ? open_memory(buffer->bytes(), buffer) : open_memory(buffer->bytes());
    }
    return store_ == nullptr ? open_file(path) : store_->store->open(path);
  }

 private:
  struct Part {
    int descriptor = -1;  // of descriptors_
    uint64_t begin_bytes = 0;
    uint64_t size_bytes = 0;
  };

  void add_descriptors(const nb::dict& by_path) {
    for (auto [path, part] : by_path) {
      const auto [number, begin_bytes, size_bytes] = nb::cast<std::tuple<int, uint64_t, uint64_t>>(part);
      auto place = descriptors_.find(number);
      if (place == descriptors_.end()) place = descriptors_.emplace(number, Descriptor::copy_of(number)).first;
      parts_.try_emplace(path_from_python(path), Part{place->second.number(), begin_bytes, size_bytes});
    }
  }
  void add_buffers(const nb::dict& by_path) {
    for (auto [path, object] : by_path) {
      buffers_.try_emplace(path_from_python(path), shared_buffer(object));
    }
  }

  std::map<int, Descriptor> descriptors_;  // by the number that Python knows
  std::map<std::string, Part> parts_;
  std::map<std::string, std::shared_ptr<const Buffer>> buffers_;
  const std::shared_ptr<StoreOwner> store_;
};

}  // namespace

SourceOpener opener_of(const Inputs& inputs) {
  if (!inputs.descriptors && !inputs.buffers && inputs.store == nullptr) return open_file;
  return [opener = std::make_shared<const Opener>(inputs)](const std::string& path) { return opener->open(path); };
}

}  // namespace jetliner::python
