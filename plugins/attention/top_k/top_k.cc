// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Top-k attention: softmax over the k keys with the largest scores.
// Source: arXiv:1912.11637, section 2.2.

#include <algorithm>
#include <limits>
#include <vector>

#include "archlab/attention.h"
#include "archlab/parallel_for.h"
#include "top_k.pb.h"

namespace archlab {
namespace {

// So low that no softmax gives it weight, and finite.
constexpr double kOut = -1e30;

// keep[j] = 1 for the k largest of row[0 .. n-1]; of equals the first.
template <class T>
void KeepBest(const T* row, int64_t n, int64_t k, int32_t* keep) {
  std::vector<T> sorted(row, row + n);
  std::nth_element(sorted.begin(), sorted.begin() + (k - 1), sorted.end(),
                   std::greater<T>());
  const T least = sorted[k - 1];
  int64_t room = k;
  for (int64_t j = 0; j < n; ++j) room -= row[j] > least;
  for (int64_t j = 0; j < n; ++j)
    keep[j] = row[j] > least || (row[j] == least && room-- > 0);
}

template <class T>
void KeepBestOfRows(const Tensor& scores, int64_t k, Tensor& keep) {
  const int64_t keys = scores.dim(-1);
  const T* const from = scores.data<T>();
  int32_t* const to = keep.data<int32_t>();
  ParallelFor(scores.size() / keys, 16, [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r)
      KeepBest(from + r * keys, keys, k, to + r * keys);
  });
}

}  // namespace

class TopKAttention final : public Attention {
 public:
  using Config = attention::TopKConfig;
  TopKAttention(const Config& config, const BuildContext&) : k_(config.k()) {}

  Tensor Attend(const AttentionInput& input) const override {
    // In f32 where queries are bf16: rounding makes keys equal that are not.
    const DType wide =
        input.q().dtype() == DType::kBF16 ? DType::kF32 : input.q().dtype();
    Tensor scores = MatMul(Cast(input.q(), wide), Cast(input.k(), wide), false,
                           true);  // [B, H, Tq, Tk]
    if (k_ < scores.dim(-1))
      scores = MaskFill(scores, Best(input, scores), kOut);
    const Tensor weights = input.MaskedSoftmax(scores);  // [B, H, Tq, Tk]
    return MatMul(Cast(weights, input.v().dtype()), input.v());  // [B,H,Tq,D]
  }

 private:
  // i32 [B, H, Tq, Tk]: 1 for the best keys of those that are seen.
  Tensor Best(const AttentionInput& input, const Tensor& scores) const {
    const NoGrad no_grad;
    const Tensor seen = input.Mask(scores.Detach(), kOut);
    Tensor keep = Tensor::Empty(seen.shape(), DType::kI32);
    if (seen.dtype() == DType::kF64)
      KeepBestOfRows<double>(seen, k_, keep);
    else
      KeepBestOfRows<float>(seen, k_, keep);
    return keep;
  }

  const int64_t k_;  // keys
};

ARCHLAB_PLUGIN(TopKAttention)

}  // namespace archlab
