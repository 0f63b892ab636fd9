// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "report/activations.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/match.h"
#include "archlab/ops.h"

namespace archlab {
namespace {

// The segments of the sequence that a path's activations belong to.
const Tensor& SegmentsOf(const std::string& path, const Batch& batch) {
  return batch.decoder_ids.defined() && absl::StartsWith(path, "decoder.")
             ? batch.decoder_segments
             : batch.segments;
}

// Which rows of x [..., C] are no padding; empty: all, as where rows are not
// those of the batch (an expert's are real tokens).
std::vector<uint8_t> RealRows(const Tensor& x, const Tensor& segments) {
  std::vector<uint8_t> real;
  if (!segments.defined() || x.rank() != 3 || x.dim(0) != segments.dim(0) ||
      x.dim(1) != segments.dim(1))
    return real;
  for (int64_t i = 0; i < segments.size(); ++i)
    real.push_back(segments.data<int32_t>()[i] >= 0);
  return real;
}

}  // namespace

ActivationMeter::Sums& ActivationMeter::SumsOf(const std::string& path) {
  for (auto& [known, sums] : sums_)
    if (known == path) return sums;
  return sums_.emplace_back(path, Sums()).second;
}

void ActivationMeter::Add(const std::string& path, const Tensor& value,
                          const Batch& batch) {
  // Maps of attention are not activations of units.
  if (absl::EndsWith(path, ".weights") || value.rank() == 0) return;
  Sums& sums = SumsOf(path);
  const int64_t units = value.dim(-1);
  if (units == 0) return;
  sums.alive.resize(std::max<size_t>(sums.alive.size(), units));
  const std::vector<uint8_t> real = RealRows(value, SegmentsOf(path, batch));
  const Tensor wide = Cast(value, DType::kF32);
  const float* x = wide.data<float>();
  for (int64_t row = 0; row < value.size() / units; ++row, x += units) {
    if (!real.empty() && !real[row]) continue;
    ++sums.tokens;
    for (int64_t u = 0; u < units; ++u) {
      sums.sum += x[u];
      sums.squares += double(x[u]) * x[u];
      sums.zeros += x[u] == 0;
      sums.alive[u] |= x[u] != 0;
    }
  }
}

void ActivationMeter::AddEntropy(const std::string& path,
                                 const Tensor& weights) {
  EntropyRow* found = nullptr;
  for (EntropyRow& each : entropies_)
    if (each.path == path) found = &each;
  if (found == nullptr) found = &entropies_.emplace_back(EntropyRow{path});
  if (!weights.defined()) return;
  const int64_t keys = weights.dim(3);
  const float* w = weights.data<float>();
  for (int64_t row = 0; row < weights.size() / keys; ++row, w += keys) {
    double total = 0, entropy = 0;
    for (int64_t j = 0; j < keys; ++j) total += std::abs(w[j]);
    if (total == 0) continue;
    for (int64_t j = 0; j < keys; ++j) {
      const double p = std::abs(w[j]) / total;
      if (p > 0) entropy -= p * std::log(p);
    }
    ++found->rows;
    found->nats += entropy;
  }
}

void ActivationMeter::Read(Model& model, const Batch& batch) {
  const NoGrad no_grad;
  PassOptions options;
  options.tap = [&](const std::string& path, const Tensor& value) {
    Add(path, value, batch);
  };
  options.attention = [&](const std::string& path, const Tensor& weights) {
    AddEntropy(path, weights);
  };
  model.Logits(batch, options);
}

std::vector<ActivationRow> ActivationMeter::Activations() const {
  std::vector<ActivationRow> rows;
  for (const auto& [path, sums] : sums_) {
    ActivationRow row;
    row.path = path;
    row.tokens = sums.tokens;
    row.units = static_cast<int64_t>(sums.alive.size());
    row.dead = std::count(sums.alive.begin(), sums.alive.end(), 0);
    const double elements =
        std::max(1.0, double(row.tokens) * double(row.units));
    row.mean = sums.sum / elements;
    row.rms = std::sqrt(sums.squares / elements);
    row.zeros = double(sums.zeros) / elements;
    rows.push_back(row);
  }
  return rows;
}

std::vector<EntropyRow> ActivationMeter::Entropies() const {
  std::vector<EntropyRow> rows = entropies_;
  for (EntropyRow& row : rows)
    if (row.rows > 0) row.nats /= static_cast<double>(row.rows);
  return rows;
}

}  // namespace archlab
