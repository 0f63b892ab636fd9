// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// NaiveAttention: an AttentionInput by the definition, one mask element a pair
// of tokens. The oracle that attention components are held against.

#ifndef ARCHLAB_TESTING_NAIVE_ATTENTION_H_
#define ARCHLAB_TESTING_NAIVE_ATTENTION_H_

#include <vector>

#include "archlab/attention.h"

namespace archlab {

// Where the tokens of one sequence stand: positions and documents (-1 is
// padding), both [T].
struct TokenPlaces {
  std::vector<int32_t> positions, segments;

  // Positions first .. first + count - 1 of one document.
  static TokenPlaces Range(int64_t count, int64_t first = 0);
};

// q [B, H, Tq, D] -> [B, Tq, H D].
Tensor HeadsAsChannels(const Tensor& q);

class NaiveAttention final : public AttentionInput {
 public:
  // q [B, H, Tq, D], k and v [B, H, Tk, D]; all rows have the same places. In
  // cross-attention only padding is masked.
  NaiveAttention(const Attention& core, const Surroundings& at,
                 ForwardContext& context, const Tensor& q, const Tensor& k,
                 const Tensor& v, const TokenPlaces& queries,
                 const TokenPlaces& keys);

  const Tensor& q() const override { return q_; }
  const Tensor& k() const override { return k_; }
  const Tensor& v() const override { return v_; }
  // As if q were x itself, projected by the identity.
  const Tensor& x() const override { return x_; }
  Tensor MaskedSoftmax(const Tensor& scores) const override;
  Tensor Mask(const Tensor& scores, double value) const override;
  Tensor Tiled() const override;
  ForwardContext& context() const override { return context_; }

  // Whether query i may see key j.
  bool Allowed(int64_t i, int64_t j) const {
    return mask_.At(i * mask_.dim(1) + j) != 0;
  }

 private:
  ForwardContext& context_;
  const Tensor x_, q_, k_, v_;
  Tensor mask_;  // i32 [Tq, Tk]
};

}  // namespace archlab

#endif  // ARCHLAB_TESTING_NAIVE_ATTENTION_H_
