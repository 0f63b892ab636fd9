// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include <vector>

#include "absl/strings/str_cat.h"
#include "archlab/ops.h"
#include "model/head.h"

namespace archlab {
namespace {

class ClassificationHead final : public Head {
 public:
  ClassificationHead(const spec::ClassificationHead& spec, double init_std,
                     const ModelBuildContext& root)
      : spec_(spec), width_(root.at().width) {
    const ModelBuildContext context = root.Part("head", root.spec_path());
    if (spec.pooler())
      pooler_ = LinearLayer(context, "pooler", width_, width_, true, init_std);
    classes_ = LinearLayer(context, "classes", width_, spec.classes(), true,
                           init_std, {.decay = true, .matrix = false});
  }

  LossResult Loss(const Tensor& hidden, const Batch& batch, const Pass& pass,
                  double label_smoothing) const override {
    const Tensor logits = Logits(hidden, pass);  // [B, K]
    LossResult result;
    result.total =
        CrossEntropy(logits, batch.targets, batch.weights, label_smoothing);
    result.sum = result.total.At(0);
    result.tokens = batch.tokens;
    result.correct = Correct(logits, batch);
    return result;
  }

  Tensor Logits(const Tensor& hidden, const Pass& pass) const override {
    Tensor x = Pool(hidden, pass);  // [B, C]
    if (spec_.pooler()) x = Tanh(pooler_.Forward(x));
    x = pass.Dropout(x, spec_.dropout(), "head", ".dropout");
    return classes_.ForwardWide(x);  // [B, K]
  }

  void Count(ModelCounts& counts, int64_t) const override {
    CountRow row;
    row.path = "head";
    row.component = "classification";
    row.shape = absl::StrCat(spec_.classes(), " x ", width_);
    row.parameters = (width_ + 1) * spec_.classes();
    row.flops = classes_.FlopsPerToken();
    if (spec_.pooler()) {
      row.parameters += (width_ + 1) * width_;
      row.flops += pooler_.FlopsPerToken();
    }
    row.flops_executed = row.flops;
    counts.rows.push_back(row);
  }

 private:
  static int64_t Correct(const Tensor& logits, const Batch& batch) {
    int64_t correct = 0;
    const int64_t classes = logits.dim(1);
    for (int64_t b = 0; b < logits.dim(0); ++b) {
      if (batch.weights.At(b) == 0) continue;
      int64_t best = 0;
      for (int64_t k = 1; k < classes; ++k)
        if (logits.At(b * classes + k) > logits.At(b * classes + best))
          best = k;
      correct += best == batch.targets.data<int32_t>()[b];
    }
    return correct;
  }

  // hidden [B, T, C] -> [B, C].
  Tensor Pool(const Tensor& hidden, const Pass& pass) const {
    const int64_t batch = hidden.dim(0), tokens = hidden.dim(1);
    if (spec_.pooling() == spec::MEAN) return PoolMean(hidden, pass);
    std::vector<int32_t> rows;
    for (int64_t b = 0; b < batch; ++b) {
      int64_t at = spec_.pooling() == spec::LAST ? tokens - 1 : 0;
      const int64_t step = spec_.pooling() == spec::LAST ? -1 : 1;
      while (at + step >= 0 && at + step < tokens && !Real(pass, b, at))
        at += step;
      rows.push_back(static_cast<int32_t>(b * tokens + at));
    }
    return GatherRows(Reshape(hidden, {-1, width_}),
                      Tensor::FromI32({batch}, rows));  // [B, C]
  }

  Tensor PoolMean(const Tensor& hidden, const Pass& pass) const {
    const int64_t batch = hidden.dim(0), tokens = hidden.dim(1);
    if (!pass.segments().defined())
      return Reshape(Mean(hidden, 1), {batch, width_});  // [B, C]
    Tensor share = Tensor::Zeros({batch, 1, tokens}, hidden.dtype());
    for (int64_t b = 0; b < batch; ++b) {
      int64_t real = 0;
      for (int64_t t = 0; t < tokens; ++t) real += Real(pass, b, t);
      for (int64_t t = 0; t < tokens; ++t)
        if (Real(pass, b, t))
          share.Set(b * tokens + t, 1.0 / static_cast<double>(real));
    }
    return Reshape(MatMul(share, hidden), {batch, width_});  // [B, C]
  }

  static bool Real(const Pass& pass, int64_t b, int64_t t) {
    if (!pass.segments().defined()) return true;
    return pass.segments().data<int32_t>()[b * pass.tokens() + t] >= 0;
  }

  const spec::ClassificationHead spec_;
  const int64_t width_;
  LinearLayer pooler_, classes_;
};

}  // namespace

std::unique_ptr<Head> MakeClassificationHead(
    const spec::ClassificationHead& spec, double init_std,
    const ModelBuildContext& root) {
  return std::make_unique<ClassificationHead>(spec, init_std, root);
}

}  // namespace archlab
