// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Generation as `archlab generate` does it, with random weights: a prompt of
// `context` tokens is read, then tokens are drawn one by one. What a token must
// read (the weights once, keys and values so far) over the time of a token, as
// a share of the read bandwidth measured between the rounds of the same run:
//   generation_bench [--dtype f32|bf16|int8] [--model gpt2|nanogpt_cpu]
//       [--batch N] [--context N] [--tokens N]
//   generation_bench --serve --model gpt2 --dtype bf16 --context 128 --tokens
//   32
// --serve prints "ready", then, for each line of input, the seconds that
// `tokens` steps took, so that a script can take turns with a peer.

#include <array>
#include <cstdint>
#include <cstdio>
#include <iostream>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "archlab/check.h"
#include "archlab/parallel_for.h"
#include "cli/omp_environment.h"
#include "generation/decoding_loop.h"
#include "generation/letters_for_test.h"
#include "model/test_spec.h"
#include "timing.h"

namespace archlab {
namespace {

struct Options {
  std::string model = "gpt2", dtype;  // dtype empty: all
  int64_t context = 128, tokens = 32;
  std::vector<int64_t> batches = {1, 8, 32};
  bool serve = false;
};

// Rotary positions where the context is longer than GPT-2's own.
std::unique_ptr<Model> BuildModel(const std::string& name,
                                  const std::string& dtype, int64_t context) {
  TestSpec spec;
  int64_t vocabulary = 50257;
  if (name == "gpt2") {
    spec.width = 768, spec.heads = 12, spec.layers = 12;
    spec.sequence_tokens = context > 900 ? 8192 : 1024;
    spec.attention_fields = "bias: true";
    spec.feed_forward =
        "[feed_forward/mlp] { activation: GELU_TANH bias: true }";
  } else {
    spec.width = 128, spec.heads = 4, spec.layers = 4;
    spec.sequence_tokens = 64, vocabulary = 65;
    spec.norm = "[norm/layer_norm] { bias: false }";
  }
  spec.position =
      context > 900 ? "[position/rope] {}" : "[position/learned] {}";
  auto model =
      spec.Build(dtype == "f32" ? DType::kF32 : DType::kBF16, vocabulary);
  if (dtype == "int8") model->UseInt8Weights();
  return model;
}

// Bytes of the weights that every token reads: all but the rows of tables.
double WeightBytes(const Model& model, const std::string& dtype) {
  double bytes = 0;
  for (const auto& parameter : model.parameters().parameters())
    if (!absl::StrContains(parameter->path, "position")) {
      const bool int8 = dtype == "int8" && parameter->shape.rank() == 2;
      bytes += static_cast<double>(int8 ? parameter->shape.size()
                                        : parameter->compute.bytes());
    }
  return bytes;
}

// Seconds of `tokens` steps after a prompt of `context` tokens.
double Generate(Model& model, int64_t batch, int64_t context, int64_t tokens) {
  const Letters letters;
  const std::vector<std::unique_ptr<Sampler>> none;
  const DecodingLoop loop(model, letters, none);
  std::vector<std::string> prompts;
  for (int64_t b = 0; b < batch; ++b) {
    std::string prompt;
    for (int64_t t = 0; t < context; ++t)
      prompt += static_cast<char>('a' + (7 * t + b) % 25);
    prompts.push_back(prompt);
  }
  DecodingOptions options;
  options.max_tokens = tokens + 1;  // the first one comes from the prompt
  int64_t drawn = 0;
  Stopwatch since_first;
  double seconds = 0;
  const auto results =
      loop.Run(prompts, options, [&](int64_t row, absl::string_view) {
        if (row != batch - 1) return;
        if (drawn == 0) since_first = Stopwatch();
        if (drawn++ == tokens) seconds = since_first.Seconds();
      });
  ARCHLAB_CHECK(results.ok()) << results.status().message();
  return seconds;
}

// Bytes a second that all threads read from memory far larger than any cache.
class Bandwidth {
 public:
  Bandwidth() : buffer_(Tensor::Full({kElements}, DType::kF64, 1)) {}
  double Measure() {
    const double* const data = buffer_.data<double>();
    std::vector<double> sums(kElements / kGrain);
    const Stopwatch watch;
    ParallelFor(kElements, kGrain, [&](int64_t begin, int64_t end) {
      std::array<double, 16> sum = {};  // as wide as the compiler likes
      for (int64_t i = begin; i < end; i += 16)
        for (int64_t j = 0; j < 16; ++j) sum[j] += data[i + j];
      sums[begin / kGrain] = std::accumulate(sum.begin(), sum.end(), 0.0);
    });
    const double seconds = watch.Seconds();
    ARCHLAB_CHECK_EQ(sums[0], kGrain);
    return kElements * 8.0 / seconds;
  }

