// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// The numbers of metrics.jsonl for TensorBoard, as they come:
//   tensorboard --logdir runs
// Steps are "train/loss", "train/grad_norm", ..., evaluations
// "validation/loss", ...: the fields of training/metrics.h.
//
// Each session (the first, and each resumption) writes a file of its own,
//   RUN/tensorboard/events.out.tfevents.<unix seconds>.<host>.<process>
// whose names rise, since TensorBoard reads them in that order. A file is a
// sequence of records: length (uint64), checksum of the length, an Event of
// protos/archlab/tensorboard.proto, checksum of it; little-endian. Its second
// event tells TensorBoard to forget what it knows of the steps to come.

#ifndef ARCHLAB_TENSORBOARD_H_
#define ARCHLAB_TENSORBOARD_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "archlab/tensorboard.pb.h"
#include "training/evaluate.h"
#include "training/metrics.h"

namespace archlab {

class EventFile {
 public:
  // Makes a file in `folder`, and the folder where it is missing; nothing is in
  // the file yet.
  static absl::StatusOr<EventFile> Create(const std::string& folder);
  EventFile(EventFile&& other) noexcept;
  EventFile& operator=(EventFile&&) = delete;
  ~EventFile();

  // Before all others: `step` steps are done.
  absl::Status Begin(int64_t step);
  // Appends an event; it is in the file (though not on the disk) on return.
  absl::Status WriteStep(const StepMetrics& metrics);
  absl::Status WriteEvaluation(int64_t step, const Evaluation& found);
  // Makes all events durable.
  absl::Status Sync();

 private:
  EventFile(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}
  absl::Status Append(tensorboard::Event event);
  absl::Status WriteScalars(
      int64_t step, const std::vector<std::pair<std::string, double>>& scalars);

  std::string path_;
  int fd_;
};

// CRC-32C (Castagnoli), and as a record holds it.
uint32_t Crc32c(absl::string_view data);
uint32_t MaskedCrc32c(absl::string_view data);

}  // namespace archlab

#endif  // ARCHLAB_TENSORBOARD_H_
