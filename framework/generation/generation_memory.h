// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// What writing text will take of memory, predicted before it is taken.

#ifndef ARCHLAB_GENERATION_MEMORY_H_
#define ARCHLAB_GENERATION_MEMORY_H_

#include <cstdint>

#include "absl/status/status.h"
#include "model/model.h"

namespace archlab {

// How much is written at once.
struct GenerationSize {
  int64_t texts = 1;          // rows of the batch
  int64_t prompt_tokens = 1;  // of the longest
  int64_t new_tokens = 0;     // of each
  bool cached = true;         // else every step reads the whole text
};

// FailedPrecondition, with the sum and advice, when that would take more than
// `available` bytes (-1: unknown, always fine).
absl::Status CheckGenerationMemory(const Model& model,
                                   const GenerationSize& size,
                                   int64_t available);

}  // namespace archlab

#endif  // ARCHLAB_GENERATION_MEMORY_H_
