// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// What the kernel tests share: random data held as double, float and BF16 at
// once, and comparison of a fast result with the reference.

#ifndef ARCHLAB_TEST_DATA_H_
#define ARCHLAB_TEST_DATA_H_

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

#include "archlab/random.h"
#include "archlab/tensor.h"
#include "kernels/types.h"

namespace archlab {

// Lengths around the lanes of any vector, and prime ones.
inline const std::vector<int64_t> kLengths = {1,  2,  3,  7,  15,  16,  17,
                                              31, 63, 64, 65, 127, 384, 1000};

template <class T>
double ToDouble(T x) {
  if constexpr (std::is_same_v<T, BF16>)
    return x.ToFloat();
  else
    return x;
}
template <class T>
T FromDouble(double x) {
  if constexpr (std::is_same_v<T, BF16>)
    return BF16::From(float(x));
  else
    return T(x);
}

// Values of T, and the same values as double.
template <class T>
struct Data {
  std::vector<T> values;
  std::vector<double> exact;

  T* data() { return values.data(); }
  const T* data() const { return values.data(); }
};

template <class T>
Data<T> Filled(int64_t n, double value) {
  return {std::vector<T>(n, FromDouble<T>(value)),
          std::vector<double>(n, ToDouble(FromDouble<T>(value)))};
}

// Numbers of unit variance in a triangle around 0, times `scale`, rounded to T.
template <class T>
Data<T> Numbers(int64_t n, uint64_t seed, double scale = 1) {
  Random random(seed, n, 0);
  Data<T> data = Filled<T>(n, 0);
  for (int64_t i = 0; i < n; ++i) {
    const uint32_t word = random.NextU32();  // two 16-bit uniform numbers
    const double sum = ((word >> 16) + (word & 0xFFFF)) / 65536.0 - 1;
    data.values[i] = FromDouble<T>(scale * 2.449 * sum);
    data.exact[i] = ToDouble(data.values[i]);
  }
  return data;
}

// Relative error that storing a T makes.
template <class T>
constexpr double kRounding = std::is_same_v<T, BF16> ? 0x1p-8 : 0x1p-23;

// |got - want| <= slack roundings of T, of the value or of `scale` (what was
// summed to make it), whichever is larger.
template <class T>
void ExpectNear(const std::vector<T>& got, const std::vector<double>& want,
                double scale, double slack, const std::string& what) {
  ASSERT_EQ(got.size(), want.size()) << what;
  for (size_t i = 0; i < got.size(); ++i) {
    const double error = std::abs(ToDouble(got[i]) - want[i]);
    // The computing is in float: BF16 data adds one rounding only.
    const double bound = kRounding<T> * std::abs(want[i]) +
                         slack * 0x1p-23 * std::max(scale, std::abs(want[i]));
    const bool equal = ToDouble(got[i]) == want[i] ||
                       (std::isnan(ToDouble(got[i])) && std::isnan(want[i]));
    ASSERT_TRUE(equal || error <= bound)
        << what << ": element " << i << " is " << ToDouble(got[i])
        << ", reference " << want[i] << ", bound " << bound;
  }
}

}  // namespace archlab

#endif  // ARCHLAB_TEST_DATA_H_
