// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "training/launch.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "archlab/status.h"
#include "training/identity.h"
#include "training/initial_weights.h"
#include "training/open_run.h"
#include "training/prepare.h"
#include "training/run_folder.h"

namespace archlab {
namespace {

std::string AbsolutePath(const std::string& path) {
  std::error_code error;
  const auto absolute = std::filesystem::absolute(path, error);
  return error ? path : absolute.lexically_normal().string();
}

// "runs/a" for "runs/a/": the folder is staged beside its last name.
std::string WithoutTrailingSlash(const std::string& path) {
  const std::filesystem::path normal =
      std::filesystem::path(path).lexically_normal();
  if (normal.has_filename() && normal != "." && normal.filename() != "..")
    return normal.string();
  const std::filesystem::path absolute = AbsolutePath(path);
  return (absolute.has_filename() ? absolute : absolute.parent_path()).string();
}

absl::StatusOr<TrainingSummary> RunTrainer(const Spec& spec,
                                           PreparedTraining& parts,
                                           RunFolder& folder, int64_t from_step,
                                           Progress* progress) {
  TrainerParts trainer_parts;
  trainer_parts.model = parts.model.get();
  trainer_parts.corpus = parts.data.corpus.get();
  trainer_parts.objective = parts.data.objective.get();
  trainer_parts.optimizer = parts.optimizer.get();
  trainer_parts.schedule = parts.schedule.get();
  trainer_parts.folder = &folder;
  trainer_parts.progress = progress;
  Trainer trainer(trainer_parts, spec.experiment().training(),
                  spec.experiment().seed());
  if (from_step >= 0) ARCHLAB_RETURN_IF_ERROR(trainer.Resume(from_step));
  progress->Say(absl::StrCat("training in ", folder.path(), " from step ",
                             std::max<int64_t>(from_step, 0)));
  ARCHLAB_ASSIGN_OR_RETURN(TrainingSummary summary, trainer.Run());
  summary.generates = Generates(spec.experiment().model());
  return summary;
}

absl::StatusOr<TrainingSummary> TrainNew(const Spec& spec,
                                         const std::string& path,
                                         const Catalogue& catalogue,
                                         Progress* progress) {
  ARCHLAB_RETURN_IF_ERROR(RunFolder::CheckFree(path));
  StoredTokenizer tokenizer_of_other;
  ARCHLAB_ASSIGN_OR_RETURN(
      const bool has_tokenizer,
      ReadInitialTokenizer(spec, catalogue, &tokenizer_of_other));
  ARCHLAB_ASSIGN_OR_RETURN(
      PreparedTraining parts,
      PrepareTraining(spec, catalogue,
                      has_tokenizer ? &tokenizer_of_other : nullptr));
  ARCHLAB_RETURN_IF_ERROR(LoadInitialWeights(spec, catalogue, parts.data,
                                             parts.model.get(), progress));
  for (const std::string& remark : parts.data.corpus->Remarks())
    progress->Warn(remark);
  const spec::Training& training = spec.experiment().training();
  if (training.has_lora() && training.initial_size() == 0)
    progress->Warn(
        "training.lora without training.initial: the weights that it adapts "
        "are random and stay so");
  Run run;
  run.set_state(RUNNING);
  run.set_archlab_version(ARCHLAB_VERSION);
  run.set_spec_directory(AbsolutePath(spec.directory()));
  ARCHLAB_ASSIGN_OR_RETURN(
      *run.mutable_identity(),
      MakeIdentity(spec, catalogue, parts.data.corpus->hash()));
  TokenizerFiles tokenizer;
  if (parts.data.tokenizer != nullptr) {
    ARCHLAB_ASSIGN_OR_RETURN(tokenizer, parts.data.tokenizer->Save());
  }
  ARCHLAB_ASSIGN_OR_RETURN(
      RunFolder folder,
      RunFolder::Create(path, spec.Resolved(), tokenizer, run));
  return RunTrainer(spec, parts, folder, -1, progress);
}

// The step to resume from; -1: from the start.
absl::StatusOr<int64_t> ResumeStep(const RunFolder& folder, int64_t from_step) {
  std::string warning;  // only of "best"
  if (from_step >= 0)
    return ResolveCheckpoint(folder, absl::StrCat(from_step), &warning);
  const std::vector<int64_t> steps = folder.checkpoints().Steps();
  return steps.empty() ? -1 : steps.back();
}

bool HasCheckpoint(const RunFolder& folder, int64_t step) {
  const std::vector<int64_t> steps = folder.checkpoints().Steps();
  return std::count(steps.begin(), steps.end(), step) > 0;
}

absl::StatusOr<TrainingSummary> SummaryOfDone(const RunFolder& folder,
                                              const Catalogue& catalogue) {
  ARCHLAB_ASSIGN_OR_RETURN(const Spec spec, LoadRunSpec(folder, {}, catalogue));
  TrainingSummary summary;
  summary.generates = Generates(spec.experiment().model());
  summary.step = folder.run().step();
  summary.validation_loss = folder.run().validation_loss();
  if (folder.run().has_bits_per_byte())
    summary.bits_per_byte = folder.run().bits_per_byte();
  if (folder.run().has_accuracy()) summary.accuracy = folder.run().accuracy();
  summary.run_path = folder.path();
  return summary;
}

// `expected_sha256`: of the spec that the user gave beside the run, or empty.
absl::StatusOr<TrainingSummary> TrainResumed(const std::string& path,
                                             int64_t from_step,
                                             const std::string& expected_sha256,
                                             const Catalogue& catalogue,
                                             Progress* progress) {
  ARCHLAB_ASSIGN_OR_RETURN(RunFolder folder, RunFolder::OpenToTrain(path));
  const RunIdentity& saved = folder.run().identity();
  if (!expected_sha256.empty() && expected_sha256 != saved.spec_sha256())
    return absl::FailedPreconditionError(absl::StrCat(
        path,
        ": this run was started from another spec; resume it from the "
        "folder alone (archlab train --resume ",
        path, "), or choose another folder with --run"));
  if (folder.run().state() == DONE && from_step < 0) {
    if (HasCheckpoint(folder, folder.run().step())) {
      ARCHLAB_RETURN_IF_ERROR(
          folder.checkpoints().ReadModel(folder.run().step()).status());
      progress->Say(absl::StrCat(path, " is done already"));
      return SummaryOfDone(folder, catalogue);
    }
    progress->Warn(absl::StrCat(
        path, " is recorded as done, but its last checkpoint (step ",
        folder.run().step(), ") is gone; training goes on from what is left"));
  }
  ARCHLAB_ASSIGN_OR_RETURN(const int64_t step, ResumeStep(folder, from_step));
  ARCHLAB_ASSIGN_OR_RETURN(const Spec spec, LoadRunSpec(folder, {}, catalogue));
  ARCHLAB_ASSIGN_OR_RETURN(const StoredTokenizer tokenizer,
                           folder.ReadTokenizer());
  ARCHLAB_ASSIGN_OR_RETURN(PreparedTraining parts,
                           PrepareTraining(spec, catalogue, &tokenizer));
  ARCHLAB_ASSIGN_OR_RETURN(
      const RunIdentity now,
      MakeIdentity(spec, catalogue, parts.data.corpus->hash()));
  std::vector<std::string> warnings;
  const absl::Status same = CompareIdentity(saved, now, &warnings);
  if (!same.ok())
    return absl::FailedPreconditionError(
        absl::StrCat(path, ": ", same.message()));
  for (const std::string& warning : warnings) progress->Warn(warning);
  return RunTrainer(spec, parts, folder, step, progress);
}

}  // namespace

bool Generates(const spec::Model& model) {
  return model.has_encoder_decoder() ||
         (model.has_decoder_only() &&
          !model.decoder_only().has_classification_head());
}

absl::StatusOr<TrainingSummary> Train(const TrainRequest& request,
                                      const Catalogue& catalogue,
                                      Progress* progress) {
  if (request.spec_file.empty())
    return TrainResumed(request.run_path, request.from_step, "", catalogue,
                        progress);
  ARCHLAB_ASSIGN_OR_RETURN(
      const Spec spec,
      Spec::Load(request.spec_file, request.overrides, catalogue));
  const std::string path =
      !request.run_path.empty()
          ? WithoutTrailingSlash(request.run_path)
          : RunFolder::DefaultPath(spec.experiment().name(),
                                   spec.experiment().seed(), spec.Hash());
  if (request.resume && RunFolder::IsRun(path))
    return TrainResumed(path, request.from_step, spec.Hash(), catalogue,
                        progress);
  if (request.from_step >= 0)
    return absl::NotFoundError(absl::StrCat(
        path, ": there is no run to go on with from step ", request.from_step,
        "; say which with --run, or leave --from-step out to train a new one"));
  return TrainNew(spec, path, catalogue, progress);
}

}  // namespace archlab
