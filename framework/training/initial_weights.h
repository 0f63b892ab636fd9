// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Starting from what another run has learned (training.initial).

#ifndef ARCHLAB_INITIAL_WEIGHTS_H_
#define ARCHLAB_INITIAL_WEIGHTS_H_

#include "model/model.h"
#include "registry/catalogue.h"
#include "spec/spec.h"
#include "training/prepare.h"
#include "training/progress.h"
#include "training/run_folder.h"

namespace archlab {

// The tokenizer of the first run that training.initial names; false: none is
// named, or it has no tokenizer.
absl::StatusOr<bool> ReadInitialTokenizer(const Spec& spec,
                                          const Catalogue& catalogue,
                                          StoredTokenizer* stored);

// Copies the weights and buffers that training.initial names, low-rank parts
// merged, and says how many. `data`: what this run is trained on. An error,
// located in the spec, names the parameter that does not fit, and the remedy.
absl::Status LoadInitialWeights(const Spec& spec, const Catalogue& catalogue,
                                const PreparedData& data, Model* model,
                                Progress* progress);

}  // namespace archlab

#endif  // ARCHLAB_INITIAL_WEIGHTS_H_
