#include "descriptors.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <map>
#include <memory>
#include <string>
#include <system_error>

#include "text.h"

namespace nb = nanobind;

namespace jetliner::python {
namespace {

// Files that are open already, by path: what pipes were spooled to. Kept open until the last reader of them is gone.
class Descriptors {
 public:
  explicit Descriptors(const nb::dict& by_path) {
    for (auto [path, descriptor] : by_path) by_path_[path_from_python(path)] = copy(nb::cast<int>(descriptor));
  }
  Descriptors(const Descriptors&) = delete;
  Descriptors& operator=(const Descriptors&) = delete;
  ~Descriptors() {
    for (const auto& [path, descriptor] : by_path_) ::close(descriptor);
  }
  [[nodiscard]] std::unique_ptr<Source> open(const std::string& path) const {
    const auto place = by_path_.find(path);
    return place == by_path_.end() ? open_file(path) : open_descriptor(copy(place->second), path);
  }

 private:
  static int copy(int descriptor) {
    const int copied = ::fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
    if (copied < 0) throw std::system_error(errno, std::generic_category());
    return copied;
  }
  std::map<std::string, int> by_path_;
};

}  // namespace

SourceOpener opener_of(const std::optional<nb::dict>& by_path) {
  if (!by_path) return open_file;
  return [descriptors = std::make_shared<const Descriptors>(*by_path)](const std::string& path) {
    return descriptors->open(path);
  };
}

}  // namespace jetliner::python
