// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Collating: samples to the rows of a batch.

#ifndef ARCHLAB_COLLATE_H_
#define ARCHLAB_COLLATE_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "archlab/objective.h"
#include "model/batch.h"

namespace archlab {

struct CollateOptions {
  LossKind::Kind loss = LossKind::kTokens;
  int64_t patch_elements = 0;  // P; 0: the samples have ids
};

// Pads the samples to the longest and makes a batch of them; there is at least
// one. Padding has id 0, patch 0, type 0, segment -1, target 0, weight 0; it is
// at the end of a row, on both sides of an encoder-decoder sample. What no row
// needs stays undefined: segments, types, prefixes. Refuses what an objective
// must not make: an empty sample, vectors of unequal length, some rows with a
// decoder's input and some without.
absl::StatusOr<Batch> Collate(const std::vector<Sample>& samples,
                              int64_t first_sample,
                              const CollateOptions& options = {});

}  // namespace archlab

#endif  // ARCHLAB_COLLATE_H_
