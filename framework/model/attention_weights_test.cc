// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// The weights that a watched pass shows: of every attention of the catalogue,
// in an encoder, a decoder and across; against plain loops.

#include "nn/attention_weights.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "archlab/testing.h"
#include "model/every_stack.h"
#include "nn/attention_call.h"

namespace archlab {
namespace {

constexpr int64_t kRows = 2, kTokens = 11, kHeads = 4, kDim = 4;

enum class Side { kEncoder, kDecoder, kCross };

struct WatchedCase {
  std::string component;
  Side side = Side::kDecoder;
  int64_t kv_heads = kHeads;
  bool padded = false;
  DType dtype = DType::kF32;

  Surroundings At() const {
    Surroundings at = TestSurroundings(dtype);
    at.kv_heads = kv_heads;
    at.causal = side == Side::kDecoder;
    at.cross = side == Side::kCross;
    return at;
  }
};

std::vector<WatchedCase> WatchedCases() {
  std::vector<WatchedCase> cases;
  for (const std::string& component : BuiltCatalogue().Names("attention")) {
    const Traits& traits = TraitsOf(component);
    for (const Side side : {Side::kEncoder, Side::kDecoder, Side::kCross}) {
      if (side == Side::kEncoder && !traits.bidirectional()) continue;
      if (side == Side::kDecoder && !traits.causal()) continue;
      if (side == Side::kCross && !traits.cross()) continue;
      for (const int64_t kv_heads : {kHeads, int64_t{2}})
        for (const bool padded : {false, true})
          cases.push_back({component, side, kv_heads, padded});
    }
  }
  return cases;
}

std::string WatchedName(const testing::TestParamInfo<WatchedCase>& info) {
  const char* const sides[] = {"encoder", "decoder", "cross"};
  std::string name = absl::StrCat(
      info.param.component.substr(info.param.component.find('/') + 1), "_",
      sides[static_cast<int>(info.param.side)], "_", info.param.kv_heads,
      info.param.padded ? "_padded" : "");
  return name;
}

// A call of the core, watched. Row 1 of a padded batch has 3 tokens of padding
// on the left.
struct Watched {
  explicit Watched(const WatchedCase& c, double bias = 0)
      : at(c.At()),
        core(c.component, ConfigText(c.component, EveryStack(true)[0]), at),
        segments(Tensor::Zeros({kRows, kTokens}, DType::kI32)) {
    const int64_t queries = c.side == Side::kCross ? 6 : kTokens;
    q = TestTensor({kRows, queries, kHeads, kDim}, c.dtype, 1);
    k = TestTensor({kRows, kTokens, c.kv_heads, kDim}, c.dtype, 2);
    v = TestTensor({kRows, kTokens, c.kv_heads, kDim}, c.dtype, 3);
    if (c.padded)
      for (int64_t t = 0; t < 3; ++t) segments.Set(kTokens + t, -1);
    Run(c, queries, bias);
  }

  void Run(const WatchedCase& c, int64_t queries, double bias) {
    PassOptions options;
    options.attention = [&](const std::string& path, const Tensor& shown) {
      EXPECT_EQ(path, "here");
      weights = shown;
      ++calls;
    };
    PassTokens tokens = {.batch = kRows, .tokens = queries};
    if (c.padded && c.side != Side::kCross) tokens.segments = segments;
    Pass pass(options, tokens);
    KeyFrame keys;
    if (c.side == Side::kCross) {
      keys = KeyFrame::Cross(pass, segments);
    } else if (c.padded) {
      keys.query_positions = keys.key_positions = pass.positions();
      keys.query_segments = keys.key_segments = segments;
    }
    if (bias != 0) {
      keys.reach = kTokens - 1;
      keys.bias = TestTensor({kHeads, 2 * kTokens - 1}, DType::kF32, 9, bias);
      bias_table = keys.bias;
    }
    const auto rule = std::make_shared<TilePattern>(
        [this](int64_t query, int64_t key) { return core->Sees(query, key); },
        at.causal, core->MaxDistance());
    const Tensor x = TestTensor({kRows, queries, 16}, c.dtype, 4);
    const AttentionCall call(x, q, k, v, *core.get(), rule, at, keys, pass, 0,
                             "here");
    y = call.Run().View({kRows, queries, kHeads, kDim});
  }

