// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include <cmath>

#include "archlab/adamw_update.h"
#include "kernels/test_data.h"

namespace archlab {
namespace {

// The loop in doubles.
TEST(AdamWUpdateTest, MatchesDoubles) {
  const AdamWRates r = {.beta1 = 0.9f,
                        .beta2 = 0.95f,
                        .scaled_rate = 0.02f,
                        .inverse_root = 1.5f,
                        .epsilon = 1e-3f,
                        .keep = 0.99f};
  for (const int64_t n : kLengths) {
    const Data<float> g = Numbers<float>(n, 1);
    Data<float> m = Numbers<float>(n, 2), w = Numbers<float>(n, 3),
                v = Numbers<float>(n, 4);
    for (int64_t i = 0; i < n; ++i) v.values[i] = std::abs(v.values[i]);
    AdamWUpdate(r, n, g.data(), m.data(), v.data(), w.data());
    for (int64_t i = 0; i < n; ++i) {
      const double x = g.exact[i];
      m.exact[i] = r.beta1 * m.exact[i] + (1.0 - r.beta1) * x;
      v.exact[i] = r.beta2 * std::abs(v.exact[i]) + (1.0 - r.beta2) * x * x;
      w.exact[i] = r.keep * w.exact[i] -
                   r.scaled_rate * m.exact[i] /
                       (std::sqrt(v.exact[i]) * r.inverse_root + r.epsilon);
    }
    ExpectNear(m.values, m.exact, 1, 4, "m");
    ExpectNear(v.values, v.exact, 1, 4, "v");
    ExpectNear(w.values, w.exact, 2, 16, "w");
  }
}

// Where a tensor is split depends on the others: the bits must not.
TEST(AdamWUpdateTest, ElementsDoNotDependOnTheSplit) {
  const AdamWRates r = {0.9f, 0.95f, 0.02f, 1.5f, 1e-8f, 0.99f};
  constexpr int64_t kSize = 100;
  const Data<float> g = Numbers<float>(kSize, 1);
  Data<float> m = Numbers<float>(kSize, 2), w = Numbers<float>(kSize, 3);
  Data<float> v = Filled<float>(kSize, 0.25);
  Data<float> m2 = m, w2 = w, v2 = v;
  AdamWUpdate(r, kSize, g.data(), m.data(), v.data(), w.data());
  for (int64_t i = 0, n = 7; i < kSize; i += n, n = 93)
    AdamWUpdate(r, n, g.data() + i, m2.data() + i, v2.data() + i,
                w2.data() + i);
  EXPECT_EQ(m.values, m2.values);
  EXPECT_EQ(v.values, v2.values);
  EXPECT_EQ(w.values, w2.values);
}

}  // namespace
}  // namespace archlab
