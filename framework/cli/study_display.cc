// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "cli/study_display.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "cli/format.h"
#include "study/analyze.h"
#include "training/progress.h"

namespace archlab {
namespace {

constexpr int kBarCells = 16;

struct TerminalSize {
  int columns = 80, rows = 24;
};

TerminalSize SizeOfTerminal() {
  winsize size = {};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
    return {};
  return {size.ws_col, size.ws_row};
}

// Cut to a number of characters (code points).
std::string Cut(const std::string& line, int width) {
  int characters = 0;
  size_t end = 0;
  while (end < line.size()) {
    if ((static_cast<unsigned char>(line[end]) & 0xC0) != 0x80 &&
        characters++ == width)
      break;
    ++end;
  }
  return line.substr(0, end);
}

double Share(const RunStatus& run) {
  if (run.state == RunStatus::kDone || run.state == RunStatus::kKept) return 1;
  return static_cast<double>(run.step) /
         static_cast<double>(std::max<int64_t>(run.steps, 1));
}

std::string Plus(double half) {
  return std::isfinite(half) ? absl::StrFormat(" \u00b1 %.4f", half) : "";
}

std::string MeanText(const StudyArm& arm) {
  if (!arm.estimate) return "-";
  return absl::StrFormat("%.4f", arm.estimate->mean) +
         Plus(arm.estimate->interval.high - arm.estimate->mean);
}

std::string DifferenceText(const StudyArm& arm) {
  if (!arm.apart.empty()) return "not comparable";
  if (!arm.difference) return "";
  if (arm.difference->identical) return "0";
  const Difference& d = *arm.difference;
  if (!std::isfinite(d.interval.low)) return absl::StrFormat("%+.4f", d.mean);
  return absl::StrFormat("%+.4f [%+.4f, %+.4f]", d.mean, d.interval.low,
                         d.interval.high);
}

// The arms by what they have reached so far. No verdicts: they belong to the
// end, or to planned looks.
std::string Ranking(const StudyResults& results) {
  std::vector<const StudyArm*> arms;
  for (const StudyArm& arm : results.arms) arms.push_back(&arm);
  const double sign = results.smaller_is_better ? 1 : -1;
  std::stable_sort(
      arms.begin(), arms.end(), [sign](const StudyArm* a, const StudyArm* b) {
        const auto key = [sign](const StudyArm& arm) {
          return arm.estimate && arm.apart.empty() ? sign * arm.estimate->mean
                                                   : HUGE_VAL;
        };
        return key(*a) < key(*b);
      });
  Table table({"so far", "difference from baseline", results.metric, "seeds"});
  for (const StudyArm* arm : arms)
    table.Add({arm->name,
               arm == results.arms.data() ? "baseline" : DifferenceText(*arm),
               MeanText(*arm),
               arm->estimate ? absl::StrCat(arm->estimate->count) : "0"});
  return table.ToString();
}

// "rope seed 3", "rope seed 1000001 tuning 1e-3".
std::string NameOf(const RunStatus& run) {
  return absl::StrCat(run.arm, " seed ", run.seed, run.stage.empty() ? "" : " ",
                      run.stage);
}

std::string Running(const std::vector<RunStatus>& runs) {
  std::string text;
  for (const RunStatus& run : runs) {
    if (run.state != RunStatus::kRunning) continue;
    const int cells = static_cast<int>(std::lround(Share(run) * kBarCells));
    absl::StrAppend(&text, "  [", std::string(cells, '#'),
                    std::string(kBarCells - cells, '.'), "] ", run.arm,
                    " seed ", run.seed, run.stage.empty() ? "" : " ", run.stage,
                    "  ", run.step, "/", run.steps, "\n");
  }
  return text;
}

}  // namespace

std::string ResultTable(const StudyResults& results) {
  Table table({"arm", "seeds", results.metric, "difference from baseline",
               "p (Holm)", "verdict", "detectable"});
  for (const StudyArm& arm : results.arms) {
    const bool compared = arm.difference && !arm.difference->identical;
    table.Add({arm.name, arm.estimate ? absl::StrCat(arm.estimate->count) : "0",
               MeanText(arm), DifferenceText(arm),
               compared && arm.difference->pairs > 1
                   ? absl::StrFormat("%.3g", arm.adjusted_p)
                   : "",
               arm.difference             ? VerdictName(arm.verdict)
               : &arm == &results.arms[0] ? "baseline"
                                          : "",
               compared && std::isfinite(arm.detectable)
                   ? absl::StrFormat("%.3g", arm.detectable)
                   : ""});
  }
  return table.ToString();
}

std::string EffectTable(const StudyResults& results) {
  Table table({"effect", results.metric, "p (Holm)"});
  for (const Interaction& each : results.interactions)
    table.Add({each.name,
               absl::StrFormat("%+.4f [%+.4f, %+.4f]", each.difference.mean,
                               each.difference.interval.low,
                               each.difference.interval.high),
               absl::StrFormat("%.3g", each.adjusted_p)});
  return table.ToString();
}

TerminalStudyDisplay::TerminalStudyDisplay(bool quiet)
    : quiet_(quiet), terminal_(isatty(STDERR_FILENO) != 0) {
  const char* no_colour = std::getenv("NO_COLOR");
  colour_ = terminal_ && (no_colour == nullptr || *no_colour == '\0');
}

TerminalStudyDisplay::~TerminalStudyDisplay() { Clear(); }

void TerminalStudyDisplay::Clear() {
  if (drawn_lines_ > 0) std::fprintf(stderr, "\033[%dA\033[J", drawn_lines_);
  drawn_lines_ = 0;
}

void TerminalStudyDisplay::Say(const std::string& line) {
  if (quiet_) return;
  Clear();
  std::fprintf(stderr, "%s\n", line.c_str());
}

void TerminalStudyDisplay::Warn(const std::string& line) {
  Clear();
  std::fprintf(stderr, "%swarning:%s %s\n", colour_ ? "\033[33m" : "",
               colour_ ? "\033[0m" : "", line.c_str());
}

std::string TerminalStudyDisplay::Headline(const std::vector<RunStatus>& runs) {
  double all = 0, done = 0;
  int ended = 0, running = 0, failed = 0;
  for (const RunStatus& run : runs) {
    failed += run.state == RunStatus::kFailed;
    if (run.state == RunStatus::kFailed) continue;
    const double cost = std::max(run.cost, 1.0);
    all += cost;
    done += cost * Share(run);
    ended += run.state == RunStatus::kDone || run.state == RunStatus::kKept;
    running += run.state == RunStatus::kRunning;
  }
  // Another stage, other runs.
  const std::string stage =
      runs.empty() ? "" : absl::StrCat(runs[0].stage, runs.size());
  if (stage != stage_) {
    stage_ = stage;
    start_ = Clock::now();
    done_at_start_ = done;
  }
  const double seconds =
      std::chrono::duration<double>(Clock::now() - start_).count();
  const double here = done - done_at_start_;
  std::string text = absl::StrCat(ended, " of ", runs.size(), " runs done, ",
                                  running, " running");
  if (failed > 0) absl::StrAppend(&text, ", ", failed, " failed");
  if (here > 0 && done < all)
    absl::StrAppend(&text, ", ", FormatSeconds((all - done) / here * seconds),
                    " left");
  return text;
}

void TerminalStudyDisplay::Draw(const std::vector<RunStatus>& runs,
                                const StudyResults& results) {
  const std::string text =
      absl::StrCat(Headline(runs), "\n", Running(runs), Ranking(results));
  Clear();
  const TerminalSize size = SizeOfTerminal();
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    // What scrolled out of sight could not be drawn over.
    if (line.empty() || drawn_lines_ + 2 > size.rows) continue;
    std::fprintf(stderr, "%s\n",
                 Cut(std::string(line), size.columns - 1).c_str());
    ++drawn_lines_;
  }
  std::fflush(stderr);
}

// A line for each run that began or ended since the last look.
void TerminalStudyDisplay::SayEnds(const std::vector<RunStatus>& runs) {
  Headline(runs);  // sees where a stage begins
  for (const RunStatus& run : runs) {
    const std::string name = NameOf(run);
    RunStatus::State& told = told_[name];
    if (told == run.state) continue;
    told = run.state;
    if (run.state == RunStatus::kDone)
      std::fprintf(stderr, "%s: done (%s)\n", name.c_str(),
                   Headline(runs).c_str());
    if (run.state == RunStatus::kFailed)
      std::fprintf(stderr, "%s: failed: %s\n", name.c_str(), run.error.c_str());
  }
}

void TerminalStudyDisplay::Show(const std::vector<RunStatus>& runs,
                                const StudyResults& results) {
  if (quiet_) return;
  if (terminal_)
    Draw(runs, results);
  else
    SayEnds(runs);
}

}  // namespace archlab
