// Work and results for tests of the pipeline. They are neither units nor pieces, since the pipeline knows nothing of
// these.
#pragma once

#include <cstddef>
#include <exception>
#include <utility>

#include "pipeline/work.h"

namespace jetliner {

struct TestWork {
  size_t number = 0;
  size_t bytes = 0;
  size_t num_results = 1;

  [[nodiscard]] size_t input_bytes() const { return bytes; }
};

struct TestResult {
  size_t number = 0;  // of the work
  size_t part = 0;    // which result of the work
  size_t rows = 1;
  size_t bytes = 0;
  std::exception_ptr error = {};

  [[nodiscard]] size_t held_bytes() const { return bytes; }
  [[nodiscard]] size_t num_rows() const { return rows; }
  static TestResult of_error(std::exception_ptr error) { return {.rows = 0, .error = std::move(error)}; }
};

}  // namespace jetliner
