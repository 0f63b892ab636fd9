// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Collating.

#include "data/collate.h"

#include <algorithm>
#include <functional>

#include "absl/strings/str_cat.h"
#include "archlab/check.h"
#include "archlab/status.h"

namespace archlab {
namespace {

using Samples = std::vector<Sample>;

// Tokens or patches that the (first) stack reads.
int64_t Tokens(const Sample& sample, const CollateOptions& options) {
  if (options.patch_elements > 0)
    return static_cast<int64_t>(sample.patches.size()) / options.patch_elements;
  return static_cast<int64_t>(sample.ids.size());
}

// How many targets a sample must have.
int64_t Targets(const Sample& sample, const CollateOptions& options) {
  if (options.loss == LossKind::kClass) return 1;
  if (!sample.decoder_ids.empty())
    return static_cast<int64_t>(sample.decoder_ids.size());
  return Tokens(sample, options);
}

// An objective that breaks its contract is a bug of a plugin, which must not
// bring the host down.
absl::Status CheckSample(const Sample& sample, bool has_decoder,
                         const CollateOptions& options) {
  const int64_t tokens = Tokens(sample, options);
  const int64_t targets = Targets(sample, options);
  const auto fits = [](size_t size, int64_t wanted) {
    return static_cast<int64_t>(size) == wanted;
  };
  if (tokens == 0)
    return absl::InternalError(
        options.patch_elements > 0
            ? "the objective has made a sample without patches"
            : "the objective has made a sample without ids");
  if (options.patch_elements > 0 &&
      !fits(sample.patches.size(), tokens * options.patch_elements))
    return absl::InternalError(absl::StrCat(
        "the objective has made a sample of ", sample.patches.size(),
        " patch values, which are no multiple of ", options.patch_elements));
  if (sample.decoder_ids.empty() == has_decoder)
    return absl::InternalError(
        "the objective has made a batch of samples with and without decoder "
        "inputs");
  const bool equal =
      (sample.segments.empty() || fits(sample.segments.size(), tokens)) &&
      (sample.token_types.empty() || fits(sample.token_types.size(), tokens)) &&
      fits(sample.targets.size(), targets) &&
      (sample.weights.empty() || fits(sample.weights.size(), targets));
  if (equal) return absl::OkStatus();
  return absl::InternalError(absl::StrCat(
      "the objective has made a sample of ", tokens, " inputs, ",
      sample.decoder_ids.size(), " decoder inputs, ", sample.segments.size(),
      " segments, ", sample.token_types.size(), " types, ",
      sample.targets.size(), " targets and ", sample.weights.size(),
      " weights; there must be ", tokens, " segments and types and ", targets,
      " targets and weights (all but the targets may be left out)"));
}

// Copies each row to the start of a row of `out`, or fills what is real with
// `missing` where the sample has none.
template <class T, class Get, class Length>
void FillRows(const Samples& samples, T missing, const Get& get,
              const Length& length, Tensor* out) {
  const int64_t stride =
      out->size() / std::max<int64_t>(1, static_cast<int64_t>(samples.size()));
  for (size_t b = 0; b < samples.size(); ++b) {
    const std::vector<T>& values = get(samples[b]);
    T* const row = out->data<T>() + static_cast<int64_t>(b) * stride;
    if (values.empty())
      std::fill(row, row + length(samples[b]), missing);
    else
      std::copy(values.begin(), values.end(), row);
  }
}

// Segments of rows of these lengths; undefined where none is needed.
Tensor Segments(const Samples& samples, const Shape& shape, bool given,
                const std::function<int64_t(const Sample&)>& length) {
  static const std::vector<int32_t> none;
  const bool padded = std::any_of(
      samples.begin(), samples.end(),
      [&](const Sample& sample) { return length(sample) != shape[1]; });
  const auto get = [given](const Sample& sample) -> const auto& {
    return given ? sample.segments : none;
  };
  const bool any =
      std::any_of(samples.begin(), samples.end(),
                  [&](const Sample& sample) { return !get(sample).empty(); });
  if (!padded && !any) return Tensor();
  Tensor out = Tensor::Full(shape, DType::kI32, -1);
  FillRows<int32_t>(samples, 0, get, length, &out);
  return out;
}

class Collator {
 public:
  Collator(const Samples& samples, const CollateOptions& options)
      : samples_(samples), options_(options), rows_(samples.size()) {
    for (const Sample& sample : samples) {
      tokens_ = std::max(tokens_, Tokens(sample, options));
      decoder_tokens_ = std::max(
          decoder_tokens_, static_cast<int64_t>(sample.decoder_ids.size()));
    }
  }

