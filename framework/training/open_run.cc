// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "training/open_run.h"

#include <utility>

#include "archlab/status.h"
#include "training/weights.h"

namespace archlab {

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
  ARCHLAB_ASSIGN_OR_RETURN(const int64_t step,
                           ResolveCheckpoint(folder, checkpoint));
  ARCHLAB_ASSIGN_OR_RETURN(Spec spec,
                           LoadRunSpec(folder, overrides, catalogue));
  ARCHLAB_ASSIGN_OR_RETURN(TokenizerFiles files, folder.ReadTokenizer());
  ARCHLAB_ASSIGN_OR_RETURN(std::unique_ptr<Tokenizer> tokenizer,
                           LoadTokenizer(spec, catalogue, files));
  ARCHLAB_ASSIGN_OR_RETURN(
      std::unique_ptr<Model> model,
      PrepareModel(spec, catalogue, tokenizer->VocabularySize(), nullptr));
  const CheckpointFolder checkpoints = folder.checkpoints();
  ARCHLAB_ASSIGN_OR_RETURN(const Checkpoint saved, checkpoints.ReadModel(step));
  ARCHLAB_RETURN_IF_ERROR(LoadModelTensors(
      saved.model, checkpoints.StepPath(step) + "/model.safetensors",
      &model->parameters()));
  return OpenedRun{std::move(folder),    std::move(spec),  std::move(files),
                   std::move(tokenizer), std::move(model), step};
}

}  // namespace archlab
