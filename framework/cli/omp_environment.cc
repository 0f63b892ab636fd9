// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "cli/omp_environment.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"

namespace archlab {
namespace {

constexpr std::array<absl::string_view, 5> kComputing = {
    "train", "eval", "generate", "attention", "inspect"};

bool Computes(const std::vector<absl::string_view>& arguments) {
  return std::find_first_of(arguments.begin(), arguments.end(),
                            kComputing.begin(),
                            kComputing.end()) != arguments.end();
}

// The N of --threads N or --threads=N; 0: not given, or wrong (which the
// parser of the command line will say).
int ThreadsOf(const std::vector<absl::string_view>& arguments) {
  int threads = 0;
  for (size_t i = 0; i < arguments.size(); ++i) {
    absl::string_view value = arguments[i];
    if (value == "--threads" && i + 1 < arguments.size())
      value = arguments[i + 1];
    else if (!absl::ConsumePrefix(&value, "--threads="))
      continue;
    if (!absl::SimpleAtoi(value, &threads) || threads < 1 || threads > 4096)
      return 0;
  }
  return threads;
}

// True when the variable was something else before.
bool SetVariable(const char* name, const std::string& value) {
  const char* before = std::getenv(name);
  if (before != nullptr && value == before) return false;
  setenv(name, value.c_str(), 1);
  return true;
}

}  // namespace

void PrepareOmpEnvironment(int argc, char** argv) {
  const std::vector<absl::string_view> arguments(argv + std::min(argc, 1),
                                                 argv + argc);
  if (!Computes(arguments)) return;
  bool changed = false;
  if (std::getenv("OMP_WAIT_POLICY") == nullptr) {
    changed |= SetVariable("OMP_WAIT_POLICY", "passive");
    // A token is some hundred products of some 10 us each: waking a thread for
    // every one would take as long. It looks for work for about 0.1 ms first.
    if (!arguments.empty() && arguments[0] == "generate" &&
        std::getenv("GOMP_SPINCOUNT") == nullptr)
      changed |= SetVariable("GOMP_SPINCOUNT", "10000");
  }
  if (const int threads = ThreadsOf(arguments); threads > 0)
    changed |= SetVariable("OMP_NUM_THREADS", absl::StrCat(threads));
  if (changed) execv("/proc/self/exe", argv);  // returns only on failure
}

}  // namespace archlab
