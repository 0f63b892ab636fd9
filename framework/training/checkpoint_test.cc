// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "training/checkpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "training/test_folder.h"

namespace archlab {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

CheckpointState StateAt(int64_t step) {
  CheckpointState state;
  state.set_step(step);
  state.set_next_sample(16 * step);
  state.set_best_validation_loss(0.1 + 0.2);
  return state;
}

TensorFile OneTensor(const std::string& name, double value) {
  TensorFile file;
  file.tensors.push_back({name, Tensor::Full({100}, DType::kF32, value)});
  return file;
}

absl::Status WriteAt(const CheckpointFolder& folder, int64_t step) {
  return folder.Write(StateAt(step), OneTensor("w", step),
                      OneTensor("w:m", -step));
}

TEST(Checkpoint, RoundTrip) {
  TestFolder root;
  const CheckpointFolder folder(root / "checkpoints");
  EXPECT_THAT(folder.Steps(), ElementsAre());
  ASSERT_TRUE(WriteAt(folder, 500).ok());
  EXPECT_EQ(folder.StepPath(500), root / "checkpoints/step-00000500");
  const auto read = folder.Read(500);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->state.step(), 500);
  EXPECT_EQ(read->state.next_sample(), 8000);
  EXPECT_EQ(read->state.best_validation_loss(), 0.1 + 0.2);  // every bit
  EXPECT_EQ(read->model.Find("w")->At(99), 500);
  EXPECT_EQ(read->optimizer.Find("w:m")->At(0), -500);
  EXPECT_EQ(folder.ReadModel(500)->optimizer.tensors.size(), 0u);
}

TEST(Checkpoint, AnotherWriteOfTheSameStepReplacesIt) {
  TestFolder root;
  const CheckpointFolder folder(root.path());
  ASSERT_TRUE(WriteAt(folder, 1).ok());
  ASSERT_TRUE(
      folder.Write(StateAt(1), OneTensor("w", 7), OneTensor("w:m", 8)).ok());
  EXPECT_EQ(folder.Read(1)->model.Find("w")->At(0), 7);
  EXPECT_THAT(folder.Steps(), ElementsAre(1));
}

TEST(Checkpoint, PruneKeepsTheLastAndTheBest) {
  TestFolder root;
  const CheckpointFolder folder(root.path());
  for (const int64_t step : {5, 10, 15, 20}) {
    ASSERT_TRUE(WriteAt(folder, step).ok());
  }
  ASSERT_TRUE(folder.Prune(/*keep=*/2, /*best_step=*/5).ok());
  EXPECT_THAT(folder.Steps(), ElementsAre(5, 15, 20));
  ASSERT_TRUE(folder.Prune(1, -1).ok());
  EXPECT_THAT(folder.Steps(), ElementsAre(20));
  ASSERT_TRUE(folder.Prune(3, 20).ok());
  EXPECT_THAT(folder.Steps(), ElementsAre(20));
  ASSERT_TRUE(folder.RemoveAfter(19).ok());
  EXPECT_THAT(folder.Steps(), ElementsAre());
}

