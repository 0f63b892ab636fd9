// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "training/memory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "training/progress.h"
#include "training/test_folder.h"

namespace archlab {
namespace {

using ::testing::HasSubstr;

TEST(Memory, ThePredictionAddsUp) {
  const MemoryNeed f32 = PredictMemory(1000, DType::kF32, 2);
  EXPECT_EQ(f32.total(), 1000 * (4 + 8 + 8));
  EXPECT_EQ(PredictMemory(1000, DType::kBF16, 1).total(), 1000 * (6 + 8 + 4));
  EXPECT_EQ(PredictMemory(1000, DType::kF32, -1).total(), 4000);
}

TEST(Memory, WhatDoesNotFitIsRefusedWithTheSum) {
  MemoryNeed need = PredictMemory(int64_t{1} << 28, DType::kF32, 2);  // 1 GiB
  need.activations = int64_t{1} << 29;
  EXPECT_TRUE(CheckMemory(need, static_cast<int64_t>(need.total())).ok());
  EXPECT_TRUE(CheckMemory(need, -1).ok());
  const absl::Status status = CheckMemory(need, int64_t{3} << 30);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  const std::string message(status.message());
  EXPECT_THAT(message, HasSubstr("about 5.5 GiB of memory, and 3.0 GiB are"));
  EXPECT_THAT(message, HasSubstr("activations 512.0 MiB"));
  EXPECT_THAT(message, HasSubstr("batch_sequences smaller"));
}

TEST(Memory, NeedsBeyondAnyNumberOfBytesAreRefused) {
  MemoryNeed need =
      PredictMemory(std::numeric_limits<int64_t>::max(), DType::kF32, 2);
  need.activations = 1e30;
  EXPECT_THAT(std::string(CheckMemory(need, int64_t{1} << 40).message()),
              HasSubstr("EiB of memory, and 1.0 TiB are free"));
}

TEST(Memory, ControlGroupsLimitIt) {
  TestFolder root;
  WriteAll(root / "meminfo", "MemTotal: 16 kB\nMemAvailable:  8 kB\n");
  WriteAll(root / "own", "1:cpu:/x\n0::/a/b\n");
  std::filesystem::create_directories(root / "groups/a/b");
  const auto available = [&] {
    return AvailableMemory(root / "meminfo", root / "own", root / "groups");
  };
  EXPECT_EQ(available(), 8192);
  WriteAll(root / "groups/a/b/memory.max", "max\n");
  WriteAll(root / "groups/a/b/memory.current", "100\n");
  EXPECT_EQ(available(), 8192);
  WriteAll(root / "groups/a/memory.max", "5000\n");
  WriteAll(root / "groups/a/memory.current", "1000\n");
  EXPECT_EQ(available(), 4000);
  WriteAll(root / "groups/a/memory.stat", "anon 900\ninactive_file 64\n");
  EXPECT_EQ(available(), 4064);
  WriteAll(root / "groups/a/b/memory.max", "90\n");
  EXPECT_EQ(available(), 0);
  EXPECT_EQ(AvailableMemory(root / "none", root / "none", root / "none"), -1);
}

TEST(Memory, TheSystemSaysWhatIsFree) { EXPECT_GT(AvailableMemory(), 1 << 20); }

TEST(Format, BytesAndSeconds) {
  EXPECT_EQ(FormatBytes(1000), "1000 bytes");
  EXPECT_EQ(FormatBytes(1536), "1.5 KiB");
  EXPECT_EQ(FormatSeconds(45.4), "45 s");
  EXPECT_EQ(FormatSeconds(185), "3 min 05 s");
  EXPECT_EQ(FormatSeconds(7625), "2 h 07 min");
  EXPECT_EQ(FormatSeconds(1e300), "?");
}

}  // namespace
}  // namespace archlab
