// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Which numbers may be compared. A masked-LM loss is no likelihood of the text;
// nats a token of two tokenizers are nats of different things.

#ifndef ARCHLAB_COMPARABLE_H_
#define ARCHLAB_COMPARABLE_H_

#include <string>

#include "absl/status/statusor.h"
#include "archlab/experiment.pb.h"
#include "archlab/study.pb.h"

namespace archlab {

// What decides whether numbers of two specs may be compared.
struct Yardstick {
  spec::Experiment experiment;
  std::string data_sha256;
  std::string tokenizer_sha256;
  // Both are judged on a dataset of the study's own.
  bool judged_elsewhere = false;
};

// "" where `metric` of `arm` may be compared with the baseline's; else why not.
std::string WhyNotComparable(spec::Metric metric, const Yardstick& baseline,
                             const Yardstick& arm);

// "validation loss"; "nats a token".
std::string MetricName(spec::Metric metric);
std::string MetricUnit(spec::Metric metric);

}  // namespace archlab

#endif  // ARCHLAB_COMPARABLE_H_
