# The libraries of JETLINER_BUNDLED: compiled from pinned sources, static, with our own flags. A wheel has them inside.
#
# Rust packages carry these sources. Cargo fetches them once, checks their sums, and puts them into JETLINER_BUNDLED_DIR.

set(JETLINER_BUNDLED_DIR ${PROJECT_SOURCE_DIR}/.cache/bundled CACHE PATH "Where sources of bundled libraries are kept")

enable_language(C)
enable_language(ASM)

# Sets bundled_dir. A directory there has the name of the Cargo.lock that it was made from, and is complete if it exists.
function(jetliner_fetch)
  set(manifest ${PROJECT_SOURCE_DIR}/cmake/bundled)
  file(SHA256 ${manifest}/Cargo.lock lock)
  string(SUBSTRING ${lock} 0 12 lock)
  set(directory ${JETLINER_BUNDLED_DIR}/${lock})
  set(bundled_dir ${directory} PARENT_SCOPE)
  if(EXISTS ${directory})
    return()
  endif()
  find_program(JETLINER_CARGO cargo)
  if(NOT JETLINER_CARGO)
    message(FATAL_ERROR "JETLINER_BUNDLED needs Cargo 1.70 or newer, which fetches the sources of the libraries. Without "
                        "a network, run 'cargo vendor --locked --versioned-dirs ${directory}' in ${manifest} elsewhere")
  endif()
  message(STATUS "Fetching the sources of the bundled libraries")
  file(REMOVE_RECURSE ${directory}.part)
  execute_process(COMMAND ${JETLINER_CARGO} vendor --quiet --locked --versioned-dirs ${directory}.part
                  WORKING_DIRECTORY ${manifest} OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
  file(RENAME ${directory}.part ${directory})
endfunction()

jetliner_fetch()
set(bzip2_dir ${bundled_dir}/bzip2-sys-0.1.13+1.0.8/bzip2-1.0.8)
set(deflate_dir ${bundled_dir}/libdeflate-sys-1.26.1/libdeflate)  # 1.26
set(lzma_dir ${bundled_dir}/liblzma-sys-0.4.9/xz/src)  # xz 5.8.4
set(simdjson_dir ${bundled_dir}/simdjson-sys-0.4.0-alpha.2/vendor/simdjson)  # 4.6.4
set(snappy_dir ${bundled_dir}/snappy_src-0.2.7+snappy.1.3.1/snappy)
set(zstd_dir ${bundled_dir}/zstd-sys-2.1.3+zstd.1.5.7/zstd/lib)

# jetliner_bundle(NAME INCLUDE_DIRECTORIES SOURCES...): defines jetliner::NAME.
function(jetliner_bundle name include)
  add_library(jetliner_${name} STATIC EXCLUDE_FROM_ALL ${ARGN})
  add_library(jetliner::${name} ALIAS jetliner_${name})
  target_include_directories(jetliner_${name} SYSTEM PUBLIC ${include})
  target_compile_options(jetliner_${name} PRIVATE -w)  # warnings of code that is not ours
  target_link_libraries(jetliner_${name} PRIVATE jetliner_flags jetliner_sanitizers)
  set_target_properties(jetliner_${name} PROPERTIES POSITION_INDEPENDENT_CODE ON C_VISIBILITY_PRESET hidden
                                                    CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
endfunction()

if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64)$")
  set(is_x86 1)
  set(is_arm 0)
else()
  set(is_x86 0)
  set(is_arm 1)
endif()
if(WIN32)
  set(is_posix 0)
else()
  set(is_posix 1)
endif()

# snappy. The definitions stand for the tests of compiler and system in its own build.
set(HAVE_SYS_UIO_H_01 ${is_posix})
configure_file(${snappy_dir}/snappy-stubs-public.h.in ${PROJECT_BINARY_DIR}/bundled/snappy/snappy-stubs-public.h)
jetliner_bundle(
  snappy "${snappy_dir};${PROJECT_BINARY_DIR}/bundled/snappy" ${snappy_dir}/snappy.cc
  ${snappy_dir}/snappy-sinksource.cc ${snappy_dir}/snappy-stubs-internal.cc)
target_compile_definitions(
  jetliner_snappy
  PRIVATE HAVE_ATTRIBUTE_ALWAYS_INLINE=1
          HAVE_BUILTIN_CTZ=1
          HAVE_BUILTIN_EXPECT=1
          HAVE_BUILTIN_PREFETCH=1
          HAVE_UNISTD_H=${is_posix}
          SNAPPY_HAVE_NEON=${is_arm}
          SNAPPY_HAVE_SSSE3=$<AND:${is_x86},$<BOOL:${JETLINER_MARCH}>>)

# zstd, without its older formats and its threads.
file(GLOB sources ${zstd_dir}/common/*.c ${zstd_dir}/compress/*.c ${zstd_dir}/decompress/*.c)
if(is_x86)
  list(APPEND sources ${zstd_dir}/decompress/huf_decompress_amd64.S)
endif()
jetliner_bundle(zstd ${zstd_dir} ${sources})

# libdeflate, without the formats of gzip and zlib. Their checksums are used.
file(GLOB sources ${deflate_dir}/lib/deflate_*.c ${deflate_dir}/lib/*32.c ${deflate_dir}/lib/utils.c
     ${deflate_dir}/lib/*/cpu_features.c)
jetliner_bundle(deflate ${deflate_dir} ${sources})

# liblzma, without its own threads. All filters: a file may have been written with any of them.
file(GLOB sources ${lzma_dir}/liblzma/*/*.c)
list(FILTER sources EXCLUDE REGEX "(tablegen|_small|consts_gen|_mt|hardware_[a-z]+)\\.c$")
jetliner_bundle(lzma ${lzma_dir}/liblzma/api ${sources})
foreach(folder check common delta lz lzma rangecoder simple)
  target_include_directories(jetliner_lzma PRIVATE ${lzma_dir}/liblzma/${folder})
endforeach()
target_include_directories(jetliner_lzma PRIVATE ${lzma_dir}/common)
foreach(coder ARM ARM64 ARMTHUMB DELTA IA64 LZMA1 LZMA2 POWERPC RISCV SPARC X86)
  target_compile_definitions(jetliner_lzma PRIVATE HAVE_DECODER_${coder} HAVE_ENCODER_${coder})
endforeach()
target_compile_definitions(
  jetliner_lzma
  PUBLIC LZMA_API_STATIC
  PRIVATE HAVE_CHECK_CRC32
          HAVE_CHECK_CRC64
          HAVE_CHECK_SHA256
          HAVE_FUNC_ATTRIBUTE_CONSTRUCTOR
          HAVE_INTTYPES_H
          HAVE_MF_BT2
          HAVE_MF_BT3
          HAVE_MF_BT4
          HAVE_MF_HC3
          HAVE_MF_HC4
          HAVE_STDBOOL_H
          HAVE_STDINT_H
          HAVE__BOOL
          HAVE___BUILTIN_ASSUME_ALIGNED
          HAVE___BUILTIN_BSWAPXX
          TUKLIB_FAST_UNALIGNED_ACCESS
          TUKLIB_SYMBOL_PREFIX=lzma_
          $<IF:${is_posix},MYTHREAD_POSIX,MYTHREAD_VISTA>
          "$<${is_x86}:HAVE_CPUID_H;HAVE_IMMINTRIN_H;HAVE_USABLE_CLMUL;HAVE__MM_MOVEMASK_EPI8>")

set(sources blocksort.c bzlib.c compress.c crctable.c decompress.c huffman.c randtable.c)
list(TRANSFORM sources PREPEND ${bzip2_dir}/)
jetliner_bundle(bzip2 ${bzip2_dir} ${sources})

jetliner_bundle(simdjson ${simdjson_dir} ${simdjson_dir}/simdjson.cpp)

if(JETLINER_BUILD_TESTS)
  set(JETLINER_GTEST_DIR /usr/src/googletest CACHE PATH "Sources of GoogleTest: those of Debian's package googletest")
  if(NOT EXISTS ${JETLINER_GTEST_DIR}/googletest/src/gtest-all.cc)
    message(FATAL_ERROR "${JETLINER_GTEST_DIR} has no sources of GoogleTest: install Debian's package googletest, or set JETLINER_GTEST_DIR")
  endif()
  set(gtest_include ${JETLINER_GTEST_DIR}/googletest/include)
  set(gmock_include ${JETLINER_GTEST_DIR}/googlemock/include)
  jetliner_bundle(gtest "${gtest_include}" ${JETLINER_GTEST_DIR}/googletest/src/gtest-all.cc)
  target_include_directories(jetliner_gtest PRIVATE ${JETLINER_GTEST_DIR}/googletest)
  jetliner_bundle(gmock "${gmock_include}" ${JETLINER_GTEST_DIR}/googlemock/src/gmock-all.cc)
  target_include_directories(jetliner_gmock PRIVATE ${JETLINER_GTEST_DIR}/googlemock)
  target_link_libraries(jetliner_gmock PUBLIC jetliner_gtest)
  jetliner_bundle(gtest_main "${gtest_include}" ${JETLINER_GTEST_DIR}/googletest/src/gtest_main.cc)
  target_link_libraries(jetliner_gtest_main PUBLIC jetliner_gtest)
  foreach(part gtest gtest_main gmock)
    add_library(GTest::${part} ALIAS jetliner_${part})
  endforeach()
endif()
