// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Whole training steps (forward, backward, clipping, AdamW) of a model of
// bench_model.cc. Three uses:
//   train_bench --model gpt2               the step over its floor (floor.h),
//                                          interleaved in one run
//   train_bench --model gpt2 --step-only   step time and peak memory alone
//   train_bench --model gpt2 --serve       a step for every line of input, for
//                                          compare.py

#include <sys/resource.h>

#include <cstdio>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_format.h"
#include "archlab/parallel_for.h"
#include "archlab/status.h"
#include "bench_model.h"
#include "cli/omp_environment.h"
#include "floor.h"
#include "products.h"
#include "timing.h"
#include "training/spec_context.h"
#include "training/step.h"

namespace archlab {
namespace {

constexpr double kClipNorm = 1, kLearningRate = 1e-4;
constexpr int kWarmUpSteps = 2;

struct Options {
  std::string model = "baby_gpt", dtype = "f32";
  std::vector<std::string> set;
  int rounds = 7;
  bool serve = false, step_only = false, json = false, describe = false;
};

// A model that is trained on one random batch, again and again.
class Trained {
 public:
  static absl::StatusOr<std::unique_ptr<Trained>> Make(const BenchModel& bench,
                                                       DType dtype) {
    auto made = std::make_unique<Trained>();
    made->catalogue_ = Catalogue::Scan(SearchPath::Default({}));
    ARCHLAB_ASSIGN_OR_RETURN(Spec spec, Spec::Parse("bench", BenchSpec(bench),
                                                    {}, *made->catalogue_));
    made->spec_ = std::make_unique<Spec>(std::move(spec));
    ModelOptions options;
    options.compute = dtype;
    options.vocabulary = bench.vocabulary;
    ARCHLAB_ASSIGN_OR_RETURN(
        made->model_, Model::Build(*made->spec_, *made->catalogue_, options));
    ARCHLAB_ASSIGN_OR_RETURN(
        made->optimizer_, MakeComponent<Optimizer>(
                              *made->spec_, *made->catalogue_,
                              made->spec_->experiment().training().optimizer(),
                              "training.optimizer"));
    StepOptions step;
    step.clip_norm = kClipNorm;
    made->step_ = std::make_unique<TrainingStep>(made->model_.get(),
                                                 made->optimizer_.get(), step);
    made->batch_ = BenchBatch(bench);
    return made;
  }

  absl::StatusOr<double> Step() {
    absl::Status status;
    const double seconds = SecondsOf([&] {
      status =
          step_
              ->Run(done_++, kLearningRate,
                    [this](int) -> absl::StatusOr<Batch> { return batch_; })
              .status();
    });
    if (!status.ok()) return status;
    return seconds;
  }
  int64_t parameters() const { return model_->parameters().Count(); }

