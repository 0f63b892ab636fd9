// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// ParallelFor on OpenMP. Chunk borders depend on n and grain alone.

#include "archlab/parallel_for.h"

#include <omp.h>

#include "archlab/check.h"

namespace archlab {

void ParallelFor(int64_t n, int64_t grain,
                 absl::FunctionRef<void(int64_t begin, int64_t end)> body) {
  if (n <= 0) return;
  ARCHLAB_CHECK_GT(grain, 0);
  const int64_t chunks = (n - 1) / grain + 1;
  const bool serial =
      chunks == 1 || omp_in_parallel() || omp_get_max_threads() == 1;
  const auto run = [&](int64_t chunk) {
    const int64_t begin = chunk * grain;
    body(begin, n - begin < grain ? n : begin + grain);
  };
  if (serial) {
    for (int64_t chunk = 0; chunk < chunks; ++chunk) run(chunk);
    return;
  }
#pragma omp parallel for schedule(dynamic)
  for (int64_t chunk = 0; chunk < chunks; ++chunk) run(chunk);
}

int ParallelThreads() { return omp_in_parallel() ? 1 : omp_get_max_threads(); }

}  // namespace archlab
