// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "training/adapt.h"

#include <fnmatch.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "archlab/status.h"
#include "base/suggest.h"

namespace archlab {

bool PathMatches(const std::string& pattern, const std::string& path) {
  return fnmatch(pattern.c_str(), path.c_str(), 0) == 0;
}

absl::StatusOr<std::vector<ParameterData*>> FindParameters(
    const Spec& spec, const std::string& place, const std::string& pattern,
    const ParameterStore& store) {
  std::vector<ParameterData*> found;
  std::vector<std::string> names;
  for (const auto& parameter : store.parameters()) {
    if (PathMatches(pattern, parameter->path)) found.push_back(parameter.get());
    names.push_back(parameter->path);
  }
  if (!found.empty()) return found;
  return spec.Locate(
      place, absl::InvalidArgumentError(absl::StrCat(
                 "fits no parameter of the model.", DidYouMean(pattern, names),
                 " The first is '", names.empty() ? "" : names.front(),
                 "', the last '", names.empty() ? "" : names.back(),
                 "'; archlab inspect --parameters lists them all")));
}

namespace {

// Weights of linear layers: those inside the model, and those of a head of its
// own. Tables (embeddings, learned positions) are matrices too, but not these.
bool IsLinear(const ParameterData& parameter) {
  return parameter.shape.rank() == 2 &&
         (parameter.traits.matrix ||
          absl::StartsWith(parameter.path, "head.") ||
          absl::EndsWith(parameter.path, "patch.weight"));
}

absl::Status AdaptLowRank(const Spec& spec, ParameterStore& store) {
  const spec::Lora& lora = spec.experiment().training().lora();
  std::vector<ParameterData*> matrices;
  for (int i = 0; i < lora.parameter_size(); ++i) {
    const std::string place = absl::StrCat("training.lora.parameter[", i, "]");
    ARCHLAB_ASSIGN_OR_RETURN(
        const auto found,
        FindParameters(spec, place, lora.parameter(i), store));
    for (ParameterData* each : found) {
      if (!IsLinear(*each))
        return spec.Locate(
            place, absl::InvalidArgumentError(absl::StrCat(
                       "'", each->path,
                       "' is no weight of a linear layer; train_too trains "
                       "embeddings, norms and biases as they are")));
      matrices.push_back(each);
    }
  }
  for (const auto& parameter : store.parameters()) parameter->trained = false;
  for (int i = 0; i < lora.train_too_size(); ++i) {
    ARCHLAB_ASSIGN_OR_RETURN(
        const auto found,
        FindParameters(spec, absl::StrCat("training.lora.train_too[", i, "]"),
                       lora.train_too(i), store));
    for (ParameterData* each : found) each->trained = true;
  }
  for (ParameterData* each : matrices)
    if (each->lora_a == nullptr)
      store.AdaptLowRank(each, lora.rank(),
                         static_cast<double>(lora.alpha()) / lora.rank());
  return absl::OkStatus();
}

}  // namespace

absl::Status AdaptModel(const Spec& spec, Model* model) {
  const spec::Training& training = spec.experiment().training();
  ParameterStore& store = model->parameters();
  if (training.has_lora()) ARCHLAB_RETURN_IF_ERROR(AdaptLowRank(spec, store));
  for (int i = 0; i < training.freeze_size(); ++i) {
    ARCHLAB_ASSIGN_OR_RETURN(
        const auto found,
        FindParameters(spec, absl::StrCat("training.freeze[", i, "]"),
                       training.freeze(i), store));
    for (ParameterData* each : found) each->trained = false;
  }
  for (const auto& parameter : store.parameters())
    if (parameter->trained) return absl::OkStatus();
  if (store.parameters().empty()) return absl::OkStatus();
  return spec.Locate("training", absl::InvalidArgumentError(
                                     "freezes every parameter of the model"));
}

}  // namespace archlab
