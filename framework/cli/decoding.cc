// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "cli/decoding.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "archlab/status.h"
#include "training/spec_context.h"

namespace archlab {

absl::StatusOr<std::vector<std::unique_ptr<Sampler>>> MakeSamplers(
    const Spec& spec, const Catalogue& catalogue) {
  std::vector<std::unique_ptr<Sampler>> samplers;
  const auto& chain = spec.experiment().generation().sampler();
  for (int i = 0; i < chain.size(); ++i) {
    ARCHLAB_ASSIGN_OR_RETURN(
        auto sampler,
        MakeComponent<Sampler>(spec, catalogue, chain[i],
                               absl::StrCat("generation.sampler[", i, "]")));
    samplers.push_back(std::move(sampler));
  }
  return samplers;
}

MakePrompt PromptsOf(const OpenedRun& run) {
  return [&run, input = PromptInput(run.spec, run.vocabulary)](
             const std::vector<int32_t>& text) {
    return run.objective->Prompt(text, input);
  };
}

void UseSpecWeights(const OpenedRun& run) {
  if (run.spec.experiment().generation().weights() == spec::Generation::INT8)
    run.model->UseInt8Weights();
}

DecodingOptions DecodingOf(const spec::Experiment& experiment) {
  const spec::Generation& generation = experiment.generation();
  DecodingOptions decoding;
  decoding.max_tokens = generation.max_tokens();
  decoding.stop.assign(generation.stop().begin(), generation.stop().end());
  decoding.seed = experiment.seed();
  decoding.beams = generation.beams();
  decoding.length_penalty = generation.length_penalty();
  return decoding;
}

}  // namespace archlab
