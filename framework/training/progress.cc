// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "training/progress.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace archlab {
namespace {

constexpr int kBarCells = 24;

std::string Bar(const ProgressState& state) {
  const double done = static_cast<double>(state.step) /
                      static_cast<double>(std::max<int64_t>(state.steps, 1));
  const int cells = static_cast<int>(std::lround(done * kBarCells));
  return std::string(cells, '#') + std::string(kBarCells - cells, '.');
}

std::string Numbers(const ProgressState& state) {
  return absl::StrFormat(
      "step %d/%d  loss %.4f  %.0f tokens/s  %s left", state.step, state.steps,
      state.loss, state.tokens_per_second, FormatSeconds(state.seconds_left));
}

}  // namespace

std::string FormatSeconds(double seconds) {
  if (!(seconds < 1e9)) return "?";
  const auto whole = static_cast<int64_t>(std::lround(std::max(seconds, 0.0)));
  if (whole < 60) return absl::StrFormat("%d s", whole);
  if (whole < 3600)
    return absl::StrFormat("%d min %02d s", whole / 60, whole % 60);
  return absl::StrFormat("%d h %02d min", whole / 3600, whole % 3600 / 60);
}

Progress::Progress(FILE* out)
    : out_(out), terminal_(out != nullptr && isatty(fileno(out))) {
  // https://no-color.org
  const char* no_colour = std::getenv("NO_COLOR");
  colour_ = terminal_ && (no_colour == nullptr || *no_colour == '\0');
}

Progress::~Progress() {
  if (drawn_) std::fputc('\n', out_);
}

void Progress::Clear() {
  if (drawn_) std::fputs("\r\033[K", out_);
  drawn_ = false;
}

void Progress::Step(const ProgressState& state) {
  if (out_ == nullptr) return;
  const Clock::time_point now = Clock::now();
  const auto pause = terminal_ ? std::chrono::milliseconds(100)
                               : std::chrono::milliseconds(5000);
  if (shown_ && state.step < state.steps && now - last_ < pause) return;
  shown_ = true;
  last_ = now;
  if (terminal_) {
    Clear();
    std::fprintf(out_, "%s[%s]%s %s", colour_ ? "\033[36m" : "",
                 Bar(state).c_str(), colour_ ? "\033[0m" : "",
                 Numbers(state).c_str());
    drawn_ = true;
  } else {
    std::fprintf(out_, "%s\n", Numbers(state).c_str());
  }
  std::fflush(out_);
}

void Progress::Say(absl::string_view line) {
  if (out_ == nullptr) return;
  Clear();
  std::fprintf(out_, "%.*s\n", static_cast<int>(line.size()), line.data());
  std::fflush(out_);
}

void Progress::Warn(absl::string_view line) {
  Say(absl::StrCat(colour_ ? "\033[33m" : "",
                   "warning: ", colour_ ? "\033[0m" : "", line));
}

}  // namespace archlab
