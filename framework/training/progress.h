// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Progress: what a training says while it runs. On a terminal one line that is
// drawn over and over, in colour; elsewhere plain lines, not too many.

#ifndef ARCHLAB_PROGRESS_H_
#define ARCHLAB_PROGRESS_H_

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>

#include "absl/strings/string_view.h"

namespace archlab {

// "45 s", "3 min 05 s", "2 h 07 min".
std::string FormatSeconds(double seconds);

struct ProgressState {
  int64_t step = 0;   // done
  int64_t steps = 0;  // in all
  double loss = 0;
  double tokens_per_second = 0;
  double seconds_left = 0;
};

class Progress {
 public:
  // Writes to `out` (stderr: talk is not a result), which is not owned.
  // nullptr: says nothing.
  explicit Progress(FILE* out);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // Shows where training stands; drawn ten times a second at most on a
  // terminal, a line every five seconds elsewhere.
  void Step(const ProgressState& state);
  // A line that stays.
  void Say(absl::string_view line);
  // The same, and it stands out: "warning: ...".
  void Warn(absl::string_view line);

 private:
  using Clock = std::chrono::steady_clock;
  void Clear();  // the drawn line

  FILE* const out_;
  const bool terminal_;
  bool colour_ = false;
  bool drawn_ = false;
  bool shown_ = false;  // at least once
  Clock::time_point last_;
};

}  // namespace archlab

#endif  // ARCHLAB_PROGRESS_H_
