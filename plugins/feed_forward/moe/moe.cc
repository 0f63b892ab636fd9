// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Mixture of experts: tokens are grouped by expert, so that each expert is one
// product over its tokens and none is dropped but by the router.
// Source: arXiv:1701.06538, section 2; shared experts: arXiv:2401.06066,
// section 3.2.

#include <cmath>
#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "archlab/feed_forward.h"
#include "archlab/router.h"
#include "moe.pb.h"

namespace archlab {
namespace {

// The pass as an expert sees it: some tokens, of any documents, all real.
class ExpertContext final : public ForwardContext {
 public:
  explicit ExpertContext(ForwardContext& outer) : outer_(outer) {
    training_ = outer.training();
    step_ = outer.step();
  }

  // For the tokens of rows i32 [M] of the outer pass.
  void SetTokens(const Tensor& rows) {
    const int64_t count = rows.size();
    positions_ = Tensor::Empty({1, count}, DType::kI32);
    const int32_t* const from = outer_.positions().data<int32_t>();
    for (int64_t i = 0; i < count; ++i)
      positions_.data<int32_t>()[i] = from[rows.data<int32_t>()[i]];
  }

  Random RandomAt(absl::string_view path) const override {
    return outer_.RandomAt(path);
  }
  void AddLoss(absl::string_view name, const Tensor& value) override {
    outer_.AddLoss(name, value);
  }
  void Log(absl::string_view name, double value) override {
    outer_.Log(name, value);
  }
  void Tap(absl::string_view name, const Tensor& value) override {
    outer_.Tap(name, value);
  }

 private:
  ForwardContext& outer_;
};

// Which rows are no padding; empty: all are. segments i32 [B, T] or undefined.
std::vector<uint8_t> RealTokens(const Tensor& segments) {
  std::vector<uint8_t> real;
  if (!segments.defined()) return real;
  for (int64_t i = 0; i < segments.size(); ++i)
    real.push_back(segments.data<int32_t>()[i] >= 0);
  return real;
}

template <class T>
void AddRows(const Tensor& x, const std::vector<int32_t>& rows, Tensor& y) {
  const int64_t width = x.dim(1);
  for (size_t i = 0; i < rows.size(); ++i) {
    const T* const from = x.data<T>() + int64_t(i) * width;
    T* const to = y.data<T>() + rows[i] * width;
    for (int64_t c = 0; c < width; ++c) to[c] += from[c];
  }
}

// x [M, C] -> [count, C]: row rows[i] is the sum of the x[i], in order.
Tensor ScatterAdd(const Tensor& x, const std::vector<int32_t>& rows,
                  int64_t count) {
  Tensor y = Tensor::Zeros({count, x.dim(1)}, x.dtype());
  if (x.dtype() == DType::kF64)
    AddRows<double>(x, rows, y);
  else
    AddRows<float>(x, rows, y);
  const Tensor index = Tensor::FromI32({x.dim(0)}, rows);
  return CustomOp("ScatterAdd", y, {x},
                  [index](const Tensor& dy, Gradients& out) {
                    out.Add(0, GatherRows(dy, index));
                  });
}

// bf16 is summed in f32.
Tensor Wide(const Tensor& x) {
  return x.dtype() == DType::kBF16 ? Cast(x, DType::kF32) : x;
}

using Parts = std::vector<std::unique_ptr<FeedForward>>;

absl::StatusOr<Parts> MakeParts(const feed_forward::MoeConfig& config,
                                const BuildContext& context, const char* name,
                                int count) {
  Parts parts;
  for (int i = 0; i < count; ++i) {
    ARCHLAB_ASSIGN_OR_RETURN(parts.emplace_back(),
                             context.Child<FeedForward>(
                                 absl::StrCat(name, ".", i), config.expert()));
  }
  return parts;
}

}  // namespace

class Moe final : public FeedForward {
 public:
  using Config = feed_forward::MoeConfig;

  static absl::StatusOr<std::unique_ptr<Moe>> Create(
      const Config& config, const BuildContext& context) {
    auto moe = std::make_unique<Moe>();
    moe->path_ = context.path();
    moe->width_ = context.at().width;
    Surroundings at = context.at();
    at.experts = config.experts();
    ARCHLAB_ASSIGN_OR_RETURN(
        moe->router_, context.Child<Router>("router", config.router(), at));
    ARCHLAB_ASSIGN_OR_RETURN(
        moe->experts_, MakeParts(config, context, "expert", config.experts()));
    ARCHLAB_ASSIGN_OR_RETURN(moe->shared_, MakeParts(config, context, "shared",
                                                     config.shared_experts()));
    return moe;
  }

  Tensor Forward(const Tensor& x, ForwardContext& context) const override {
    const Tensor rows = Reshape(x, {-1, x.dim(-1)});  // [N, C]
    const std::vector<uint8_t> real = RealTokens(context.segments());
    const Routing routing = router_->Route(rows, real, context);
    LogLoads(routing, path_, context);
    Tensor y = Reshape(Mixed(rows, routing, context), x.shape());  // [B, T, C]
    for (const auto& expert : shared_) y = y + expert->Forward(x, context);
    return y;
  }

  double FlopsPerToken() const override {
    const double seen = router_->ExpertsPerToken() + double(shared_.size());
    const double scores = 2.0 * width_ * double(experts_.size());  // router's
    return seen * experts_[0]->FlopsPerToken() + scores;
  }

 private:
  // The experts' outputs, weighed and added up: [N, C].
  Tensor Mixed(const Tensor& rows, const Routing& routing,
               ForwardContext& context) const {
    const auto pairs = static_cast<int64_t>(routing.tokens.size());
    if (pairs == 0) return rows * 0.0;  // a zero that has its gradient
    const Tensor tokens = Tensor::FromI32({pairs}, routing.tokens);
    const Tensor inputs = GatherRows(rows, tokens);  // [M, C]
    ExpertContext inner(context);
    std::vector<Tensor> outputs;
    for (size_t e = 0; e < experts_.size(); ++e) {
      const int64_t begin = routing.begins[e];
      const int64_t count = routing.begins[e + 1] - begin;
      if (count == 0) continue;
      inner.SetTokens(tokens.Rows(begin, count));
      const Tensor input = Reshape(Slice(inputs, 0, begin, count),
                                   {1, count, rows.dim(1)});  // [1, Me, C]
      outputs.push_back(Reshape(experts_[e]->Forward(input, inner),
                                {count, rows.dim(1)}));  // [Me, C]
    }
    const Tensor weighed =
        Wide(Concat(outputs, 0)) * Reshape(routing.weights, {pairs, 1});
    return ScatterAdd(weighed, routing.tokens, rows.dim(0));  // [N, C]
  }

  std::string path_;
  int64_t width_ = 0;  // C
  std::unique_ptr<Router> router_;
  Parts experts_, shared_;
};

ARCHLAB_PLUGIN(Moe)

}  // namespace archlab
