// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Elementwise kernels against the reference.

#include "kernels/elementwise.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "archlab/random.h"
#include "kernels/convert.h"
#include "kernels/reference.h"
#include "kernels/test_data.h"

namespace archlab {
namespace {

template <class T>
class ElementwiseTest : public testing::Test {};
using Types = testing::Types<float, BF16>;
TYPED_TEST_SUITE(ElementwiseTest, Types);

struct UnaryCase {
  UnaryOp op;
  const char* name;
  double slack;        // units in the last place, forward
  double slope_slack;  // the same for the derivative
  bool positive;       // defined for positive numbers only
};
constexpr UnaryCase kUnaryCases[] = {
    {UnaryOp::kExp, "exp", 4, 4, false},
    {UnaryOp::kLog, "log", 4, 2, true},
    {UnaryOp::kSqrt, "sqrt", 1, 2, true},
    {UnaryOp::kAbs, "abs", 0, 1, false},
    {UnaryOp::kSquare, "square", 1, 2, false},
    {UnaryOp::kTanh, "tanh", 4, 8, false},
    {UnaryOp::kSigmoid, "sigmoid", 4, 8, false},
    {UnaryOp::kSoftplus, "softplus", 4, 4, false},
    {UnaryOp::kRelu, "relu", 0, 1, false},
    {UnaryOp::kReluSquared, "relu squared", 1, 2, false},
    {UnaryOp::kGeluErf, "gelu erf", 4, 8, false},
    {UnaryOp::kGeluTanh, "gelu tanh", 4, 12, false},
    {UnaryOp::kSilu, "silu", 4, 8, false},
    {UnaryOp::kElu, "elu", 4, 4, false},
};

TYPED_TEST(ElementwiseTest, UnaryMatchesReference) {
  using T = TypeParam;
  for (const UnaryCase& test : kUnaryCases) {
    for (const int64_t n : kLengths) {
      Data<T> x = Numbers<T>(n, 1, 3);
      if (test.positive) UnaryForward(UnaryOp::kAbs, x.data(), x.data(), n);
      for (int64_t i = 0; i < n; ++i) x.exact[i] = ToDouble(x.values[i]);
      const Data<T> dy = Numbers<T>(n, 2);
      Data<T> y = Filled<T>(n, 99), dx = Filled<T>(n, 99);
      UnaryForward(test.op, x.data(), y.data(), n);
      UnaryBackward(test.op, x.data(), dy.data(), dx.data(), n);
      std::vector<double> want(n), want_dx(n);
      reference::UnaryForward(test.op, x.exact.data(), want.data(), n);
      reference::UnaryBackward(test.op, x.exact.data(), dy.exact.data(),
                               want_dx.data(), n);
      ExpectNear(y.values, want, 1, test.slack, test.name);
      ExpectNear(dx.values, want_dx, 4, test.slope_slack, test.name);
    }
  }
}

// Far out nothing overflows that should not, and NaNs are not hidden.
TEST(UnaryTest, ExtremeInputsMatchReference) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const std::vector<double> inputs = {
      0,    20,  -20,  88,   -88,   89,        -89,         104,
      -104, 1e4, -1e4, 1e30, -1e30, kInfinity, std::nan("")};
  for (const UnaryCase& test : kUnaryCases) {
    std::vector<float> x(inputs.begin(), inputs.end()), y(x.size());
    UnaryForward(test.op, x.data(), y.data(), x.size());
    std::vector<double> exact(x.begin(), x.end()), want(x.size());
    reference::UnaryForward(test.op, exact.data(), want.data(), x.size());
    for (size_t i = 0; i < x.size(); ++i) {
      const float rounded = float(want[i]);
      if (std::isnan(rounded)) {
        EXPECT_TRUE(std::isnan(y[i])) << test.name << " of " << x[i];
      } else if (std::isinf(rounded)) {
        EXPECT_EQ(y[i], rounded) << test.name << " of " << x[i];
      } else {
        // 89 units: x itself, rounded, has that effect on e^x.
        EXPECT_NEAR(y[i], rounded, 1e-5 * std::abs(rounded) + 1e-7)
            << test.name << " of " << x[i];
      }
    }
  }
}

struct BroadcastCase {
  Shape a, b, y;
};
const BroadcastCase kBroadcastCases[] = {
    {{5}, {5}, {5}},
    {{}, {}, {}},
    {{3, 17}, {17}, {3, 17}},
    {{17}, {3, 17}, {3, 17}},
    {{3, 17}, {3, 1}, {3, 17}},
    {{3, 1}, {1, 17}, {3, 17}},
    {{2, 3, 65}, {1, 3, 65}, {2, 3, 65}},
    {{2, 1, 3, 1}, {5, 1, 7}, {2, 5, 3, 7}},
    {{4, 9}, {}, {4, 9}},
    {{1, 1}, {1}, {1, 1}},
    {{0, 3}, {3}, {0, 3}},
    {{300, 200}, {200}, {300, 200}},
    {{70000}, {70000}, {70000}},
};

template <class A, class B, class Y>
void TestBinary() {
  for (const BinaryOp op :
       {BinaryOp::kAdd, BinaryOp::kSub, BinaryOp::kMul, BinaryOp::kDiv}) {
    for (const BroadcastCase& test : kBroadcastCases) {
      const Data<A> a = Numbers<A>(test.a.size(), 1);
      const Data<B> b = Numbers<B>(test.b.size(), 2);
      Data<Y> y = Filled<Y>(test.y.size(), 99);
      BinaryForward(op, a.data(), test.a, b.data(), test.b, y.data(), test.y);
      std::vector<double> want(test.y.size());
      reference::BinaryForward(op, a.exact.data(), test.a, b.exact.data(),
                               test.b, want.data(), test.y);
      ExpectNear(y.values, want, 0, 1, test.a.ToString() + test.b.ToString());
    }
  }
}

TEST(BinaryTest, MatchesReference) {
  TestBinary<float, float, float>();
  TestBinary<BF16, BF16, BF16>();
  TestBinary<float, BF16, float>();
  TestBinary<BF16, float, float>();
}

TYPED_TEST(ElementwiseTest, GatedMatchesReference) {
  using T = TypeParam;
  for (const Gate gate :
       {Gate::kSilu, Gate::kGelu, Gate::kRelu, Gate::kSigmoid}) {
    for (const int64_t n : kLengths) {
      const Data<T> a = Numbers<T>(n, 1), b = Numbers<T>(n, 2, 3);
      const Data<T> dy = Numbers<T>(n, 3);
      Data<T> y = Filled<T>(n, 99), da = y, db = y;
      GatedForward(gate, a.data(), b.data(), y.data(), n);
      GatedBackward(gate, a.data(), b.data(), dy.data(), da.data(), db.data(),
                    n);
      std::vector<double> want(n), want_da(n), want_db(n);
      reference::GatedForward(gate, a.exact.data(), b.exact.data(), want.data(),
                              n);
      reference::GatedBackward(gate, a.exact.data(), b.exact.data(),
                               dy.exact.data(), want_da.data(), want_db.data(),
                               n);
      ExpectNear(y.values, want, 4, 8, "y");
      ExpectNear(da.values, want_da, 4, 8, "da");
      ExpectNear(db.values, want_db, 16, 8, "db");
      Data<T> only = Filled<T>(n, 99);
      GatedBackward(gate, a.data(), b.data(), dy.data(),
                    static_cast<T*>(nullptr), only.data(), n);
      ExpectNear(only.values, want_db, 16, 8, "db alone");
    }
  }
}

TYPED_TEST(ElementwiseTest, LinearMapsMatchReference) {
  using T = TypeParam;
  for (const int64_t n : kLengths) {
    const Data<T> x = Numbers<T>(n, 1);
    Data<T> y = Numbers<T>(n, 2);
    std::vector<double> want = y.exact;
    Axpy(0.5, x.data(), y.data(), n);
    reference::Axpy(0.5, x.exact.data(), want.data(), n);
    ExpectNear(y.values, want, 2, 1, "axpy");
    AffineForward(x.data(), 1.5, -0.25, y.data(), n);
    reference::AffineForward(x.exact.data(), 1.5, -0.25, want.data(), n);
    ExpectNear(y.values, want, 2, 1, "affine");
    Fill(y.data(), 0.75, n);
    ExpectNear(y.values, std::vector<double>(n, 0.75), 0, 0, "fill");
  }
}

TEST(AxpyTest, MixesTypes) {
  for (const int64_t n : kLengths) {
    const Data<BF16> x = Numbers<BF16>(n, 1);
    Data<float> y = Numbers<float>(n, 2);
    std::vector<double> want = y.exact;
    Axpy(-2, x.data(), y.data(), n);
    reference::Axpy(-2, x.exact.data(), want.data(), n);
    ExpectNear(y.values, want, 4, 1, "float += bf16");
    Data<BF16> z = Numbers<BF16>(n, 3);
    want = z.exact;
    const std::vector<double> addend(y.values.begin(), y.values.end());
    Axpy(1, y.data(), z.data(), n);
    reference::Axpy(1, addend.data(), want.data(), n);
    ExpectNear(z.values, want, 8, 1, "bf16 += float");
  }
}

TYPED_TEST(ElementwiseTest, MaskFillMatchesReference) {
  using T = TypeParam;
  const Shape shapes[] = {{3, 5, 7}, {5, 7}, {1, 7}, {3, 1, 1}, {3, 5, 1}, {}};
  const Data<T> x = Numbers<T>(105, 1);
  for (const Shape& mask_shape : shapes) {
    std::vector<int32_t> mask(mask_shape.size());
    for (size_t i = 0; i < mask.size(); ++i) mask[i] = i % 3 == 0 ? 0 : 2;
    Data<T> y = Filled<T>(105, 99);
    MaskFillForward(x.data(), shapes[0], mask.data(), mask_shape, -5, y.data());
    std::vector<double> want(105);
    reference::MaskFillForward(x.exact.data(), shapes[0], mask.data(),
                               mask_shape, -5, want.data());
    ExpectNear(y.values, want, 0, 0, mask_shape.ToString());
  }
}

TYPED_TEST(ElementwiseTest, DropoutUsesTheWordsOfRandom) {
  using T = TypeParam;
  for (const uint64_t skip : {0, 1, 6, 64}) {
    for (const int64_t n : {1, 7, 64, 1000, 70001}) {
      const Random random = Random(1, 2, 3).Skip(skip);
      const Data<T> x = Numbers<T>(n, 1);
      Data<T> y = Filled<T>(n, 99);
      DropoutForward(x.data(), 0.3, random, y.data(), n);
      std::vector<double> want(n);
      reference::DropoutForward(x.exact.data(), 0.3, random, want.data(), n);
      ExpectNear(y.values, want, 0, 2, "dropout");
    }
  }
}

TEST(DropoutTest, CountsPast32BitsOfBlocks) {
  // A vector of blocks that crosses the 32nd bit of the block index.
  const Random random = Random(1, 2, 3).Skip((uint64_t{1} << 34) - 24);
  const Data<float> x = Filled<float>(200, 1);
  Data<float> y = Filled<float>(200, 99);
  DropoutForward(x.data(), 0.5, random, y.data(), 200);
  std::vector<double> want(200);
  reference::DropoutForward(x.exact.data(), 0.5, random, want.data(), 200);
  ExpectNear(y.values, want, 0, 1, "dropout");
}

TEST(NormalNumbersTest, AreThoseOfRandom) {
  for (const uint64_t skip :
       {uint64_t{0}, uint64_t{4}, (uint64_t{1} << 34) - 24}) {
    for (const int64_t n : {1, 7, 1000, 70001}) {
      const Random random = Random(1, 2, 3).Skip(skip);
      std::vector<float> y(n + 1, 99);
      NormalNumbers(random, 0.02, y.data(), n);
      EXPECT_EQ(y.back(), 99);
      y.pop_back();
      std::vector<double> want(n);
      Random stream = random;
      for (double& value : want) value = 0.02 * stream.Normal();
      ExpectNear(y, want, 0, 1, "normal numbers");
    }
  }
}

TEST(ConvertTest, GoesBetweenAllTypes) {
  for (const int64_t n : kLengths) {
    Data<float> x = Numbers<float>(n, 1, 1000);
    std::vector<BF16> bf16(n);
    Convert(x.data(), bf16.data(), n);
    std::vector<float> back(n);
    Convert(bf16.data(), back.data(), n);
    std::vector<int32_t> whole(n);
    Convert(x.data(), DType::kF32, whole.data(), DType::kI32, n);
    for (int64_t i = 0; i < n; ++i) {
      EXPECT_EQ(bf16[i].bits, BF16::From(x.values[i]).bits);
      EXPECT_EQ(back[i], bf16[i].ToFloat());
      EXPECT_EQ(whole[i], int32_t(x.values[i]));
    }
  }
}

TEST(ConvertTest, RoundsSpecialValuesAsScalarCodeDoes) {
  std::vector<float> x = {0.0f,      -0.0f,     INFINITY,    -INFINITY,
                          NAN,       3.4e38f,   1 + 0x1p-8f, 1 + 3 * 0x1p-8f,
                          0x1p-149f, -0x1p-130f};
  x.resize(32, 1);  // whole vectors, too
  std::vector<BF16> y(x.size());
  Convert(x.data(), y.data(), x.size());
  for (size_t i = 0; i < x.size(); ++i) {
    EXPECT_EQ(y[i].bits, BF16::From(x[i]).bits) << x[i];
  }
}

TEST(CopyStridedTest, PermutesSlicesAndExpands) {
  // [2, 3, 4] to [4, 2, 3].
  std::vector<int32_t> x(24), y(24, -1);
  for (int i = 0; i < 24; ++i) x[i] = i;
  CopyStrided(4, {4, 2, 3}, x.data(), {1, 12, 4}, y.data(), {6, 3, 1});
  for (int a = 0; a < 2; ++a) {
    for (int b = 0; b < 3; ++b) {
      for (int c = 0; c < 4; ++c)
        EXPECT_EQ(y[c * 6 + a * 3 + b], a * 12 + b * 4 + c);
    }
  }
  // Columns 1 and 2 of [6, 4].
  std::vector<int32_t> slice(12, -1);
  CopyStrided(4, {6, 2}, x.data() + 1, {4, 1}, slice.data(), {2, 1});
  EXPECT_EQ(slice[0], 1);
  EXPECT_EQ(slice[11], 22);
  // Two bytes, a row repeated.
  const std::vector<uint16_t> row = {5, 6, 7};
  std::vector<uint16_t> repeated(6);
  CopyStrided(2, {2, 3}, row.data(), {0, 1}, repeated.data(), {3, 1});
  EXPECT_EQ(repeated, (std::vector<uint16_t>{5, 6, 7, 5, 6, 7}));
}

}  // namespace
}  // namespace archlab
