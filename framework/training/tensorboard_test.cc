// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "training/tensorboard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <ctime>

#include "training/events_for_test.h"
#include "training/test_folder.h"

namespace archlab {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

TEST(TensorBoard, TheChecksumIsCastagnolis) {
  EXPECT_EQ(Crc32c("123456789"), 0xE3069283u);  // the catalogue's check value
  EXPECT_EQ(Crc32c(""), 0u);
  EXPECT_EQ(Crc32c(std::string(32, '\0')), 0x8A9136AAu);  // RFC 3720, B.4
  EXPECT_EQ(MaskedCrc32c("123456789"), MaskedBitByBit("123456789"));
}

TEST(TensorBoard, AFileHasAVersionAStartAndTheNumbers) {
  TestFolder root;
  const std::string folder = root / "run/tensorboard";  // neither is there
  auto file = EventFile::Create(folder);
  ASSERT_TRUE(file.ok()) << file.status();
  ASSERT_TRUE(file->Begin(4).ok());
  StepMetrics step;
  step.step = 5;
  step.loss = 2.5;
  step.learning_rate = 0.125;
  step.tokens = 768;
  step.flops = 1e12;
  step.tokens_per_second = 100.5;
  step.grad_norm = 0.75;
  step.logs = {{"router/entropy", 0.25}};
  ASSERT_TRUE(file->WriteStep(step).ok());
  Evaluation found;
  found.loss = 1.5;
  found.accuracy = 0.5;
  found.bits_per_byte = 2.25;
  ASSERT_TRUE(file->WriteEvaluation(5, found).ok());
  EXPECT_TRUE(file->Sync().ok());

  ASSERT_EQ(EventFiles(folder).size(), 1u);
  const auto events = ReadEvents(EventFiles(folder)[0]);
  ASSERT_EQ(events.size(), 4u);
  EXPECT_EQ(events[0].file_version(), "brain.Event:2");
  EXPECT_EQ(events[1].session_log().status(), tensorboard::SessionLog::START);
  EXPECT_EQ(events[1].step(), 5);
  EXPECT_NEAR(events[3].wall_time(), static_cast<double>(std::time(nullptr)),
              60);
  EXPECT_THAT(
      ReadCharts(folder),
      ElementsAre(Pair("train/flops", ElementsAre(Pair(5, 1e12f))),
                  Pair("train/grad_norm", ElementsAre(Pair(5, 0.75f))),
                  Pair("train/loss", ElementsAre(Pair(5, 2.5f))),
                  Pair("train/lr", ElementsAre(Pair(5, 0.125f))),
                  Pair("train/router/entropy", ElementsAre(Pair(5, 0.25f))),
                  Pair("train/tokens", ElementsAre(Pair(5, 768.0f))),
                  Pair("train/tokens_per_second", ElementsAre(Pair(5, 100.5f))),
                  Pair("validation/accuracy", ElementsAre(Pair(5, 0.5f))),
                  Pair("validation/bits_per_byte", ElementsAre(Pair(5, 2.25f))),
                  Pair("validation/loss", ElementsAre(Pair(5, 1.5f)))));
}

TEST(TensorBoard, NamesRiseWithinASecondAndWithAClockThatIsSetBack) {
  TestFolder root;
  const std::string folder = root / "tensorboard";
  std::filesystem::create_directory(folder);
  WriteAll(folder + "/events.out.tfevents.9876543210.elsewhere.1", "");
  WriteAll(folder + "/events.out.tfevents.9223372036854775807.broken.1", "");
  ASSERT_TRUE(EventFile::Create(folder).ok());
  ASSERT_TRUE(EventFile::Create(folder).ok());
  int found = 0;
  for (const std::string& path : EventFiles(folder))
    found += path.find("tfevents.9876543211.") != std::string::npos ||
             path.find("tfevents.9876543212.") != std::string::npos;
  EXPECT_EQ(found, 2);
}

TEST(TensorBoard, AFolderThatCannotBeIsNamed) {
  TestFolder root;
  WriteAll(root / "tensorboard", "a file");
  const auto in_the_way = EventFile::Create(root / "tensorboard");
  EXPECT_THAT(
      std::string(in_the_way.status().message()),
      HasSubstr("cannot make the directory '" + root.path() + "/tensorboard'"));
  EXPECT_THAT(std::string(EventFile::Create("/proc/self").status().message()),
              testing::ContainsRegex(
                  "^/proc/self/events.out.tfevents.[^:]*: cannot create: "));
}

TEST(TensorBoard, AFullDiskIsAnErrorWithTheRemedy) {
  TestFolder root;
  auto file = EventFile::Create(root.path());
  ASSERT_TRUE(file.ok()) << file.status();
  const auto before = std::signal(SIGXFSZ, SIG_IGN);
  rlimit limit;
  getrlimit(RLIMIT_FSIZE, &limit);
  const rlimit small = {64, limit.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  const absl::Status status = file->Begin(0);
  setrlimit(RLIMIT_FSIZE, &limit);
  std::signal(SIGXFSZ, before);
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(status.message()),
              testing::ContainsRegex("tfevents.*: cannot write: .*; make room, "
                                     "then continue with --resume"));
}

}  // namespace
}  // namespace archlab
