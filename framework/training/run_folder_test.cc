// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "training/run_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "training/test_folder.h"

namespace archlab {
namespace {

using ::testing::HasSubstr;

Run Fresh() {
  Run run;
  run.set_state(RUNNING);
  run.mutable_identity()->set_spec_sha256("abc");
  return run;
}

absl::StatusOr<RunFolder> Make(const std::string& path) {
  return RunFolder::Create(path, "name: \"x\"", {{"vocab.txt", "a\nb"}},
                           Fresh());
}

TEST(RunFolder, DefaultPath) {
  EXPECT_EQ(RunFolder::DefaultPath("gpt", 1337, "0123456789abcdef"),
            "runs/gpt-1337-01234567");
}

TEST(RunFolder, CreateThenOpen) {
  TestFolder root;
  const std::string path = root / "deep/er/run";
  {
    const auto made = Make(path);
    ASSERT_TRUE(made.ok()) << made.status();
    EXPECT_EQ(ReadAll(made->spec_file()), "name: \"x\"");
  }
  auto opened = RunFolder::OpenToTrain(path);
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ(opened->run().identity().spec_sha256(), "abc");
  EXPECT_EQ(opened->ReadTokenizer()->files.at("vocab.txt"), "a\nb");
  archlab::Run run = opened->run();
  run.set_state(DONE);
  ASSERT_TRUE(opened->SaveRun(run).ok());
  EXPECT_EQ(RunFolder::OpenToRead(path)->run().state(), DONE);
}

TEST(RunFolder, AnotherRunOrFolderIsNotTouched) {
  TestFolder root;
  ASSERT_TRUE(Make(root / "run").ok());
  const absl::Status again = Make(root / "run").status();
  EXPECT_EQ(again.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_THAT(std::string(again.message()), HasSubstr("add --resume"));
  std::filesystem::create_directory(root / "mine");
  EXPECT_TRUE(RunFolder::CheckFree(root / "mine").ok());
  WriteAll(root / "mine/diary", "dear");
  EXPECT_THAT(std::string(Make(root / "mine").status().message()),
              HasSubstr("not empty"));
  EXPECT_EQ(ReadAll(root / "mine/diary"), "dear");
}

TEST(RunFolder, OnlyOneProcessTrains) {
  TestFolder root;
  {
    const auto first = Make(root / "run");
    ASSERT_TRUE(first.ok());
    const auto second = RunFolder::OpenToTrain(root / "run");
    EXPECT_EQ(second.status().code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_THAT(std::string(second.status().message()),
                HasSubstr("another process is training"));
    EXPECT_TRUE(RunFolder::OpenToRead(root / "run").ok());
  }
  EXPECT_TRUE(RunFolder::OpenToTrain(root / "run").ok());
}

TEST(RunFolder, OpeningClearsWhatAKilledProcessLeft) {
  TestFolder root;
  ASSERT_TRUE(Make(root / "run").ok());
  WriteAll(root / "run/run.textproto.tmp.123", "half");
  std::filesystem::create_directory(root / "run/checkpoints/.step-1.partial");
  ASSERT_TRUE(RunFolder::OpenToTrain(root / "run").ok());
  EXPECT_FALSE(std::filesystem::exists(root / "run/run.textproto.tmp.123"));
  EXPECT_TRUE(std::filesystem::is_empty(root / "run/checkpoints"));
}

TEST(RunFolder, WrongFolders) {
  TestFolder root;
  EXPECT_EQ(RunFolder::OpenToRead(root / "none").status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_THAT(
      std::string(RunFolder::OpenToTrain(root.path()).status().message()),
      HasSubstr("not the folder of a run"));
  WriteAll(root / "run.textproto", "state: MAYBE");
  EXPECT_THAT(
      std::string(RunFolder::OpenToRead(root.path()).status().message()),
      HasSubstr("run.textproto:1:"));
}

absl::StatusOr<int64_t> Resolve(const RunFolder& run, const char* which) {
  std::string warning;
  const auto step = ResolveCheckpoint(run, which, &warning);
  EXPECT_EQ(warning, "");
  return step;
}

TEST(RunFolder, ResolveCheckpoint) {
  TestFolder root;
  auto run = Make(root / "run");
  ASSERT_TRUE(run.ok());
  EXPECT_EQ(Resolve(*run, "last").status().code(), absl::StatusCode::kNotFound);
  for (const int64_t step : {10, 20}) {
    CheckpointState state;
    state.set_step(step);
    ASSERT_TRUE(run->checkpoints().Write(state, {}, {}).ok());
  }
  EXPECT_EQ(*Resolve(*run, "last"), 20);
  EXPECT_EQ(*Resolve(*run, "best"), 20);
  archlab::Run record = run->run();
  record.set_best_step(10);
  ASSERT_TRUE(run->SaveRun(record).ok());
  EXPECT_EQ(*Resolve(*run, "best"), 10);
  EXPECT_EQ(*Resolve(*run, "20"), 20);
  EXPECT_THAT(std::string(Resolve(*run, "15").status().message()),
              HasSubstr("there are: 10, 20"));
  EXPECT_THAT(std::string(Resolve(*run, "bets").status().message()),
              HasSubstr("must be best, last or a step"));
  record.set_best_step(15);
  ASSERT_TRUE(run->SaveRun(record).ok());
  std::string warning;
  EXPECT_EQ(*ResolveCheckpoint(*run, "best", &warning), 20);
  EXPECT_THAT(warning, HasSubstr("of step 15, is gone; the last one, of step"));
}

}  // namespace
}  // namespace archlab
