// Adds the path to errors of lower layers, which do not know what their bytes are called.
#pragma once

#include <string>

#include "jetliner/error.h"

namespace jetliner {

template <typename Action>
auto with_path(const std::string& path, Action action) {
  try {
    return action();
  } catch (Error& error) {
    if (error.place().path.empty()) error.place().path = path;
    throw;
  }
}

}  // namespace jetliner
