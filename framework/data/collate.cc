// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Collating.

#include "data/collate.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "archlab/check.h"
#include "archlab/status.h"

namespace archlab {
namespace {

// An objective that breaks its contract is a bug of a plugin, which must not
// bring the host down.
absl::Status CheckSample(const Sample& sample) {
  const size_t tokens = sample.ids.size();
  if (tokens == 0)
    return absl::InternalError("the objective has made a sample without ids");
  if (!sample.decoder_ids.empty())
    return absl::UnimplementedError(
        "the objective makes decoder inputs, which no model here reads");
  const auto fits = [tokens](size_t size, bool may_be_empty) {
    return size == tokens || (size == 0 && may_be_empty);
  };
  if (!fits(sample.segments.size(), true) ||
      !fits(sample.targets.size(), false) || !fits(sample.weights.size(), true))
    return absl::InternalError(absl::StrCat(
        "the objective has made a sample of ", tokens, " ids, ",
        sample.segments.size(), " segments, ", sample.targets.size(),
        " targets and ", sample.weights.size(),
        " weights; they must be equally many (segments and weights may be "
        "left out)"));
  return absl::OkStatus();
}

// Copies `values` to the start of the row, or puts `missing` there when there
// are none.
template <class T>
void FillRow(const std::vector<T>& values, size_t tokens, T missing, T* row) {
  if (values.empty())
    std::fill(row, row + tokens, missing);
  else
    std::copy(values.begin(), values.end(), row);
}

}  // namespace

absl::StatusOr<Batch> Collate(const std::vector<Sample>& samples,
                              int64_t first_sample) {
  ARCHLAB_CHECK(!samples.empty());
  size_t longest = 0;
  bool need_segments = false;
  for (const Sample& sample : samples) {
    ARCHLAB_RETURN_IF_ERROR(CheckSample(sample));
    need_segments |=
        !sample.segments.empty() || sample.ids.size() != samples[0].ids.size();
    longest = std::max(longest, sample.ids.size());
  }
  const Shape shape = {static_cast<int64_t>(samples.size()),
                       static_cast<int64_t>(longest)};  // [B, T]
  Batch batch;
  batch.first_sample = first_sample;
  batch.ids = Tensor::Zeros(shape, DType::kI32);
  batch.targets = Tensor::Zeros(shape, DType::kI32);
  batch.weights = Tensor::Zeros(shape, DType::kF32);
  if (need_segments) batch.segments = Tensor::Full(shape, DType::kI32, -1);
  for (size_t b = 0; b < samples.size(); ++b) {
    const Sample& sample = samples[b];
    const size_t tokens = sample.ids.size();
    const size_t row = b * longest;
    FillRow(sample.ids, tokens, 0, batch.ids.data<int32_t>() + row);
    FillRow(sample.targets, tokens, 0, batch.targets.data<int32_t>() + row);
    float* const weights = batch.weights.data<float>() + row;
    FillRow(sample.weights, tokens, 1.0f, weights);
    if (need_segments)
      FillRow(sample.segments, tokens, 0, batch.segments.data<int32_t>() + row);
    batch.tokens += std::count_if(weights, weights + tokens,
                                  [](float weight) { return weight > 0; });
  }
  return batch;
}

}  // namespace archlab
