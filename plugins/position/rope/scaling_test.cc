// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Scaled rotary positions against the papers' formulae, as written there.

#include <cmath>
#include <complex>
#include <vector>

#include "archlab/position.h"
#include "archlab/testing.h"

namespace archlab {
namespace {

using ::testing::HasSubstr;

Surroundings WithHeadDim(int64_t head_dim) {
  Surroundings at = TestSurroundings();
  at.head_dim = head_dim;
  return at;
}

// What a position turns and multiplies its pairs by, read off position 1:
// no pair turns by more than a radian a token.
struct Turning {
  std::vector<double> frequencies;  // radians a token
  std::vector<double> factors;
};

Turning TurningOf(const std::string& config, int64_t head_dim) {
  const UnderTest<Position> rope("position/rope", config,
                                 WithHeadDim(head_dim));
  std::vector<double> ones(head_dim, 0);
  std::fill(ones.begin(), ones.begin() + head_dim / 2, 1);
  const Tensor x = Tensor::From({1, 1, 1, head_dim}, ones, DType::kF64);
  const Tensor y = rope->Rotate(x, TestPositions(1, 1, 1));
  Turning turning;
  for (int64_t i = 0; i < head_dim / 2; ++i) {
    const std::complex<double> z(y.At(i), y.At(i + head_dim / 2));
    turning.frequencies.push_back(std::arg(z));
    turning.factors.push_back(std::abs(z));
  }
  return turning;
}

void ExpectFrequencies(const Turning& turning,
                       const std::vector<double>& expected, double factor = 1) {
  ASSERT_EQ(turning.frequencies.size(), expected.size());
  for (size_t i = 0; i < expected.size(); ++i) {
    EXPECT_NEAR(turning.frequencies[i], expected[i], 1e-12 * expected[i]) << i;
    EXPECT_NEAR(turning.factors[i], factor, 1e-14) << i;
  }
}

double Unscaled(double theta, int64_t i, int64_t head_dim) {
  return std::pow(theta, -2.0 * i / head_dim);
}

// f'(x, m) = f(x, m L / L'): position m of the longer text is m / factor.
TEST(RopeScaling, LinearInterpolatesPositions) {
  const UnderTest<Position> plain("position/rope", "", WithHeadDim(8));
  const UnderTest<Position> linear("position/rope", "linear { factor: 4 }",
                                   WithHeadDim(8));
  const Tensor x = TestTensor({1, 1, 1, 8}, DType::kF64, 1);
  for (const int64_t p : {0, 1, 7, 500})
    EXPECT_TRUE(Near(linear->Rotate(x, TestPositions(1, 1, 4 * p)),
                     plain->Rotate(x, TestPositions(1, 1, p)), 1e-12));
}

// b' = b s^(D / (D - 2)): the first pair turns as before, the last one as with
// linear interpolation.
TEST(RopeScaling, NtkGrowsTheta) {
  const double theta = 10000 * std::pow(8, 128.0 / 126);
  std::vector<double> expected;
  for (int64_t i = 0; i < 64; ++i) expected.push_back(Unscaled(theta, i, 128));
  const Turning turning = TurningOf("ntk { factor: 8 }", 128);
  ExpectFrequencies(turning, expected);
  EXPECT_DOUBLE_EQ(turning.frequencies[0], 1);
  EXPECT_NEAR(turning.frequencies[63], Unscaled(10000, 63, 128) / 8, 1e-17);
}

// NTK-by-parts, definition 2 of the paper: r = L / wavelength, gamma ramps from
// alpha = 1 to beta = 32, h = (1 - gamma) theta / s + gamma theta; and
// sqrt(1 / t) = 0.1 ln s + 1. Llama 2 from 4,096 to 65,536 tokens.
TEST(RopeScaling, YarnByTurnsIsThePapersDefinition) {
  std::vector<double> expected;
  for (int64_t i = 0; i < 64; ++i) {
    const double frequency = Unscaled(10000, i, 128);
    const double wavelength = 2 * M_PI / frequency;
    const double r = 4096 / wavelength;
    const double gamma = r < 1 ? 0 : r > 32 ? 1 : (r - 1) / (32 - 1);
    expected.push_back((1 - gamma) * frequency / 16 + gamma * frequency);
  }
  ExpectFrequencies(TurningOf("yarn { factor: 16 original_max_tokens: 4096 "
                              "blend_by_turns: true }",
                              128),
                    expected, 1.2772588722239781);
}

// The same by indices: 32 turns within 4,096 tokens belong to index 20.9, one
// turn to 45.03, so the line falls from pair 20 to pair 46.
TEST(RopeScaling, YarnByIndexIsItsAuthorsCode) {
  std::vector<double> expected;
  for (int64_t i = 0; i < 64; ++i) {
    const double frequency = Unscaled(10000, i, 128);
    const double slowed = i <= 20 ? 0 : i >= 46 ? 1 : (i - 20) / 26.0;
    expected.push_back(slowed * frequency / 16 + (1 - slowed) * frequency);
  }
  ExpectFrequencies(
      TurningOf("yarn { factor: 16 original_max_tokens: 4096 }", 128), expected,
      1.2772588722239781);
}

// Where both ends are the same index, pairs beyond it are slowed.
TEST(RopeScaling, YarnWithoutRoomForABlend) {
  ExpectFrequencies(TurningOf("yarn { factor: 4 original_max_tokens: 2 }", 4),
                    {1, 0.01 / 4}, 0.1 * std::log(4) + 1);
}

TEST(RopeScaling, YarnTakesOtherTemperatures) {
  for (const double factor :
       TurningOf("yarn { factor: 16 original_max_tokens: 4096 "
                 "attention_factor: 0.5 }",
                 8)
           .factors)
    EXPECT_NEAR(factor, 0.5, 1e-15);
}

// The factor is in the gradient, and passes by what does not turn.
TEST(RopeScaling, YarnHasGradients) {
  const UnderTest<Position> rope(
      "position/rope",
      "fraction: 0.5 yarn { factor: 64 original_max_tokens: 12 }",
      WithHeadDim(8));
  Tensor x = TestTensor({1, 3, 2, 8}, DType::kF64, 1).SetRequiresGrad();
  const Tensor at = TestPositions(1, 3, 2);
  EXPECT_TRUE(GradientsMatch([&] { return rope->Rotate(x, at); }, {x}));
  const Tensor y = rope->Rotate(x, at);
  for (int64_t i = 4; i < 8; ++i) EXPECT_EQ(y.At(i), x.At(i));
}

// Llama 3.1: wavelengths up to 8192 / 4 = 2048 tokens stay, those from 8192 on
// become 8 times longer, those between are smoothed.
TEST(RopeScaling, Llama3IsAsPublished) {
  std::vector<double> expected;
  for (int64_t i = 0; i < 64; ++i) {
    const double frequency = Unscaled(500000, i, 128);
    const double wavelength = 2 * M_PI / frequency;
    if (wavelength < 2048) {
      expected.push_back(frequency);
    } else if (wavelength > 8192) {
      expected.push_back(frequency / 8);
    } else {
      const double smooth = (8192 / wavelength - 1) / (4 - 1);
      expected.push_back((1 - smooth) * frequency / 8 + smooth * frequency);
    }
  }
  const Turning turning = TurningOf("theta: 500000 llama3 {}", 128);
  ExpectFrequencies(turning, expected);
  // 2 pi 500000^(i / 64) passes 2048 tokens at i = 28.2 and 8192 at 34.98.
  EXPECT_DOUBLE_EQ(turning.frequencies[28], Unscaled(500000, 28, 128));
  EXPECT_LT(turning.frequencies[29], Unscaled(500000, 29, 128));
  EXPECT_GT(turning.frequencies[34], Unscaled(500000, 34, 128) / 8);
  EXPECT_DOUBLE_EQ(turning.frequencies[35], Unscaled(500000, 35, 128) / 8);
}

// A factor of 1 is no scaling.
TEST(RopeScaling, FactorOneChangesNothing) {
  const std::vector<double> plain = TurningOf("", 16).frequencies;
  for (const char* config :
       {"linear { factor: 1 }", "ntk { factor: 1 }",
        "yarn { factor: 1 original_max_tokens: 64 }",
        "yarn { factor: 1 original_max_tokens: 64 blend_by_turns: true }",
        "llama3 { factor: 1 original_max_tokens: 64 }"})
    ExpectFrequencies(TurningOf(config, 16), plain);
}

TEST(RopeScaling, RefusesWhatContradictsItself) {
  for (const auto& [config, head_dim, said, field] :
       {std::tuple{"ntk { factor: 2 }", 2, "at least two pairs", "5"},
        {"yarn { factor: 2 original_max_tokens: 8 beta_fast: 1 }", 8,
         "must be below beta_fast, 1, but is 1", "6.4"},
        {"llama3 { low_freq_factor: 4 }", 8,
         "must be below high_freq_factor, 4, but is 4", "7.2"}}) {
    const UnderTest<Position> rope("position/rope", config,
                                   WithHeadDim(head_dim));
    EXPECT_EQ(rope.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(rope.status().message(), HasSubstr(said));
    EXPECT_EQ(FieldErrorPath(rope.status()), field);
  }
}

}  // namespace
}  // namespace archlab
