# Tool chain file: compiles for JETLINER_TARGET with zig, which brings clang, libc++ and the C libraries of many systems.
# `pip install ziglang` installs it. libc++ is linked in.
#
#   cmake -S . -B build/windows -G Ninja -DCMAKE_TOOLCHAIN_FILE=cmake/zig.cmake -DJETLINER_TARGET=x86_64-windows-gnu \
#         -DJETLINER_ZIG=.../site-packages/ziglang/zig -DJETLINER_BUNDLED=ON
#
# Targets: x86_64-linux-gnu.2.28 (the version of glibc), aarch64-linux-gnu.2.28, x86_64-linux-musl, aarch64-macos,
# x86_64-macos, x86_64-windows-gnu.

set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES JETLINER_TARGET JETLINER_ZIG)

if(NOT JETLINER_TARGET MATCHES "^([a-z0-9_]+)-(linux|macos|windows)")
  message(FATAL_ERROR "JETLINER_TARGET is not a target of zig: ${JETLINER_TARGET}")
endif()
set(CMAKE_SYSTEM_PROCESSOR ${CMAKE_MATCH_1})
if(CMAKE_MATCH_2 STREQUAL "linux")
  set(CMAKE_SYSTEM_NAME Linux)
elseif(CMAKE_MATCH_2 STREQUAL "macos")
  set(CMAKE_SYSTEM_NAME Darwin)
else()
  set(CMAKE_SYSTEM_NAME Windows)
endif()

if(NOT JETLINER_ZIG)
  find_program(JETLINER_ZIG zig REQUIRED)
endif()
# zig turns UBSan on in builds that are not optimized.
set(CMAKE_C_COMPILER ${JETLINER_ZIG} cc -target ${JETLINER_TARGET} -fno-sanitize=undefined)
set(CMAKE_CXX_COMPILER ${JETLINER_ZIG} c++ -target ${JETLINER_TARGET} -fno-sanitize=undefined)
set(CMAKE_ASM_COMPILER ${CMAKE_C_COMPILER})
foreach(language C CXX)
  set(CMAKE_${language}_ARCHIVE_CREATE "\"${JETLINER_ZIG}\" ar qc <TARGET> <LINK_FLAGS> <OBJECTS>")
  set(CMAKE_${language}_ARCHIVE_APPEND "\"${JETLINER_ZIG}\" ar q <TARGET> <LINK_FLAGS> <OBJECTS>")
  set(CMAKE_${language}_ARCHIVE_FINISH "\"${JETLINER_ZIG}\" ranlib <TARGET>")
endforeach()

set(JETLINER_MARCH x86_64_v2 CACHE STRING "Baseline instruction set on x86-64, as zig names it")
# Some libraries have functions for AVX-512, and call them where the processor has it. Without this flag, zig refuses to
# compile them for a baseline that does not.
if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
  add_compile_options($<$<COMPILE_LANGUAGE:C,CXX>:-mevex512>)
endif()
# CMake looks for this tool of macOS. Only static libraries are made, which do not need it.
if(CMAKE_SYSTEM_NAME STREQUAL "Darwin")
  set(CMAKE_INSTALL_NAME_TOOL ${CMAKE_COMMAND} CACHE FILEPATH "")
endif()
