// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "products.h"

#include <algorithm>
#include <tuple>

namespace archlab {
namespace {

class Collector {
 public:
  // y [rows, out] = x [rows, in] W [out, in]^T and its two gradients.
  void AddLinear(int64_t rows, int64_t in, int64_t out, int64_t count) {
    Add({.m = rows, .n = out, .k = in, .transpose_b = true, .count = count});
    Add({.m = rows, .n = in, .k = out, .count = count});
    Add({.m = out,
         .n = in,
         .k = rows,
         .transpose_a = true,
         .gradient = true,
         .count = count});
  }

  // `keys`: how many a query sees on average.
  void AddAttention(const BenchModel& model, int64_t keys, int64_t count) {
    const int64_t heads = model.batch * model.heads;
    const int64_t dim = model.width / model.heads;
    Add({.m = model.tokens,  // q k^T twice, dO v^T
         .n = keys,
         .k = dim,
         .transpose_b = true,
         .batch = heads,
         .count = 3 * count});
    Add({.m = model.tokens,  // p v, dS k
         .n = dim,
         .k = keys,
         .batch = heads,
         .count = 2 * count});
    Add({.m = keys,  // p^T dO, dS^T q
         .n = dim,
         .k = model.tokens,
         .transpose_a = true,
         .batch = heads,
         .count = 2 * count});
  }

  std::vector<Product> Take() { return std::move(products_); }

 private:
  void Add(const Product& product) {
    const auto shape = [](const Product& p) {
      return std::make_tuple(p.m, p.n, p.k, p.transpose_a, p.transpose_b,
                             p.batch, p.gradient);
    };
    const auto same = std::find_if(
        products_.begin(), products_.end(),
        [&](const Product& p) { return shape(p) == shape(product); });
    if (same == products_.end())
      products_.push_back(product);
    else
      same->count += product.count;
  }

  std::vector<Product> products_;
};

void AddFeedForward(const BenchModel& model, int64_t count, Collector* all) {
  const int64_t experts = std::max<int64_t>(model.experts, 1);
  int64_t rows = model.rows();
  if (model.experts > 0) {
    all->AddLinear(rows, model.width, experts, count);  // the router
    rows = rows * model.top_k / experts;
  }
  all->AddLinear(rows, model.width, model.hidden, count * experts);
  all->AddLinear(rows, model.hidden, model.width, count * experts);
}

}  // namespace

std::vector<Product> ProductsOf(const BenchModel& model) {
  Collector all;
  const int64_t width = model.width, layers = model.layers;
  const int64_t causal = model.window > 0
                             ? std::min(model.window, model.tokens / 2)
                             : model.tokens / 2;
  const bool gpt = model.family == BenchFamily::kGpt;
  const bool t5 = model.family == BenchFamily::kT5;
  // T5: encoder, decoder, and the decoder's look at the encoder.
  const int64_t attentions = (t5 ? 3 : 1) * layers;
  all.AddLinear(model.rows(), width, width, 4 * attentions);  // q, k, v, out
  if (gpt || t5) all.AddAttention(model, causal, layers);
  if (!gpt) all.AddAttention(model, model.tokens, (t5 ? 2 : 1) * layers);
  AddFeedForward(model, (t5 ? 2 : 1) * layers, &all);
  if (model.family == BenchFamily::kBert)
    all.AddLinear(model.head_rows(), width, width, 1);  // the transform
  all.AddLinear(model.head_rows(), width, model.vocabulary, 1);
  return all.Take();
}

}  // namespace archlab
