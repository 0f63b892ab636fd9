// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Reductions, softmax, norms and losses as naive loops.

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/reference.h"

namespace archlab::reference {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// log of the sum of exponentials; -inf for a row of only -inf.
double LogSumExp(const double* x, int64_t n) {
  double top = -kInfinity;
  for (int64_t i = 0; i < n; ++i) top = std::max(top, x[i]);
  if (top == -kInfinity) return top;
  double sum = 0;
  for (int64_t i = 0; i < n; ++i) sum += std::exp(x[i] - top);
  return top + std::log(sum);
}

double Dot(const double* a, const double* b, int64_t n) {
  double sum = 0;
  for (int64_t i = 0; i < n; ++i) sum += a[i] * b[i];
  return sum;
}

}  // namespace

void SumAxis(const double* x, double* y, int64_t outer, int64_t n,
             int64_t inner, double scale) {
  for (int64_t o = 0; o < outer; ++o) {
    for (int64_t j = 0; j < inner; ++j) {
      double sum = 0;
      for (int64_t i = 0; i < n; ++i) sum += x[(o * n + i) * inner + j];
      y[o * inner + j] = scale * sum;
    }
  }
}

void MaxAxis(const double* x, double* y, int32_t* index, int64_t outer,
             int64_t n, int64_t inner) {
  for (int64_t o = 0; o < outer; ++o) {
    for (int64_t j = 0; j < inner; ++j) {
      int64_t best = 0;
      const double* const column = x + o * n * inner + j;
      for (int64_t i = 1; i < n; ++i) {
        const double now = column[best * inner], next = column[i * inner];
        if (next > now || (std::isnan(next) && !std::isnan(now))) best = i;
      }
      y[o * inner + j] = column[best * inner];
      if (index != nullptr) index[o * inner + j] = int32_t(best);
    }
  }
}

double SumAll(const double* x, int64_t n) {
  double sum = 0;
  for (int64_t i = 0; i < n; ++i) sum += x[i];
  return sum;
}

double SquaredNorm(const double* x, int64_t n) { return Dot(x, x, n); }

bool AllFinite(const double* x, int64_t n) {
  return std::all_of(x, x + n,
                     [](double value) { return std::isfinite(value); });
}

void SoftmaxForward(const double* x, double* y, int64_t rows, int64_t n) {
  for (int64_t r = 0; r < rows; ++r, x += n, y += n) {
    const double total = LogSumExp(x, n);
    for (int64_t i = 0; i < n; ++i) {
      y[i] = total == -kInfinity ? 0 : std::exp(x[i] - total);
    }
  }
}

void SoftmaxBackward(const double* y, const double* dy, double* dx,
                     int64_t rows, int64_t n) {
  for (int64_t r = 0; r < rows; ++r, y += n, dy += n, dx += n) {
    const double mean = Dot(y, dy, n);
    for (int64_t i = 0; i < n; ++i) dx[i] = y[i] * (dy[i] - mean);
  }
}

void LogSoftmaxForward(const double* x, double* y, int64_t rows, int64_t n) {
  for (int64_t r = 0; r < rows; ++r, x += n, y += n) {
    const double total = LogSumExp(x, n);
    for (int64_t i = 0; i < n; ++i) {
      y[i] = total == -kInfinity ? total : x[i] - total;
    }
  }
}

void LogSoftmaxBackward(const double* y, const double* dy, double* dx,
                        int64_t rows, int64_t n) {
  for (int64_t r = 0; r < rows; ++r, y += n, dy += n, dx += n) {
    const double sum = SumAll(dy, n);
    for (int64_t i = 0; i < n; ++i) dx[i] = dy[i] - std::exp(y[i]) * sum;
  }
}

void LayerNormForward(const double* x, const double* gain, const double* bias,
                      double epsilon, double* y, double* mean, double* rstd,
                      int64_t rows, int64_t n) {
  for (int64_t r = 0; r < rows; ++r, x += n, y += n) {
    const double m = SumAll(x, n) / n;
    double variance = 0;
    for (int64_t i = 0; i < n; ++i) variance += (x[i] - m) * (x[i] - m) / n;
    const double scale = 1 / std::sqrt(variance + epsilon);
    if (mean != nullptr) mean[r] = m;
    if (rstd != nullptr) rstd[r] = scale;
    for (int64_t i = 0; i < n; ++i) {
      y[i] = (x[i] - m) * scale * (gain != nullptr ? gain[i] : 1) +
             (bias != nullptr ? bias[i] : 0);
    }
  }
}

