/// @file
/// JETLINER_API marks what a shared library shows. All else is hidden.
#pragma once

/// @def JETLINER_API
/// Empty in a static library: a library or plugin of yours that contains it shows none of its names to others.
/// The targets of CMake and pkg-config define JETLINER_SHARED if the library is shared.
#if !defined(JETLINER_SHARED)
#define JETLINER_API
#elif defined(_WIN32) && defined(JETLINER_BUILDING)
#define JETLINER_API __declspec(dllexport)
#elif defined(_WIN32)
#define JETLINER_API __declspec(dllimport)
#else
#define JETLINER_API __attribute__((visibility("default")))
#endif
