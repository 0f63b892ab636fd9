// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// What a training will take of memory, predicted before it is taken.

#ifndef ARCHLAB_MEMORY_H_
#define ARCHLAB_MEMORY_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "archlab/tensor.h"

namespace archlab {

// Bytes. Weights and state are exact; activations are the model's estimate.
struct MemoryNeed {
  int64_t weights = 0;      // f32 masters, and the bf16 copies in bf16
  int64_t gradients = 0;    // f32 sums, and those of the backward pass
  int64_t optimizer = 0;    // f32, one a slot
  int64_t activations = 0;  // of one micro-batch
  int64_t total() const {
    return weights + gradients + optimizer + activations;
  }
};

// `slots`: of the optimizer; -1: no training, so only the weights.
MemoryNeed PredictMemory(int64_t parameters, DType compute, int slots);

// Bytes that the system can still give (MemAvailable of /proc/meminfo); -1
// when it does not say.
int64_t AvailableMemory();

// FailedPrecondition, with the sum and advice, when `need` exceeds `available`
// (-1: unknown, always fine).
absl::Status CheckMemory(const MemoryNeed& need, int64_t available);

// "3.2 GiB".
std::string FormatBytes(int64_t bytes);

}  // namespace archlab

#endif  // ARCHLAB_MEMORY_H_
