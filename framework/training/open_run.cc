// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "training/open_run.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "archlab/status.h"
#include "training/weights.h"

namespace archlab {
namespace {

// All that gives the weights their meaning.
std::string TrainedPart(const Spec& spec) {
  spec::Experiment experiment = spec.experiment();
  experiment.clear_generation();
  experiment.mutable_data()->clear_dataset();
  return experiment.SerializeAsString();
}

// Finds the first override that changes what was trained. All of them together
// make a valid spec. Warns where the spec itself was edited in the folder, so
// that the weights may have another meaning.
absl::Status CheckSpec(const RunFolder& folder,
                       const std::vector<std::string>& overrides,
                       const Catalogue& catalogue, std::string* warning) {
  std::vector<std::string> applied;
  std::string trained;
  for (size_t i = 0; i <= overrides.size(); ++i) {
    ARCHLAB_ASSIGN_OR_RETURN(const Spec spec,
                             LoadRunSpec(folder, applied, catalogue));
    if (i == 0) trained = TrainedPart(spec);
    if (i == 0 && spec.Hash() != folder.run().identity().spec_sha256())
      absl::StrAppend(
          warning, warning->empty() ? "" : "; ", folder.path(),
          "/spec.textproto is not what the run was trained with: it was "
          "edited, or another version of archlab or of a plugin has written "
          "it");
    if (TrainedPart(spec) != trained)
      return absl::InvalidArgumentError(absl::StrCat(
          folder.path(), ": --set '", applied.back(),
          "' changes what this run was trained with, so that its weights would "
          "mean nothing; only `generation` and `data.dataset` can be set; to "
          "try it, train another run"));
    if (i < overrides.size()) applied.push_back(overrides[i]);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Spec> LoadRunSpec(const RunFolder& folder,
                                 const std::vector<std::string>& overrides,
                                 const Catalogue& catalogue) {
  ARCHLAB_ASSIGN_OR_RETURN(
      Spec spec, Spec::Load(folder.spec_file(), overrides, catalogue));
  if (folder.run().has_spec_directory())
    spec.SetDirectory(folder.run().spec_directory());
  return spec;
}

absl::StatusOr<OpenedRun> OpenRun(const std::string& path,
                                  const std::string& checkpoint,
                                  const std::vector<std::string>& overrides,
                                  const Catalogue& catalogue) {
  ARCHLAB_ASSIGN_OR_RETURN(RunFolder folder, RunFolder::OpenToRead(path));
  std::string warning;
  ARCHLAB_ASSIGN_OR_RETURN(const int64_t step,
                           ResolveCheckpoint(folder, checkpoint, &warning));
  ARCHLAB_ASSIGN_OR_RETURN(Spec spec,
                           LoadRunSpec(folder, overrides, catalogue));
  ARCHLAB_RETURN_IF_ERROR(CheckSpec(folder, overrides, catalogue, &warning));
  ARCHLAB_ASSIGN_OR_RETURN(StoredTokenizer files, folder.ReadTokenizer());
  ARCHLAB_ASSIGN_OR_RETURN(std::unique_ptr<Tokenizer> tokenizer,
                           LoadTokenizer(spec, catalogue, files));
  ARCHLAB_ASSIGN_OR_RETURN(std::unique_ptr<Objective> objective,
                           PrepareObjective(spec, catalogue));
  ARCHLAB_ASSIGN_OR_RETURN(
      Vocabulary vocabulary,
      PrepareVocabulary(spec, tokenizer.get(), *objective));
  ARCHLAB_ASSIGN_OR_RETURN(const int64_t patch_elements,
                           PatchElements(spec, catalogue));
  ARCHLAB_ASSIGN_OR_RETURN(std::unique_ptr<Model> model,
                           PrepareModel(spec, catalogue, vocabulary.size(),
                                        patch_elements, nullptr));
  const CheckpointFolder checkpoints = folder.checkpoints();
  ARCHLAB_ASSIGN_OR_RETURN(const Checkpoint saved, checkpoints.ReadModel(step));
  ARCHLAB_RETURN_IF_ERROR(LoadModelTensors(
      saved.model, checkpoints.StepPath(step) + "/model.safetensors",
      &model->parameters()));
  return OpenedRun{std::move(folder),    std::move(spec),
                   std::move(files),     std::move(tokenizer),
                   std::move(objective), std::move(vocabulary),
                   std::move(model),     step,
                   std::move(warning)};
}

}  // namespace archlab
