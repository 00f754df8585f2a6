// A damaged block as the exception that strict reading throws.
#pragma once

#include "jetliner/error.h"

namespace jetliner {

Error error_of(const BadBlock& damage);

}  // namespace jetliner
