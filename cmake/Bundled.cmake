# The libraries of JETLINER_BUNDLED: compiled from pinned sources, static, with our own flags. A wheel has them inside.
#
# The archives are those of the Rust packages that carry these libraries: their registry never changes or removes a file.
# They are fetched once into JETLINER_BUNDLED_DIR. To take a newer version, change version, address and SHA-256 here.
# Compare the licence with LICENSE-THIRD-PARTY.txt.

set(JETLINER_BUNDLED_DIR ${PROJECT_SOURCE_DIR}/.cache/bundled CACHE PATH "Where archives of bundled libraries are kept")

enable_language(C)
enable_language(ASM)

# Sets ${name}_dir to `folder` of an archive, unpacked.
function(jetliner_fetch name folder url sha256)
  set(archive ${JETLINER_BUNDLED_DIR}/${sha256}.tar.gz)
  if(NOT EXISTS ${archive})
    message(STATUS "Fetching ${url}")
    file(DOWNLOAD ${url} ${archive}.part TLS_VERIFY ON STATUS status)
    list(POP_FRONT status code)
    if(NOT code EQUAL 0)
      file(REMOVE ${archive}.part)
      message(FATAL_ERROR "Fetching ${url} failed: ${status}. Without a network, put that file at ${archive}")
    endif()
    file(RENAME ${archive}.part ${archive})
  endif()
  file(SHA256 ${archive} found)
  if(NOT found STREQUAL sha256)
    message(FATAL_ERROR "${archive}, from ${url}, has another content than was expected: its SHA-256 is ${found}")
  endif()
  set(unpacked ${PROJECT_BINARY_DIR}/bundled)
  if(NOT EXISTS ${unpacked}/${folder})
    file(ARCHIVE_EXTRACT INPUT ${archive} DESTINATION ${unpacked})
  endif()
  set(${name}_dir ${unpacked}/${folder} PARENT_SCOPE)
endfunction()

set(crates https://static.crates.io/crates)
jetliner_fetch(snappy snappy_src-0.2.7+snappy.1.3.1/snappy ${crates}/snappy_src/snappy_src-0.2.7%2Bsnappy.1.3.1.crate
               10b04989c0e9be7ceeb4a8db3a288fd37346596ffe09fc83ee327e91ae029c65)
jetliner_fetch(zstd zstd-sys-2.1.3+zstd.1.5.7/zstd/lib ${crates}/zstd-sys/zstd-sys-2.1.3%2Bzstd.1.5.7.crate
               f729a06d0257428fd9d997ac8db7e1407bd0262ab016b085b36bc52957c0052d)
jetliner_fetch(deflate libdeflate-sys-1.26.1/libdeflate ${crates}/libdeflate-sys/libdeflate-sys-1.26.1.crate  # 1.26
               d7870e5fbd2766179a937c725fb11f4ca0ef025d982beb61bd3ce755425bd19c)
jetliner_fetch(lzma liblzma-sys-0.4.9/xz/src ${crates}/liblzma-sys/liblzma-sys-0.4.9.crate  # xz 5.8.4
               7c7e3581f367a78d7b7e7ae948d023310556f0cfc13156c2e4e00e25616492b9)
jetliner_fetch(bzip2 bzip2-sys-0.1.13+1.0.8/bzip2-1.0.8 ${crates}/bzip2-sys/bzip2-sys-0.1.13%2B1.0.8.crate
               225bff33b2141874fe80d71e07d6eec4f85c5c216453dd96388240f96e1acc14)
jetliner_fetch(simdjson simdjson-sys-0.4.0-alpha.2/vendor/simdjson  # 4.6.4
               ${crates}/simdjson-sys/simdjson-sys-0.4.0-alpha.2.crate
               cd5ecafa49730d6e7268ca60b9df7d0fb4e50ae9a7065fa7a9d8f3931b5b55ac)

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

# libdeflate, without gzip, zlib and their checksums.
file(GLOB sources ${deflate_dir}/lib/deflate_*.c ${deflate_dir}/lib/utils.c ${deflate_dir}/lib/*/cpu_features.c)
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
if(JETLINER_TARGET)  # zig's clang refuses functions for AVX-512; the next best are those for AVX2
  target_compile_definitions(jetliner_simdjson PRIVATE SIMDJSON_IMPLEMENTATION_ICELAKE=0)
endif()

if(JETLINER_BUILD_TESTS)
  jetliner_fetch(gtest googletest-1.16.0 https://deb.debian.org/debian/pool/main/g/googletest/googletest_1.16.0.orig.tar.gz
                 2f54382b5d13d6cd0be2afc524f1e510d37f8ba78c2d439c5bea64ef37e30d01)
  set(gtest_include ${gtest_dir}/googletest/include)
  set(gmock_include ${gtest_dir}/googlemock/include)
  jetliner_bundle(gtest "${gtest_include}" ${gtest_dir}/googletest/src/gtest-all.cc)
  target_include_directories(jetliner_gtest PRIVATE ${gtest_dir}/googletest)
  jetliner_bundle(gmock "${gmock_include}" ${gtest_dir}/googlemock/src/gmock-all.cc)
  target_include_directories(jetliner_gmock PRIVATE ${gtest_dir}/googlemock)
  target_link_libraries(jetliner_gmock PUBLIC jetliner_gtest)
  jetliner_bundle(gtest_main "${gtest_include}" ${gtest_dir}/googletest/src/gtest_main.cc)
  target_link_libraries(jetliner_gtest_main PUBLIC jetliner_gtest)
  foreach(part gtest gtest_main gmock)
    add_library(GTest::${part} ALIAS jetliner_${part})
  endforeach()
endif()
