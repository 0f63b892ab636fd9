// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "report/curves.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <limits>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "nlohmann/json.hpp"
#include "report/text.h"

namespace archlab::report {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kMostPoints = 400;  // of a curve
constexpr size_t kFewPoints = 40;
constexpr size_t kLogPoints = 60000;  // of all curves that components logged
constexpr absl::string_view kMain[] = {
    "loss",     "validation_loss", "bits_per_byte",
    "accuracy", "grad_norm",       "tokens_per_second",
    "lr"};

double Short(double value) {
  char digits[32];
  std::snprintf(digits, sizeof digits, "%.5g", value);
  return std::strtod(digits, nullptr);
}

bool IsMain(absl::string_view name) {
  return std::find(std::begin(kMain), std::end(kMain), name) != std::end(kMain);
}

using Runs = std::vector<const StudyRun*>;

Runs RunsOf(const StudyResults& results, const std::string& arm) {
  Runs done, all;
  for (const StudyRun& run : results.runs) {
    if (run.arm != arm) continue;
    all.push_back(&run);
    if (run.done) done.push_back(&run);
  }
  return done.empty() ? all : done;
}

// Main series first, then components' in the order they come.
std::vector<std::string> Names(const StudyResults& results) {
  std::map<std::string, bool> met;
  std::vector<std::string> logs, names;
  for (const StudyRun& run : results.runs)
    for (const Series& series : run.series)
      if (!series.step.empty() && !std::exchange(met[series.name], true) &&
          !IsMain(series.name))
        logs.push_back(series.name);
  for (const absl::string_view name : kMain)
    if (met.contains(std::string(name))) names.emplace_back(name);
  names.insert(names.end(), logs.begin(), logs.end());
  return names;
}

struct Mean {
  double sum = 0;
  int count = 0;
  void Add(double value) {
    sum += value;
    ++count;
  }
  double value() const { return sum / count; }
};

// A stretch of steps, over the seeds.
struct Stretch {
  Mean step, seeds;
  double low = std::numeric_limits<double>::infinity(), high = -low;
};

// Which of `points` stretches of the steps `first` .. `last` a step is in.
struct Cut {
  double first = std::numeric_limits<double>::infinity(), last = -first;
  size_t points = kMostPoints;
  int64_t operator()(double step) const {
    // One stretch, too, where steps are so far apart that nothing tells them.
    if (!(last > first) || !std::isfinite(last - first)) return 0;
    const double part = (step - first) / (last - first);
    return std::min<int64_t>(static_cast<int64_t>(part * double(points)),
                             static_cast<int64_t>(points) - 1);
  }
};

const Series* Find(const StudyRun& run, absl::string_view name) {
  for (const Series& series : run.series)
    if (series.name == name) return &series;
  return nullptr;
}

std::vector<const Series*> Find(const Runs& runs, absl::string_view name) {
  std::vector<const Series*> found;
  for (const StudyRun* run : runs)
    if (const Series* series = Find(*run, name)) found.push_back(series);
  return found;
}

Json Curve(const std::vector<const Series*>& seeds, size_t points) {
  Cut cut;
  cut.points = points;
  for (const Series* seed : seeds)
    for (const double step : seed->step) {
      if (!std::isfinite(step)) continue;
      cut.first = std::min(cut.first, step);
      cut.last = std::max(cut.last, step);
    }
  std::map<int64_t, Stretch> stretches;
  for (const Series* seed : seeds) {
    std::map<int64_t, Mean> means;  // of this seed
    for (size_t i = 0; i < std::min(seed->step.size(), seed->value.size());
         ++i) {
      if (!std::isfinite(seed->step[i]) || !std::isfinite(seed->value[i]))
        continue;
      const int64_t at = cut(seed->step[i]);
      means[at].Add(seed->value[i]);
      stretches[at].step.Add(seed->step[i]);
    }
    for (const auto& [at, mean] : means) {
      Stretch& stretch = stretches[at];
      stretch.seeds.Add(mean.value());
      stretch.low = std::min(stretch.low, mean.value());
      stretch.high = std::max(stretch.high, mean.value());
    }
  }
  Json x = Json::array(), y = x, low = x, high = x;
  for (const auto& [at, stretch] : stretches) {
    x.push_back(Short(stretch.step.value()));
    y.push_back(Short(stretch.seeds.value()));
    if (seeds.size() < 2) continue;
    low.push_back(Short(stretch.low));
    high.push_back(Short(stretch.high));
  }
  return {{"x", x}, {"y", y}, {"low", low}, {"high", high}};
}

// Means over the seeds, by position.
Json Positions(const Runs& runs) {
  std::map<std::pair<int64_t, bool>, std::map<int64_t, Mean>> found;
  for (const StudyRun* run : runs)
    for (const PositionLoss& curve : run->positions) {
      Cut cut;
      cut.first = 0;
      cut.last = static_cast<double>(curve.loss.size());
      cut.points =
          std::min(kMostPoints, std::max<size_t>(curve.loss.size(), 1));
      for (size_t i = 0; i < curve.loss.size(); ++i)
        if (std::isfinite(curve.loss[i]))
          found[{curve.tokens, curve.trained}][cut(double(i))].Add(
              curve.loss[i]);
    }
  Json curves = Json::array();
  for (const auto& [kind, means] : found) {
    Json x = Json::array(), y = x;
    const double width = static_cast<double>(kind.first) /
                         double(means.empty() ? 1 : means.rbegin()->first + 1);
    for (const auto& [at, mean] : means) {
      x.push_back(Short(std::floor((double(at) + 0.5) * width)));
      y.push_back(Short(mean.value()));
    }
    curves.push_back(
        {{"tokens", kind.first}, {"trained", kind.second}, {"x", x}, {"y", y}});
  }
  return curves;
}

// What a step takes: the mean over the runs that know it.
Json PerStep(const Runs& runs) {
  Mean tokens, flops, seconds;
  for (const StudyRun* run : runs) {
    if (run->steps <= 0) continue;
    const auto steps = static_cast<double>(run->steps);
    if (run->tokens > 0) tokens.Add(static_cast<double>(run->tokens) / steps);
    if (run->flops > 0) flops.Add(run->flops / steps);
    if (run->seconds > 0) seconds.Add(run->seconds / steps);
  }
  const auto value = [](const Mean& mean) {
    return mean.count > 0 ? Short(mean.value()) : 0.0;
  };
  return {{"tokens", value(tokens)},
          {"flops", value(flops)},
          {"seconds", value(seconds)}};
}

}  // namespace

