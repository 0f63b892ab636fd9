// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "training/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "training/test_folder.h"

namespace archlab {
namespace {

Evaluation Found(double loss, double bits_per_byte, bool whole) {
  Evaluation found;
  found.loss = loss;
  found.bits_per_byte = bits_per_byte;
  found.whole = whole;
  return found;
}

using ::testing::HasSubstr;

TEST(Metrics, TheLinesAreThoseOfTheDocumentation) {
  TestFolder folder;
  std::string warning;
  auto file = MetricsFile::Open(folder / "m");
  ASSERT_TRUE(file.ok()) << file.status();
  ASSERT_TRUE(file->Shorten(0, &warning).ok());
  StepMetrics step;
  step.step = 10;
  step.loss = 2.5;
  step.learning_rate = 0.001;
  step.tokens = 7680;
  step.flops = 3e18;
  step.tokens_per_second = 100.5;
  step.grad_norm = std::numeric_limits<double>::infinity();
  step.logs = {{"router/entropy", 0.25}};
  ASSERT_TRUE(file->WriteStep(step).ok());
  ASSERT_TRUE(file->WriteEvaluation(10, Found(1.5, 2.25, true)).ok());
  const std::string expected =
      R"({"step":10,"loss":2.5,"lr":0.001,"tokens":7680,"flops":3e+18,)"
      R"("tokens_per_second":100.5,"grad_norm":null,"router/entropy":0.25})"
      "\n"
      R"({"step":10,"validation_loss":1.5,"bits_per_byte":2.25,"whole":true})"
      "\n";
  EXPECT_EQ(ReadAll(folder / "m"), expected);
  EXPECT_EQ(file->bytes(), static_cast<int64_t>(expected.size()));
  EXPECT_TRUE(file->Sync().ok());
  EXPECT_EQ(warning, "");
}

TEST(Metrics, ResumingCutsOffTheStepsThatAreTrainedAgain) {
  TestFolder folder;
  std::string warning;
  WriteAll(folder / "m", "{\"step\":1}\n{\"step\":2}\n{\"st");
  {
    auto file = MetricsFile::Open(folder / "m");
    ASSERT_TRUE(file.ok()) << file.status();
    ASSERT_TRUE(file->Shorten(11, &warning).ok());
    ASSERT_TRUE(file->WriteEvaluation(2, Found(1, 2, false)).ok());
  }
  EXPECT_EQ(warning, "");
  EXPECT_EQ(ReadAll(folder / "m"),
            "{\"step\":1}\n{\"step\":2,\"validation_loss\":1.0,"
            "\"bits_per_byte\":2.0,\"whole\":false}\n");
}

TEST(Metrics, AFileThatLostLinesGivesAWarningAndWholeLines) {
  TestFolder folder;
  std::string warning;
  WriteAll(folder / "m", "{\"step\":1}\n{\"st");
  ASSERT_TRUE(MetricsFile::Open(folder / "m")->Shorten(1000, &warning).ok());
  EXPECT_THAT(warning, HasSubstr("metrics of earlier steps are missing"));
  EXPECT_EQ(ReadAll(folder / "m"), "{\"step\":1}\n");
}

}  // namespace
}  // namespace archlab
