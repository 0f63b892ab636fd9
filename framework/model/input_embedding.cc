// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "model/input_embedding.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "archlab/ops.h"

namespace archlab {

InputEmbedding::InputEmbedding(const spec::Embedding& spec,
                               int64_t patch_elements, const std::string& name,
                               const ModelBuildContext& root)
    : name_(name),
      width_(root.at().width),
      vocabulary_(root.at().vocabulary),
      types_count_(spec.token_types()),
      patch_elements_(patch_elements) {
  const ModelBuildContext context = root.Part(name, root.spec_path());
  const ParameterTraits traits = {.decay = true, .matrix = false};
  if (spec.scale_by_sqrt_width())
    scale_ = std::sqrt(static_cast<double>(width_));
  if (patch_elements > 0)
    patch_ = LinearLayer(context, "patch", patch_elements, width_, true,
                         spec.init_std(), traits);
  else
    table_ = context.AddParameter("weight", {vocabulary_, width_},
                                  Init::Normal(spec.init_std()), traits);
  if (types_count_ > 0)
    types_ = context.AddParameter("types", {types_count_, width_},
                                  Init::Normal(spec.init_std()), traits);
}

Tensor InputEmbedding::Forward(const Tensor& ids, const Tensor& types) const {
  Tensor of_types = types;
  if (types_.defined() && !types.defined())
    of_types = Tensor::Zeros(ids.shape(), DType::kI32);
  return Finish(Embed(table_.value(), ids), of_types);  // [B, T, C]
}

Tensor InputEmbedding::ForwardPatches(const Tensor& patches) const {
  return Finish(patch_.Forward(patches), Tensor());  // [B, T, C]
}

Tensor InputEmbedding::Finish(Tensor x, const Tensor& types) const {
  if (x.dtype() == DType::kBF16) x = Cast(x, DType::kF32);  // residual stream
  if (scale_ != 1) x = x * scale_;
  if (!types_.defined() || !types.defined()) return x;
  Tensor y = Embed(types_.value(), types);  // [B, T, C]
  if (y.dtype() == DType::kBF16) y = Cast(y, DType::kF32);
  return x + y;
}

void InputEmbedding::Count(ModelCounts& counts, int64_t tokens) const {
  CountRow row;
  row.path = name_;
  if (patch_elements_ > 0) {
    row.component = "patch embedding";
    row.shape = absl::StrCat(patch_elements_, " x ", width_);
    row.parameters = (patch_elements_ + 1) * width_;
    row.flops = row.flops_executed = patch_.FlopsPerToken() * tokens;
  } else {
    row.component = "token embedding";
    row.shape = absl::StrCat(vocabulary_, " x ", width_);
    row.parameters = vocabulary_ * width_;
  }
  row.parameters += types_count_ * width_;
  counts.rows.push_back(row);
}

}  // namespace archlab
