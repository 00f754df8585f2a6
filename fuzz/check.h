// Invariants of the fuzz targets. A condition that fails ends the run, and libFuzzer keeps the input.
#pragma once

#include <cstdio>

#define JETLINER_FUZZ_CHECK(condition)                                                    \
  do {                                                                                    \
    if (!(condition)) {                                                                   \
      std::fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition); \
      __builtin_trap();                                                                   \
    }                                                                                     \
  } while (false)