// With h = (x - mean) rstd and g = dy gain: dx = rstd (g - mean(g) -
// h mean(g h)), dgain = sum over rows of dy h, dbias = sum over rows of dy.
void LayerNormBackward(const double* x, const double* gain, const double* mean,
                       const double* rstd, const double* dy, double* dx,
                       double* dgain, double* dbias, int64_t rows, int64_t n) {
  if (dgain != nullptr) std::fill_n(dgain, n, 0.0);
  if (dbias != nullptr) std::fill_n(dbias, n, 0.0);
  for (int64_t r = 0; r < rows; ++r, x += n, dy += n) {
    double sum = 0, sum_h = 0;
    for (int64_t i = 0; i < n; ++i) {
      const double h = (x[i] - mean[r]) * rstd[r];
      const double g = dy[i] * (gain != nullptr ? gain[i] : 1);
      sum += g;
      sum_h += g * h;
      if (dgain != nullptr) dgain[i] += dy[i] * h;
      if (dbias != nullptr) dbias[i] += dy[i];
    }
    if (dx == nullptr) continue;
    for (int64_t i = 0; i < n; ++i) {
      const double h = (x[i] - mean[r]) * rstd[r];
      const double g = dy[i] * (gain != nullptr ? gain[i] : 1);
      dx[r * n + i] = rstd[r] * (g - sum / n - h * sum_h / n);
    }
  }
}

void RmsNormForward(const double* x, const double* gain, double epsilon,
                    double* y, double* rstd, int64_t rows, int64_t n) {
  for (int64_t r = 0; r < rows; ++r, x += n, y += n) {
    const double scale = 1 / std::sqrt(Dot(x, x, n) / n + epsilon);
    if (rstd != nullptr) rstd[r] = scale;
    for (int64_t i = 0; i < n; ++i) {
      y[i] = x[i] * scale * (gain != nullptr ? gain[i] : 1);
    }
  }
}

// The layer norm's gradient without its mean.
void RmsNormBackward(const double* x, const double* gain, const double* rstd,
                     const double* dy, double* dx, double* dgain, int64_t rows,
                     int64_t n) {
  if (dgain != nullptr) std::fill_n(dgain, n, 0.0);
  for (int64_t r = 0; r < rows; ++r, x += n, dy += n) {
    double sum_h = 0;
    for (int64_t i = 0; i < n; ++i) {
      const double h = x[i] * rstd[r];
      sum_h += dy[i] * (gain != nullptr ? gain[i] : 1) * h;
      if (dgain != nullptr) dgain[i] += dy[i] * h;
    }
    if (dx == nullptr) continue;
    for (int64_t i = 0; i < n; ++i) {
      const double g = dy[i] * (gain != nullptr ? gain[i] : 1);
      dx[r * n + i] = rstd[r] * (g - x[i] * rstd[r] * sum_h / n);
    }
  }
}

double CrossEntropyRows(const double* logits, const int32_t* targets,
                        const float* weights, double smoothing, double* dlogits,
                        int64_t rows, int64_t classes, int64_t stride) {
  double loss = 0;
  for (int64_t r = 0; r < rows; ++r) {
    const double* const row = logits + r * stride;
    double* const drow = dlogits == nullptr ? nullptr : dlogits + r * stride;
    if (weights[r] == 0) {
      if (drow != nullptr) std::fill_n(drow, stride, 0.0);
      continue;
    }
    const double total = LogSumExp(row, classes);
    for (int64_t c = 0; c < classes; ++c) {
      const double q =
          (c == targets[r] ? 1 - smoothing : 0) + smoothing / classes;
      const double log_p = row[c] - total;
      if (q != 0) loss -= weights[r] * q * log_p;
      if (drow != nullptr) drow[c] = weights[r] * (std::exp(log_p) - q);
    }
    if (drow != nullptr) std::fill(drow + classes, drow + stride, 0.0);
  }
  return loss;
}

}  // namespace archlab::reference
