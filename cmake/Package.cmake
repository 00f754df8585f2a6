# The C++ package: public headers, and what `cmake --install` puts where. Users get the target jetliner::jetliner by
# add_subdirectory(), by find_package(jetliner), or the flags by pkg-config.

include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

# A wheel has the Python package only. A static library with bundled libraries would need these as well.
set(jetliner_install_default ${PROJECT_IS_TOP_LEVEL})
if(JETLINER_BUILD_PYTHON OR JETLINER_BUNDLED)
  set(jetliner_install_default OFF)
endif()
option(JETLINER_INSTALL "Install the C++ library" ${jetliner_install_default})

get_target_property(jetliner_type jetliner_core TYPE)

add_library(jetliner::jetliner ALIAS jetliner_core)
target_compile_features(jetliner_core PUBLIC cxx_std_20)
# Before version 1, the ABI may change with each minor version.
set_target_properties(
  jetliner_core PROPERTIES OUTPUT_NAME jetliner EXPORT_NAME jetliner VERSION ${PROJECT_VERSION}
                           SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
if(jetliner_type STREQUAL SHARED_LIBRARY)
  target_compile_definitions(jetliner_core PUBLIC JETLINER_SHARED PRIVATE JETLINER_BUILDING)
endif()

configure_file(cmake/package/version.h.in include/jetliner/version.h @ONLY)
set(jetliner_headers
    arrow_abi.h
    error.h
    export.h
    inspect.h
    options.h
    owned.h
    range_store.h
    reader.h
    sink.h
    source.h
    type_options.h
    write_options.h
    writer.h)
list(TRANSFORM jetliner_headers PREPEND ${PROJECT_SOURCE_DIR}/include/jetliner/)
# The core itself does not include version.h. So its compile commands are the same in all build directories, and a
# compiler cache has the objects.
target_sources(
  jetliner_core
  PUBLIC FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR}/include FILES ${jetliner_headers}
  INTERFACE FILE_SET version TYPE HEADERS BASE_DIRS ${PROJECT_BINARY_DIR}/include
            FILES ${PROJECT_BINARY_DIR}/include/jetliner/version.h)

if(NOT JETLINER_INSTALL)
  return()
endif()
if(JETLINER_BUNDLED AND jetliner_type STREQUAL STATIC_LIBRARY)
  message(FATAL_ERROR "With JETLINER_BUNDLED, only a shared library can be installed: set BUILD_SHARED_LIBS")
endif()

set(jetliner_cmake_dir ${CMAKE_INSTALL_LIBDIR}/cmake/jetliner)
install(TARGETS jetliner_core EXPORT jetliner-targets FILE_SET HEADERS FILE_SET version)
install(EXPORT jetliner-targets NAMESPACE jetliner:: DESTINATION ${jetliner_cmake_dir})
configure_package_config_file(
  cmake/package/jetliner-config.cmake.in ${PROJECT_BINARY_DIR}/package/jetliner-config.cmake
  INSTALL_DESTINATION ${jetliner_cmake_dir} NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/package/jetliner-config-version.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/package/jetliner-config.cmake
              ${PROJECT_BINARY_DIR}/package/jetliner-config-version.cmake DESTINATION ${jetliner_cmake_dir})

# pkg-config. Its paths are relative to the file, so that the prefix may be chosen at the installation. The libraries of
# a static library are no private ones: the same line then links either kind, with and without --static.
set(jetliner_pc_dir ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig)
cmake_path(RELATIVE_PATH CMAKE_INSTALL_PREFIX BASE_DIRECTORY ${jetliner_pc_dir} OUTPUT_VARIABLE jetliner_pc_prefix)
foreach(kind LIB INCLUDE)
  set(jetliner_pc_${kind} "\${prefix}")
  cmake_path(APPEND jetliner_pc_${kind} ${CMAKE_INSTALL_${kind}DIR})  # stays as it is, if it is absolute
endforeach()
if(jetliner_type STREQUAL STATIC_LIBRARY)
  set(jetliner_pc_requires "snappy libzstd libdeflate liblzma simdjson")
  set(jetliner_pc_libs "-lbz2 -pthread")
  set(jetliner_pc_cflags "")
else()
  set(jetliner_pc_requires "")
  set(jetliner_pc_libs "")
  set(jetliner_pc_cflags " -DJETLINER_SHARED")
endif()
configure_file(cmake/package/jetliner.pc.in package/jetliner.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/package/jetliner.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
