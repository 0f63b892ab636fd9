// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// The floating-point operations of the matrix products that ran, counted where
// they run: 2 m n k each, for the tiles that were computed. A mask's edge
// inside a tile, padding and a backward pass that computes scores again are all
// in it, so this is what the machine did, where model/counts.h says what a
// model asks for.
//
// Not counted: other kernels, and the f64 loops of reference.h, an oracle and
// not a mode.

#ifndef ARCHLAB_KERNELS_FLOPS_H_
#define ARCHLAB_KERNELS_FLOPS_H_

#include <cstdint>

namespace archlab {

// The sum over all threads of the process since it began. It is the same on any
// number of threads, and wraps around: only differences mean something.
uint64_t FlopsExecuted();

// Adds 2 m n k; any thread.
void CountProduct(int64_t m, int64_t n, int64_t k);

}  // namespace archlab

#endif  // ARCHLAB_KERNELS_FLOPS_H_