std::string CurveData(const StudyResults& results) {
  const std::vector<std::string> names = Names(results);
  const size_t logs =
      std::count_if(names.begin(), names.end(),
                    [](const std::string& name) { return !IsMain(name); }) *
      results.arms.size();
  const size_t log_points = std::clamp(kLogPoints / std::max<size_t>(logs, 1),
                                       kFewPoints, kMostPoints);
  Json data;
  data["names"] = names;
  data["arms"] = Json::array();
  for (const StudyArm& arm : results.arms) {
    const Runs runs = RunsOf(results, arm.name);
    Json series = Json::object();
    for (const std::string& name : names) {
      const std::vector<const Series*> seeds = Find(runs, name);
      if (!seeds.empty())
        series[name] = Curve(seeds, IsMain(name) ? kMostPoints : log_points);
    }
    data["arms"].push_back({{"name", CleanText(arm.name)},
                            {"apart", !arm.apart.empty()},
                            {"runs", runs.size()},
                            {"per_step", PerStep(runs)},
                            {"series", std::move(series)},
                            {"positions", Positions(runs)}});
  }
  // "</script>" and "<!--" would end the block, wherever they stand.
  return absl::StrReplaceAll(
      data.dump(-1, ' ', false, Json::error_handler_t::replace),
      {{"<", "\\u003c"}});
}

}  // namespace archlab::report
