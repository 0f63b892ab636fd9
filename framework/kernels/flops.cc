// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "kernels/flops.h"

#include <atomic>

namespace archlab {
namespace {

// One addition a product, which takes microseconds. Alone in its cache line, so
// that it slows nobody who reads a neighbour.
struct alignas(64) Counter {
  std::atomic<uint64_t> value = 0;
};
Counter counter;

}  // namespace

uint64_t FlopsExecuted() {
  return counter.value.load(std::memory_order_relaxed);
}

void CountProduct(int64_t m, int64_t n, int64_t k) {
  counter.value.fetch_add(2 * uint64_t(m) * uint64_t(n) * uint64_t(k),
                          std::memory_order_relaxed);
}

}  // namespace archlab
