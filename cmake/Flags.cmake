# Compiler and linker flags as interface targets. Our targets link them PRIVATE, so users of the core do not get them.
# Linker flags do reach programs that add this project by add_subdirectory(): these are set for our own builds only.

# Flags of all our targets: baseline, hardening, and a faster linker in development builds.
add_library(jetliner_flags INTERFACE)

if(JETLINER_MARCH AND CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64)$")
  target_compile_options(jetliner_flags INTERFACE -march=${JETLINER_MARCH})
endif()

target_compile_options(jetliner_flags INTERFACE $<$<CONFIG:Release>:-O3>)

if(JETLINER_HARDEN)
  target_compile_options(jetliner_flags INTERFACE -fstack-protector-strong)
  if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
    target_compile_options(jetliner_flags INTERFACE -fstack-clash-protection)
  endif()
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64)$")
    target_compile_options(jetliner_flags INTERFACE -fcf-protection=full)  # no effect on older processors
  elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "^(aarch64|arm64)$")
    target_compile_options(jetliner_flags INTERFACE -mbranch-protection=standard)
  endif()
  if(NOT JETLINER_SANITIZE)  # the sanitizers intercept the functions that _FORTIFY_SOURCE replaces
    set(jetliner_optimized $<CONFIG:Release,RelWithDebInfo>)
    target_compile_options(jetliner_flags INTERFACE $<${jetliner_optimized}:-U_FORTIFY_SOURCE>
                                                    $<${jetliner_optimized}:-D_FORTIFY_SOURCE=3>)
  endif()
  if(UNIX AND NOT APPLE AND PROJECT_IS_TOP_LEVEL)  # programs that link a static library get its link options as well
    target_link_options(jetliner_flags INTERFACE LINKER:-z,relro LINKER:-z,now LINKER:-z,noexecstack)
  endif()
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64)$")
  # Off explicitly: the compilers of some distributions turn hardening on by default.
  target_compile_options(jetliner_flags INTERFACE -fno-stack-protector -fno-stack-clash-protection -fcf-protection=none
                                                  -U_FORTIFY_SOURCE)
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "^(aarch64|arm64)$")
  target_compile_options(jetliner_flags INTERFACE -fno-stack-protector -fno-stack-clash-protection -U_FORTIFY_SOURCE
                                                  -mbranch-protection=none)
endif()

if(PROJECT_IS_TOP_LEVEL AND NOT CMAKE_BUILD_TYPE STREQUAL "Release")
  # lld for clang, since sanitizer runtimes are tested with lld. mold for gcc.
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    find_program(JETLINER_LLD NAMES ld.lld-19 ld.lld)
    if(JETLINER_LLD)
      target_link_options(jetliner_flags INTERFACE --ld-path=${JETLINER_LLD})
    endif()
  else()
    find_program(JETLINER_MOLD NAMES mold)
    if(JETLINER_MOLD)
      target_link_options(jetliner_flags INTERFACE -fuse-ld=mold)
    endif()
  endif()
endif()

# Warnings. Two are off. -Wsign-conversion: nearly every line of a decoder mixes sizes and file offsets.
# -Wmissing-field-initializers: designated initializers leave out members that keep their default.
add_library(jetliner_warnings INTERFACE)
target_compile_options(
  jetliner_warnings
  INTERFACE -Wall
            -Wextra
            -Wshadow
            -Wconversion
            -Wno-sign-conversion
            -Wno-missing-field-initializers
            -Wnon-virtual-dtor
            -Woverloaded-virtual
            -Wextra-semi
            -Wnull-dereference
            -Wundef
            $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # gcc 12 warns about null dereferences in its own standard library when it optimizes.
  target_compile_options(jetliner_warnings INTERFACE -Wno-null-dereference -Wduplicated-cond -Wlogical-op)
endif()
if(JETLINER_WERROR)
  target_compile_options(jetliner_warnings INTERFACE -Werror)
endif()

# Sanitizers of JETLINER_SANITIZE. Every report ends the process.
add_library(jetliner_sanitizers INTERFACE)
if(JETLINER_SANITIZE)
  target_compile_options(jetliner_sanitizers INTERFACE -fsanitize=${JETLINER_SANITIZE} -fno-sanitize-recover=all
                                                       -fno-omit-frame-pointer)
  target_link_options(jetliner_sanitizers INTERFACE -fsanitize=${JETLINER_SANITIZE})
endif()
if(JETLINER_BUILD_FUZZERS)
  # Coverage for libFuzzer. Only the fuzz targets link its main().
  target_compile_options(jetliner_sanitizers INTERFACE -fsanitize=fuzzer-no-link)
  target_link_options(jetliner_sanitizers INTERFACE -fsanitize=fuzzer-no-link)
endif()

# All of the above, for target_link_libraries(TARGET PRIVATE jetliner_build).
add_library(jetliner_build INTERFACE)
target_link_libraries(jetliner_build INTERFACE jetliner_flags jetliner_warnings jetliner_sanitizers)

# With JETLINER_UNITY, compiles the sources of each folder as one: what they include is then compiled once for all of
# them. So names without linkage must differ within a folder. Sources with options of their own are not joined.
function(jetliner_join_folders target)
  if(NOT JETLINER_UNITY)
    return()
  endif()
  set_target_properties(
    ${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP
                         UNITY_BUILD_CODE_BEFORE_INCLUDE "// NOLINTNEXTLINE(bugprone-suspicious-include)")
  get_target_property(sources ${target} SOURCES)
  foreach(source IN LISTS sources)
    cmake_path(GET source PARENT_PATH folder)
    set_source_files_properties(${source} PROPERTIES UNITY_GROUP ${folder})
  endforeach()
endfunction()

# For tests that run for a shorter time with sanitizers than the compiler takes to optimize them.
function(jetliner_skip_optimization target)
  if(JETLINER_SANITIZE)
    target_compile_options(${target} PRIVATE -O0)
  endif()
endfunction()
