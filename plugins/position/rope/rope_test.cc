// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Rotary positions against complex multiplication.

#include <cmath>
#include <complex>

#include "archlab/position.h"
#include "archlab/testing.h"

namespace archlab {
namespace {

using ::testing::HasSubstr;

ARCHLAB_CONTRACT("position/rope", "");
ARCHLAB_CONTRACT("position/rope", "interleaved: true theta: 100");
ARCHLAB_CONTRACT("position/rope", "fraction: 0.5");
ARCHLAB_CONTRACT("position/rope", "linear { factor: 4 }");
ARCHLAB_CONTRACT("position/rope", "ntk { factor: 4 } interleaved: true");
ARCHLAB_CONTRACT("position/rope",
                 "yarn { factor: 4 original_max_tokens: 12 attention_factor: 1 "
                 "beta_fast: 1.5 }");
ARCHLAB_CONTRACT("position/rope", "llama3 { original_max_tokens: 12 }");

Surroundings WithHeadDim(int64_t head_dim) {
  Surroundings at = TestSurroundings();
  at.head_dim = head_dim;
  return at;
}

// Channels first and second of the only head, turned together by `angle`.
void ExpectTurned(const Tensor& x, const Tensor& y, int64_t first,
                  int64_t second, double angle) {
  const std::complex<double> expected =
      std::complex<double>(x.At(first), x.At(second)) * std::polar(1.0, angle);
  EXPECT_NEAR(y.At(first), expected.real(), 1e-9);
  EXPECT_NEAR(y.At(second), expected.imag(), 1e-9);
}

TEST(Rope, TurnsHalvesTogether) {
  const UnderTest<Position> rope("position/rope", "", WithHeadDim(8));
  const Tensor x = TestTensor({1, 1, 1, 8}, DType::kF64, 1);
  for (const int64_t p : {0, 1, 11, 3000}) {
    const Tensor y = rope->Rotate(x, TestPositions(1, 1, p));
    for (int64_t i = 0; i < 4; ++i)
      ExpectTurned(x, y, i, i + 4, p / std::pow(10000.0, 2.0 * i / 8));
  }
}

TEST(Rope, TurnsNeighboursTogether) {
  const UnderTest<Position> rope(
      "position/rope", "interleaved: true theta: 500", WithHeadDim(8));
  const Tensor x = TestTensor({1, 1, 1, 8}, DType::kF64, 1);
  const Tensor y = rope->Rotate(x, TestPositions(1, 1, 7));
  for (int64_t i = 0; i < 4; ++i)
    ExpectTurned(x, y, 2 * i, 2 * i + 1, 7 / std::pow(500.0, 2.0 * i / 8));
}

TEST(Rope, PassesTheRestUnchanged) {
  const UnderTest<Position> rope("position/rope", "fraction: 0.5",
                                 WithHeadDim(8));
  const Tensor x = TestTensor({1, 1, 1, 8}, DType::kF64, 1);
  const Tensor y = rope->Rotate(x, TestPositions(1, 1, 7));
  for (int64_t i = 0; i < 2; ++i)
    ExpectTurned(x, y, i, i + 2, 7 / std::pow(10000.0, 2.0 * i / 4));
  for (int64_t i = 4; i < 8; ++i) EXPECT_EQ(y.At(i), x.At(i));
}

TEST(Rope, RefusesAnOddNumberOfChannels) {
  for (const auto& [config, head_dim, said] :
       {std::tuple{"", 5, "1 * 5 = 5"},
        {"fraction: 0.3", 8, "0.3 * 8 = 2.4"},
        {"fraction: 0.25", 4, "0.25 * 4 = 1"}}) {
    const UnderTest<Position> rope("position/rope", config,
                                   WithHeadDim(head_dim));
    EXPECT_EQ(rope.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(rope.status().message(), HasSubstr(said));
    EXPECT_EQ(FieldErrorPath(rope.status()), "3");
  }
  const UnderTest<Position> nothing("position/rope", "", WithHeadDim(0));
  EXPECT_THAT(nothing.status().message(),
              HasSubstr("turns the heads of attention, but the stack has none; "
                        "take [position/learned] or [position/none]"));
}

}  // namespace
}  // namespace archlab