  // Positions count from the first real token.
  int64_t Place(int64_t b, int64_t t) const {
    return t - (segments.At(b * kTokens) < 0 ? 3 : 0);
  }
  bool Allowed(int64_t b, int64_t i, int64_t j) const {
    if (segments.At(b * kTokens + j) < 0) return false;
    if (at.cross) return true;
    if (segments.At(b * kTokens + i) < 0) return false;
    return (!at.causal || j <= i) && core->Sees(Place(b, i), Place(b, j));
  }
  double Weight(int64_t b, int64_t h, int64_t i, int64_t j) const {
    return weights.At(((b * kHeads + h) * q.dim(1) + i) * kTokens + j);
  }
  // Channel d of weights times values.
  double Product(int64_t b, int64_t h, int64_t i, int64_t d) const {
    const int64_t group = kHeads / v.dim(2);
    double sum = 0;
    for (int64_t j = 0; j < kTokens; ++j)
      sum += Weight(b, h, i, j) *
             v.At(((b * kTokens + j) * v.dim(2) + h / group) * kDim + d);
    return sum;
  }
  double Output(int64_t b, int64_t h, int64_t i, int64_t d) const {
    return y.At(((b * q.dim(1) + i) * kHeads + h) * kDim + d);
  }

  const Surroundings at;
  mutable UnderTest<Attention> core;
  Tensor q, k, v, y;  // [B, T, heads, D]
  Tensor segments, weights, bias_table;
  int calls = 0;
};

class WatchedAttention : public testing::TestWithParam<WatchedCase> {};

TEST_P(WatchedAttention, ShowsWhatMultipliesTheValues) {
  const Watched w(GetParam());
  ASSERT_EQ(w.calls, 1);
  ASSERT_EQ(w.weights.shape(), Shape({kRows, kHeads, w.q.dim(1), kTokens}));
  EXPECT_EQ(w.weights.dtype(), DType::kF32);
  // Of a pair of heads, whose output is normed, the direction is left.
  const bool normed = GetParam().component == "attention/differential";
  for (int64_t b = 0; b < kRows; ++b)
    for (int64_t h = 0; h < kHeads; ++h)
      for (int64_t i = 0; i < w.q.dim(1); ++i) {
        double scale = 1;
        if (normed) {
          double product = 0, output = 0;
          for (const int64_t head : {h % 2, h % 2 + 2})
            for (int64_t d = 0; d < kDim; ++d) {
              product += std::pow(w.Product(b, head, i, d), 2);
              output += std::pow(w.Output(b, head, i, d), 2);
            }
          scale = product > 0 ? std::sqrt(output / product) : 0;
        }
        for (int64_t d = 0; d < kDim; ++d)
          EXPECT_NEAR(scale * w.Product(b, h, i, d), w.Output(b, h, i, d), 2e-5)
              << b << " " << h << " " << i;
      }
}

TEST_P(WatchedAttention, GivesNothingToMaskedPairsAndOneInAll) {
  const Watched w(GetParam());
  const bool weighs = GetParam().component == "attention/differential" ||
                      GetParam().component == "attention/moe_heads";
  for (int64_t b = 0; b < kRows; ++b)
    for (int64_t h = 0; h < kHeads; ++h)
      for (int64_t i = 0; i < w.q.dim(1); ++i) {
        double sum = 0;
        bool any = false;
        for (int64_t j = 0; j < kTokens; ++j) {
          sum += w.Weight(b, h, i, j);
          any |= w.Allowed(b, i, j);
          if (!w.Allowed(b, i, j)) {
            EXPECT_EQ(w.Weight(b, h, i, j), 0);
          }
        }
        if (!weighs) {
          EXPECT_NEAR(sum, any ? 1 : 0, 1e-5);
        }
      }
}

INSTANTIATE_TEST_SUITE_P(Catalogue, WatchedAttention,
                         testing::ValuesIn(WatchedCases()), WatchedName);

TEST(WatchedDense, IsTheSoftmaxOfItsScores) {
  for (const Side side : {Side::kEncoder, Side::kDecoder, Side::kCross})
    for (const int64_t kv_heads : {4, 2, 1}) {
      const bool cross = side == Side::kCross;
      const Watched w({"attention/dense", side, kv_heads, true},
                      cross ? 0 : 0.7);
      for (int64_t b = 0; b < kRows; ++b)
        for (int64_t h = 0; h < kHeads; ++h)
          for (int64_t i = 0; i < w.q.dim(1); ++i) {
            std::map<int64_t, double> p;
            double total = 0;
            for (int64_t j = 0; j < kTokens; ++j) {
              if (!w.Allowed(b, i, j)) continue;
              double score = 0;
              const int64_t kv = h / (kHeads / kv_heads);
              for (int64_t d = 0; d < kDim; ++d)
                score +=
                    w.q.At(((b * w.q.dim(1) + i) * kHeads + h) * kDim + d) *
                    w.k.At(((b * kTokens + j) * kv_heads + kv) * kDim + d);
              score *= 0.5;  // 1 / sqrt(4)
              if (!cross)
                score += w.bias_table.At(h * (2 * kTokens - 1) + kTokens - 1 +
                                         i - j);
              total += p[j] = std::exp(score);
            }
            for (const auto& [j, mass] : p)
              EXPECT_NEAR(w.Weight(b, h, i, j), mass / total, 1e-5);
          }
    }
}

TEST(WatchedDense, WeightsOfABf16ModelAreThoseOfItsQueriesAndKeys) {
  const Watched exact({"attention/dense", Side::kDecoder, 2, false});
  const Watched rounded(
      {"attention/dense", Side::kDecoder, 2, false, DType::kBF16});
  ASSERT_TRUE(rounded.weights.defined());
  EXPECT_TRUE(Near(rounded.weights, exact.weights, 3e-2));
}

// A rule that no weights of pairs express.
class Squares final : public Attention {
 public:
  Tensor Attend(const AttentionInput& input) const override {
    return Square(input.Tiled());
  }
};

TEST(WatchedCore, ThatIsNoSumOfValuesShowsNothing) {
  const Surroundings at = TestSurroundings(DType::kF32);
  const Squares core;
  int calls = 0;
  PassOptions options;
  options.attention = [&](const std::string&, const Tensor& weights) {
    EXPECT_FALSE(weights.defined());
    ++calls;
  };
  Pass pass(options, {.batch = 1, .tokens = 5});
  const Tensor q = TestTensor({1, 5, 4, 4}, DType::kF32, 1);
  AttentionCall(TestTensor({1, 5, 16}, DType::kF32, 2), q, q, q, core, nullptr,
                at, KeyFrame(), pass, 0, "here")
      .Run();
  EXPECT_EQ(calls, 1);
}

// Every sequence part of every stack is shown once, in order, and watching
// changes no logit.
class WatchedStack : public testing::TestWithParam<StackCase> {};

TEST_P(WatchedStack, ShowsEveryLayer) {
  const auto model = BuildStack(GetParam(), DType::kF32);
  const Batch batch = RandomBatch(2, 9, 5);
  std::vector<std::string> paths;
  PassOptions options;
  options.attention = [&](const std::string& path, const Tensor& weights) {
    paths.push_back(path);
    EXPECT_EQ(weights.defined(), GetParam().sequence != "mixer/linear");
    if (weights.defined()) {
      EXPECT_EQ(weights.shape(), Shape({2, weights.dim(1), 9, 9}));
    }
  };
  const Tensor watched = model->Logits(batch, options);
  EXPECT_TRUE(SameBits(watched, model->Logits(batch, {})));
  const std::string stack = GetParam().causal ? "decoder." : "encoder.";
  const std::string part = IsMixer(GetParam()) ? ".mixer" : ".attention";
  EXPECT_EQ(paths,
            (std::vector<std::string>{stack + "0" + part, stack + "1" + part}));
}

INSTANTIATE_TEST_SUITE_P(Decoders, WatchedStack,
                         testing::ValuesIn(EveryStack(true)), CaseName);
INSTANTIATE_TEST_SUITE_P(Encoders, WatchedStack,
                         testing::ValuesIn(EveryStack(false)), CaseName);

}  // namespace
}  // namespace archlab
