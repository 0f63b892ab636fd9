// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Tiled attention against its own matrix products. Every iteration times both,
// one after the other, so that a busy machine slows both; `over_products` is
// the quotient of their best times: 1 would mean that softmax and the rest are
// free. The products are those of the strips, so a causal mask halves them too.

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <vector>

#include "archlab/parallel_for.h"
#include "archlab/random.h"
#include "benchmark/benchmark.h"
#include "kernels/attention.h"
#include "kernels/attention_context.h"

namespace archlab {
namespace {

using Floats = std::vector<float>;

Floats RandomFloats(int64_t n, uint64_t seed) {
  Random random(seed, 0, 0);
  Floats x(n);
  for (float& value : x) value = random.Uniform() - 0.5;
  return x;
}

// One causal problem with all that forward and backward need.
struct Problem {
  Problem(int64_t batch, int64_t heads, int64_t kv_heads, int64_t length,
          int64_t dim, int64_t window)
      : q(RandomFloats(batch * length * heads * dim, 1)),
        k(RandomFloats(batch * length * kv_heads * dim, 2)),
        v(RandomFloats(batch * length * kv_heads * dim, 3)),
        out(q.size()),
        d_out(RandomFloats(q.size(), 4)),
        d_q(q.size()),
        d_k(k.size()),
        d_v(v.size()),
        lse(batch * heads * length) {
    AttentionPattern pattern;
    pattern.causal = true;
    if (window > 0) {
      pattern.sees = std::make_shared<TilePattern>(
          [window](int64_t query, int64_t key) { return query - key < window; },
          true, window - 1);
    }
    mask = std::make_unique<AttentionMask>(pattern, batch, length, length);
    args.heads = heads;
    args.kv_heads = kv_heads;
    args.dim = dim;
    args.q = q.data();
    args.k = k.data();
    args.v = v.data();
    args.scale = 0.125;
    args.mask = mask.get();
  }

  Floats q, k, v, out, d_out, d_q, d_k, d_v, lse;
  std::unique_ptr<AttentionMask> mask;
  AttentionArgs<float> args;
};

// The products of all strips; backward has five where forward has two.
void RunProducts(Problem& p, bool backward) {
  const AttentionContext context(p.args);
  const int64_t stride = context.query_stride();
  const int64_t dim = p.args.dim, group = p.args.group();
  ParallelFor(
      p.mask->batch() * p.args.kv_heads, 1, [&](int64_t begin, int64_t end) {
        Floats scores(kStripRows * p.mask->key_tiles() * kTile);
        for (int64_t task = begin; task < end; ++task) {
          for (int64_t i = 0; i < group * context.strips(); ++i) {
            const int64_t b = task / p.args.kv_heads;
            const int64_t h =
                task % p.args.kv_heads * group + i / context.strips();
            const Strip strip = context.MakeStrip(b, i % context.strips());
            const int64_t at = context.QueryAt(b, strip.begin, h);
            for (const Strip::Run& run : strip.runs) {
              const int64_t key = context.KeyAt(b, run.key, h / group);
              const Strided keys = {p.k.data() + key, context.key_stride()};
              const Strided rows = {p.q.data() + at, stride};
              const Strided s = {scores.data(), strip.stride()};
              for (int n = 0; n < (backward ? 2 : 1); ++n) {
                StripProduct(strip.rows, run.count, dim, 1, rows,
                             {keys.data, keys.stride, true}, false,
                             scores.data(), strip.stride());
              }
              StripProduct(strip.rows, dim, run.count, 1, s, keys, false,
                           p.d_q.data() + at, stride);
              for (int n = 0; n < (backward ? 2 : 0); ++n) {
                StripProduct(run.count, dim, strip.rows, 1,
                             {s.data, s.stride, true}, rows, true,
                             p.d_k.data() + key, context.key_stride());
              }
            }
          }
        }
      });
}

// CPU time of all threads: that of others on the machine does not count.
template <class F>
double Seconds(const F& f) {
  const std::clock_t start = std::clock();
  f();
  return double(std::clock() - start) / CLOCKS_PER_SEC;
}

void Compare(benchmark::State& state, bool backward) {
  Problem p(state.range(0), state.range(1), state.range(2), state.range(3), 64,
            state.range(4));
  AttentionForward(p.args, p.out.data(), p.lse.data());
  double best = 1e30, best_products = 1e30;
  for (auto _ : state) {
    const double seconds = Seconds([&] {
      if (backward) {
        AttentionBackward(p.args, p.out.data(), p.lse.data(), p.d_out.data(),
                          p.d_q.data(), p.d_k.data(), p.d_v.data(), nullptr);
      } else {
        AttentionForward(p.args, p.out.data(), p.lse.data());
      }
    });
    state.SetIterationTime(seconds);
    best = std::min(best, seconds);
    best_products =
        std::min(best_products, Seconds([&] { RunProducts(p, backward); }));
  }
  state.counters["best_ms"] = 1e3 * best;
  state.counters["products_ms"] = 1e3 * best_products;
  state.counters["over_products"] = best / best_products;
}

void Forward(benchmark::State& state) { Compare(state, false); }
void Backward(benchmark::State& state) { Compare(state, true); }

// Batch, heads, key heads, length, window (0: none).
void Shapes(benchmark::internal::Benchmark* bench) {
  bench->ArgNames({"B", "H", "Hkv", "T", "window"});
  bench->Args({16, 6, 6, 256, 0});
  bench->Args({4, 6, 6, 1024, 0});
  bench->Args({4, 6, 2, 1024, 0});
  bench->Args({1, 6, 6, 4096, 0});
  bench->Args({1, 6, 6, 4096, 256});
  bench->Args({12, 2, 2, 64, 0});
  bench->UseManualTime()->Unit(benchmark::kMillisecond);
}
BENCHMARK(Forward)->Apply(Shapes);
BENCHMARK(Backward)->Apply(Shapes);

// One decoding step: the last query against all keys.
void Decode(benchmark::State& state) {
  const int64_t heads = 12, dim = 64, keys = state.range(0);
  const Floats q = RandomFloats(heads * dim, 1);
  const Floats k = RandomFloats(keys * heads * dim, 2);
  const Floats v = RandomFloats(keys * heads * dim, 3);
  Floats out(heads * dim);
  AttentionPattern pattern;
  pattern.causal = true;
  const AttentionMask mask(pattern, 1, 1, keys);
  AttentionArgs<float> args;
  args.heads = args.kv_heads = heads;
  args.dim = dim;
  args.q = q.data();
  args.k = k.data();
  args.v = v.data();
  args.scale = 0.125;
  args.mask = &mask;
  for (auto _ : state) AttentionDecode(args, out.data());
  state.SetBytesProcessed(state.iterations() * 2 * keys * heads * dim *
                          sizeof(float));
}
BENCHMARK(Decode)->ArgName("keys")->Arg(64)->Arg(1024)->Arg(8192);

}  // namespace
}  // namespace archlab
