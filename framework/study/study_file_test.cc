// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "study/study_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "spec/spec_testing.h"
#include "training/test_folder.h"

namespace archlab {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

absl::StatusOr<StudyFile> Load(const std::string& body,
                               const std::vector<std::string>& sets = {}) {
  const TestFolder folder;
  const std::string file = folder / "s.textproto";
  WriteAll(file, "name: \"s\" base: \"b.textproto\"\n" + body);
  return LoadStudy(file, sets, FixedCatalogue());
}

std::vector<std::string> Names(const std::string& body) {
  const auto file = Load(body);
  EXPECT_TRUE(file.ok()) << file.status();
  std::vector<std::string> names;
  if (file.ok())
    for (const ArmDraft& arm : ArmsOf(file->study)) names.push_back(arm.name);
  return names;
}

std::string Error(const std::string& body) {
  return std::string(Load(body).status().message());
}

constexpr char kFactors[] = R"(
factor { name: "p" level { name: "x" set: "p0" } level { name: "y" set: "p1" } level { name: "z" set: "p2" } }
factor { name: "n" level { name: "pre" } level { name: "post" set: "n1" } }
)";

TEST(ArmsOf, OneFactorAtATimeByDefault) {
  EXPECT_THAT(Names(kFactors), ElementsAre("baseline", "p=y", "p=z", "n=post"));
  const auto file = Load(kFactors);
  EXPECT_THAT(ArmsOf(file->study)[1].set, ElementsAre("p1"));
  EXPECT_THAT(ArmsOf(file->study)[3].set, ElementsAre("p0", "n1"));
}

TEST(ArmsOf, FullFactorialWhenAsked) {
  EXPECT_THAT(Names(std::string(kFactors) + "design: FULL_FACTORIAL"),
              ElementsAre("baseline", "n=post", "p=y", "p=y,n=post", "p=z",
                          "p=z,n=post"));
}

// The half of a 2^3 design in which c = a + b.
TEST(ArmsOf, GeneratorsTakeAFraction) {
  std::string body = "design: FULL_FACTORIAL\n";
  for (const char* name : {"a", "b", "c"})
    body += std::string("factor { name: \"") + name +
            "\" level { name: \"0\" } level { name: \"1\" } }\n";
  body += "generator { factor: \"c\" product: \"a\" product: \"b\" }";
  EXPECT_THAT(Names(body),
              ElementsAre("baseline", "b=1,c=1", "a=1,c=1", "a=1,b=1"));
}

TEST(LoadStudy, OverridesGoToStudyOrExperiment) {
  const auto file = Load(
      "set: \"training.steps = 3\" arm { name: \"a\" } arm { name: \"b\" }",
      {"seeds.count = 7", "training.steps = 9", "model.x = 1"});
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(file->study.seeds().count(), 7);
  EXPECT_THAT(file->set, ElementsAre("training.steps = 3", "training.steps = 9",
                                     "model.x = 1"));
}

TEST(LoadStudy, ErrorsNamePlaceAndRemedy) {
  EXPECT_THAT(Error("arm { name: \"a\" }"), HasSubstr("at least 2 arms"));
  EXPECT_THAT(Error("arm { nam: \"a\" }"), HasSubstr("s.textproto:2:7: "
                                                     "arm[0].nam: there is no "
                                                     "such field. Did you mean "
                                                     "'name'?"));
  EXPECT_THAT(Error(std::string(kFactors) + "generator { factor: \"n\" "
                                            "product: \"p\" }"),
              HasSubstr("belongs to design: FULL_FACTORIAL"));
  EXPECT_THAT(Error(std::string(kFactors) +
                    "design: FULL_FACTORIAL generator { factor: \"n\" "
                    "product: \"p\" }"),
              HasSubstr("factor 'p' must have 2 levels"));
  const std::string arms = "arm { name: \"a\" } arm { name: \"b\" } ";
  EXPECT_THAT(Error(arms + "seeds { count: 5 look: 5 }"),
              HasSubstr("must be below seeds.count, which is 5"));
  EXPECT_THAT(Error(arms + "seeds { count: 5 look: 4 look: 3 }"),
              HasSubstr("looks must increase"));
  EXPECT_THAT(Error(arms + "seeds { count: 5 look: 3 smallest_effect: 1 }"),
              HasSubstr("cannot stand beside smallest_effect"));
  EXPECT_THAT(Error(arms + "seeds { count: 2 smallest_effect: 1 }"),
              HasSubstr("a pilot needs at least 3 seeds"));
  EXPECT_THAT(Error(arms + "seeds { count: 0 }"),
              HasSubstr("must be from 1 to 1000, but is 0"));
  EXPECT_THAT(Error(arms + "margin: -1"), HasSubstr("margin"));
  EXPECT_THAT(Error(arms + "pairing: UNPAIRED seeds { count: 5 look: 3 }"),
              HasSubstr("needs pairing: BY_SEED"));
  EXPECT_THAT(Error(arms + kFactors), HasSubstr("cannot stand beside `arm`"));
  EXPECT_THAT(Error("arm { name: \"../x\" } arm { name: \"b\" }"),
              HasSubstr("arm[0].name: must have letters, digits"));
}

}  // namespace
}  // namespace archlab
