// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "kernels/attention_reference.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace archlab {
namespace reference {
namespace {

// One query of one head, and where things lie.
template <class T>
struct Query {
  Query(const AttentionArgs<T>& args, int64_t b, int64_t h, int64_t i)
      : args(args),
        b(b),
        h(h),
        i(i),
        at(((b * args.mask->queries() + i) * args.heads + h) * args.dim),
        row((b * args.heads + h) * args.mask->queries() + i) {}

  int64_t KeyAt(int64_t j) const {
    return ((b * args.mask->keys() + j) * args.kv_heads + h / args.group()) *
           args.dim;
  }
  bool Sees(int64_t j) const { return args.mask->Sees(b, i, j); }
  // The entry of the bias table that applies to key j.
  int64_t BiasAt(int64_t j) const {
    const int64_t distance =
        args.mask->QueryPosition(b, i) - args.mask->KeyPosition(b, j);
    return h * (2 * args.reach + 1) + args.reach + distance;
  }
  T Bias(int64_t j) const {
    return args.bias ? static_cast<const T*>(args.bias)[BiasAt(j)] : T(0);
  }
  T Score(int64_t j) const {
    T dot = 0;
    for (int64_t d = 0; d < args.dim; ++d) {
      dot += args.q[at + d] * args.k[KeyAt(j) + d];
    }
    return T(args.scale) * dot + Bias(j);
  }
  // What dropout multiplies the probability of key j with.
  T Factor(int64_t j) const {
    if (args.dropout == 0) return 1;
    Random word = args.random->Skip(row * args.mask->keys() + j);
    return word.NextU32() >= args.dropout * 0x1p32 ? T(1 / (1 - args.dropout))
                                                   : T(0);
  }