  Batch Make(int64_t first_sample) const {
    Batch batch;
    batch.first_sample = first_sample;
    Inputs(&batch);
    if (decoder_tokens_ > 0) Decoder(&batch);
    Prefixes(&batch);
    Answers(&batch);
    return batch;
  }

 private:
  void Inputs(Batch* batch) const {
    const auto length = [this](const Sample& s) { return Tokens(s, options_); };
    const int64_t elements = options_.patch_elements;
    const Shape shape = {rows_, tokens_};  // [B, T]
    if (elements > 0) {
      batch->patches = Tensor::Zeros({rows_, tokens_, elements}, DType::kF32);
      FillRows<float>(
          samples_, 0, [](const Sample& s) -> const auto& { return s.patches; },
          length, &batch->patches);
    } else {
      batch->ids = Tensor::Zeros(shape, DType::kI32);
      FillRows<int32_t>(
          samples_, 0, [](const Sample& s) -> const auto& { return s.ids; },
          length, &batch->ids);
    }
    batch->segments = Segments(samples_, shape, true, length);
    const auto typed = [](const Sample& s) { return !s.token_types.empty(); };
    if (std::none_of(samples_.begin(), samples_.end(), typed)) return;
    batch->token_types = Tensor::Zeros(shape, DType::kI32);
    FillRows<int32_t>(
        samples_, 0,
        [](const Sample& s) -> const auto& { return s.token_types; }, length,
        &batch->token_types);
  }

  void Decoder(Batch* batch) const {
    const auto length = [](const Sample& s) {
      return static_cast<int64_t>(s.decoder_ids.size());
    };
    const Shape shape = {rows_, decoder_tokens_};  // [B, T2]
    batch->decoder_ids = Tensor::Zeros(shape, DType::kI32);
    FillRows<int32_t>(
        samples_, 0,
        [](const Sample& s) -> const auto& { return s.decoder_ids; }, length,
        &batch->decoder_ids);
    batch->decoder_segments = Segments(samples_, shape, false, length);
  }

  void Prefixes(Batch* batch) const {
    std::vector<int32_t> prefixes;
    for (const Sample& sample : samples_)
      prefixes.push_back(static_cast<int32_t>(sample.prefix_tokens));
    if (std::any_of(prefixes.begin(), prefixes.end(),
                    [](int32_t prefix) { return prefix != 0; }))
      batch->prefix = Tensor::FromI32({rows_}, prefixes);
  }

  void Answers(Batch* batch) const {
    const int64_t width = decoder_tokens_ > 0 ? decoder_tokens_ : tokens_;
    const Shape shape = options_.loss == LossKind::kClass
                            ? Shape({rows_})
                            : Shape({rows_, width});
    const auto length = [this](const Sample& s) {
      return Targets(s, options_);
    };
    batch->targets = Tensor::Zeros(shape, DType::kI32);
    batch->weights = Tensor::Zeros(shape, DType::kF32);
    FillRows<int32_t>(
        samples_, 0, [](const Sample& s) -> const auto& { return s.targets; },
        length, &batch->targets);
    FillRows<float>(
        samples_, 1, [](const Sample& s) -> const auto& { return s.weights; },
        length, &batch->weights);
    const float* const weights = batch->weights.data<float>();
    batch->tokens = std::count_if(weights, weights + batch->weights.size(),
                                  [](float weight) { return weight > 0; });
  }

  const Samples& samples_;
  const CollateOptions& options_;
  const int64_t rows_;                       // B
  int64_t tokens_ = 0, decoder_tokens_ = 0;  // T, T2
};

}  // namespace

absl::StatusOr<Batch> Collate(const std::vector<Sample>& samples,
                              int64_t first_sample,
                              const CollateOptions& options) {
  ARCHLAB_CHECK(!samples.empty());
  const bool has_decoder = !samples[0].decoder_ids.empty();
  for (const Sample& sample : samples)
    ARCHLAB_RETURN_IF_ERROR(CheckSample(sample, has_decoder, options));
  return Collator(samples, options).Make(first_sample);
}

}  // namespace archlab
