// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// What of a model is trained: frozen parameters and low-rank adaptation.

#ifndef ARCHLAB_ADAPT_H_
#define ARCHLAB_ADAPT_H_

#include <string>
#include <vector>

#include "model/model.h"
#include "spec/spec.h"

namespace archlab {

// Whether a parameter's path fits a pattern: '*' stands for any characters.
bool PathMatches(const std::string& pattern, const std::string& path);

// The parameters whose path fits; an error that names what there is, located
// at `place` of the spec, when there are none.
absl::StatusOr<std::vector<ParameterData*>> FindParameters(
    const Spec& spec, const std::string& place, const std::string& pattern,
    const ParameterStore& store);

// Applies training.freeze and training.lora. With lora, only its matrices and
// what `train_too` names are trained.
absl::Status AdaptModel(const Spec& spec, Model* model);

}  // namespace archlab

#endif  // ARCHLAB_ADAPT_H_
