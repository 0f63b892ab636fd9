// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "training/run_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "training/durable.h"
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

TEST(RunFolder, ATokenizerThatWasChangedIsRefused) {
  TestFolder root;
  const auto made = Make(root / "run");
  ASSERT_TRUE(made.ok()) << made.status();
  ASSERT_TRUE(made->ReadTokenizer().ok());
  WriteAll(root / "run/tokenizer/vocab.txt", "b\na");
  const absl::Status changed = made->ReadTokenizer().status();
  EXPECT_EQ(changed.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(changed.message()),
              HasSubstr("run/tokenizer: a file there was changed"));
  std::filesystem::remove_all(root / "run/tokenizer");
  EXPECT_THAT(std::string(made->ReadTokenizer().status().message()),
              HasSubstr("put it back from a copy of the run"));
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
  std::filesystem::create_directory(root / "run/checkpoints/.step-1.partial.7");
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
  WriteAll(root / "run.textproto", "");
  EXPECT_THAT(
      std::string(RunFolder::OpenToRead(root.path()).status().message()),
      HasSubstr("run.textproto: is empty or cut off"));
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

TEST(RunFolder, PathsThatCannotBe) {
  TestFolder root;
  const std::string loop = root / "loop";
  std::filesystem::create_symlink(loop, loop);
  EXPECT_THAT(std::string(RunFolder::OpenToRead(loop).status().message()),
              HasSubstr("Too many levels of symbolic links"));
  const absl::Status name = RunFolder::CheckFree(root / std::string(300, 'x'));
  EXPECT_EQ(name.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(name.message()), HasSubstr("has 300 bytes"));
  EXPECT_THAT(std::string(RunFolder::OpenToRead(root / std::string(300, 'x'))
                              .status()
                              .message()),
              HasSubstr("File name too long"));
}

TEST(StagedFolder, OtherProcessesAreLeftAloneAndDeadOnesClearedAway) {
  TestFolder root;
  const auto mine = StagedFolder::Begin(root / "run");
  ASSERT_TRUE(mine.ok()) << mine.status();
  const pid_t other = fork();
  if (other == 0) {  // dies before it could tidy up
    const auto staged = StagedFolder::Begin(root / "run");
    _exit(staged.ok() && staged->path() != mine->path() ? 0 : 1);
  }
  int status = -1;
  waitpid(other, &status, 0);
  EXPECT_EQ(status, 0);
  EXPECT_TRUE(std::filesystem::exists(mine->path()));
  const std::string dead = root / (".run.partial." + std::to_string(other));
  EXPECT_TRUE(std::filesystem::exists(dead));
  ASSERT_TRUE(Make(root / "run").ok());
  EXPECT_FALSE(std::filesystem::exists(dead));
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
