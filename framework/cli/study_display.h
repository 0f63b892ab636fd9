// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// What a study shows while it runs: on a terminal a table that is drawn over
// and over, with the ranking so far; elsewhere a line for each run that ends.

#ifndef ARCHLAB_CLI_STUDY_DISPLAY_H_
#define ARCHLAB_CLI_STUDY_DISPLAY_H_

#include <chrono>
#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include "study/study.h"

namespace archlab {

class TerminalStudyDisplay final : public StudyDisplay {
 public:
  // Writes to stderr; `quiet`: only warnings.
  explicit TerminalStudyDisplay(bool quiet);
  ~TerminalStudyDisplay() override;

  void Say(const std::string& line) override;
  void Warn(const std::string& line) override;
  void Show(const std::vector<RunStatus>& runs,
            const StudyResults& results) override;

 private:
  using Clock = std::chrono::steady_clock;
  void Clear();
  void Draw(const std::vector<RunStatus>& runs, const StudyResults& results);
  void SayEnds(const std::vector<RunStatus>& runs);
  std::string Headline(const std::vector<RunStatus>& runs);

  const bool quiet_, terminal_;
  bool colour_ = false;
  int drawn_lines_ = 0;
  // Of this stage: when it began, and how much was done then.
  Clock::time_point start_ = Clock::now();
  double done_at_start_ = 0;
  std::string stage_ = "none yet";
  std::map<std::string, RunStatus::State> told_;
};

// The table of a study's results: a line an arm.
std::string ResultTable(const StudyResults& results);
// Main effects and interactions of a factorial design.
std::string EffectTable(const StudyResults& results);

}  // namespace archlab

#endif  // ARCHLAB_CLI_STUDY_DISPLAY_H_
