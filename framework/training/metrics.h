// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// metrics.jsonl: one JSON object a line. After a step:
//   {"step": 10, "loss": 2.5, "lr": 0.001, "tokens": 7680, "flops": 3.1e9,
//    "tokens_per_second": 51234.5, "grad_norm": 0.8}
// ("step" counts the steps done, "loss" is that step's in nats a token,
// "tokens" the targets trained on so far, "flops" what the matrix products of
// all training steps so far have executed, kernels/flops.h) and what components
// log. After an evaluation:
//   {"step": 250, "validation_loss": 1.9, "bits_per_byte": 2.7, "whole": false}
// ("whole": over the whole validation part, not over the fixed batches; with
// "accuracy" where classes are predicted, without "bits_per_byte" where that
// means nothing).

#ifndef ARCHLAB_METRICS_H_
#define ARCHLAB_METRICS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "training/evaluate.h"

namespace archlab {

// One line after a step.
struct StepMetrics {
  int64_t step = 0;  // steps done
  double loss = 0;   // nats a token
  double learning_rate = 0;
  int64_t tokens = 0;  // targets trained on so far
  // Executed in training so far; absent where the run's beginning did not count
  // them.
  std::optional<double> flops;
  double tokens_per_second = 0;
  double grad_norm = 0;                              // before clipping
  std::vector<std::pair<std::string, double>> logs;  // of components
};

class MetricsFile {
 public:
  // Opens the file for appending; nothing of it changes yet.
  static absl::StatusOr<MetricsFile> Open(const std::string& path);
  MetricsFile(MetricsFile&& other) noexcept;
  MetricsFile& operator=(MetricsFile&&) = delete;
  ~MetricsFile();

  // Before the first line: cuts off what lies behind the first `keep_bytes`
  // bytes, the lines of steps that are trained again. Where the file is shorter
  // than that (edited, or lost), all its whole lines stay and `warning` says
  // so.
  absl::Status Shorten(int64_t keep_bytes, std::string* warning);

  // Appends a line; it is in the file (though not on the disk) on return.
  // Numbers that are not finite become null.
  absl::Status WriteStep(const StepMetrics& metrics);
  absl::Status WriteEvaluation(int64_t step, const Evaluation& found);
  // Makes all lines durable.
  absl::Status Sync();
  int64_t bytes() const { return bytes_; }

 private:
  MetricsFile(std::string path, int fd, int64_t bytes)
      : path_(std::move(path)), fd_(fd), bytes_(bytes) {}
  absl::Status Append(const std::string& line);

  std::string path_;
  int fd_;
  int64_t bytes_;
};

}  // namespace archlab

#endif  // ARCHLAB_METRICS_H_
