// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Latent attention against loops over pairs.

#include <cmath>
#include <vector>

#include "archlab/mixer.h"
#include "archlab/testing.h"

namespace archlab {
namespace {

ARCHLAB_CONTRACT("mixer/latent", "");
ARCHLAB_CONTRACT("mixer/latent",
                 "heads: 2 head_dim: 6 rope_dim: 4 kv_latent: 5 q_latent: 7");
ARCHLAB_CONTRACT("mixer/latent", "heads: 3 head_dim: 3 theta: 100");

// Softmax attention over the keys up to the query.
class CausalInput final : public MixerInput {
 public:
  explicit CausalInput(const Tensor& x)
      : x_(x), positions_(TestPositions(x.dim(0), x.dim(1))) {}
  const Tensor& x() const override { return x_; }
  MixerState* state() const override { return nullptr; }
  const Tensor& segments() const override { return none_; }
  const Tensor& positions() const override { return positions_; }
  Tensor Attend(const Tensor& q, const Tensor& k, const Tensor& v,
                double scale) const override {
    const int64_t tokens = q.dim(1);
    Tensor mask = Tensor::Zeros({tokens, tokens}, DType::kI32);
    for (int64_t i = 0; i < tokens; ++i)
      for (int64_t j = 0; j <= i; ++j) mask.Set(i * tokens + j, 1);
    const Tensor scores =
        MatMul(Permute(q, {0, 2, 1, 3}), Permute(k, {0, 2, 1, 3}), false, true);
    const Tensor weights = Softmax(MaskFill(scores * scale, mask, -1e300));
    return Permute(MatMul(weights, Permute(v, {0, 2, 1, 3})), {0, 2, 1, 3});
  }

 private:
  const Tensor x_, positions_, none_;
};

using Rows = std::vector<std::vector<double>>;

Rows ToRows(const Tensor& x) {
  Rows rows(x.size() / x.dim(-1));
  for (int64_t i = 0; i < x.size(); ++i) rows[i / x.dim(-1)].push_back(x.At(i));
  return rows;
}

Rows Project(const Rows& x, const Tensor& weight) {
  Rows y(x.size());
  for (size_t t = 0; t < x.size(); ++t)
    for (int64_t o = 0; o < weight.dim(0); ++o) {
      double sum = 0;
      for (size_t i = 0; i < x[t].size(); ++i)
        sum += weight.At(o * weight.dim(1) + i) * x[t][i];
      y[t].push_back(sum);
    }
  return y;
}

Rows Normed(Rows x) {
  for (auto& row : x) {
    double square = 0;
    for (const double e : row) square += e * e / double(row.size());
    for (double& e : row) e /= std::sqrt(square + 1e-6);
  }
  return x;
}

// Channels [begin, begin + dim) of row t turned by its position t.
std::vector<double> Turned(const Rows& x, size_t t, int64_t begin,
                           int64_t dim) {
  std::vector<double> y(dim);
  for (int64_t i = 0; i < dim / 2; ++i) {
    const double angle = double(t) * std::pow(10000.0, -2.0 * i / dim);
    const double a = x[t][begin + i], b = x[t][begin + dim / 2 + i];
    y[i] = a * std::cos(angle) - b * std::sin(angle);
    y[dim / 2 + i] = a * std::sin(angle) + b * std::cos(angle);
  }
  return y;
}

TEST(Latent, IsTheDefinition) {
  UnderTest<Mixer> mixer(
      "mixer/latent",
      "heads: 2 head_dim: 6 rope_dim: 4 kv_latent: 5 q_latent: 7");
  const auto weight = [&](const char* name) {
    return mixer.ParameterValue(name);
  };
  const int64_t heads = 2, dim = 6, rope = 4;
  const Tensor x = TestTensor({1, 9, 16}, DType::kF64, 1);
  const Rows rows = ToRows(x);
  const Rows cq = Normed(Project(rows, weight("q_down.weight")));
  const Rows c = Normed(Project(rows, weight("kv_down.weight")));
  const Rows q = Project(cq, weight("q.weight"));
  const Rows qr = Project(cq, weight("q_rope.weight"));
  const Rows k = Project(c, weight("k.weight"));
  const Rows v = Project(c, weight("v.weight"));
  const Rows kr = Project(rows, weight("k_rope.weight"));
  Rows mixed(9, std::vector<double>(heads * dim));
  for (int64_t h = 0; h < heads; ++h)
    for (size_t i = 0; i < 9; ++i) {
      const auto turned = Turned(qr, i, h * rope, rope);
      double total = 0;
      for (size_t j = 0; j <= i; ++j) {
        const auto key = Turned(kr, j, 0, rope);
        double score = 0;
        for (int64_t d = h * dim; d < (h + 1) * dim; ++d)
          score += q[i][d] * k[j][d];
        for (int64_t d = 0; d < rope; ++d) score += turned[d] * key[d];
        const double p = std::exp(score / std::sqrt(double(dim + rope)));
        total += p;
        for (int64_t d = h * dim; d < (h + 1) * dim; ++d)
          mixed[i][d] += p * v[j][d];
      }
      for (int64_t d = h * dim; d < (h + 1) * dim; ++d) mixed[i][d] /= total;
    }
  const Rows expected = Project(mixed, weight("out.weight"));
  const Tensor y = mixer->Forward(CausalInput(x), mixer.Context(1, 9));
  for (size_t t = 0; t < 9; ++t)
    for (int64_t i = 0; i < 16; ++i)
      EXPECT_NEAR(y.At(int64_t(t) * 16 + i), expected[t][i], 1e-12);
}

TEST(Latent, CachesOnlyLatentsAndRotaryKeys) {
  const UnderTest<Mixer> mixer("mixer/latent", "kv_latent: 8 rope_dim: 2");
  EXPECT_EQ(mixer->StateBytes(100), 100 * (8 + 2) * 8);
}

TEST(Latent, SizesFit) {
  EXPECT_FALSE(UnderTest<Mixer>("mixer/latent", "heads: 3").status().ok());
  EXPECT_FALSE(UnderTest<Mixer>("mixer/latent", "rope_dim: 3").status().ok());
}

}  // namespace
}  // namespace archlab
