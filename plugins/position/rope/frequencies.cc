// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// How fast the pairs turn; see frequencies.h.

#include "frequencies.h"

#include <algorithm>
#include <cmath>

namespace archlab {
namespace {

using Config = position::RopeConfig;

// 0 up to `from`, 1 beyond `to`, a straight line between.
double Ramp(double x, double from, double to) {
  return std::clamp((x - from) / (to - from), 0.0, 1.0);
}

// A frequency of which the part `kept` stays and the rest is `factor` times
// slower.
double Blend(double frequency, double kept, double factor) {
  return frequency * (kept + (1 - kept) / factor);
}

// Full turns within `tokens`.
double Turns(double frequency, double tokens) {
  return tokens * frequency / (2 * M_PI);
}

// The index, not whole, of the pair that turns `turns` times within the trained
// length.
double IndexOf(const Config& config, double turns, int64_t pairs) {
  const double wavelength = config.yarn().original_max_tokens() / turns;
  return pairs * std::log(wavelength / (2 * M_PI)) / std::log(config.theta());
}

// What stays of pair i.
double YarnKept(const Config& config, int64_t i, double frequency,
                int64_t pairs) {
  const Config::Yarn& yarn = config.yarn();
  if (yarn.blend_by_turns())
    return Ramp(Turns(frequency, yarn.original_max_tokens()), yarn.beta_slow(),
                yarn.beta_fast());
  const double first = std::floor(IndexOf(config, yarn.beta_fast(), pairs));
  const double last = std::ceil(IndexOf(config, yarn.beta_slow(), pairs));
  const double from = std::max(first, 0.0);
  const double to = std::min(last, 2.0 * pairs - 1);
  return 1 - Ramp(i, from, to > from ? to : from + 0.001);
}

double Scaled(const Config& config, int64_t i, double frequency,
              int64_t pairs) {
  switch (config.scaling_case()) {
    case Config::kLinear:
      return frequency / config.linear().factor();
    case Config::kYarn:
      return Blend(frequency, YarnKept(config, i, frequency, pairs),
                   config.yarn().factor());
    case Config::kLlama3: {
      const Config::Llama3& llama3 = config.llama3();
      const double kept =
          Ramp(Turns(frequency, llama3.original_max_tokens()),
               llama3.low_freq_factor(), llama3.high_freq_factor());
      return Blend(frequency, kept, llama3.factor());
    }
    case Config::kNtk:  // theta has it
    case Config::SCALING_NOT_SET:
      return frequency;
  }
  return frequency;
}

}  // namespace

std::vector<double> Frequencies(const Config& config, int64_t pairs) {
  double theta = config.theta();
  if (config.has_ntk())
    theta *= std::pow(config.ntk().factor(), pairs / (pairs - 1.0));
  std::vector<double> frequencies;
  for (int64_t i = 0; i < pairs; ++i)
    frequencies.push_back(
        Scaled(config, i, std::pow(theta, -double(i) / pairs), pairs));
  return frequencies;
}

double AttentionFactor(const Config& config) {
  if (!config.has_yarn()) return 1;
  const Config::Yarn& yarn = config.yarn();
  return yarn.attention_factor() > 0 ? yarn.attention_factor()
                                     : 0.1 * std::log(yarn.factor()) + 1;
}

}  // namespace archlab
