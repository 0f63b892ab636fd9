// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "training/crash_point.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"

namespace archlab {
namespace {

struct Crash {
  std::string name;  // empty: never
  int passage = 1;   // dies at this passage
};

Crash ReadCrash() {
  Crash crash;
  const char* text = std::getenv("ARCHLAB_CRASH_AT");
  if (text == nullptr) return crash;
  const std::vector<std::string> parts =
      absl::StrSplit(text, absl::MaxSplits(':', 1));
  crash.name = parts[0];
  if (parts.size() == 2 && !absl::SimpleAtoi(parts[1], &crash.passage))
    crash.passage = 1;
  return crash;
}

}  // namespace

void CrashPoint(absl::string_view name) {
  const Crash crash = ReadCrash();
  static std::atomic<int> passages{0};
  if (crash.name.empty() || name != crash.name) return;
  if (++passages == crash.passage) kill(getpid(), SIGKILL);
}

}  // namespace archlab
