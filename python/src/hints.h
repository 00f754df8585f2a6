// Names of Python in the core's messages.
#pragma once

#include <string>

#include "jetliner/error.h"

namespace jetliner::python {

// The message, and the name in Python of the option that decides about it. `option` is ErrorPlace::option.
std::string with_option(const std::string& message, const char* option);

// The message of an error: with the option, and with `ignore_errors` if that passes over the error.
std::string with_hints(const std::string& message, const ErrorPlace& place);

}  // namespace jetliner::python