// Runs `work` in a process that dies at the crash point, then says by which
// signal.
template <class Work>
int SignalOf(const char* crash_at, const Work& work) {
  const pid_t child = fork();
  if (child == 0) {
    setenv("ARCHLAB_CRASH_AT", crash_at, 1);
    work();
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

class KilledAt : public testing::TestWithParam<const char*> {};

TEST_P(KilledAt, TheOldStateOrTheNewIsThere) {
  TestFolder root;
  const CheckpointFolder folder(root.path());
  ASSERT_TRUE(WriteAt(folder, 1).ok());
  ASSERT_EQ(SignalOf(GetParam(),
                     [&] {
                       WriteAt(folder, 2).IgnoreError();
                       folder.Prune(1, -1).IgnoreError();
                     }),
            SIGKILL);
  for (const int64_t step : folder.Steps()) {
    const auto read = folder.Read(step);
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(read->model.Find("w")->At(0), step);
  }
  EXPECT_FALSE(folder.Steps().empty());
  ASSERT_TRUE(folder.RemoveLeftovers().ok());
  for (const auto& entry : std::filesystem::directory_iterator(root.path()))
    EXPECT_THAT(entry.path().filename().string(), HasSubstr("step-"));
  ASSERT_TRUE(WriteAt(folder, 2).ok());
  EXPECT_TRUE(folder.Read(2).ok());
}

INSTANTIATE_TEST_SUITE_P(
    All, KilledAt,
    testing::Values("checkpoint.begin", "checkpoint.after_model",
                    "checkpoint.after_optimizer", "checkpoint.before_rename",
                    "checkpoint.after_rename", "remove.after_rename"));

TEST(CrashPoint, CountsPassages) {
  TestFolder root;
  const CheckpointFolder folder(root.path());
  EXPECT_EQ(SignalOf("checkpoint.before_rename:2",
                     [&] {
                       WriteAt(folder, 1).IgnoreError();
                       WriteAt(folder, 2).IgnoreError();
                     }),
            SIGKILL);
  EXPECT_THAT(folder.Steps(), ElementsAre(1));
  EXPECT_EQ(
      SignalOf("checkpoint.nowhere", [&] { WriteAt(folder, 3).IgnoreError(); }),
      0);
  EXPECT_THAT(folder.Steps(), ElementsAre(1, 3));
}

TEST(Checkpoint, DamageIsNamedWithTheRemedy) {
  TestFolder root;
  const CheckpointFolder folder(root.path());
  ASSERT_TRUE(WriteAt(folder, 1).ok());
  const std::string model = folder.StepPath(1) + "/model.safetensors";
  const std::string whole = ReadAll(model);
  std::string flipped = whole;
  flipped.back() ^= 1;
  WriteAll(model, flipped);
  std::string message(folder.Read(1).status().message());
  EXPECT_THAT(message, HasSubstr(model + ": damaged: its SHA-256"));
  EXPECT_THAT(message, HasSubstr("there is no other checkpoint"));

  ASSERT_TRUE(WriteAt(folder, 2).ok());
  WriteAll(model, whole.substr(0, whole.size() / 2));
  message = std::string(folder.Read(1).status().message());
  EXPECT_THAT(message, HasSubstr("may be truncated"));
  EXPECT_THAT(message, HasSubstr("other steps are there: 2; "));
  EXPECT_THAT(message, HasSubstr("--from-step"));

  WriteAll(model, whole);
  EXPECT_TRUE(folder.Read(1).ok());
  std::filesystem::remove(folder.StepPath(1) + "/optimizer.safetensors");
  EXPECT_THAT(std::string(folder.Read(1).status().message()),
              HasSubstr("optimizer.safetensors"));
  EXPECT_TRUE(folder.ReadModel(1).ok());
  WriteAll(folder.StepPath(1) + "/state.textproto", "step: 1\nstep: oh");
  EXPECT_THAT(std::string(folder.Read(1).status().message()),
              HasSubstr("state.textproto:2:"));
  WriteAll(folder.StepPath(1) + "/state.textproto", "step: 3");
  EXPECT_THAT(std::string(folder.Read(1).status().message()),
              HasSubstr("says step 3"));
}

TEST(Checkpoint, AFullDiskLeavesTheOldOnes) {
  TestFolder root;
  const CheckpointFolder folder(root.path());
  ASSERT_TRUE(WriteAt(folder, 1).ok());
  rlimit before;
  getrlimit(RLIMIT_FSIZE, &before);
  const rlimit small = {200, before.rlim_max};
  signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &small);
  const absl::Status status = WriteAt(folder, 2);
  setrlimit(RLIMIT_FSIZE, &before);
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("model.safetensors"));
  EXPECT_THAT(folder.Steps(), ElementsAre(1));
  EXPECT_TRUE(folder.Read(1).ok());
  ASSERT_TRUE(WriteAt(folder, 2).ok());
}

}  // namespace
}  // namespace archlab
