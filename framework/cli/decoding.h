// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// How a run's spec wants text to be written: for generate and eval.

#ifndef ARCHLAB_CLI_DECODING_H_
#define ARCHLAB_CLI_DECODING_H_

#include <memory>
#include <vector>

#include "generation/decoding_loop.h"
#include "training/open_run.h"

namespace archlab {

// generation.sampler, in order.
absl::StatusOr<std::vector<std::unique_ptr<Sampler>>> MakeSamplers(
    const Spec& spec, const Catalogue& catalogue);

// The run's objective puts the prompts. The run outlives it.
MakePrompt PromptsOf(const OpenedRun& run);

// Makes the run's weights what generation.weights asks for.
void UseSpecWeights(const OpenedRun& run);

// Tokens, stop texts, beams and seed of the spec.
DecodingOptions DecodingOf(const spec::Experiment& experiment);

}  // namespace archlab

#endif  // ARCHLAB_CLI_DECODING_H_
