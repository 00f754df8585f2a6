# nanoarrow::nanoarrow from NANOARROW_SOURCE_DIR, the C sources within its Python package. These lack a file that
# nanoarrow's own CMakeLists.txt needs.
set(NANOARROW_VERSION 0.9.0)
set(NANOARROW_VERSION_MAJOR 0)
set(NANOARROW_VERSION_MINOR 9)
set(NANOARROW_VERSION_PATCH 0)
set(NANOARROW_NAMESPACE_DEFINE "")
configure_file(${NANOARROW_SOURCE_DIR}/src/nanoarrow/nanoarrow_config.h.in
               ${CMAKE_CURRENT_BINARY_DIR}/nanoarrow/nanoarrow/nanoarrow_config.h)
add_library(nanoarrow STATIC)
foreach(source array array_stream schema utils)
  target_sources(nanoarrow PRIVATE ${NANOARROW_SOURCE_DIR}/src/nanoarrow/common/${source}.c)
endforeach()
target_include_directories(nanoarrow SYSTEM PUBLIC ${NANOARROW_SOURCE_DIR}/src ${CMAKE_CURRENT_BINARY_DIR}/nanoarrow)
add_library(nanoarrow::nanoarrow ALIAS nanoarrow)
