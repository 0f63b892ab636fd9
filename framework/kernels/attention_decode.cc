// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Attention of a few queries, as in decoding: every key and value is read once,
// straight from the cache, and nothing is packed or converted in bulk.

#include <algorithm>
#include <type_traits>
#include <vector>

#include "archlab/parallel_for.h"
#include "kernels/attention.h"
#include "kernels/attention_bias.h"
#include "kernels/attention_rows.h"
#include "kernels/convert.h"
#include "kernels/flops.h"

namespace archlab {
namespace {

// Keys times dimensions: below kSerialElements a thread is not worth waking.
constexpr int64_t kSerialElements = 32768, kTaskElements = 16384;

// Buffers of one task.
struct DecodeScratch {
  std::vector<float> scores, query, sum;
};

template <class T>
void DecodeRow(const AttentionArgs<T>& args, int64_t b, int64_t h, int64_t t,
               const std::vector<float>& bias, DecodeScratch& scratch, T* out) {
  const AttentionMask& mask = *args.mask;
  const int64_t dim = args.dim, stride = args.kv_heads * dim;
  const int64_t at = ((b * mask.queries() + t) * args.heads + h) * dim;
  const int64_t row_tokens =
      args.row_tokens == 0 ? mask.keys() : args.row_tokens;
  const int64_t head =
      (b * row_tokens * args.kv_heads + h / args.group()) * dim;
  const Strip strip(mask, b, t, 1);
  scratch.scores.resize(strip.stride());
  scratch.query.resize(dim);
  scratch.sum.assign(dim, 0);
  Convert<T, float>(args.q + at, scratch.query.data(), dim);
  for (const Strip::Run& run : strip.runs) {
    KeyDots(run.count, dim, stride, scratch.query.data(),
            args.k + head + run.key * stride, args.scale,
            scratch.scores.data() + run.column);
  }
  if (!bias.empty()) {
    AddBias(mask, b, strip, bias.data() + h * (2 * args.reach + 1), args.reach,
            scratch.scores.data());
  }
  float lse, inverse_sum;
  SoftmaxRows(RowsOf(strip), 1, scratch.scores.data(), &lse, &inverse_sum);
  for (const Strip::Run& run : strip.runs) {
    CountProduct(2, run.count, dim);  // scores and values
    AddValues(run.count, dim, stride, scratch.scores.data() + run.column,
              args.v + head + run.key * stride, scratch.sum.data());
  }
  ScaleRows(1, dim, dim, &inverse_sum, scratch.sum.data());
  Convert<float, T>(scratch.sum.data(), out + at, dim);
}

}  // namespace

template <class T>
void AttentionDecode(const AttentionArgs<T>& args, T* out) {
  const AttentionMask& mask = *args.mask;
  std::vector<float> bias;
  if (args.bias != nullptr) {
    bias.resize(args.heads * (2 * args.reach + 1));
    ReverseRows(static_cast<const float*>(args.bias), args.heads,
                2 * args.reach + 1, bias.data());
  }
  const int64_t cost = mask.keys() * mask.queries() * args.group() * args.dim;
  const int64_t tasks = mask.batch() * args.kv_heads;
  const int64_t grain =
      tasks * cost <= kSerialElements
          ? std::max<int64_t>(1, tasks)
          : std::max<int64_t>(1, kTaskElements / std::max<int64_t>(1, cost));
  ParallelFor(tasks, grain, [&](int64_t begin, int64_t end) {
    DecodeScratch scratch;
    for (int64_t task = begin; task < end; ++task) {
      const int64_t b = task / args.kv_heads;
      const int64_t first = task % args.kv_heads * args.group();
      for (int64_t g = 0; g < args.group(); ++g) {
        for (int64_t t = 0; t < mask.queries(); ++t) {
          DecodeRow(args, b, first + g, t, bias, scratch, out);
        }
      }
    }
  });
}

template void AttentionDecode(const AttentionArgs<float>&, float*);
template void AttentionDecode(const AttentionArgs<BF16>&, BF16*);

}  // namespace archlab
