// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Collating: samples to the rows of a batch.

#ifndef ARCHLAB_COLLATE_H_
#define ARCHLAB_COLLATE_H_

#include <vector>

#include "absl/status/statusor.h"
#include "archlab/objective.h"
#include "model/batch.h"

namespace archlab {

// Pads the samples to the longest and makes a batch of them; there is at least
// one. Padding has id 0, segment -1, target 0, weight 0. `segments` stays
// undefined where no row needs it. Refuses what an objective must not make:
// an empty sample, vectors of unequal length, a decoder's input.
absl::StatusOr<Batch> Collate(const std::vector<Sample>& samples,
                              int64_t first_sample);

}  // namespace archlab

#endif  // ARCHLAB_COLLATE_H_
