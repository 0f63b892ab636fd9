// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// What every norm keeps.

#include <cmath>

#include "archlab/norm.h"
#include "testing/contract.h"

namespace archlab {
namespace {

void KeepsShapeAndType(const ContractCase& c) {
  for (const DType dtype : {DType::kF64, DType::kF32, DType::kBF16}) {
    const auto norm = c.Make<Norm>(dtype);
    for (const Shape& shape :
         {Shape{c.at.width}, Shape{3, c.at.width}, Shape{2, 3, c.at.width},
          Shape{2, 3, 4, c.at.width}}) {
      const Tensor y = norm->Forward(TestTensor(shape, dtype, 1));
      EXPECT_EQ(y.shape(), shape);
      EXPECT_EQ(y.dtype(), dtype);
    }
  }
}

void StaysFinite(const ContractCase& c) {
  for (const DType dtype : {DType::kF64, DType::kF32}) {
    const auto norm = c.Make<Norm>(dtype);
    for (const double value : {0.0, 1.0, -1e-6, 1e-20, 3e4}) {
      const Tensor y =
          norm->Forward(Tensor::Full({2, c.at.width}, dtype, value));
      for (const double element : y.ToVector())
        EXPECT_TRUE(std::isfinite(element)) << "for a row of " << value;
    }
  }
}

// A change of row 1 leaves the other rows as they are, to the bit.
void RowsAreIndependent(const ContractCase& c) {
  const auto norm = c.Make<Norm>(DType::kF32);
  const Tensor x = TestTensor({5, c.at.width}, DType::kF32, 2);
  Tensor changed = x.Clone();
  for (int64_t i = 0; i < c.at.width; ++i) changed.Set(c.at.width + i, 9 - i);
  const Tensor a = norm->Forward(x);
  const Tensor b = norm->Forward(changed);
  EXPECT_TRUE(SameBits(a.Rows(0, 1), b.Rows(0, 1)));
  EXPECT_TRUE(SameBits(a.Rows(2, 3), b.Rows(2, 3)));
}

void SingleAgreesWithDouble(const ContractCase& c) {
  const Tensor x = TestTensor({7, c.at.width}, DType::kF32, 3);
  const Tensor single = c.Make<Norm>(DType::kF32)->Forward(x);
  const Tensor twice = c.Make<Norm>(DType::kF64)->Forward(Cast(x, DType::kF64));
  EXPECT_TRUE(Near(single, twice, 1e-5));
}

void GradientsMatchDifferences(const ContractCase& c) {
  auto norm = c.Make<Norm>(DType::kF64);
  norm.RequireGradients();
  Tensor x = TestTensor({2, 3, c.at.width}, DType::kF64, 4).SetRequiresGrad();
  std::vector<Tensor> leaves = {x};
  for (const std::string& name : norm.ParameterNames())
    leaves.push_back(norm.ParameterValue(name));
  EXPECT_TRUE(GradientsMatch([&] { return norm->Forward(x); }, leaves));
}

}  // namespace

Contract NormContract() {
  return {{"KeepsShapeAndType", KeepsShapeAndType},
          {"StaysFinite", StaysFinite},
          {"RowsAreIndependent", RowsAreIndependent},
          {"SingleAgreesWithDouble", SingleAgreesWithDouble},
          {"GradientsMatchDifferences", GradientsMatchDifferences}};
}

}  // namespace archlab
