// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// RunFolder: one training as files.
//
//   spec.textproto     the resolved spec
//   run.textproto      Run: identity, state, best step
//   metrics.jsonl      training/metrics.h
//   tensorboard/       training/tensorboard.h
//   checkpoints/       training/checkpoint.h
//   tokenizer/         what the tokenizer needs to be loaded again
//   lock               held by the process that trains
//
// The folder appears whole: a process that is killed while it makes one
// leaves only a hidden neighbour, which the next attempt clears away.

#ifndef ARCHLAB_RUN_FOLDER_H_
#define ARCHLAB_RUN_FOLDER_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "archlab/run.pb.h"
#include "archlab/tokenizer.h"
#include "training/checkpoint.h"
#include "training/folder_lock.h"

namespace archlab {

// A tokenizer as a run keeps it.
struct StoredTokenizer {
  TokenizerFiles files;
  std::string folder;  // where they were read, for errors
};

// SHA-256 (hex) of the files, names included.
std::string HashOf(const TokenizerFiles& files);

class RunFolder {
 public:
  // "runs/<name>-<seed>-<first 8 digits of the spec's hash>".
  static std::string DefaultPath(absl::string_view name, int64_t seed,
                                 absl::string_view spec_sha256);
  // AlreadyExists, with the remedy, when `path` is anything but a free name or
  // an empty folder; InvalidArgument when no folder can have this name.
  static absl::Status CheckFree(const std::string& path);
  // Whether `path` is the folder of a run.
  static bool IsRun(const std::string& path);

  // Makes the folder, whole or not at all, and holds its lock.
  static absl::StatusOr<RunFolder> Create(const std::string& path,
                                          absl::string_view spec,
                                          const TokenizerFiles& tokenizer,
                                          Run run);
  // Opens a run to train on: takes the lock (FailedPrecondition when another
  // process trains it) and clears what a killed process left.
  static absl::StatusOr<RunFolder> OpenToTrain(const std::string& path);
  // Opens a run to read from.
  static absl::StatusOr<RunFolder> OpenToRead(const std::string& path);

  const std::string& path() const { return path_; }
  std::string spec_file() const { return path_ + "/spec.textproto"; }
  std::string metrics_file() const { return path_ + "/metrics.jsonl"; }
  std::string tensorboard_folder() const { return path_ + "/tensorboard"; }
  CheckpointFolder checkpoints() const {
    return CheckpointFolder(path_ + "/checkpoints");
  }
  absl::StatusOr<StoredTokenizer> ReadTokenizer() const;

  const Run& run() const { return run_; }
  // Replaces run.textproto.
  absl::Status SaveRun(const Run& run);

 private:
  RunFolder(std::string path, FolderLock lock, Run run)
      : path_(std::move(path)), lock_(std::move(lock)), run_(std::move(run)) {}

  std::string path_;
  FolderLock lock_;  // holds nothing where it is opened to read
  Run run_;
};

// Which checkpoint a user means: "best", "last" or a step. The last one stands
// in for a best one that is gone; `warning` says so then.
absl::StatusOr<int64_t> ResolveCheckpoint(const RunFolder& run,
                                          absl::string_view which,
                                          std::string* warning);

}  // namespace archlab

#endif  // ARCHLAB_RUN_FOLDER_H_
