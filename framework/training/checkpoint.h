// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Checkpoints of a run: all that training needs to go on as if it had never
// stopped.
//
//   checkpoints/step-00000500/
//     model.safetensors       the f32 masters and the buffers
//     optimizer.safetensors   the optimizer's state, "<parameter>:<slot>"
//     state.textproto         CheckpointState: step, cursor, best, hashes
//
// A checkpoint appears whole or not at all: it is written to a hidden folder,
// synced, renamed; it disappears by a rename too. Random numbers need no place
// in it, because they are functions of seed and step.
//
// Crash points (training/crash_point.h), in the order of a write:
// checkpoint.begin, checkpoint.after_model, checkpoint.after_optimizer,
// checkpoint.before_rename, checkpoint.after_rename, remove.after_rename.

#ifndef ARCHLAB_CHECKPOINT_H_
#define ARCHLAB_CHECKPOINT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "archlab/run.pb.h"
#include "training/safetensors.h"

namespace archlab {

struct Checkpoint {
  CheckpointState state;
  TensorFile model;
  TensorFile optimizer;
};

class CheckpointFolder {
 public:
  // `path` is the folder checkpoints/ of a run; it need not exist yet.
  explicit CheckpointFolder(std::string path) : path_(std::move(path)) {}

  // "checkpoints/step-00000500".
  std::string StepPath(int64_t step) const;
  // Steps of the checkpoints that are there, ascending.
  std::vector<int64_t> Steps() const;
  // Removes what killed writers and removers left.
  absl::Status RemoveLeftovers() const;

  // Writes the checkpoint of state.step; replaces one that is there. The
  // hashes in `state` are filled in.
  absl::Status Write(CheckpointState state, const TensorFile& model,
                     const TensorFile& optimizer) const;
  // Reads and verifies. Errors name the file and the remedy.
  absl::StatusOr<Checkpoint> Read(int64_t step) const;
  // The same without the optimizer's state.
  absl::StatusOr<Checkpoint> ReadModel(int64_t step) const;

  // Removes all but the last `keep` and the best (-1: there is none).
  absl::Status Prune(int keep, int64_t best_step) const;
  // Removes the checkpoints after `step`.
  absl::Status RemoveAfter(int64_t step) const;

  // Adds the remedy to what is wrong with the checkpoint of `step`.
  absl::Status Unusable(int64_t step, const absl::Status& reason) const;
  std::string StateFile(int64_t step) const;

 private:
  absl::StatusOr<Checkpoint> ReadParts(int64_t step, bool optimizer) const;

  std::string path_;
};

}  // namespace archlab

#endif  // ARCHLAB_CHECKPOINT_H_
