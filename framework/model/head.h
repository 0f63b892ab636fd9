// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Head: from hidden vectors to logits and a loss.

#ifndef ARCHLAB_HEAD_H_
#define ARCHLAB_HEAD_H_

#include <memory>

#include "archlab/model.pb.h"
#include "archlab/norm.h"
#include "model/build_context.h"
#include "model/model.h"
#include "nn/linear.h"
#include "nn/pass.h"

namespace archlab {

class Head {
 public:
  virtual ~Head() = default;
  // Loss of hidden [B, T, C], summed over the targets that count.
  virtual LossResult Loss(const Tensor& hidden, const Batch& batch,
                          const Pass& pass, double label_smoothing) const = 0;
  virtual Tensor Logits(const Tensor& hidden, const Pass& pass) const = 0;
  virtual void Count(ModelCounts& counts, int64_t tokens) const = 0;
};

// A token for each vector: [V, C], the embedding's table or its own.
struct LanguageHeadParts {
  Parameter tied;       // undefined: weights of its own
  double init_std = 0;  // of those
  double soft_cap = 0;  // 0: none
  const spec::MaskedLmTransform* transform = nullptr;
  std::string transform_path;  // in the spec
};
absl::StatusOr<std::unique_ptr<Head>> MakeLanguageHead(
    const LanguageHeadParts& parts, const ModelBuildContext& root);

// A class for each sequence.
std::unique_ptr<Head> MakeClassificationHead(
    const spec::ClassificationHead& spec, double init_std,
    const ModelBuildContext& root);

}  // namespace archlab

#endif  // ARCHLAB_HEAD_H_
