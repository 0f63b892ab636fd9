// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "training/checkpoint.h"

#include <google/protobuf/text_format.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "archlab/status.h"
#include "base/file.h"
#include "training/crash_point.h"
#include "training/durable.h"
#include "training/text_proto.h"

namespace archlab {
namespace {

namespace fs = std::filesystem;

constexpr char kPrefix[] = "step-";
constexpr char kStateFile[] = "/state.textproto";

std::string ModelFile(const std::string& folder) {
  return folder + "/model.safetensors";
}
std::string OptimizerFile(const std::string& folder) {
  return folder + "/optimizer.safetensors";
}

// Names of the entries of a folder; none when it is not there.
std::vector<std::string> EntriesOf(const std::string& path) {
  std::vector<std::string> names;
  std::error_code error;
  fs::directory_iterator it(path, error), end;
  for (; !error && it != end; it.increment(error))
    names.push_back(it->path().filename().string());
  return names;
}

absl::Status ReadTensors(const std::string& path, const std::string& sha256,
                         TensorFile* content) {
  std::string found;
  ARCHLAB_ASSIGN_OR_RETURN(*content, ReadSafetensors(path, &found));
  if (found != sha256)
    return absl::DataLossError(absl::StrCat(path, ": damaged: its SHA-256 is ",
                                            found, ", written was ", sha256));
  return absl::OkStatus();
}

}  // namespace

std::string CheckpointFolder::StepPath(int64_t step) const {
  return absl::StrFormat("%s/%s%08d", path_, kPrefix, step);
}

std::string CheckpointFolder::StateFile(int64_t step) const {
  return StepPath(step) + kStateFile;
}

std::vector<int64_t> CheckpointFolder::Steps() const {
  std::vector<int64_t> steps;
  for (const std::string& name : EntriesOf(path_)) {
    absl::string_view digits = name;
    int64_t step = 0;
    if (absl::ConsumePrefix(&digits, kPrefix) &&
        absl::SimpleAtoi(digits, &step) && step >= 0 &&
        StepPath(step) == absl::StrCat(path_, "/", name))
      steps.push_back(step);
  }
  std::sort(steps.begin(), steps.end());
  return steps;
}

absl::Status CheckpointFolder::RemoveLeftovers() const {
  for (const std::string& name : EntriesOf(path_)) {
    if (name[0] != '.') continue;
    std::error_code error;
    fs::remove_all(path_ + "/" + name, error);
    if (error)
      return FileError("cannot remove", path_ + "/" + name, error.value());
  }
  return absl::OkStatus();
}

absl::Status CheckpointFolder::Write(CheckpointState state,
                                     const TensorFile& model,
                                     const TensorFile& optimizer) const {
  const std::string final_path = StepPath(state.step());
  ARCHLAB_ASSIGN_OR_RETURN(StagedFolder staged,
                           StagedFolder::Begin(final_path));
  CrashPoint("checkpoint.begin");
  ARCHLAB_ASSIGN_OR_RETURN(*state.mutable_model_sha256(),
                           WriteSafetensors(ModelFile(staged.path()), model));
  CrashPoint("checkpoint.after_model");
  ARCHLAB_ASSIGN_OR_RETURN(
      *state.mutable_optimizer_sha256(),
      WriteSafetensors(OptimizerFile(staged.path()), optimizer));
  CrashPoint("checkpoint.after_optimizer");
  ARCHLAB_RETURN_IF_ERROR(
      WriteNewFile(staged.path() + kStateFile, PrintTextProto(state)));
  ARCHLAB_RETURN_IF_ERROR(RemoveFolder(final_path));
  return staged.Commit("checkpoint");
}

absl::StatusOr<Checkpoint> CheckpointFolder::Read(int64_t step) const {
  return ReadParts(step, /*optimizer=*/true);
}

absl::StatusOr<Checkpoint> CheckpointFolder::ReadModel(int64_t step) const {
  return ReadParts(step, /*optimizer=*/false);
}

absl::StatusOr<Checkpoint> CheckpointFolder::ReadParts(int64_t step,
                                                       bool optimizer) const {
  const std::string folder = StepPath(step);
  Checkpoint result;
  absl::Status status = ReadTextProto(StateFile(step), &result.state);
  if (status.ok() && result.state.step() != step)
    status = absl::DataLossError(
        absl::StrCat(StateFile(step), ": says step ", result.state.step()));
  if (status.ok())
    status = ReadTensors(ModelFile(folder), result.state.model_sha256(),
                         &result.model);
  if (status.ok() && optimizer)
    status = ReadTensors(OptimizerFile(folder), result.state.optimizer_sha256(),
                         &result.optimizer);
  if (!status.ok()) return Unusable(step, status);
  return result;
}

absl::Status CheckpointFolder::Unusable(int64_t step,
                                        const absl::Status& reason) const {
  std::vector<int64_t> others = Steps();
  others.erase(std::remove(others.begin(), others.end(), step), others.end());
  const std::string remedy =
      others.empty()
          ? "there is no other checkpoint, so the run must be trained anew"
          : absl::StrCat("checkpoints at other steps are there: ",
                         absl::StrJoin(others, ", "),
                         "; to go on from one of them give --from-step "
                         "(train), --checkpoint (eval, generate) or checkpoint "
                         "(training.initial)");
  return absl::InvalidArgumentError(
      absl::StrCat(reason.message(), "\nThe checkpoint of step ", step,
                   " cannot be used; ", remedy));
}

absl::Status CheckpointFolder::Prune(int keep, int64_t best_step) const {
  const std::vector<int64_t> steps = Steps();
  for (size_t i = 0; i + static_cast<size_t>(keep) < steps.size(); ++i)
    if (steps[i] != best_step)
      ARCHLAB_RETURN_IF_ERROR(RemoveFolder(StepPath(steps[i])));
  return absl::OkStatus();
}

absl::Status CheckpointFolder::RemoveAfter(int64_t step) const {
  for (const int64_t other : Steps())
    if (other > step) ARCHLAB_RETURN_IF_ERROR(RemoveFolder(StepPath(other)));
  return absl::OkStatus();
}

}  // namespace archlab
