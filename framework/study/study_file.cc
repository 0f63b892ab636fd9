// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "study/study_file.h"

#include <algorithm>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "archlab/experiment.pb.h"
#include "archlab/status.h"
#include "base/file.h"
#include "base/suggest.h"
#include "spec/locate.h"
#include "spec/read.h"

namespace archlab {
namespace {

constexpr char kHolds[] =
    "a study holds name, base (the file of an experiment), and arms or factors";
constexpr size_t kMaxArms = 200;
constexpr size_t kMaxNameBytes = 100;

using Report =
    std::function<void(const std::string& path, const std::string& message)>;

// "training" of " training.steps = 3".
std::string FirstName(const std::string& override) {
  const absl::string_view text = absl::StripLeadingAsciiWhitespace(override);
  size_t end = 0;
  while (end < text.size() &&
         (absl::ascii_isalnum(text[end]) || text[end] == '_'))
    ++end;
  return std::string(text.substr(0, end));
}

bool IsOfExperiment(const std::string& override) {
  const std::string name = FirstName(override);
  return name == "data" || name == "model" || name == "training" ||
         name == "generation";
}

bool IsCleanName(const std::string& name, absl::string_view also) {
  return !name.empty() && name[0] != '-' && name[0] != '.' &&
         name.size() <= kMaxNameBytes &&
         std::all_of(name.begin(), name.end(), [&](char c) {
           return absl::ascii_isalnum(c) ||
                  also.find(c) != absl::string_view::npos;
         });
}

void CheckArmName(const spec::Arm& arm, const std::string& path,
                  const Report& report) {
  if (!IsCleanName(arm.name(), "_-.=+,"))
    report(path + ".name",
           absl::StrCat("must have letters, digits and _-.=+, only, at most ",
                        kMaxNameBytes, ", and begin with neither - nor ."));
}

void CheckFactors(const spec::Study& study, const Report& report) {
  std::vector<std::string> names;
  for (int i = 0; i < study.factor_size(); ++i) {
    const spec::Factor& factor = study.factor(i);
    const std::string path = absl::StrCat("factor[", i, "]");
    if (!IsCleanName(factor.name(), "_-."))
      report(path + ".name", "must have letters, digits and _-. only");
    if (std::count(names.begin(), names.end(), factor.name()) > 0)
      report(path + ".name",
             absl::StrCat("there is another factor '", factor.name(), "'"));
    names.push_back(factor.name());
    if (factor.level_size() < 2)
      report(path, "must have at least 2 levels: the first is the baseline's");
    for (int k = 0; k < factor.level_size(); ++k)
      CheckArmName(factor.level(k), absl::StrCat(path, ".level[", k, "]"),
                   report);
  }
  const auto find = [&](const std::string& name, const std::string& path) {
    const auto at = std::find(names.begin(), names.end(), name);
    if (at == names.end())
      report(path, absl::StrCat("there is no factor '", name, "'.",
                                DidYouMean(name, names)));
    else if (study.factor(static_cast<int>(at - names.begin())).level_size() !=
             2)
      report(path, absl::StrCat("factor '", name,
                                "' must have 2 levels to be in a generator"));
  };
  std::set<std::string> generated;
  for (int i = 0; i < study.generator_size(); ++i) {
    const spec::Generator& generator = study.generator(i);
    const std::string path = absl::StrCat("generator[", i, "]");
    if (study.design() != spec::FULL_FACTORIAL)
      report(path, "belongs to design: FULL_FACTORIAL");
    find(generator.factor(), path + ".factor");
    if (!generated.insert(generator.factor()).second)
      report(path + ".factor", "this factor has a generator already");
    for (int k = 0; k < generator.product_size(); ++k) {
      find(generator.product(k), absl::StrCat(path, ".product[", k, "]"));
      if (generated.count(generator.product(k)) > 0)
        report(absl::StrCat(path, ".product[", k, "]"),
               "must be a factor without a generator");
    }
  }
}

void CheckSeeds(const spec::Study& study, const Report& report) {
  const spec::Seeds& seeds = study.seeds();
  int before = 0;
  for (int i = 0; i < seeds.look_size(); ++i) {
    const std::string path = absl::StrCat("seeds.look[", i, "]");
    if (seeds.look(i) <= before) report(path, "looks must increase");
    if (seeds.look(i) >= seeds.count())
      report(path,
             absl::StrCat("must be below seeds.count, which is ", seeds.count(),
                          ": after the last seed there is a look anyway"));
    before = seeds.look(i);
  }
  if (seeds.look_size() > 0 && study.pairing() == spec::UNPAIRED)
    report("seeds.look", "needs pairing: BY_SEED");
  if (seeds.has_smallest_effect() && seeds.look_size() > 0)
    report("seeds.look",
           "cannot stand beside smallest_effect: choose how many seeds, or "
           "when to stop");
  if (seeds.has_smallest_effect() && seeds.count() < 3)
    report("seeds.count", "a pilot needs at least 3 seeds");
  if (seeds.has_smallest_effect() && seeds.most() < seeds.count())
    report("seeds.most", absl::StrCat("must be at least seeds.count, which is ",
                                      seeds.count()));
}

void CheckStudy(const spec::Study& study, const Report& report) {
  if (study.has_name() && !IsCleanName(study.name(), "_-"))
    report("name", "must have letters, digits, '_' and '-' only");
  for (int i = 0; i < study.arm_size(); ++i)
    CheckArmName(study.arm(i), absl::StrCat("arm[", i, "]"), report);
  if (study.arm_size() > 0 && study.factor_size() > 0)
    report("factor",
           "cannot stand beside `arm`: the arms of the factors would "
           "differ from a written baseline in more than one thing; "
           "what they share belongs into `set`");
  CheckFactors(study, report);
  CheckSeeds(study, report);
  size_t arms = 1;
  for (const spec::Factor& factor : study.factor())
    arms = std::min(kMaxArms + 1, study.design() == spec::FULL_FACTORIAL
                                      ? arms * std::max(1, factor.level_size())
                                      : arms + factor.level_size());
  if (arms + study.arm_size() > kMaxArms)
    return report("", absl::StrCat("has more than ", kMaxArms, " arms"));
  const std::vector<ArmDraft> drafts = ArmsOf(study);
  if (drafts.size() < 2)
    report("",
           "must have at least 2 arms, the first of them the baseline; or "
           "factors");
  std::set<std::string> names;
  for (size_t i = 0; i < drafts.size(); ++i)
    if (!names.insert(drafts[i].name).second)
      report(i < static_cast<size_t>(study.arm_size())
                 ? absl::StrCat("arm[", i, "].name")
                 : "factor",
             absl::StrCat("there is another arm '", drafts[i].name, "'"));
}

// Adds the arm of these levels.
void AddCombination(const spec::Study& study, const std::vector<int>& levels,
                    std::vector<ArmDraft>* arms) {
  ArmDraft arm;
  std::vector<std::string> parts;
  for (int i = 0; i < study.factor_size(); ++i) {
    const spec::Arm& level = study.factor(i).level(levels[i]);
    if (levels[i] > 0)
      parts.push_back(absl::StrCat(study.factor(i).name(), "=", level.name()));
    arm.set.insert(arm.set.end(), level.set().begin(), level.set().end());
    if (levels[i] > 0 && parts.size() == 1)
      arm.description = level.description();
  }
  if (parts.size() > 1) arm.description.clear();
  arm.name = parts.empty() ? "baseline" : absl::StrJoin(parts, ",");
  arm.levels = levels;
  arms->push_back(std::move(arm));
}

// The level that the generators give, instead of all.
bool FollowsGenerators(const spec::Study& study,
                       const std::vector<int>& levels) {
  const auto level = [&](const std::string& name) {
    for (int i = 0; i < study.factor_size(); ++i)
      if (study.factor(i).name() == name) return levels[i];
    return 0;
  };
  for (const spec::Generator& generator : study.generator()) {
    int sum = 0;
    for (const std::string& name : generator.product()) sum += level(name);
    if (level(generator.factor()) != sum % 2) return false;
  }
  return true;
}

}  // namespace

std::vector<ArmDraft> ArmsOf(const spec::Study& study) {
  std::vector<ArmDraft> arms;
  for (const spec::Arm& arm : study.arm())
    arms.push_back({arm.name(),
                    arm.description(),
                    {arm.set().begin(), arm.set().end()},
                    {}});
  if (study.factor_size() == 0) return arms;
  std::vector<int> levels(study.factor_size(), 0);
  if (study.design() == spec::ONE_AT_A_TIME) {
    AddCombination(study, levels, &arms);
    for (int i = 0; i < study.factor_size(); ++i) {
      for (int k = 1; k < study.factor(i).level_size(); ++k) {
        levels[i] = k;
        AddCombination(study, levels, &arms);
      }
      levels[i] = 0;
    }
    return arms;
  }
  while (true) {
    if (FollowsGenerators(study, levels)) AddCombination(study, levels, &arms);
    int at = study.factor_size() - 1;
    while (at >= 0 && ++levels[at] >= study.factor(at).level_size())
      levels[at--] = 0;
    if (at < 0) return arms;
  }
}

absl::StatusOr<StudyFile> LoadStudy(const std::string& file,
                                    const std::vector<std::string>& overrides,
                                    const Catalogue& catalogue) {
  ARCHLAB_ASSIGN_OR_RETURN(const std::string text, ReadSpecFile(file, kHolds));
  StudyFile result;
  result.file = file;
  std::vector<std::string> of_study, of_experiment;
  for (const std::string& each : overrides) {
    if (FirstName(each) == "seed")
      return absl::InvalidArgumentError(
          "seed: a study trains with several; write --set 'seeds.first = N'");
    (IsOfExperiment(each) ? of_experiment : of_study).push_back(each);
  }
  WrittenSpec written;
  SpecErrors errors;
  if (ReadMessage(file, text, of_study, catalogue, &written, &result.study,
                  &errors) &&
      errors.empty())
    CheckStudy(result.study,
               [&](const std::string& path, const std::string& message) {
                 errors.Add(Locate(written.root, path).place, path, message);
               });
  ARCHLAB_RETURN_IF_ERROR(errors.ToStatus(written.sources));
  result.base_file = ResolvePath(DirectoryOf(file), result.study.base());
  result.set = {result.study.set().begin(), result.study.set().end()};
  result.set.insert(result.set.end(), of_experiment.begin(),
                    of_experiment.end());
  return result;
}

}  // namespace archlab
