// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "study/comparable.h"

#include "absl/strings/str_cat.h"

namespace archlab {
namespace {

bool Same(const google::protobuf::Any& a, const google::protobuf::Any& b) {
  return a.type_url() == b.type_url() && a.value() == b.value();
}

bool SameSplit(const spec::Data& a, const spec::Data& b) {
  return Same(a.dataset(), b.dataset());
}

}  // namespace

std::string WhyNotComparable(spec::Metric metric, const Yardstick& baseline,
                             const Yardstick& arm) {
  const spec::Experiment& a = baseline.experiment;
  const spec::Experiment& b = arm.experiment;
  if (metric != spec::ACCURACY &&
      !Same(a.training().objective(), b.training().objective()))
    return absl::StrCat("its loss is that of [",
                        b.training().objective().type_url(),
                        "], the baseline's that of [",
                        a.training().objective().type_url(), "]");
  const bool elsewhere = baseline.judged_elsewhere && arm.judged_elsewhere;
  if (!elsewhere && !SameSplit(a.data(), b.data()))
    return "it is judged on another dataset";
  const bool same_tokens =
      elsewhere ? baseline.tokenizer_sha256 == arm.tokenizer_sha256
                : baseline.data_sha256 == arm.data_sha256;
  if (metric == spec::VALIDATION_LOSS && !same_tokens)
    return "its tokens are others than the baseline's: nats a token mean "
           "something else (bits per byte would compare, where the next token "
           "is predicted)";
  return "";
}

std::string MetricName(spec::Metric metric) {
  switch (metric) {
    case spec::VALIDATION_LOSS:
      return "validation loss";
    case spec::BITS_PER_BYTE:
      return "bits per byte";
    case spec::ACCURACY:
      return "accuracy";
  }
  return "";
}

std::string MetricUnit(spec::Metric metric) {
  switch (metric) {
    case spec::VALIDATION_LOSS:
      return "nats a token";
    case spec::BITS_PER_BYTE:
      return "bits a byte";
    case spec::ACCURACY:
      return "share of classes";
  }
  return "";
}

}  // namespace archlab