 private:
  static constexpr int64_t kElements = int64_t{1} << 26, kGrain = 1 << 19;
  Tensor buffer_;
};

void Row(Model& model, const Options& options, int64_t batch, int64_t context,
         Bandwidth& bandwidth) {
  constexpr int kRounds = 5;
  std::vector<double> seconds, read;
  Generate(model, batch, context, 2);  // warms up
  for (int round = 0; round < kRounds; ++round) {
    read.push_back(bandwidth.Measure());
    seconds.push_back(Generate(model, batch, context, options.tokens));
  }
  const double token =
      Quantile(seconds, 0.5) / static_cast<double>(options.tokens);
  const int64_t last = context + options.tokens;
  const double cache =
      static_cast<double>(batch) / 2 *
      static_cast<double>(
          model.Count(context, CountPairs::kNo).total.kv_cache_bytes +
          model.Count(last, CountPairs::kNo).total.kv_cache_bytes);
  const double bytes = WeightBytes(model, options.dtype) + cache;
  std::printf("%-12s %-5s %5lld %8lld %10.1f %10.1f %9.1f %7.0f %%\n",
              options.model.c_str(), options.dtype.c_str(),
              static_cast<long long>(batch), static_cast<long long>(context),
              static_cast<double>(batch) / token, bytes / 1e6,
              Quantile(read, 0.5) / 1e9,
              100 * bytes / token / Quantile(read, 0.5));
  std::fflush(stdout);
}

void Table(Options options) {
  Bandwidth bandwidth;
  std::printf("%-12s %-5s %5s %8s %10s %10s %9s %9s\n", "model", "type",
              "batch", "context", "tokens/s", "MB/step", "read GB/s", "share");
  const std::vector<std::string> types =
      options.dtype.empty() ? std::vector<std::string>{"f32", "bf16", "int8"}
                            : std::vector<std::string>{options.dtype};
  for (const std::string& type : types) {
    options.dtype = type;
    const auto model = BuildModel(options.model, type, options.context);
    for (const int64_t batch : options.batches)
      Row(*model, options, batch, options.context, bandwidth);
  }
}

int Serve(const Options& options) {
  const auto model = BuildModel(options.model, options.dtype, options.context);
  Generate(*model, 1, options.context, options.tokens);  // warms up
  std::printf("ready\n");
  std::fflush(stdout);
  for (std::string line; std::getline(std::cin, line);) {
    std::printf("%.6f\n", Generate(*model, 1, options.context, options.tokens));
    std::fflush(stdout);
  }
  return 0;
}

int Main(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    const std::string value = i + 1 < argc ? argv[i + 1] : "";
    bool good = true;
    if (name == "--serve") {
      options.serve = true;
      continue;
    }
    if (name == "--model")
      good = (options.model = value) == "gpt2" || value == "nanogpt_cpu";
    else if (name == "--dtype")
      good = (options.dtype = value) == "f32" || value == "bf16" ||
             value == "int8";
    else if (name == "--context")
      good = absl::SimpleAtoi(value, &options.context) && options.context > 0;
    else if (name == "--batch")
      good = absl::SimpleAtoi(value, &(options.batches = {1})[0]) &&
             options.batches[0] > 0;
    else if (name == "--tokens")
      good = absl::SimpleAtoi(value, &options.tokens) && options.tokens > 0;
    else
      good = false;
    if (!good) {
      std::fprintf(stderr,
                   "generation_bench [--serve] [--model gpt2|nanogpt_cpu] "
                   "[--dtype f32|bf16|int8] [--batch N] [--context N] "
                   "[--tokens N]\n");
      return 2;
    }
    ++i;
  }
  if (options.serve && options.dtype.empty()) options.dtype = "f32";
  if (options.serve) return Serve(options);
  Table(options);
  return 0;
}

}  // namespace
}  // namespace archlab

int main(int argc, char** argv) {
  archlab::WaitAsCommand("generate", argv);
  return archlab::Main(argc, argv);
}
