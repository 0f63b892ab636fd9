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

// Bytes, as double: what a spec asks for may be more than int64_t can say.
// Weights and state are exact; activations are the model's estimate.
struct MemoryNeed {
  double weights = 0;      // f32 masters, and the bf16 copies in bf16
  double gradients = 0;    // f32 sums, and those of the backward pass
  double optimizer = 0;    // f32, one a slot
  double activations = 0;  // of one micro-batch
  double total() const { return weights + gradients + optimizer + activations; }
};

// `slots`: of the optimizer; -1: no training, so only the weights.
MemoryNeed PredictMemory(int64_t parameters, DType compute, int slots);

// Bytes that the system can still give: MemAvailable of /proc/meminfo, and no
// more than the control groups of this process leave (memory.max of version
// 2). -1 when the system does not say.
int64_t AvailableMemory();
// The same with these files' content and folders, for tests: /proc/meminfo,
// /proc/self/cgroup, /sys/fs/cgroup.
int64_t AvailableMemory(const std::string& meminfo,
                        const std::string& own_cgroup,
                        const std::string& cgroups);

// FailedPrecondition, with the sum and advice, when `need` exceeds `available`
// (-1: unknown, always fine).
absl::Status CheckMemory(const MemoryNeed& need, int64_t available);

// "3.2 GiB".
std::string FormatBytes(double bytes);

}  // namespace archlab

#endif  // ARCHLAB_MEMORY_H_
