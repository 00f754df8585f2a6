#include "hints.h"

#include <string_view>

namespace jetliner::python {
namespace {

// The text of an option in a hint. `option` is ErrorPlace::option.
std::string text_of_option(std::string_view option) {
  if (option == "max_block_bytes") return "max_block_size";
  if (option == "invalid_values") return "invalid_values=\"null\" reads null instead";
  if (option == "n_threads") return "n_threads=1 needs none";
  return std::string(option);
}

}  // namespace

std::string with_option(const std::string& message, const char* option) {
  return option == nullptr ? message : message + " (" + text_of_option(option) + ")";
}

std::string with_hints(const std::string& message, const ErrorPlace& place) {
  if (!place.is_damage) return with_option(message, place.option);
  const std::string option = place.option == nullptr ? "" : text_of_option(place.option) + "; ";
  return message + " (" + option + "ignore_errors=True skips this and reads the rest, if there is any)";
}

}  // namespace jetliner::python
