// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "nn/parameter_store.h"

#include <gtest/gtest.h>

#include "archlab/random.h"

namespace archlab {
namespace {

// Larger than what one thread draws at a time.
const Shape kShape = {300, 101};

TEST(ParameterStoreTest, InitialValuesAreTheStreamOfTheirPath) {
  for (const DType compute : {DType::kF32, DType::kF64}) {
    ParameterStore store(compute, 7);
    const Tensor normal =
        store.Add("a.weight", kShape, Init::Normal(0.5), {}).data()->master;
    const Tensor uniform =
        store.Add("b.weight", kShape, Init::Uniform(0.5), {}).data()->master;
    const Tensor ones = store.Add("c", kShape, Init::Ones(), {}).data()->master;
    Random a(7, 0, SiteHash("a.weight")), b(7, 0, SiteHash("b.weight"));
    for (int64_t i = 0; i < kShape.size(); ++i) {
      ASSERT_EQ(normal.At(i), static_cast<float>(0.5 * a.Normal())) << i;
      ASSERT_EQ(uniform.At(i), static_cast<float>(0.5 * (2 * b.Uniform() - 1)))
          << i;
      ASSERT_EQ(ones.At(i), 1);
    }
  }
}

}  // namespace
}  // namespace archlab