 private:
  std::unique_ptr<Catalogue> catalogue_;
  std::unique_ptr<Spec> spec_;
  std::unique_ptr<Model> model_;
  std::unique_ptr<Optimizer> optimizer_;
  std::unique_ptr<TrainingStep> step_;
  Batch batch_;
  int64_t done_ = 0;
};

absl::Status Serve(Trained& trained) {
  std::printf("ready\n");
  std::fflush(stdout);
  std::string line;
  while (std::getline(std::cin, line)) {
    ARCHLAB_ASSIGN_OR_RETURN(const double seconds, trained.Step());
    std::printf("%.9f\n", seconds);
    std::fflush(stdout);
  }
  return absl::OkStatus();
}

double PeakBytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return 1024.0 * static_cast<double>(usage.ru_maxrss);
}

struct Times {
  std::vector<double> step, floor;
  double peak_bytes = 0;  // of the steps alone
  double flops = 0;       // of the floor
};

void PrintTable(const Options& options, const Times& times,
                const Trained& trained, const Floor* floor) {
  const double step = Quantile(times.step, 0.5);
  std::printf("%s, %s, %d threads, %.1f M parameters, %d rounds\n",
              options.model.c_str(), options.dtype.c_str(), ParallelThreads(),
              1e-6 * static_cast<double>(trained.parameters()), options.rounds);
  std::printf("  step      %9.2f ms %6.0f GF/s   (quartiles %.2f .. %.2f)\n",
              1e3 * step, 1e-9 * times.flops / step,
              1e3 * Quantile(times.step, 0.25),
              1e3 * Quantile(times.step, 0.75));
  std::printf("  peak memory %7.0f MiB\n", times.peak_bytes / (1 << 20));
  if (floor == nullptr) return;
  const double least = Quantile(times.floor, 0.5);
  std::printf("  products  %9.2f ms %6.0f GF/s   (quartiles %.2f .. %.2f)\n",
              1e3 * least, 1e-9 * times.flops / least,
              1e3 * Quantile(times.floor, 0.25),
              1e3 * Quantile(times.floor, 0.75));
  std::printf("  step over its products: %.2f\n\n", step / least);
  std::printf("  %6s %6s %6s %5s %5s %5s  %6s  %s\n", "m", "n", "k", "batch",
              "count", "", "GF/s", "best call");
  for (const Floor::Entry& entry : floor->entries()) {
    const Product& p = entry.product;
    std::printf("  %6d %6d %6d %5d %5d    %c%c  %6.0f  %s\n", int(p.m),
                int(p.n), int(p.k), int(p.batch), int(p.count),
                p.transpose_a ? 'T' : 'N', p.transpose_b ? 'T' : 'N',
                1e-9 * p.flops() / static_cast<double>(p.count) / entry.seconds,
                entry.call.c_str());
  }
}

void PrintJson(const Options& options, const Times& times,
               const Trained& trained) {
  std::printf(
      "{\"model\": \"%s\", \"dtype\": \"%s\", \"threads\": %d, "
      "\"parameters\": %lld, \"rounds\": %d, \"step_ms\": %.4f, "
      "\"peak_bytes\": %.0f, \"gflop\": %.4f",
      options.model.c_str(), options.dtype.c_str(), ParallelThreads(),
      static_cast<long long>(trained.parameters()), options.rounds,
      1e3 * Quantile(times.step, 0.5), times.peak_bytes, 1e-9 * times.flops);
  if (!times.floor.empty())
    std::printf(", \"floor_ms\": %.4f, \"ratio\": %.4f",
                1e3 * Quantile(times.floor, 0.5),
                Quantile(times.step, 0.5) / Quantile(times.floor, 0.5));
  std::printf("}\n");
}

absl::Status Measure(const Options& options, const BenchModel& bench,
                     DType dtype, Trained& trained) {
  Times times;
  times.peak_bytes = PeakBytes();
  const std::vector<Product> products = ProductsOf(bench);
  for (const Product& product : products) times.flops += product.flops();
  std::unique_ptr<Floor> floor;
  if (!options.step_only) floor = std::make_unique<Floor>(products, dtype);
  for (int i = -1; i < options.rounds; ++i) {  // one to warm up
    ARCHLAB_ASSIGN_OR_RETURN(const double seconds, trained.Step());
    const double alone = floor ? SecondsOf([&] { floor->Run(); }) : 0;
    if (i < 0) continue;
    times.step.push_back(seconds);
    if (floor) times.floor.push_back(alone);
  }
  if (options.json)
    PrintJson(options, times, trained);
  else
    PrintTable(options, times, trained, floor.get());
  return absl::OkStatus();
}

absl::Status Run(const Options& options) {
  ARCHLAB_ASSIGN_OR_RETURN(const BenchModel bench,
                           FindBenchModel(options.model, options.set));
  if (options.describe) {
    std::printf("%s\n", BenchModelJson(bench).c_str());
    return absl::OkStatus();
  }
  const DType dtype = options.dtype == "bf16" ? DType::kBF16 : DType::kF32;
  ARCHLAB_ASSIGN_OR_RETURN(const std::unique_ptr<Trained> trained,
                           Trained::Make(bench, dtype));
  for (int i = 0; i < kWarmUpSteps; ++i)
    ARCHLAB_RETURN_IF_ERROR(trained->Step().status());
  if (options.serve) return Serve(*trained);
  return Measure(options, bench, dtype, *trained);
}

int Main(int argc, char** argv) {
  CLI::App app{"Training steps of a model, over the time of their products"};
  Options options;
  std::string names;
  for (const BenchModel& model : BenchModels()) names += " " + model.name;
  app.add_option("--model", options.model, "One of:" + names)
      ->capture_default_str();
  app.add_option("--dtype", options.dtype, "Precision of the products")
      ->check(CLI::IsMember({"f32", "bf16"}))
      ->capture_default_str();
  app.add_option("--set", options.set,
                 "Another dimension, such as tokens=1024 (repeatable)")
      ->allow_extra_args(false);
  app.add_option("--rounds", options.rounds, "Steps that are timed")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  app.add_flag("--step-only", options.step_only, "Without the products");
  app.add_flag("--serve", options.serve,
               "Print 'ready', then run a step for every line that is read and "
               "print its seconds");
  app.add_flag("--json", options.json, "One line of JSON");
  app.add_flag("--describe", options.describe,
               "Print the model's dimensions as JSON and do nothing else");
  app.footer(
      "Threads: OMP_NUM_THREADS. Examples:\n"
      "  train_bench --model gpt2 --dtype bf16\n"
      "  train_bench --model baby_gpt --set tokens=1024 --step-only --json");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  const absl::Status status = Run(options);
  if (status.ok()) return 0;
  std::fprintf(stderr, "train_bench: %s\n",
               std::string(status.message()).c_str());
  return status.code() == absl::StatusCode::kInternal ? 1 : 2;
}

}  // namespace
}  // namespace archlab

int main(int argc, char** argv) {
  archlab::WaitAsCommand("train", argv);
  return archlab::Main(argc, argv);
}
