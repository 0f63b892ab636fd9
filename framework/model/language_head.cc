// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include <utility>

#include "absl/strings/str_cat.h"
#include "archlab/ops.h"
#include "model/head.h"
#include "tensor/storage.h"

namespace archlab {
namespace {

// Rows of hidden [N, C] whose target counts, with their targets and weights.
struct Counted {
  Tensor hidden, targets, weights;
};

Counted GatherCounted(const Tensor& hidden, const Batch& batch) {
  const int64_t n = hidden.dim(0);
  const float* weights = batch.weights.data<float>();
  CacheVector<int32_t> rows;
  for (int64_t i = 0; i < n; ++i)
    if (weights[i] != 0) rows.push_back(static_cast<int32_t>(i));
  const int64_t m = static_cast<int64_t>(rows.size());
  if (m == n) return {hidden, batch.targets.View({n}), batch.weights.View({n})};
  Tensor targets = Tensor::Empty({m}, DType::kI32);
  Tensor kept = Tensor::Empty({m}, DType::kF32);
  for (int64_t i = 0; i < m; ++i) {
    targets.data<int32_t>()[i] = batch.targets.data<int32_t>()[rows[i]];
    kept.data<float>()[i] = weights[rows[i]];
  }
  return {GatherRows(hidden, Tensor::FromI32({m}, rows)), targets, kept};
}

class LanguageHead final : public Head {
 public:
  LanguageHead(const LanguageHeadParts& parts, const ModelBuildContext& root)
      : vocabulary_(root.at().vocabulary),
        width_(root.at().width),
        soft_cap_(parts.soft_cap),
        tied_(parts.tied.defined()),
        weight_(parts.tied) {
    const ModelBuildContext context = root.Part("head", root.spec_path());
    if (!tied_)
      weight_ = context.AddParameter("weight", {vocabulary_, width_},
                                     Init::Normal(parts.init_std),
                                     {.decay = true, .matrix = false});
    if (parts.transform == nullptr) return;
    transform_ =
        LinearLayer(context, "transform", width_, width_, true, parts.init_std);
    bias_ = context.AddParameter("bias", {vocabulary_}, Init::Zeros(),
                                 {.decay = false, .matrix = false});
  }
  void SetNorm(std::unique_ptr<Norm> norm) { norm_ = std::move(norm); }

  LossResult Loss(const Tensor& hidden, const Batch& batch, const Pass&,
                  double label_smoothing) const override {
    const Counted counted =
        GatherCounted(Reshape(hidden, {-1, width_}), batch);  // [N, C]
    const Tensor x = Transform(counted.hidden);               // [N, C]
    LossResult result;
    result.total =
        soft_cap_ > 0
            ? CrossEntropy(Capped(x), counted.targets, counted.weights,
                           label_smoothing)
            : LinearCrossEntropy(x, weight_.value(), bias(), counted.targets,
                                 counted.weights, label_smoothing);
    result.sum = result.total.At(0);
    result.tokens = batch.tokens;
    return result;
  }

  Tensor Logits(const Tensor& hidden, const Pass&) const override {
    return Capped(Transform(hidden));  // [B, T, V]
  }

  void Count(ModelCounts& counts, int64_t tokens) const override {
    CountRow row;
    row.path = "head";
    row.component = tied_ ? "tied to embedding" : "linear";
    row.shape = absl::StrCat(vocabulary_, " x ", width_);
    row.parameters = tied_ ? 0 : vocabulary_ * width_;
    row.flops = 2.0 * tokens * vocabulary_ * width_;
    if (norm_) {
      absl::StrAppend(&row.component, ", transform");
      row.parameters += (width_ + 1) * width_ + vocabulary_ + norm_parameters_;
      row.flops += transform_.FlopsPerToken() * tokens;
    }
    row.flops_executed = row.flops;
    counts.rows.push_back(row);
  }
  void SetNormParameters(int64_t count) { norm_parameters_ = count; }

 private:
  Tensor bias() const { return bias_.defined() ? bias_.value() : Tensor(); }
  Tensor Transform(const Tensor& x) const {
    if (!norm_) return x;
    return norm_->Forward(GeluErf(transform_.Forward(x)));  // [..., C]
  }
  Tensor Capped(const Tensor& x) const {
    const Tensor logits = LinearWide(x, weight_.value(), bias());  // [..., V]
    if (soft_cap_ == 0) return logits;
    return Tanh(logits * (1 / soft_cap_)) * soft_cap_;
  }

  const int64_t vocabulary_, width_;
  const double soft_cap_;
  const bool tied_;
  int64_t norm_parameters_ = 0;
  Parameter weight_;  // [V, C]
  Parameter bias_;    // [V], with a transform
  LinearLayer transform_;
  std::unique_ptr<Norm> norm_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Head>> MakeLanguageHead(
    const LanguageHeadParts& parts, const ModelBuildContext& root) {
  auto head = std::make_unique<LanguageHead>(parts, root);
  if (parts.transform != nullptr) {
    const int64_t before = root.store().Count();
    ARCHLAB_ASSIGN_OR_RETURN(
        auto norm, root.Part("head.norm", parts.transform_path + ".norm")
                       .Make<Norm>(parts.transform->norm()));
    head->SetNormParameters(root.store().Count() - before);
    head->SetNorm(std::move(norm));
  }
  return std::unique_ptr<Head>(std::move(head));
}

}  // namespace archlab
