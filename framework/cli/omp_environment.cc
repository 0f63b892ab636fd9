// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "cli/omp_environment.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"

namespace archlab {
namespace {

struct Waiting {
  absl::string_view command;
  const char* spin_count;  // looks for work before a thread sleeps; or none
};

// A step of a small model is hundreds of pieces of some 10 us, a token some
// hundred products of as much: waking a thread for each would take as long.
constexpr std::array<Waiting, 5> kComputing = {{{"train", "3000"},
                                                {"eval", nullptr},
                                                {"generate", "10000"},
                                                {"attention", nullptr},
                                                {"inspect", nullptr}}};

// The command: the first argument that is neither an option nor its value.
absl::string_view CommandOf(const std::vector<absl::string_view>& arguments) {
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] == "--plugin-path")
      ++i;
    else if (!absl::StartsWith(arguments[i], "-"))
      return arguments[i];
  }
  return "";
}

const Waiting* FindWaiting(absl::string_view command) {
  const auto* const found = std::find_if(
      kComputing.begin(), kComputing.end(),
      [&](const Waiting& each) { return each.command == command; });
  return found == kComputing.end() ? nullptr : found;
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

bool SetWaiting(const Waiting& waiting) {
  if (std::getenv("OMP_WAIT_POLICY") != nullptr) return false;
  bool changed = SetVariable("OMP_WAIT_POLICY", "passive");
  if (waiting.spin_count != nullptr && std::getenv("GOMP_SPINCOUNT") == nullptr)
    changed |= SetVariable("GOMP_SPINCOUNT", waiting.spin_count);
  return changed;
}

void StartAgain(char** argv) {
  execv("/proc/self/exe", argv);  // returns only on failure
}

}  // namespace

void PrepareOmpEnvironment(int argc, char** argv) {
  const std::vector<absl::string_view> arguments(argv + std::min(argc, 1),
                                                 argv + argc);
  const Waiting* const waiting = FindWaiting(CommandOf(arguments));
  if (waiting == nullptr) return;
  bool changed = SetWaiting(*waiting);
  if (const int threads = ThreadsOf(arguments); threads > 0)
    changed |= SetVariable("OMP_NUM_THREADS", absl::StrCat(threads));
  if (changed) StartAgain(argv);
}

void WaitAsCommand(absl::string_view command, char** argv) {
  const Waiting* const waiting = FindWaiting(command);
  if (waiting != nullptr && SetWaiting(*waiting)) StartAgain(argv);
}

}  // namespace archlab
