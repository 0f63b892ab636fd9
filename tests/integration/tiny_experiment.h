// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// A tiny experiment: a model of width 16 on a text that is made here.

#ifndef ARCHLAB_TINY_EXPERIMENT_H_
#define ARCHLAB_TINY_EXPERIMENT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "training/test_folder.h"

namespace archlab {

// The files of the experiment, in a folder of their own.
class TinyExperiment {
 public:
  TinyExperiment();

  const std::string& folder() const { return root_.path(); }
  std::string spec() const { return root_ / "tiny.textproto"; }
  std::string corpus() const { return root_ / "corpus.txt"; }
  std::string run(const std::string& name) const { return root_ / name; }

 private:
  TestFolder root_;
};

// Steps of the last checkpoint of a run, -1 when there is none.
int64_t LastStep(const std::string& run);
// SHA-256 of the weights, and of the optimizer's state, of the last checkpoint.
std::string WeightsSha256(const std::string& run);
std::string OptimizerSha256(const std::string& run);
// Steps of the lines of metrics.jsonl that have this field, in order.
std::vector<int64_t> MetricSteps(const std::string& run, const char* field);
// 1 .. last.
std::vector<int64_t> StepsTo(int64_t last);

}  // namespace archlab

#endif  // ARCHLAB_TINY_EXPERIMENT_H_
