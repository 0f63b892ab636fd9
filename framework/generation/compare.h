// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Comparing what a model writes with what it should have written: exact matches
// and BLEU over the validation part of a dataset of pairs.

#ifndef ARCHLAB_COMPARE_H_
#define ARCHLAB_COMPARE_H_

#include <cstdint>
#include <functional>

#include "archlab/dataset.h"
#include "generation/bleu.h"
#include "generation/decoding_loop.h"

namespace archlab {

struct Comparison {
  int64_t documents = 0;
  int64_t exact = 0;  // targets written letter for letter
  // Documents that are longer than the model can read. Nothing is written for
  // them, which counts as wrong.
  int64_t too_long = 0;
  Bleu bleu;
};

struct ComparePlan {
  int64_t rows = 32;      // documents written side by side
  int64_t documents = 0;  // at most so many, from the first; 0: all
  DecodingOptions decoding;
  // Told how many are done after each batch; may be empty.
  std::function<void(int64_t done, int64_t documents)> progress;
};

// Writes the target of each validation document from its source. Refuses a
// dataset without targets.
absl::StatusOr<Comparison> CompareGenerated(const DecodingLoop& loop,
                                            const Dataset& dataset,
                                            const ComparePlan& plan);

}  // namespace archlab

#endif  // ARCHLAB_COMPARE_H_
