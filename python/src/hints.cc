#include "hints.h"

#include <string_view>

namespace jetliner::python {

std::string with_option(const std::string& message, const char* option) {
  if (option == nullptr) return message;
  const std::string_view name = option;
  if (name == "max_block_bytes") return message + " (max_block_size)";
  if (name == "n_threads") return message + " (n_threads=1 needs none)";
  return message + " (" + option + ")";
}

}  // namespace jetliner::python
