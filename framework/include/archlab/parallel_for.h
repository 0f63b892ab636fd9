// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Parallel loops with fixed chunks: what a chunk computes never depends on the
// number of threads.

#ifndef ARCHLAB_PARALLEL_FOR_H_
#define ARCHLAB_PARALLEL_FOR_H_

#include <cstdint>

#include "absl/functional/function_ref.h"

namespace archlab {

// Calls body(begin, end) for consecutive chunks of [0, n), each of `grain`
// elements (the last may be shorter), on the threads of the one OpenMP team.
// Serial for a single chunk and inside another ParallelFor.
void ParallelFor(int64_t n, int64_t grain,
                 absl::FunctionRef<void(int64_t begin, int64_t end)> body);

// Threads that ParallelFor uses.
int ParallelThreads();

}  // namespace archlab

#endif  // ARCHLAB_PARALLEL_FOR_H_
