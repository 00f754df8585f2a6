// Names of Python in the core's messages.
#pragma once

#include <string>

namespace jetliner::python {

// The message, and in parentheses the name in Python of the option that decides about it. `option` is
// ErrorPlace::option.
std::string with_option(const std::string& message, const char* option);

}  // namespace jetliner::python
