# Settings that must come before project(): build type, compiler of sanitizer builds, compiler cache.

# A project that adds this one by add_subdirectory() decides about these itself.
if(NOT CMAKE_SOURCE_DIR STREQUAL CMAKE_CURRENT_SOURCE_DIR)
  return()
endif()

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Debug, Release, RelWithDebInfo" FORCE)
endif()

# Sanitizers and fuzzers work better with clang. Use it if it is installed and no compiler was chosen.
if((JETLINER_SANITIZE OR JETLINER_BUILD_FUZZERS) AND NOT CMAKE_CXX_COMPILER AND NOT DEFINED ENV{CXX})
  find_program(JETLINER_CLANGXX NAMES clang++-19 clang++)
  if(JETLINER_CLANGXX)
    set(CMAKE_CXX_COMPILER ${JETLINER_CLANGXX} CACHE FILEPATH "C++ compiler")
  endif()
endif()

# zig (JETLINER_TARGET) has a cache of its own.
if(NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER AND NOT DEFINED ENV{CMAKE_CXX_COMPILER_LAUNCHER} AND NOT JETLINER_TARGET)
  find_program(JETLINER_CCACHE NAMES ccache)
  if(JETLINER_CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${JETLINER_CCACHE} CACHE STRING "Compiler cache")
  endif()
endif()
