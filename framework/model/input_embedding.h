// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// InputEmbedding: ids, token types, or patches of an image, to vectors.

#ifndef ARCHLAB_INPUT_EMBEDDING_H_
#define ARCHLAB_INPUT_EMBEDDING_H_

#include <cstdint>

#include "archlab/model.pb.h"
#include "model/build_context.h"
#include "model/counts.h"
#include "nn/linear.h"

namespace archlab {

class InputEmbedding {
 public:
  InputEmbedding() = default;
  // Parameters `name.weight` [V, C] and `name.types` [S, C]; with patches
  // `name.patch` [C, P] instead of the table.
  InputEmbedding(const spec::Embedding& spec, int64_t patch_elements,
                 const std::string& name, const ModelBuildContext& root);

  // ids i32 [B, T], types i32 [B, T] or undefined (all 0) -> [B, T, C], f32 (or
  // f64).
  Tensor Forward(const Tensor& ids, const Tensor& types) const;
  // patches f32 [B, T, P] -> [B, T, C].
  Tensor ForwardPatches(const Tensor& patches) const;

  const Parameter& table() const { return table_; }  // undefined with patches
  void Count(ModelCounts& counts, int64_t tokens) const;

 private:
  Tensor Finish(Tensor x, const Tensor& types) const;

  std::string name_;
  int64_t width_ = 0, vocabulary_ = 0, types_count_ = 0, patch_elements_ = 0;
  double scale_ = 1;
  Parameter table_, types_;
  LinearLayer patch_;
};

}  // namespace archlab

#endif  // ARCHLAB_INPUT_EMBEDDING_H_