  const AttentionArgs<T>& args;
  const int64_t b, h, i;
  const int64_t at;   // of the query's first element
  const int64_t row;  // of [B, heads, Tq]
};

template <class T, class Body>
void ForQueries(const AttentionArgs<T>& args, const Body& body) {
  for (int64_t b = 0; b < args.mask->batch(); ++b) {
    for (int64_t h = 0; h < args.heads; ++h) {
      for (int64_t i = 0; i < args.mask->queries(); ++i) {
        body(Query<T>(args, b, h, i));
      }
    }
  }
}

// log sum exp of the scores of the keys that are seen; +inf for none.
template <class T>
T LogSumExp(const Query<T>& query, const std::vector<T>& scores) {
  constexpr T kInfinity = std::numeric_limits<T>::infinity();
  T top = -kInfinity, sum = 0;
  for (size_t j = 0; j < scores.size(); ++j) {
    if (query.Sees(j)) top = std::max(top, scores[j]);
  }
  if (top == -kInfinity) return kInfinity;
  for (size_t j = 0; j < scores.size(); ++j) {
    if (query.Sees(j)) sum += std::exp(scores[j] - top);
  }
  return top + std::log(sum);
}

}  // namespace

template <class T>
void AttentionForward(const AttentionArgs<T>& args, T* out, T* lse) {
  std::vector<T> scores(args.mask->keys());
  ForQueries(args, [&](const Query<T>& query) {
    T* y = out + query.at;
    std::fill(y, y + args.dim, T(0));
    for (size_t j = 0; j < scores.size(); ++j) {
      scores[j] = query.Sees(j) ? query.Score(j) : T(0);
    }
    const T total = LogSumExp(query, scores);
    lse[query.row] = total;
    for (int64_t j = 0; j < args.mask->keys(); ++j) {
      if (!query.Sees(j)) continue;
      const T p = std::exp(scores[j] - total) * query.Factor(j);
      for (int64_t d = 0; d < args.dim; ++d) {
        y[d] += p * args.v[query.KeyAt(j) + d];
      }
    }
  });
}

template <class T>
void AttentionBackward(const AttentionArgs<T>& args, const T* out, const T* lse,
                       const T* d_out, T* d_q, T* d_k, T* d_v, T* d_bias) {
  const AttentionMask& mask = *args.mask;
  const int64_t dim = args.dim, width = 2 * args.reach + 1;
  const int64_t keys = mask.batch() * mask.keys() * args.kv_heads * dim;
  std::fill(d_q, d_q + mask.batch() * mask.queries() * args.heads * dim, T(0));
  std::fill(d_k, d_k + keys, T(0));
  std::fill(d_v, d_v + keys, T(0));
  if (d_bias != nullptr) std::fill(d_bias, d_bias + args.heads * width, T(0));
  ForQueries(args, [&](const Query<T>& query) {
    const T* dy = d_out + query.at;
    T delta = 0;
    for (int64_t d = 0; d < dim; ++d) delta += dy[d] * out[query.at + d];
    for (int64_t j = 0; j < mask.keys(); ++j) {
      if (!query.Sees(j)) continue;
      const int64_t key = query.KeyAt(j);
      const T p = std::exp(query.Score(j) - lse[query.row]);
      const T factor = query.Factor(j);
      T dp = 0;
      for (int64_t d = 0; d < dim; ++d) dp += dy[d] * args.v[key + d];
      const T ds = p * (dp * factor - delta);
      for (int64_t d = 0; d < dim; ++d) {
        d_v[key + d] += p * factor * dy[d];
        d_q[query.at + d] += T(args.scale) * ds * args.k[key + d];
        d_k[key + d] += T(args.scale) * ds * args.q[query.at + d];
      }
      if (d_bias != nullptr) d_bias[query.BiasAt(j)] += ds;
    }
  });
}

template <class T>
void MaskedSoftmaxForward(const AttentionArgs<T>& args, const T* scores,
                          T* probabilities, T* dropped) {
  const int64_t keys = args.mask->keys();
  std::vector<T> biased(keys);
  ForQueries(args, [&](const Query<T>& query) {
    for (int64_t j = 0; j < keys; ++j) {
      const T score = T(args.scale) * scores[query.row * keys + j];
      biased[j] = query.Sees(j) ? score + query.Bias(j) : T(0);
    }
    const T total = LogSumExp(query, biased);
    for (int64_t j = 0; j < keys; ++j) {
      const T p = query.Sees(j) ? std::exp(biased[j] - total) : T(0);
      probabilities[query.row * keys + j] = p;
      if (dropped != probabilities) {
        dropped[query.row * keys + j] = p * query.Factor(j);
      }
    }
  });
}

template void AttentionForward(const AttentionArgs<double>&, double*, double*);
template void AttentionBackward(const AttentionArgs<double>&, const double*,
                                const double*, const double*, double*, double*,
                                double*, double*);
template void MaskedSoftmaxForward(const AttentionArgs<double>&, const double*,
                                   double*, double*);

}  // namespace reference

template <class T>
void BiasTableGradient(const AttentionMask& mask, int64_t heads, int64_t reach,
                       const T* d_scores, T* d_bias) {
  const int64_t width = 2 * reach + 1;
  std::fill(d_bias, d_bias + heads * width, T(0));
  for (int64_t b = 0; b < mask.batch(); ++b) {
    for (int64_t h = 0; h < heads; ++h) {
      for (int64_t i = 0; i < mask.queries(); ++i) {
        const T* row =
            d_scores + ((b * heads + h) * mask.queries() + i) * mask.keys();
        for (int64_t j = 0; j < mask.keys(); ++j) {
          if (!mask.Sees(b, i, j)) continue;
          const int64_t distance =
              mask.QueryPosition(b, i) - mask.KeyPosition(b, j);
          d_bias[h * width + reach + distance] += row[j];
        }
      }
    }
  }
}

template void BiasTableGradient(const AttentionMask&, int64_t, int64_t,
                                const double*, double*);
template void BiasTableGradient(const AttentionMask&, int64_t, int64_t,
                                const float*, float*);

}  // namespace archlab
