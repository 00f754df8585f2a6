# Libraries: bundled ones (JETLINER_BUNDLED), else those of the system. One message reports all missing ones, with the
# Debian packages to install.
#
# Defines one target per library: jetliner::snappy, ::zstd, ::deflate, ::lzma, ::simdjson, ::bzip2.

set(jetliner_missing "")

if(JETLINER_BUNDLED)
  include(Bundled)
else()
  find_package(PkgConfig QUIET)
endif()
if(NOT PKG_CONFIG_FOUND AND NOT JETLINER_BUNDLED)
  list(APPEND jetliner_missing pkg-config)
endif()

function(jetliner_find_module name module debian_package)
  if(TARGET jetliner::${name})
    return()
  endif()
  if(PKG_CONFIG_FOUND)
    pkg_check_modules(JETLINER_${name} QUIET IMPORTED_TARGET GLOBAL ${module})
  endif()
  if(TARGET PkgConfig::JETLINER_${name})
    add_library(jetliner::${name} ALIAS PkgConfig::JETLINER_${name})
  else()
    set(jetliner_missing ${jetliner_missing} ${debian_package} PARENT_SCOPE)
  endif()
endfunction()

jetliner_find_module(snappy snappy libsnappy-dev)
jetliner_find_module(zstd libzstd libzstd-dev)
jetliner_find_module(deflate libdeflate libdeflate-dev)
jetliner_find_module(lzma liblzma liblzma-dev)
jetliner_find_module(simdjson simdjson libsimdjson-dev)

# The headers of simdjson 3.6 (Ubuntu 24.04) write JSON with a class that names members which it does not declare. clang
# 19 and gcc 15 refuse that; simdjson 3.12 (Debian 13) is right. Jetliner only parses, so these two headers are left out.
if(TARGET PkgConfig::JETLINER_simdjson AND JETLINER_simdjson_VERSION VERSION_LESS 3.12)
  target_compile_definitions(PkgConfig::JETLINER_simdjson INTERFACE SIMDJSON_SERIALIZATION_H SIMDJSON_SERIALIZATION_INL_H)
endif()

# bzip2 has no pkg-config file on Debian.
if(NOT JETLINER_BUNDLED)
  find_package(BZip2 QUIET)
endif()
if(TARGET jetliner::bzip2)
  # bundled
elseif(TARGET BZip2::BZip2)
  add_library(jetliner::bzip2 ALIAS BZip2::BZip2)
else()
  list(APPEND jetliner_missing libbz2-dev)
endif()

find_package(Threads REQUIRED)

if(JETLINER_BUILD_TESTS OR JETLINER_BUILD_BENCHMARKS)  # benchmarks use test helpers to make input
  if(NOT TARGET GTest::gtest)
    find_package(GTest QUIET CONFIG)
  endif()
  if(NOT TARGET GTest::gtest)
    list(APPEND jetliner_missing libgtest-dev)
  endif()
  if(NOT TARGET GTest::gmock)
    list(APPEND jetliner_missing libgmock-dev)
  endif()
endif()

if(JETLINER_BUILD_BENCHMARKS)
  find_package(benchmark QUIET CONFIG)
  if(NOT TARGET benchmark::benchmark)
    list(APPEND jetliner_missing libbenchmark-dev)
  endif()
endif()

if(jetliner_missing)
  list(REMOVE_DUPLICATES jetliner_missing)
  list(JOIN jetliner_missing " " jetliner_missing_text)
  message(FATAL_ERROR "Libraries that jetliner needs are missing. On Debian and Ubuntu, install them with\n"
                      "    apt-get install ${jetliner_missing_text}")
endif()
